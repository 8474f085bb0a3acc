"""Hidden suite for optim.py: gradient descent, momentum, and both forms of Nesterov momentum."""

from copy import deepcopy
from types import SimpleNamespace

import numpy as np

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


def paths(rules, w, gradients, config):
    """What wrong rules, by the sentence that names their mistake, would give."""

    def path(rule):
        at, own, record = w, {"v": 0 * w, **config}, {}
        for step, dw in enumerate(gradients, start=1):
            at = rule(SimpleNamespace(w=at, g=dw, c=own))
            record[f"next_w after step {step}"] = at
        return record

    return {said: lambda rule=rule: path(rule) for said, rule in rules.items()}


def problem(rng, sizes=SIZES):
    """Weights as a transposed view, and gradients for five steps."""
    return rng.normal(size=(5, 3)).T, list(rng.normal(size=(5, 3, 5)) * sizes)


# --- sgd ---

WRONG_SGD = {
    "The step goes uphill: subtract the gradient.": lambda s: s.w + s.c["learning_rate"] * s.g,
    "The learning rate is not used.": lambda s: s.w - s.g,
    "The learning rate in config is ignored: this is the step with the default one.": (
        lambda s: s.w - 1e-2 * s.g
    ),
    "The gradient is divided by the learning rate.": lambda s: s.w - s.g / s.c["learning_rate"],
    "The gradient is cut down to its sign; its size matters.": (
        lambda s: s.w - s.c["learning_rate"] * np.sign(s.g)
    ),
    "The gradient is divided by its length; its size matters.": (
        lambda s: s.w - s.c["learning_rate"] * s.g / np.linalg.norm(s.g)
    ),
    "This is the step alone, not the weights after it.": lambda s: -s.c["learning_rate"] * s.g,
    "The weights are not changed.": lambda s: s.w,
    "The learning rate multiplies the weights, too.": (
        lambda s: s.c["learning_rate"] * (s.w - s.g)
    ),
}


def judge_steps(name, modules, sandbox, start, config, *, close, wrong):
    """Hold five steps against the reference's."""
    student, reference = modules
    w, gradients = start
    theirs = [sandbox.put(dw) for dw in gradients]
    got = follow(getattr(student, name), w, theirs, dict(config))
    untouched(theirs, gradients)
    want = follow(getattr(reference, name), w, gradients, dict(config))
    close(got, want, suspects=paths(wrong, w, gradients, config))


@exercise("sgd", weight=2)
def test_sgd(student, reference, rng, sandbox, close):
    """Five steps with a learning rate of one's own, from gradients that stay as they are."""
    config, modules = {"learning_rate": 0.3}, (student, reference)
    judge_steps("sgd", modules, sandbox, problem(rng), config, close=close, wrong=WRONG_SGD)


def defaults(name, student, reference, rng, close, wrong=None):
    """Judge steps that begin with the config None."""
    w, gradients = problem(rng, 100.0)
    rule = getattr(student, name)
    got = follow(rule, w, gradients, None)
    want = follow(getattr(reference, name), w, gradients, None)
    close(got, want, suspects=paths(wrong or {}, w, gradients, {}))


def rate(number):
    """The sentence about another default learning rate."""
    return f"The default learning rate is 1e-2; this is a step with {number}."


@exercise("sgd")
def test_sgd_defaults(student, reference, rng, close):
    """Without a config the learning rate is 1e-2."""
    wrong = {
        rate("1e-3"): lambda s: s.w - 1e-3 * s.g,
        rate("1e-1"): lambda s: s.w - 1e-1 * s.g,
        rate("1"): lambda s: s.w - s.g,
    }
    defaults("sgd", student, reference, rng, close, wrong)


# --- momentum ---


def momentum(push=None, move=None, keep=None, **fixed):
    """A momentum rule with some part of it replaced; c holds the velocity as v."""

    def rule(s):
        hyper = {"momentum": 0.9, "learning_rate": 1e-2} | s.c | fixed
        s.old, s.mu, s.lr = s.c["v"], hyper["momentum"], hyper["learning_rate"]
        s.new = push(s) if push else s.mu * s.old - s.lr * s.g
        s.c["v"] = keep(s) if keep else s.new
        return move(s) if move else s.w + s.new

    return rule


