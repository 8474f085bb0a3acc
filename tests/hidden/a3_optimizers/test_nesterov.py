"""Hidden suite for optim.py: Nesterov momentum with the gradient at the point ahead."""

from copy import deepcopy
from types import SimpleNamespace

import numpy as np

from autograder.suite import exercise
from autograder.suite.compare import check
from autograder.suite.remote import fetch

SOURCE = """
class Landscape:
    def __init__(self, a, b):
        self.a, self.b, self.calls, self.touched, self.last = a, b, 0, False, None
    def __call__(self, x):
        self.look()
        self.calls += 1
        g = self.a * x + np.sin(self.b * x)
        self.last = g, g.copy()
        return g
    def look(self):
        self.touched |= self.last is not None and not np.array_equal(*self.last)
        return self.calls, bool(self.touched)
"""
PULL = {"learning_rate": 0.2, "momentum": 0.7}


def landscape(rng):
    """Return a start and the coefficients of a gradient that changes from place to place."""
    return rng.normal(size=(4, 3)).T, rng.uniform(0.5, 2, (3, 4)), rng.uniform(1, 3, (3, 4))


def slope(a, b):
    """Return the gradient on our side."""
    return lambda x: a * x + np.sin(b * x)


def follow(rule, w, grad_fn, config, key="next_w"):
    """Weights after each step, or the velocity that config holds."""
    record, shape = {}, w.shape
    for step in range(1, 6):
        result = rule(np.array(w), grad_fn, config)
        two = type(result) in (tuple, list) and len(result) == 2
        check(two, "An update rule returns two things: next_w and config.")
        w, config = result
        fits = isinstance(w, np.ndarray) and w.shape == shape
        check(fits, "next_w must be an array of the shape of w.")
        record[f"{key} after step {step}"] = w
        if key == "velocity":
            now = fetch(config)
            check(type(now) is dict, "The second result must be the config dict.")
            check(key in now, "config has no 'velocity' after a step: store the new one in it.")
            record[f"{key} after step {step}"] = deepcopy(now[key])
    return record


def path(w, grad, *, look=None, push=None, move=None, mu=0.7, lr=0.2, keep=True):
    """Five steps with some part of the rule replaced."""
    old, record = np.zeros(w.shape), {}
    for step in range(1, 6):
        s = SimpleNamespace(w=w, old=old, mu=mu, lr=lr, grad=grad)
        s.g = grad(look(s) if look else w + mu * old)
        s.new = push(s) if push else mu * old - lr * s.g
        w = move(s) if move else w + s.new
        old = s.new if keep else old
        record[f"next_w after step {step}"] = w
    return record


def suspects(w, grad):
    """Wrong ways that name the mistake behind them."""

    def rewritten(s):
        return s.w - s.mu * s.old + (1 + s.mu) * s.new

    wrong = {
        "The gradient is taken at w: take it at the point ahead, w + momentum * velocity.": {
            "look": lambda s: s.w
        },
        "The gradient is taken at w + velocity; the point ahead is w + momentum * velocity.": {
            "look": lambda s: s.w + s.old
        },
        "The gradient is taken behind w, at w - momentum * velocity; look ahead.": {
            "look": lambda s: s.w - s.mu * s.old
        },
        "The point ahead is reached with the new velocity; it takes the old one.": {
            "look": lambda s: s.w + s.mu * (s.mu * s.old - s.lr * s.grad(s.w))
        },
        "The gradient is taken at the velocity; the point ahead is w + momentum * velocity.": {
            "look": lambda s: s.mu * s.old
        },
        "The velocity is added to the point ahead; add it to w.": {
            "move": lambda s: s.w + s.mu * s.old + s.new
        },
        "This is the move of the rewritten form; here w moves by the new velocity.": {
            "move": rewritten
        },
        "This is the rewritten form, with the gradient at w.": {
            "look": lambda s: s.w,
            "move": rewritten,
        },
        "The step has no velocity: w moves by the gradient ahead alone.": {
            "move": lambda s: s.w - 0.2 * s.g
        },
        "w moves by the old velocity; use the new one.": {"move": lambda s: s.w + s.old},
        "The velocity is subtracted from w; with its minus sign inside it is added.": {
            "move": lambda s: s.w - s.new
        },
        "The step goes uphill: the velocity is momentum * velocity - learning_rate * gradient.": {
            "push": lambda s: s.mu * s.old + s.lr * s.g
        },
        "The old velocity is not multiplied by momentum.": {"push": lambda s: s.old - s.lr * s.g},
        "The learning rate is not used.": {"push": lambda s: s.mu * s.old - s.g},
        "The gradient has the weight 1 - momentum, as in an average; here its weight is the "
        "learning rate alone.": {"push": lambda s: s.mu * s.old - (1 - s.mu) * s.lr * s.g},
        "The velocity is not kept: every step starts from 0 again.": {"keep": False},
        "Momentum in config is ignored: this is the step with the default one.": {"mu": 0.9},
        "The learning rate in config is ignored: this is the step with the default one.": {
            "lr": 1e-2
        },
    }
    return {said: lambda parts=parts: path(w, grad, **parts) for said, parts in wrong.items()}


