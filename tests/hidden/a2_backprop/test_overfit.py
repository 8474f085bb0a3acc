"""Hidden suite for nets.py: learning a handful of digits by heart."""

from functools import cache
from pathlib import Path

import numpy as np

from autograder.suite import exercise

DATA = Path(__file__).parents[3] / "assignments" / "a2_backprop" / "data" / "digits.npz"

# A model of another kind: its loss is the squared distance of its parameters from their goals.
BOWL = """
class Bowl:
    def __init__(self, goals, start):
        self.goals = goals
        self.params = {name: value.copy() for name, value in start.items()}
        self.calls = 0
        self.steps = 0
        self.seen = None

    def loss(self, X, y=None):
        now = {name: np.array(value) for name, value in self.params.items()}
        moved = self.seen is not None and any(np.any(now[k] != self.seen[k]) for k in now)
        self.steps += moved
        self.seen = now
        away = {name: now[name] - goal for name, goal in self.goals.items()}
        if y is None:
            return np.zeros((len(X), 2))
        self.calls += 1
        return 0.5 * sum(np.sum(d**2) for d in away.values()), away
"""


@cache
def digits():
    """All digits as rows of numbers between 0 and 1, and their labels."""
    with np.load(DATA, allow_pickle=False) as data:
        return data["images"].reshape(-1, 64) / 16, data["labels"].astype(np.int64)


def plain(check, losses):
    """The losses as an array, or the verdict that they are no list of numbers."""
    if type(losses) is list or type(losses) is tuple:
        check(all(isinstance(v, float | np.floating) for v in losses), "losses must hold floats.")
        losses = np.array(losses, float)
    check(type(losses) is np.ndarray and losses.ndim == 1, "losses must be a list of floats.")
    check(len(losses) > 0, "losses is empty: it holds the loss before each step.")
    check(len(losses) <= 300, "There are more than 300 steps.")
    check(np.all(np.isfinite(losses)), "The losses do not stay finite: is the rate too large?")
    return losses


@exercise("overfit_small", weight=2)
def test_twenty_digits(student, reference, rng, sandbox, check):
    """Twenty digits are read without a mistake after at most 300 steps."""
    X, y = digits()
    few = rng.choice(len(X), 20, replace=False)
    X, y = X[few], y[few]
    model = student.TwoLayerNet(input_dim=64, hidden_dim=20, num_classes=10, weight_scale=0.1)
    params = {
        name: rng.normal(0, 0.1, shape) if len(shape) == 2 else np.zeros(shape)
        for name, shape in (("W1", (64, 20)), ("b1", (20,)), ("W2", (20, 10)), ("b2", (10,)))
    }
    for name, value in params.items():
        model.params[name] = value.copy()
    losses = plain(check, sandbox.fetch(student.overfit_small(model, X, y)))
    learned = sandbox.fetch(model.params)
    same = any(np.array_equal(learned[name], value) for name, value in params.items())
    check(not same, "Some of model.params are what they were: is every one of them trained?")
    judge = reference.TwoLayerNet(64, 20, 10)
    judge.params = learned
    right = np.mean(np.argmax(judge.loss(X), axis=1) == y)
    check(
        right >= 0.9,
        "The network does not know the twenty digits by heart afterwards: are the steps taken "
        "against the gradient, large enough, and with a new gradient each?",
    )
    check(losses[-1] < 0.5 * losses[0], "The loss has hardly fallen at the end.")


def bowl(sandbox, rng):
    """A model of the other kind, in the sandbox, with where it starts and where it belongs."""
    goals = {"scale": rng.normal(size=(3, 2)), "offset": rng.normal(size=4)}
    start = {name: goal + rng.uniform(0.2, 0.6, goal.shape) for name, goal in goals.items()}
    return sandbox.define(BOWL, "Bowl")(goals, start), start, goals


@exercise("overfit_small")
def test_any_model(student, rng, sandbox, check, close):
    """It trains whatever parameters a model has, and reports the loss before each step."""
    model, start, goals = bowl(sandbox, rng)
    X, y = np.ones((4, 2)), np.arange(4)
    losses = plain(check, sandbox.fetch(student.overfit_small(model, X, y)))
    first = 0.5 * sum(np.sum((start[name] - goal) ** 2) for name, goal in goals.items())
    close(losses[0], first, names="the first loss")
    check(sandbox.fetch(model.steps) <= 300, "There are more than 300 steps.")
    learned = sandbox.fetch(model.params)
    for name, goal in goals.items():
        far, now = np.sum((start[name] - goal) ** 2), np.sum((learned[name] - goal) ** 2)
        check(now < 0.25 * far, "A parameter is not trained: go through all of model.params.")
