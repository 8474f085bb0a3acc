"""Hidden suite for optim.py: Adagrad and RMSProp, whose steps adapt to the gradients."""

from copy import deepcopy
from types import SimpleNamespace

import numpy as np
import pytest

from autograder.suite import exercise
from autograder.suite.compare import check
from autograder.suite.remote import fetch

SIZES = 10.0 ** -np.arange(5)  # gradients of sizes 1 to 1e-4, one column each


def follow(rule, w, gradients, config, key=None):
    """Five steps: the weights after each of them, or what config holds under `key`."""
    record, shape = {}, w.shape
    for step, dw in enumerate(gradients, start=1):
        result = rule(np.array(w), dw, config)
        two = type(result) in (tuple, list) and len(result) == 2
        check(two, "An update rule returns two things: next_w and config.")
        w, config = result
        fits = isinstance(w, np.ndarray) and w.shape == shape
        check(fits, "next_w must be an array of the shape of w.")
        record[f"{key or 'next_w'} after step {step}"] = w
        if key is not None:
            now = fetch(config)
            check(type(now) is dict, "The second result must be the config dict.")
            check(key in now, f"config has no {key!r} after a step: store the new state in it.")
            record[f"{key} after step {step}"] = deepcopy(now[key])
    return record


def untouched(theirs, gradients):
    """Check that the gradients in the worker are what they were."""
    said = "The gradient is changed by the step: do not write into it (`*=`, `+=`, `dw[...] =`)."
    for kept, dw in zip(theirs, gradients, strict=True):
        now = fetch(kept)
        check(isinstance(now, np.ndarray) and np.array_equal(now, dw), said)


def adaptive(gather, step=None, keep=None, **fixed):
    """Make a rule that gathers squares as told and divides by their root."""

    def rule(w, g, c):
        hyper = {"learning_rate": 1e-2, "epsilon": 1e-8} | c | fixed
        s = SimpleNamespace(w=w, g=g, lr=hyper["learning_rate"], eps=hyper["epsilon"])
        s.old = c["cache"]
        s.new = gather(s.old, g**2, c)
        c["cache"] = keep(s) if keep else s.new
        return step(s) if step else w - s.lr * g / (np.sqrt(s.new) + s.eps)

    return rule


def paths(rules, w, gradients, config):
    """What wrong rules, by the sentence that names their mistake, would give."""

    def path(rule):
        at, own, record = w, {"cache": 0 * w, **config}, {}
        with np.errstate(all="ignore"):
            for step, dw in enumerate(gradients, start=1):
                at = record[f"next_w after step {step}"] = rule(at, dw, own)
        return record

    return {said: lambda rule=rule: path(rule) for said, rule in rules.items()}


def total(old, square, _):
    """Adagrad's cache."""
    return old + square


def average(old, square, c):
    """RMSProp's cache."""
    decay = c.get("decay_rate", 0.99)
    return decay * old + (1 - decay) * square


def _corrected(w, g, c):
    """RMSProp with Adam's bias correction."""
    c["t"] = c.get("t", 0) + 1
    c["cache"] = average(c["cache"], g**2, c)
    mean = c["cache"] / (1 - c["decay_rate"] ** c["t"])
    return w - c["learning_rate"] * g / (np.sqrt(mean) + c["epsilon"])


ROOT_STORED = "The cache holds the root; it holds the squares, and the step takes the root."
EPSILON_STORED = "Epsilon is stored in the cache, where it adds up step by step."


