"""Hidden suite for train.py: the training loop.

Model, rule, batches and schedule are defined here: what the student wrote for the other exercises
plays no part. The definitions run in the worker for the student, and on our side for the reference.
"""

from copy import deepcopy
from functools import cache
from pathlib import Path

import numpy as np

from autograder.suite import exercise
from autograder.suite.compare import check
from autograder.suite.remote import fetch

DIGITS = Path(__file__).parents[3] / "assignments" / "a3_optimizers" / "data" / "digits.npz"
SOURCE = """
class Tanh:
    def __init__(self, W, V):
        self.params = {"W": W.copy(), "V": V.copy()}
        self.calls = 0

    def loss(self, X, y):
        self.calls += 1
        out = np.tanh(X @ self.params["W"] + np.sin(X) @ self.params["V"])
        slope = (out - y) * (1 - out**2) / len(X)
        loss = float(np.sum((out - y) ** 2) / 2 / len(X))
        return loss, {"V": np.sin(X).T @ slope, "W": X.T @ slope}

class Softmax(Tanh):
    def loss(self, X, y):
        scores = X @ self.params["W"] + X**2 @ self.params["V"]
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        rows = np.arange(len(X))
        loss = float(-np.mean(np.log(p[rows, y])))
        p[rows, y] -= 1
        return loss, {"W": X.T @ p / len(X), "V": (X**2).T @ p / len(X)}

def shuffled(X, y, size):
    def batches(epoch):
        order = np.random.default_rng(epoch).permutation(len(X))
        for i in range(0, len(X), size):
            yield X[order[i : i + size]], y[order[i : i + size]]
    return batches

def rule(w, dw, config):
    old = config.get("velocity", 0 * w)
    velocity = config["drag"] * old - config["learning_rate"] * dw
    return w + velocity, config | {"velocity": velocity, "steps": config.get("steps", 0) + 1}

def schedule(epoch):
    return 0.5 / (1 + epoch)

class World:
    Tanh, Softmax, shuffled, rule, schedule = Tanh, Softmax, shuffled, rule, schedule
"""
KEYS = ("epoch", "params", "configs", "loss_history", "val_history", "best_params")


@cache
def ours():
    """Return the same definitions on our side."""
    names = {"np": np}
    exec(SOURCE, names)
    return names["World"]


class Task:
    """Data and first weights of a small regression."""

    def __init__(self, rng):
        self.X, self.y = rng.normal(size=(10, 3)), rng.uniform(-1, 1, (10, 2))
        self.start = rng.normal(size=(3, 2)), rng.normal(size=(3, 2))
        self.elsewhere = rng.normal(size=(3, 2)), rng.normal(size=(3, 2))

    def parts(self, world, start=None):
        """Return the positional arguments of train: model, batches, rule."""
        return world.Tanh(*(start or self.start)), world.shuffled(self.X, self.y, 4), world.rule


def view(checkpoint):
    """Return a checkpoint's contents under names that a student understands, in one flat dict."""
    got = deepcopy(fetch(checkpoint))
    check(type(got) is dict, "train must return the checkpoint, a dict.")
    for key in KEYS:
        check(key in got, f"The checkpoint has no {key!r}.")
    for key in ("params", "configs"):
        check(type(got[key]) is dict and set(got[key]) == {"W", "V"}, PER_NAME.format(key))
    flat = {"epoch": got["epoch"], "loss_history": _numbers(got["loss_history"], "loss_history")}
    for name in ("W", "V"):
        flat[f"params[{name!r}]"] = got["params"][name]
        own = got["configs"][name]
        check(type(own) is dict, "configs must hold the config dict of every parameter.")
        for key in ("learning_rate", "velocity", "steps"):
            check(key in own, RETURNED)
            flat[f"{key} in configs[{name!r}]"] = own[key]
    return flat


PER_NAME = "The checkpoint's {!r} must be a dict with an entry for each of the model's parameters."
RETURNED = "What the rule returns as config is not in the checkpoint's configs: store it."


def _numbers(history, name):
    said = f"{name} must be a list of numbers."
    check(type(history) is list, said)
    check(all(isinstance(x, (int, float, np.number)) for x in history), said)
    return np.array(history, dtype=np.float64)


def loop(task, epochs, hyper, *, schedule=None, only=("W", "V"), shared=False, forget=False,
         anew=False, after=False, order=None, start=None, configs=None, limit=None):  # fmt: skip
    """Train as a loop with some mistake would: its weights and losses under view's names."""
    world, losses = ours(), []
    model, batches, rule = task.parts(world, start)
    one = dict(hyper)
    configs = configs or {name: one if shared else dict(hyper) for name in model.params}
    for epoch in epochs:
        for X, y in list(batches(epoch if order is None else order(epoch)))[:limit]:
            loss, grads = model.loss(X, y)
            for name in only:
                grads = model.loss(X, y)[1] if anew else grads
                if schedule:
                    configs[name]["learning_rate"] = schedule(epoch, len(losses))
                own = configs["W" if shared else name]
                model.params[name], new = rule(model.params[name], grads[name], own)
                configs["W" if shared else name] = own if forget else new
            losses.append(model.loss(X, y)[0] if after else loss)
    weights = {f"params[{name!r}]": w for name, w in model.params.items()}
    return {**weights, "loss_history": np.array(losses)}, configs


def weights(*args, **kw):
    """Return the weights alone of a loop."""
    return {name: value for name, value in loop(*args, **kw)[0].items() if name != "loss_history"}


HYPER = {"learning_rate": 0.3, "drag": 0.6}