WRONG_MOMENTUM = {
    "The velocity plays no part: this is plain gradient descent. Is the new one stored?": momentum(
        momentum=0
    ),
    "The velocity is multiplied by momentum before it is stored, and again in the next step.": (
        momentum(keep=lambda s: s.mu * s.new)
    ),
    "The step goes uphill: look at the minus in the velocity, and at the sign before it.": momentum(
        push=lambda s: s.mu * s.old + s.lr * s.g
    ),
    "w moves by the old velocity; use the new one.": momentum(move=lambda s: s.w + s.old),
    "Momentum in config is ignored: this is the step with the default one.": momentum(momentum=0.9),
    "The learning rate in config is ignored: this is the step with the default one.": (
        momentum(learning_rate=1e-2)
    ),
    "The gradient has the weight 1 - momentum, as in an average; here its weight is the learning "
    "rate alone.": momentum(push=lambda s: s.mu * s.old - (1 - s.mu) * s.lr * s.g),
    "The velocity is an average of momentum and 1 - momentum without the learning rate.": momentum(
        push=lambda s: s.mu * s.old - (1 - s.mu) * s.g
    ),
    "The old velocity is not multiplied by momentum.": momentum(push=lambda s: s.old - s.lr * s.g),
    "Momentum multiplies the gradient instead of the old velocity.": momentum(
        push=lambda s: s.old - s.mu * s.lr * s.g
    ),
    "Momentum and learning rate are swapped.": momentum(push=lambda s: s.lr * s.old - s.mu * s.g),
    "The learning rate multiplies the old velocity, too.": momentum(
        push=lambda s: s.lr * (s.mu * s.old - s.g)
    ),
    "The learning rate is not used.": momentum(push=lambda s: s.mu * s.old - s.g),
    "The learning rate is used twice.": momentum(move=lambda s: s.w + s.lr * s.new),
    "This is Nesterov's step; plain momentum moves w by the velocity.": momentum(
        move=lambda s: s.w - s.mu * s.old + (1 + s.mu) * s.new
    ),
    "w moves by the velocity and by the gradient: the gradient is in the velocity already.": (
        momentum(move=lambda s: s.w + s.new - s.lr * s.g)
    ),
}
PULL = {"learning_rate": 0.2, "momentum": 0.7}


@exercise("sgd_momentum", weight=3)
def test_momentum(student, reference, rng, sandbox, close):
    """Five steps with other hyper-parameters than the defaults; the gradients stay as they are."""
    modules, name = (student, reference), "sgd_momentum"
    judge_steps(name, modules, sandbox, problem(rng), PULL, close=close, wrong=WRONG_MOMENTUM)


def velocities(want, change):
    """Another convention for the velocity, after every step."""
    return lambda: {name: change(v) for name, v in want.items()}


def judge_velocity(name, student, reference, rng, close):
    """Compare the velocity in config after every step."""
    w, gradients = problem(rng)
    rules = getattr(student, name), getattr(reference, name)
    got, want = (follow(rule, w, gradients, dict(PULL), "velocity") for rule in rules)
    lr, mu = PULL["learning_rate"], PULL["momentum"]
    suspects = {
        "The velocity has the wrong sign: it points downhill, and w is w + velocity.": (
            velocities(want, lambda v: -v)
        ),
        "The velocity gathers the gradients without the learning rate, which belongs inside: "
        "velocity = momentum * velocity - learning_rate * dw.": velocities(want, lambda v: -v / lr),
        "The learning rate belongs inside the velocity: velocity = momentum * velocity - "
        "learning_rate * dw.": velocities(want, lambda v: v / lr),
        "The stored velocity is 0: store the new one.": velocities(want, lambda v: 0 * v),
        "The stored velocity is already multiplied by momentum.": (
            velocities(want, lambda v: mu * v)
        ),
    }
    close(got, want, suspects=suspects)


