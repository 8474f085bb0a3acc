"""Hidden suite for optim.py: what all update rules have in common."""

import numpy as np
import pytest

from autograder.suite import exercise
from autograder.suite.compare import check

STATEFUL = ("sgd_momentum", "nesterov", "nesterov_rewritten", "adagrad", "rmsprop", "adam", "adamw")
ADAPTIVE = STATEFUL[3:]
CONSTANT = """
class Constant:
    def __init__(self, g): self.g = g
    def __call__(self, x): return self.g
"""


def each(names):
    """Make a test of each of the exercises."""
    params = [pytest.param(name, marks=exercise(name, weight=0.5)) for name in names]
    return pytest.mark.parametrize("name", params)


def slope(name, dw, sandbox):
    """Return what the rule is given for a gradient: the gradient, or a function that returns it."""
    return sandbox.define(CONSTANT, "Constant")(dw) if name == "nesterov" else dw


def at_hand(name, dw):
    """Return what the reference is given for a gradient."""
    return (lambda _: dw) if name == "nesterov" else dw


def slopes(rng, shape):
    """Gradients of either sign, none of them small."""
    return rng.choice([-1, 1], shape) * rng.uniform(1, 3, shape)


def walk(rule, w, gradients, config):
    """Return the weights after all steps, from a config that may be left out in the first."""
    for step, dw in enumerate(gradients):
        at = np.array(w)
        result = rule(at, dw, *config) if step == 0 else rule(at, dw, config)
        two = type(result) in (tuple, list) and len(result) == 2
        check(two, "An update rule returns two things: next_w and config.")
        w, config = result
        fits = isinstance(w, np.ndarray) and w.shape == at.shape
        check(fits, "next_w must be an array of the shape of w.")
    return w


@each(STATEFUL)
def test_no_shared_state(name, student, reference, rng, sandbox, close):
    """A parameter that starts without a config starts without a past, too."""
    w, gradients = 1e-3 * rng.normal(size=(3, 4)), list(1e7 * slopes(rng, (3, 3, 4)))
    theirs = [slope(name, dw, sandbox) for dw in gradients]
    want = walk(getattr(reference, name), w, [at_hand(name, dw) for dw in gradients], (None,))
    for config in ((), (None,), ({},)):
        first, second = (walk(getattr(student, name), w, theirs, config) for _ in range(2))
        check(np.array_equal(first, second), SHARED)
        close(second, want, names="next_w")


SHARED = (
    "Two parameters share their state: the state belongs in config, and a config that is left out "
    "is a new dict in every call (a default `config={}` is one dict for all)."
)


@each(("sgd", *STATEFUL))
def test_float32(name, student, reference, rng, sandbox, close):
    """Weights in float32 stay in float32."""
    w = rng.normal(size=(3, 4)).astype(np.float32)
    gradients = list(slopes(rng, (3, 3, 4)).astype(np.float32))
    config = {"learning_rate": 0.5, "momentum": 0.6, "decay_rate": 0.6, "weight_decay": 0.5}
    config |= {"beta1": 0.7, "beta2": 0.5}
    theirs = [slope(name, dw, sandbox) for dw in gradients]
    ours = [at_hand(name, dw) for dw in gradients]
    got = walk(getattr(student, name), w, theirs, (dict(config),))
    want = walk(getattr(reference, name), w, ours, (dict(config),))
    close(got, want, names="next_w", rtol=1e-4)


@each(ADAPTIVE)
def test_zero_gradient(name, student, reference, rng, close):
    """Gradients of 0 move nothing (AdamW's decay apart), and nothing is divided by 0."""
    w, gradients = 1e-3 * rng.normal(size=(3, 4)), 1e3 * slopes(rng, (2, 3, 4))
    gradients[0] = 0
    gradients[:, 1] = 0
    want = walk(getattr(reference, name), w, gradients, (None,))
    got = walk(getattr(student, name), w, gradients, (None,))
    close(got, want, names="next_w")