def wrong_steps(gather):
    """Mistakes that both rules share."""

    def parts(step):
        return adaptive(gather, step)

    return {
        "The root is missing: divide by sqrt(cache), not by cache.": parts(
            lambda s: s.w - s.lr * s.g / (s.new + s.eps)
        ),
        "The step goes uphill: subtract it.": parts(
            lambda s: s.w + s.lr * s.g / (np.sqrt(s.new) + s.eps)
        ),
        "The old cache is used for the step: it takes the one with the new gradient.": parts(
            lambda s: s.w - s.lr * s.g / (np.sqrt(s.old) + s.eps)
        ),
        "The step is multiplied by the root of the cache; divide by it.": parts(
            lambda s: s.w - s.lr * s.g * (np.sqrt(s.new) + s.eps)
        ),
        "The cache is gathered and not used: this is plain gradient descent.": parts(
            lambda s: s.w - s.lr * s.g
        ),
        "The gradient is missing from the step: only the learning rate is divided.": parts(
            lambda s: s.w - s.lr / (np.sqrt(s.new) + s.eps)
        ),
        "One root is taken for all numbers of w; each has its own.": parts(
            lambda s: s.w - s.lr * s.g / (np.sqrt(np.sum(s.new)) + s.eps)
        ),
        "The squared gradient is in the step; it belongs in the cache only.": parts(
            lambda s: s.w - s.lr * s.g**2 / (np.sqrt(s.new) + s.eps)
        ),
        "The learning rate stands inside the root.": parts(
            lambda s: s.w - s.g / (np.sqrt(s.new / s.lr) + s.eps)
        ),
        "Epsilon in config is ignored: this is the step with the default one.": adaptive(
            gather, epsilon=1e-8
        ),
        "The learning rate in config is ignored: this is the step with the default one.": adaptive(
            gather, learning_rate=1e-2
        ),
        "The learning rate is not used.": adaptive(gather, learning_rate=1.0),
        "The cache is not kept: every step starts from 0 again.": adaptive(
            gather, keep=lambda s: s.old
        ),
        ROOT_STORED: adaptive(gather, keep=lambda s: np.sqrt(s.new)),
        EPSILON_STORED: adaptive(gather, keep=lambda s: s.new + s.eps),
        "The cache gathers the sizes of the gradients instead of their squares.": adaptive(
            lambda old, square, c: gather(old, np.sqrt(square), c)
        ),
    }


WRONG = {
    "adagrad": wrong_steps(total)
    | {
        "The cache is an average with decay, as in RMSProp; Adagrad adds up all squares.": adaptive(
            lambda old, square, _: 0.9 * old + 0.1 * square
        ),
        "The cache is an average with the decay of 0.99, as in RMSProp; Adagrad adds up all "
        "squares.": adaptive(lambda old, square, _: 0.99 * old + 0.01 * square),
    },
    "rmsprop": wrong_steps(average)
    | {
        "The decay is inverted: decay_rate is the share of the old cache.": adaptive(
            lambda old, square, c: (1 - c["decay_rate"]) * old + c["decay_rate"] * square
        ),
        "The cache adds up all squares, as in Adagrad; it should forget the old ones.": (
            adaptive(total)
        ),
        "The new square has the weight 1; it should be 1 - decay_rate.": adaptive(
            lambda old, square, c: c["decay_rate"] * old + square
        ),
        "The old cache has the weight 1; it should be decay_rate.": adaptive(
            lambda old, square, c: old + (1 - c["decay_rate"]) * square
        ),
        "The decay rate in config is ignored: this is the step with the default one.": adaptive(
            lambda old, square, _: 0.99 * old + 0.01 * square
        ),
        "The decay rate in config is ignored: this is the step with 0.9.": adaptive(
            lambda old, square, _: 0.9 * old + 0.1 * square
        ),
        "The cache is corrected for its start at 0, as in Adam; RMSProp does without.": _corrected,
        "The first cache is the first square; it starts at 0.": adaptive(
            lambda old, square, c: average(old, square, c) if old.any() else square
        ),
    },
}


GATHER = {"adagrad": total, "rmsprop": average}
HYPER = {"learning_rate": 0.3, "decay_rate": 0.6}


def both(weight):
    """Make a test of each of the two exercises."""
    names = [pytest.param(name, marks=exercise(name, weight=weight)) for name in GATHER]
    return pytest.mark.parametrize("name", names)


def large(rng):
    """Gradients so large that epsilon plays no part."""
    return list(rng.choice([-1e4, 1e4], (5, 3, 5)) * rng.uniform(1, 3, (5, 3, 5)))


def judge(name, w, gradients, config, modules, close, *, wrong, key=None):
    """Hold five steps against the reference's."""
    got, want = (
        follow(getattr(module, name), w, gradients, config and dict(config), key)
        for module in modules
    )
    close(got, want, suspects=wrong)