@exercise("train", weight=3)
def test_steps(student, reference, rng, sandbox, close):
    """Three epochs: weights, configs and losses, with a rule that returns new dicts."""
    task = Task(rng)

    def run(train, world, config):
        return view(train(*task.parts(world), config, num_epochs=3))

    def wrong(epochs=range(3), **mistake):
        return lambda: weights(task, epochs, HYPER, **mistake)

    kept = sandbox.put(dict(HYPER))
    got = run(student.train, sandbox.define(SOURCE, "World"), kept)
    want = run(reference.train, ours(), dict(HYPER))
    said = "config is changed by training: every parameter should start with a copy of it."
    check(fetch(kept) == HYPER, said)
    suspects = {
        "All parameters share one config: give each its own copy.": lambda: weights(
            task, range(3), HYPER, only=("W", "V"), shared=True
        ),
        "The config that the rule returns is thrown away: the next step needs it.": wrong(
            forget=True
        ),
        "The loss is asked for again for every parameter: take all gradients at once.": wrong(
            anew=True
        ),
        "Only W moves: the rule must move every parameter.": wrong(only=("W",)),
        "Only V moves: the rule must move every parameter.": wrong(only=("V",)),
        "The weights do not move: what the rule returns must be stored in model.params.": wrong([]),
        "Every epoch has the batches of epoch 0: ask for those of its own number.": wrong(
            order=lambda _: 0
        ),
        "Epochs are counted from 1: the first is batches(0).": wrong(order=lambda epoch: epoch + 1),
        "epoch must say how many epochs were made; this is the number of the last one.": lambda: {
            "epoch": 2
        },
        "There is one epoch too many.": wrong(range(4)),
        "There is one epoch too few.": wrong(range(2)),
        "Only the first batch of an epoch makes a step.": wrong(limit=1),
        "The last batch of an epoch is left out.": wrong(limit=2),
        "The loss is the one after the step; the history has the one before.": lambda: {
            "loss_history": loop(task, range(3), HYPER, after=True)[0]["loss_history"]
        },
        "The loss history has one number per epoch; it has one per step.": lambda: {
            "loss_history": want["loss_history"][2::3]
        },
        "The loss history holds the mean of every epoch; it has one number per step.": lambda: {
            "loss_history": want["loss_history"].reshape(3, 3).mean(axis=1)
        },
    }
    close(got, want, suspects=suspects)


@exercise("train")
def test_model_afterwards(student, reference, rng, sandbox, close):
    """The model holds the last weights, and the loss is asked for once a step."""
    task, world = Task(rng), sandbox.define(SOURCE, "World")
    model, batches, rule = task.parts(world)
    view(student.train(model, batches, rule, dict(HYPER), num_epochs=2))
    want = reference.train(*task.parts(ours()), dict(HYPER), num_epochs=2)["params"]
    check(fetch(model.calls) == 6, "model.loss is not called exactly once in a step.")
    now = fetch(model.params)
    check(type(now) is dict and set(now) == {"W", "V"}, "model.params must keep its names.")
    for name in ("W", "V"):
        close(now[name], want[name], names=f"model.params[{name!r}] after training")


@exercise("train")
def test_schedule(student, reference, rng, sandbox, close):
    """The schedule gives the learning rate of every epoch, epoch 0 included."""
    task, drag = Task(rng), {"drag": 0.6}

    def run(train, world, config):
        return view(train(*task.parts(world), config, num_epochs=3, schedule=world.schedule))

    def wrong(rate, hyper=drag):
        return lambda: weights(task, range(3), hyper, schedule=rate)

    rate = ours().schedule
    suspects = {
        "The schedule is asked with the number of the step; it takes the epoch.": wrong(
            lambda _, step: rate(step)
        ),
        "The schedule is one epoch ahead: the first epoch is 0.": wrong(
            lambda epoch, _: rate(epoch + 1)
        ),
        "The schedule is one epoch behind.": wrong(lambda epoch, _: rate(max(epoch - 1, 0))),
        "The rate of epoch 0 stays for good: ask the schedule in every epoch.": wrong(
            lambda *_: rate(0)
        ),
    }
    kept = sandbox.put(dict(drag))
    got = run(student.train, sandbox.define(SOURCE, "World"), kept)
    said = "config is changed by the schedule: every parameter should start with a copy of it."
    check(fetch(kept) == drag, said)
    close(got, run(reference.train, ours(), dict(drag)), suspects=suspects)


def digits(rng):
    """Digits to train with and others to test with, pixels scaled to [0, 1]."""
    with np.load(DIGITS, allow_pickle=False) as data:
        X, y = data["images"].reshape(-1, 64) / 16, data["labels"].astype(np.int64)
    order = rng.permutation(len(X))
    return X[order[:800]], y[order[:800]], X[order[800:]], y[order[800:]]


@exercise("train")
def test_reads_digits(student, rng, sandbox):
    """A softmax classifier learns to read digits that it was not trained with."""
    X, y, X_test, y_test = digits(rng)
    world = sandbox.define(SOURCE, "World")
    model = world.Softmax(*0.01 * rng.normal(size=(2, 64, 10)))
    config = {"learning_rate": 0.1, "drag": 0.9}
    made = view(student.train(model, world.shuffled(X, y, 100), world.rule, config, num_epochs=8))
    losses = made["loss_history"]
    check(len(losses) == 64, "The loss history does not hold one number per step.")
    check(np.mean(losses[-8:]) < 0.5 * losses[0], "The loss does not fall by half.")
    scores = X_test @ made["params['W']"] + X_test**2 @ made["params['V']"]
    right = np.mean(np.argmax(scores, axis=1) == y_test)
    check(right > 0.8, "After training, more than a fifth of the test digits are misread.")
