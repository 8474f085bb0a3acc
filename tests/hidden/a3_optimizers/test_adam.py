"""Hidden suite for optim.py: Adam."""

from copy import deepcopy
from types import SimpleNamespace

import numpy as np

from autograder.suite import exercise
from autograder.suite.compare import check
from autograder.suite.remote import fetch

SIZES = 10.0 ** -np.arange(5)  # gradients of sizes 1 to 1e-4, one column each
HYPER = {"learning_rate": 0.3, "beta1": 0.7, "beta2": 0.8}
DEFAULTS = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
STATE = ("m", "v", "t")


def follow(rule, w, gradients, config, keys=()):
    """Five steps: the weights after each of them, or the state that config holds."""
    record, shape = {}, w.shape
    for step, dw in enumerate(gradients, start=1):
        result = rule(np.array(w), dw, config)
        two = type(result) in (tuple, list) and len(result) == 2
        check(two, "An update rule returns two things: next_w and config.")
        w, config = result
        fits = isinstance(w, np.ndarray) and w.shape == shape
        check(fits, "next_w must be an array of the shape of w.")
        if not keys:
            record[f"next_w after step {step}"] = w
            continue
        now = fetch(config)
        check(type(now) is dict, "The second result must be the config dict.")
        for key in keys:
            check(key in now, f"config has no {key!r} after a step: store the new state in it.")
            record[f"{key} after step {step}"] = deepcopy(now[key])
    return record


def untouched(theirs, gradients):
    """Check that the gradients in the worker are what they were."""
    said = "The gradient is changed by the step: do not write into it (`*=`, `+=`, `dw[...] =`)."
    for kept, dw in zip(theirs, gradients, strict=True):
        now = fetch(kept)
        check(isinstance(now, np.ndarray) and np.array_equal(now, dw), said)


def simulate(w, gradients, config, *, keep=True, **parts):
    """Adam's path with some of its formulas or hyper-parameters replaced."""
    formulas = RIGHT | {name: part for name, part in parts.items() if name in RIGHT}
    c = DEFAULTS | config | {name: part for name, part in parts.items() if name in DEFAULTS}
    s = SimpleNamespace(lr=c["learning_rate"], b1=c["beta1"], b2=c["beta2"], eps=c["epsilon"])
    s.m, s.v, record = 0 * w, 0 * w, {}
    for step, dw in enumerate(gradients, start=1):
        s.g, s.n, s.old_m, s.old_v = dw, step, s.m, s.v
        for name, formula in formulas.items():
            setattr(s, name, formula(s))
        w = w - s.lr * s.step
        record[f"next_w after step {step}"] = w
        s.m, s.v = (s.m, s.v) if keep is True else keep(s)
    return record


RIGHT = {
    "t": lambda s: s.n,
    "m": lambda s: s.b1 * s.old_m + (1 - s.b1) * s.g,
    "v": lambda s: s.b2 * s.old_v + (1 - s.b2) * s.g**2,
    "k1": lambda s: 1 - s.b1**s.t,
    "k2": lambda s: 1 - s.b2**s.t,
    "m_hat": lambda s: np.divide(s.m, s.k1),
    "v_hat": lambda s: np.divide(s.v, s.k2),
    "step": lambda s: s.m_hat / (np.sqrt(s.v_hat) + s.eps),
}


def paths(wrong, w, gradients, config):
    """What wrong rules, by the sentence that names their mistake, would give."""

    def path(parts):
        with np.errstate(all="ignore"):
            return simulate(w, gradients, config, **parts)

    return {said: lambda parts=parts: path(parts) for said, parts in wrong.items()}