@both(weight=3)
def test_steps(name, student, reference, rng, sandbox, close):
    """Five steps with gradients of sizes 1 to 1e-4, which stay as they are, without any default."""
    w, gradients = rng.normal(size=(5, 3)).T, list(rng.normal(size=(5, 3, 5)) * SIZES)
    config = HYPER | {"epsilon": 1e-30}
    theirs = [sandbox.put(dw) for dw in gradients]
    got = follow(getattr(student, name), w, theirs, dict(config))
    untouched(theirs, gradients)
    want = follow(getattr(reference, name), w, gradients, dict(config))
    close(got, want, suspects=paths(WRONG[name], w, gradients, config))


@both(weight=1)
def test_cache(name, student, reference, rng, close):
    """The cache in config after every step."""
    w, gradients = rng.normal(size=(3, 5)), list(rng.normal(size=(5, 3, 5)) * SIZES)
    config = HYPER | {"epsilon": 1e-3}
    changes = {
        ROOT_STORED: np.sqrt,
        EPSILON_STORED: lambda cache: cache + 1e-3,
        "The cache holds the divisor; it should hold the squares.": lambda c: np.sqrt(c) + 1e-3,
        "The stored cache is 0: store the new one.": lambda cache: 0 * cache,
        "The cache takes the gradients instead of their squares.": None,
    }
    caches = {
        said: lambda change=change: _caches(name, gradients, config, change)
        for said, change in changes.items()
    }
    judge(name, w, gradients, config, (student, reference), close, wrong=caches, key="cache")


def _caches(name, gradients, config, change):
    """Return what config would hold if the cache were changed before it is stored."""
    cache, record = 0 * gradients[0], {}
    for step, dw in enumerate(gradients, start=1):
        cache = GATHER[name](cache, dw**2 if change else dw, config)
        record[f"cache after step {step}"] = cache = change(cache) if change else cache
    return record


@both(weight=1)
def test_epsilon(name, student, reference, rng, close):
    """Epsilon outside the root: a large one, and the default one with tiny gradients."""
    w = rng.normal(size=(3, 5))
    cases = (
        (list(rng.normal(size=(5, 3, 5)) * SIZES), HYPER | {"epsilon": 1e-2}),
        (list(rng.normal(size=(5, 3, 5)) * 1e-8), HYPER),
    )
    steps = {
        "Epsilon is inside the root; here it is added outside: sqrt(cache) + epsilon.": (
            lambda s: s.w - s.lr * s.g / np.sqrt(s.new + s.eps)
        ),
        "Epsilon is missing from the divisor sqrt(cache) + epsilon.": (
            lambda s: s.w - s.lr * s.g / np.sqrt(s.new)
        ),
        "Epsilon is the smallest divisor here; it should be added to the root.": (
            lambda s: s.w - s.lr * s.g / np.maximum(np.sqrt(s.new), s.eps)
        ),
        "The square of epsilon is inside the root; epsilon is added outside.": (
            lambda s: s.w - s.lr * s.g / np.sqrt(s.new + s.eps**2)
        ),
    }
    rules = {said: adaptive(GATHER[name], step) for said, step in steps.items()}
    rules["Epsilon in config is ignored: this is the step with the default one."] = adaptive(
        GATHER[name], epsilon=1e-8
    )
    for default in ("1e-7", "1e-6", "1e-10"):
        said = f"The default epsilon is 1e-8; this is a step with {default}."
        rules[said] = adaptive(GATHER[name], epsilon=float(default))
    for gradients, config in cases:
        wrong = paths(rules, w, gradients, config)
        judge(name, w, gradients, config, (student, reference), close, wrong=wrong)


OTHER_DECAYS = {
    "The default decay_rate is 0.99; this is a step with 0.9.": 0.9,
    "The default decay_rate is 0.99; this is a step with 0.999.": 0.999,
}


@both(weight=1)
def test_defaults(name, student, reference, rng, close):
    """Without a config the hyper-parameters are the defaults of the docstring."""
    w, gradients = 1e-3 * rng.normal(size=(3, 5)), large(rng)
    rules = {
        f"The default learning rate is 1e-2; this is a step with {lr}.": adaptive(
            GATHER[name], learning_rate=float(lr)
        )
        for lr in ("1e-3", "1e-1", "1")
    }
    if name == "rmsprop":
        for said, decay in OTHER_DECAYS.items():
            rules[said] = adaptive(lambda old, square, _, d=decay: d * old + (1 - d) * square)
    wrong = paths(rules, w, gradients, {})
    judge(name, w, gradients, None, (student, reference), close, wrong=wrong)