@exercise("sgd_momentum")
def test_momentum_velocity(student, reference, rng, close):
    """The velocity in config after every step: it points downhill and holds the learning rate."""
    judge_velocity("sgd_momentum", student, reference, rng, close)


@exercise("sgd_momentum")
def test_momentum_defaults(student, reference, rng, close):
    """Without a config the learning rate is 1e-2 and momentum 0.9."""
    wrong = {
        rate("1e-3"): momentum(learning_rate=1e-3),
        rate("1e-1"): momentum(learning_rate=1e-1),
        "The default momentum is 0.9; this is a step with 0.99.": momentum(momentum=0.99),
        "The default momentum is 0.9; this is a step with 0.5.": momentum(momentum=0.5),
        "The default momentum is 0.9; without a config there is none here.": momentum(momentum=0),
    }
    defaults("sgd_momentum", student, reference, rng, close, wrong)


# --- Nesterov, rewritten ---


def nag(s):
    """Return the right move of the rewritten form."""
    return (1 + s.mu) * s.new - s.mu * s.old


WRONG_REWRITTEN = {
    "This is plain momentum, w + velocity: is v_prev the velocity of before the step?": momentum(),
    "The part - momentum * v_prev is missing.": momentum(move=lambda s: s.w + (1 + s.mu) * s.new),
    "The sign of momentum * v_prev is wrong.": momentum(
        move=lambda s: s.w + s.mu * s.old + (1 + s.mu) * s.new
    ),
    "Old and new velocity are swapped.": momentum(
        move=lambda s: s.w + (1 + s.mu) * s.old - s.mu * s.new
    ),
    "The new velocity is multiplied by momentum instead of 1 + momentum.": momentum(
        move=lambda s: s.w - s.mu * s.old + s.mu * s.new
    ),
    "The new velocity is multiplied by 1 instead of 1 + momentum.": momentum(
        move=lambda s: s.w - s.mu * s.old + s.new
    ),
    "w moves by momentum * v: the gradient at w is missing from the step.": momentum(
        move=lambda s: s.w + s.mu * s.new
    ),
    "The step goes uphill: look at the signs of the velocity and of the step.": momentum(
        push=lambda s: s.mu * s.old + s.lr * s.g, move=lambda s: s.w + nag(s)
    ),
    "The velocity is not kept: every step starts from 0 again.": momentum(
        keep=lambda s: s.old, move=lambda s: s.w + nag(s)
    ),
    "The velocity is multiplied by momentum before it is stored, and again in the next step.": (
        momentum(keep=lambda s: s.mu * s.new, move=lambda s: s.w + nag(s))
    ),
    "Momentum in config is ignored: this is the step with the default one.": momentum(
        momentum=0.9, move=lambda s: s.w + nag(s)
    ),
    "The learning rate in config is ignored: this is the step with the default one.": momentum(
        learning_rate=1e-2, move=lambda s: s.w + nag(s)
    ),
    "The gradient is weighted with 1 - momentum.": momentum(
        push=lambda s: s.mu * s.old - (1 - s.mu) * s.lr * s.g,
        move=lambda s: s.w + nag(s),
    ),
}


@exercise("nesterov_rewritten", weight=3)
def test_rewritten(student, reference, rng, sandbox, close):
    """Five steps with other hyper-parameters than the defaults; the gradients stay as they are."""
    modules, name = (student, reference), "nesterov_rewritten"
    judge_steps(name, modules, sandbox, problem(rng), PULL, close=close, wrong=WRONG_REWRITTEN)


@exercise("nesterov_rewritten")
def test_rewritten_velocity(student, reference, rng, close):
    """The velocity in config after every step: the new one, with the learning rate inside."""
    judge_velocity("nesterov_rewritten", student, reference, rng, close)


@exercise("nesterov_rewritten")
def test_rewritten_defaults(student, reference, rng, close):
    """Without a config the learning rate is 1e-2 and momentum 0.9."""
    defaults("nesterov_rewritten", student, reference, rng, close)