WRONG = {
    "The bias correction is missing: divide m by 1 - beta1^t and v by 1 - beta2^t.": {
        "m_hat": lambda s: s.m,
        "v_hat": lambda s: s.v,
    },
    "The bias correction of m is missing: divide it by 1 - beta1^t.": {"m_hat": lambda s: s.m},
    "The bias correction of v is missing: divide it by 1 - beta2^t.": {"v_hat": lambda s: s.v},
    "The bias correction has beta * t for beta^t.": {
        "k1": lambda s: 1 - s.b1 * s.t,
        "k2": lambda s: 1 - s.b2 * s.t,
    },
    "The bias corrections of m and v are swapped.": {
        "k1": lambda s: 1 - s.b2**s.t,
        "k2": lambda s: 1 - s.b1**s.t,
    },
    "Both averages are corrected with beta1; v has beta2.": {"k2": lambda s: 1 - s.b1**s.t},
    "Both averages are corrected with beta2; m has beta1.": {"k1": lambda s: 1 - s.b2**s.t},
    "The averages are multiplied by 1 - beta^t; divide by it.": {
        "m_hat": lambda s: s.m * s.k1,
        "v_hat": lambda s: s.v * s.k2,
    },
    "t is not stored: every step is corrected as if it were the first.": {
        "k1": lambda s: 1 - s.b1,
        "k2": lambda s: 1 - s.b2,
    },
    "t is raised after it was used, so that the first step divides by 1 - beta^0 = 0.": {
        "t": lambda s: s.n - 1
    },
    "t is one step ahead: the first step works with t = 1.": {"t": lambda s: s.n + 1},
    "t is raised twice in a step.": {"t": lambda s: 2 * s.n},
    "beta1 and beta2 are swapped: beta1 belongs to m.": {
        "m": lambda s: s.b2 * s.old_m + (1 - s.b2) * s.g,
        "v": lambda s: s.b1 * s.old_v + (1 - s.b1) * s.g**2,
        "k1": lambda s: 1 - s.b2**s.t,
        "k2": lambda s: 1 - s.b1**s.t,
    },
    "m uses beta2; it has beta1.": {"m": lambda s: s.b2 * s.old_m + (1 - s.b2) * s.g},
    "v uses beta1; it has beta2.": {"v": lambda s: s.b1 * s.old_v + (1 - s.b1) * s.g**2},
    "The step is along dw; it should be along the average m.": {"m_hat": lambda s: s.g},
    "The step is along dw, corrected as if it were m.": {"m_hat": lambda s: s.g / s.k1},
    "v is not averaged: the step is divided by the size of dw.": {"v_hat": lambda s: s.g**2},
    "The step is not divided by the root of v_hat.": {"step": lambda s: s.m_hat},
    "The stored m and v are the corrected ones; store those of the recursion.": {
        "keep": lambda s: (s.m_hat, s.v_hat)
    },
    "m and v are not kept: every step starts from 0 again.": {"keep": lambda s: (0 * s.m, 0 * s.v)},
    "m is not kept: store it.": {"keep": lambda s: (0 * s.m, s.v)},
    "v is not kept: store it.": {"keep": lambda s: (s.m, 0 * s.v)},
    "The new gradient has the weight 1 in m; it should be 1 - beta1.": {
        "m": lambda s: s.b1 * s.old_m + s.g
    },
    "The new square has the weight 1 in v; it should be 1 - beta2.": {
        "v": lambda s: s.b2 * s.old_v + s.g**2
    },
    "m's shares are swapped: beta1 is the share of the old m.": {
        "m": lambda s: (1 - s.b1) * s.old_m + s.b1 * s.g
    },
    "v's shares are swapped: beta2 is the share of the old v.": {
        "v": lambda s: (1 - s.b2) * s.old_v + s.b2 * s.g**2
    },
    "The old m has the weight 1; it should be beta1.": {"m": lambda s: s.old_m + (1 - s.b1) * s.g},
    "The old v has the weight 1; it should be beta2.": {
        "v": lambda s: s.old_v + (1 - s.b2) * s.g**2
    },
    "v adds up all squares, as in Adagrad; it is an average.": {"v": lambda s: s.old_v + s.g**2},
    "v averages the gradients; it averages their squares.": {
        "v": lambda s: s.b2 * s.old_v + (1 - s.b2) * s.g
    },
    "v averages the sizes of the gradients; it averages their squares.": {
        "v": lambda s: s.b2 * s.old_v + (1 - s.b2) * np.abs(s.g)
    },
    "v averages the squares of m; it averages those of dw.": {
        "v": lambda s: s.b2 * s.old_v + (1 - s.b2) * s.m**2
    },
    "The root is missing: divide by sqrt(v_hat), not by v_hat.": {
        "step": lambda s: s.m_hat / (s.v_hat + s.eps)
    },
    "The old m is used for the step: it takes the new one.": {"m_hat": lambda s: s.old_m / s.k1},
    "The old v is used for the step: it takes the new one.": {"v_hat": lambda s: s.old_v / s.k2},
    "The step goes uphill: subtract it.": {"step": lambda s: -s.m_hat / (np.sqrt(s.v_hat) + s.eps)},
    "The root is taken before the correction: it is sqrt(v / (1 - beta2^t)).": {
        "step": lambda s: s.m_hat / (np.sqrt(s.v) / s.k2 + s.eps)
    },
    "The learning rate in config is ignored: this is the step with the default one.": {
        "learning_rate": 1e-3
    },
    "The learning rate is not used.": {"learning_rate": 1.0},
    "beta1 in config is ignored: this is the step with the default one.": {"beta1": 0.9},
    "beta2 in config is ignored: this is the step with the default one.": {"beta2": 0.999},
    "The betas in config are ignored: these are steps with the default ones.": {
        "beta1": 0.9,
        "beta2": 0.999,
    },
    "Epsilon in config is ignored: this is the step with the default one.": {"epsilon": 1e-8},
}