@exercise("nesterov", weight=3)
def test_nesterov(student, reference, rng, sandbox, close):
    """Five steps on a landscape whose slope changes, with other hyper-parameters than default."""
    w, a, b = landscape(rng)
    there = sandbox.define(SOURCE, "Landscape")(a, b)
    got = follow(student.nesterov, w, there, dict(PULL))
    calls, touched = there.look()
    said = (
        "The gradient is changed by the step: do not write into what grad_fn returns (`*=`, `+=`)."
    )
    check(not touched, said)
    want = follow(reference.nesterov, w, slope(a, b), dict(PULL))
    close(got, want, suspects=suspects(w, slope(a, b)))
    check(calls == 5, "grad_fn is not called exactly once in a step: it is the expensive part.")


@exercise("nesterov")
def test_nesterov_velocity(student, reference, rng, sandbox, close):
    """The velocity in config after every step: it points downhill and holds the learning rate."""
    w, a, b = landscape(rng)
    there = sandbox.define(SOURCE, "Landscape")(a, b)
    got = follow(student.nesterov, w, there, dict(PULL), "velocity")
    want = follow(reference.nesterov, w, slope(a, b), dict(PULL), "velocity")
    conventions = {
        "The velocity has the wrong sign: it points downhill, and w is w + velocity.": -1,
        "The velocity gathers the gradients without the learning rate, which belongs inside.": -5,
        "The learning rate belongs inside the velocity.": 5,
        "The stored velocity is already multiplied by momentum.": 0.7,
        "The stored velocity is 0: store the new one.": 0,
    }
    scaled = {
        said: lambda factor=factor: {name: factor * v for name, v in want.items()}
        for said, factor in conventions.items()
    }
    close(got, want, suspects=scaled)


@exercise("nesterov")
def test_nesterov_defaults(student, reference, rng, sandbox, close):
    """Without a config the learning rate is 1e-2 and momentum 0.9."""
    w, a, b = landscape(rng)
    there = sandbox.define(SOURCE, "Landscape")(a, b)
    got = follow(student.nesterov, w, there, None)
    want = follow(reference.nesterov, w, slope(a, b), None)
    wrong = {
        "The default learning rate is 1e-2; this is a step with 1e-3.": (1e-3, 0.9),
        "The default learning rate is 1e-2; this is a step with 1e-1.": (1e-1, 0.9),
        "The default momentum is 0.9; this is a step with 0.99.": (1e-2, 0.99),
        "The default momentum is 0.9; without a config there is none here.": (1e-2, 0),
    }
    known = {
        said: lambda lr=lr, mu=mu: path(w, slope(a, b), lr=lr, mu=mu)
        for said, (lr, mu) in wrong.items()
    }
    close(got, want, suspects=known)


@exercise("nesterov_rewritten")
def test_both_forms_walk_together(student, reference, rng, close):
    """The w of this form is the point ahead of the look-ahead form, step by step."""
    w, a, b = landscape(rng)
    grad, x, ours = slope(a, b), w, dict(PULL)
    theirs, got, want = dict(PULL), {}, {}
    for step in range(1, 5):
        result = student.nesterov_rewritten(np.array(w), grad(w), theirs)
        two = type(result) in (tuple, list) and len(result) == 2
        check(two, "An update rule returns two things: next_w and config.")
        w, theirs = result
        check(isinstance(w, np.ndarray) and w.shape == x.shape, "next_w must be an array like w.")
        x, ours = reference.nesterov(x, grad, ours)
        got[f"next_w after step {step}"] = w
        want[f"next_w after step {step}"] = x + PULL["momentum"] * ours["velocity"]
    close(got, want)