WRONG_EPSILON = {
    "Epsilon is inside the root; here it is outside: sqrt(v_hat) + epsilon.": {
        "step": lambda s: s.m_hat / np.sqrt(s.v_hat + s.eps)
    },
    "Epsilon is added to the root of the uncorrected v (the scaled form); here it is added to "
    "sqrt(v_hat).": {
        "step": lambda s: np.sqrt(s.k2) / s.k1 * s.m / (np.sqrt(s.v) + s.eps),
    },
    "Epsilon is missing from the divisor sqrt(v_hat) + epsilon.": {
        "step": lambda s: s.m_hat / np.sqrt(s.v_hat)
    },
    "Epsilon is the smallest divisor here; it should be added to the root.": {
        "step": lambda s: s.m_hat / np.maximum(np.sqrt(s.v_hat), s.eps)
    },
    "The square of epsilon is inside the root; epsilon is added outside.": {
        "step": lambda s: s.m_hat / np.sqrt(s.v_hat + s.eps**2)
    },
    "Epsilon is inside the root of the uncorrected v; it is added to sqrt(v_hat).": {
        "step": lambda s: s.m_hat / np.sqrt((s.v + s.eps) / s.k2)
    },
    "Epsilon in config is ignored: this is the step with the default one.": {"epsilon": 1e-8},
} | {
    f"The default epsilon is 1e-8; this is a step with {eps}.": {"epsilon": float(eps)}
    for eps in ("1e-7", "1e-6", "1e-10")
}


def large(rng):
    """Gradients so large that epsilon plays no part."""
    return list(rng.choice([-1e4, 1e4], (5, 3, 5)) * rng.uniform(1, 3, (5, 3, 5)))


def judge(w, gradients, config, modules, close, wrong, *, keys=()):
    """Hold five steps against the reference's."""
    got, want = (
        follow(module.adam, w, gradients, config and dict(config), keys) for module in modules
    )
    close(got, want, suspects=wrong)


@exercise("adam", weight=3)
def test_steps(student, reference, rng, sandbox, close):
    """Five steps with gradients of sizes 1 to 1e-4, which stay as they are, without any default."""
    w, gradients = rng.normal(size=(5, 3)).T, list(rng.normal(size=(5, 3, 5)) * SIZES)
    config = HYPER | {"epsilon": 1e-30}
    theirs = [sandbox.put(dw) for dw in gradients]
    got = follow(student.adam, w, theirs, dict(config))
    untouched(theirs, gradients)
    want = follow(reference.adam, w, gradients, dict(config))
    close(got, want, suspects=paths(WRONG, w, gradients, config))


@exercise("adam")
def test_state(student, reference, rng, close):
    """m, v and t in config after every step."""
    w, gradients = rng.normal(size=(3, 5)), list(rng.normal(size=(5, 3, 5)) * SIZES)
    steps = range(1, 6)
    right = follow(reference.adam, w, gradients, dict(HYPER), STATE)
    wrong = {
        "t is one step ahead: it is 1 after the first step.": lambda: {
            f"t after step {n}": float(n + 1) for n in steps
        },
        "t is one step behind: it is 1 after the first step.": lambda: {
            f"t after step {n}": float(n - 1) for n in steps
        },
        "t is not stored: it counts the steps made.": lambda: {
            f"t after step {n}": 1.0 for n in steps
        },
        "m in config is not the average of the recursion: is it the corrected one?": lambda: {
            f"v after step {n}": right[f"v after step {n}"] for n in steps
        },
        "v in config is not the average of the recursion: is it the corrected one?": lambda: {
            f"m after step {n}": right[f"m after step {n}"] for n in steps
        },
    }
    judge(w, gradients, HYPER, (student, reference), close, wrong, keys=STATE)


@exercise("adam")
def test_epsilon(student, reference, rng, close):
    """Epsilon outside the root of v_hat: a large one, and the default one with tiny gradients."""
    w = rng.normal(size=(3, 5))
    cases = (
        (list(rng.normal(size=(5, 3, 5)) * SIZES), HYPER | {"epsilon": 1e-2}),
        (list(rng.normal(size=(5, 3, 5)) * 1e-8), HYPER),
    )
    for gradients, config in cases:
        wrong = paths(WRONG_EPSILON, w, gradients, config)
        judge(w, gradients, config, (student, reference), close, wrong)


@exercise("adam")
def test_defaults(student, reference, rng, close):
    """Without a config the hyper-parameters are the defaults of the docstring."""
    w, gradients = 1e-3 * rng.normal(size=(3, 5)), large(rng)
    wrong = {
        "The default learning_rate is 1e-3; this is a step with 1e-2.": {"learning_rate": 1e-2},
        "The default learning_rate is 1e-3; this is a step with 1e-4.": {"learning_rate": 1e-4},
        "The default beta1 is 0.9; this is a step with 0.99.": {"beta1": 0.99},
        "The default beta1 is 0.9; this is a step with 0.95.": {"beta1": 0.95},
        "The default beta2 is 0.999; this is a step with 0.99.": {"beta2": 0.99},
        "The default beta2 is 0.999; this is a step with 0.9.": {"beta2": 0.9},
    }
    known = paths(wrong, w, gradients, {})
    judge(w, gradients, None, (student, reference), close, known)


@exercise("adam", weight=0.5)
def test_first_step(student, rng, close):
    """The first step has the length of the learning rate, whatever the size of the gradient."""
    w, dw = np.zeros((3, 5)), rng.choice([-1.0, 1.0], (3, 5)) * rng.uniform(1, 2, (3, 5)) * SIZES
    config = {"learning_rate": 0.25, "epsilon": 1e-30}
    got = follow(student.adam, w, [dw], config)
    close(got, {"next_w after step 1": -0.25 * np.sign(dw)})
