"""Hidden suite for train.py: the best weights, stopping and going on from a checkpoint."""

from copy import deepcopy
from functools import cache

import numpy as np

from autograder.suite import exercise
from autograder.suite.compare import check
from autograder.suite.remote import fetch

SOURCE = """
import copy

class Model:
    def __init__(self, W, V):
        self.params = {"W": W.copy(), "V": V.copy()}

    def loss(self, X, y):
        out = np.tanh(X @ self.params["W"] + np.sin(X) @ self.params["V"])
        slope = (out - y) * (1 - out**2) / len(X)
        loss = float(np.sum((out - y) ** 2) / 2 / len(X))
        return loss, {"V": np.sin(X).T @ slope, "W": X.T @ slope}

def shuffled(X, y):
    def batches(epoch):
        order = np.random.default_rng(epoch).permutation(len(X))
        return [(X[order[i : i + 4]], y[order[i : i + 4]]) for i in range(0, len(X), 4)]
    return batches

def in_place(w, dw, config):
    velocity = config.setdefault("velocity", np.zeros_like(w))
    velocity *= 0.6
    velocity -= config["learning_rate"] * dw
    w += velocity
    config["steps"] = config.get("steps", 0) + 1
    return w, config

def schedule(epoch):
    return 0.5 / (1 + epoch)

class Values:
    def __init__(self, *values):
        self.values = list(values)
    def __call__(self, model):
        return self.values.pop(0)

def looks_at_checkpoint(model, batches, rule, **options):
    made = student.train(model, batches, rule, None, num_epochs=2, **options)
    looks = {"at first": copy.deepcopy(made)}
    for w in model.params.values():
        w += 1
    student.train(model, batches, rule, None, num_epochs=1, **options)
    looks["after the model"] = copy.deepcopy(made)
    student.train(model, batches, rule, None, num_epochs=4, checkpoint=made, **options)
    looks["after train"] = copy.deepcopy(made)
    return looks

class World:
    Model, shuffled, in_place, schedule, Values = Model, shuffled, in_place, schedule, Values
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
        return world.Model(*(start or self.start)), world.shuffled(self.X, self.y), world.in_place


def brought(checkpoint):
    """Bring a checkpoint over: a dict of plain values."""
    got = deepcopy(fetch(checkpoint))
    check(type(got) is dict, "train must return the checkpoint, a dict.")
    for key in KEYS:
        check(key in got, f"The checkpoint has no {key!r}.")
    for key in ("params", "configs"):
        fine = type(got[key]) is dict and set(got[key]) == {"W", "V"}
        check(fine, f"The checkpoint's {key!r} must be a dict with an entry for each parameter.")
    for key in ("loss_history", "val_history"):
        check(_numbers(got[key]), f"{key} must be a list of numbers.")
    return got


def _numbers(history):
    return type(history) is list and all(isinstance(x, (float, int, np.number)) for x in history)


def view(checkpoint):
    """Return a checkpoint's weights, state and losses in one flat dict."""
    got = brought(checkpoint)
    flat = {"epoch": got["epoch"], "loss_history": np.array(got["loss_history"], np.float64)}
    for name in ("W", "V"):
        flat[f"params[{name!r}]"] = got["params"][name]
        own = got["configs"][name]
        check(type(own) is dict and "velocity" in own, "configs must hold the rule's configs.")
        flat[f"velocity in configs[{name!r}]"] = own["velocity"]
    return flat


def go_on(train, world, task, first=2, last=5, **change):
    """Train, bring the checkpoint over, and go on with it in a model that has other weights."""
    options = {"schedule": world.schedule}
    made = brought(train(*task.parts(world), None, num_epochs=first, **options)) | change
    parts = task.parts(world, task.elsewhere)
    return train(*parts, None, num_epochs=last, checkpoint=made, **options)


def resumed(reference, task, *, last=5, **change):
    """Return the weights alone of training that goes on from a changed checkpoint."""
    got = view(go_on(reference.train, ours(), task, last=last, **change))
    return {name: value for name, value in got.items() if name.startswith("params")}


def as_new(reference, task, start=None, last=5, epoch=0):
    """Return the weights alone of training without a checkpoint, or with one at some epoch."""
    world = ours()
    parts = task.parts(world, start)
    if not epoch:
        return _params(reference.train(*parts, None, num_epochs=last, schedule=world.schedule))
    none = reference.train(*parts, None, num_epochs=0)
    none["epoch"] = epoch
    options = {"schedule": world.schedule, "checkpoint": none, "num_epochs": last}
    return _params(reference.train(*task.parts(world, start), None, **options))


def _params(checkpoint):
    return {f"params[{name!r}]": w for name, w in checkpoint["params"].items()}


@exercise("train", weight=3)
def test_resume(student, reference, rng, sandbox, close):
    """Two epochs, a checkpoint, three more in a new model: as five epochs without a stop."""
    task, world = Task(rng), sandbox.define(SOURCE, "World")
    got = view(go_on(student.train, world, task))
    there = ours()
    whole = reference.train(*task.parts(there), None, num_epochs=5, schedule=there.schedule)
    empty = {"W": {}, "V": {}}
    two = reference.train(*task.parts(there), None, num_epochs=2, schedule=there.schedule)
    rates = {name: {"learning_rate": 0.25} for name in ("W", "V")}
    suspects = {
        "The optimizer's state is lost at the checkpoint: the velocity starts again at 0.": (
            lambda: resumed(reference, task, configs=empty)
        ),
        "The weights of the checkpoint are not taken over by the model.": lambda: resumed(
            reference, task, params=dict(zip(("W", "V"), task.elsewhere, strict=True))
        ),
        "Neither weights nor state are taken from the checkpoint.": lambda: as_new(
            reference, task, task.elsewhere, epoch=2
        ),
        "The checkpoint is not used: training starts again.": lambda: as_new(
            reference, task, task.elsewhere
        ),
        "The epochs are counted from 0 again after the checkpoint.": lambda: resumed(
            reference, task, epoch=0
        ),
        "The epochs are counted from 0 again, so that the first batches come twice.": lambda: (
            resumed(reference, task, epoch=0, last=3)
        ),
        "num_epochs are made on top of those of the checkpoint; they include them.": lambda: (
            resumed(reference, task, last=7)
        ),
        "The last epoch of the checkpoint is made twice.": lambda: resumed(
            reference, task, epoch=1
        ),
        "One epoch is skipped after the checkpoint.": lambda: resumed(reference, task, epoch=3),
        "After the checkpoint no epoch is made.": lambda: _params(two),
        "Only the learning rate survives the checkpoint.": lambda: resumed(
            reference, task, configs=rates
        ),
        "The losses of before the checkpoint are missing from the history.": lambda: {
            "loss_history": np.array(whole["loss_history"][6:])
        },
    }
    close(got, view(whole), suspects=suspects)


@exercise("train")
def test_checkpoint_is_a_copy(student, reference, rng, sandbox, close):
    """Later training changes no checkpoint, with a rule that works in place."""
    task, world = Task(rng), sandbox.define(SOURCE, "World")
    options = {"schedule": world.schedule, "evaluate": world.Values(0.5, 0.4, 0.3, 0.7, 0.2, 0.1)}
    look = sandbox.define(SOURCE, "looks_at_checkpoint")
    looks = deepcopy(fetch(look(*task.parts(world), **options)))
    before = brought(looks["at first"])
    said = "A checkpoint changes when {} goes on training: copy the arrays and dicts in it."
    check(_same(before, looks["after the model"]), said.format("the model"))
    check(_same(before, looks["after train"]), said.format("another call of train"))
    there = ours()
    want = reference.train(*task.parts(there), None, num_epochs=2, schedule=there.schedule)
    close(before["params"], want["params"])


def _same(one, other):
    """Whether two checkpoints hold the same, part by part."""
    if isinstance(one, dict):
        return type(other) is dict and all(k in other and _same(one[k], other[k]) for k in one)
    if isinstance(one, np.ndarray):
        return type(other) is np.ndarray and np.array_equal(one, other)
    return bool(one == other)


@exercise("train", weight=0.5)
def test_nothing_left_to_do(student, rng, sandbox, close):
    """A checkpoint that has its num_epochs already comes back as it is, without evaluate too."""
    task, world = Task(rng), sandbox.define(SOURCE, "World")
    made = student.train(*task.parts(world), {"learning_rate": 0.2}, num_epochs=2)
    model, batches, rule = task.parts(world, task.elsewhere)
    again = student.train(model, batches, rule, None, num_epochs=2, checkpoint=made)
    close(view(again), view(made))
    now = brought(again)
    check(now["val_history"] == [], "Without evaluate val_history is an empty list.")
    check(now["best_params"] is None, "Without evaluate best_params is None.")
    check(len(now["loss_history"]) == 6, "A checkpoint that is finished makes no more steps.")
    weights = fetch(model.params)
    taken = type(weights) is dict and _same(now["params"], weights)
    check(taken, "The model does not have the weights of the checkpoint.")


def best(train, world, task, values, stop=None):
    """Train with given values of evaluate, with a break or without: the best weights and values."""
    options = {"evaluate": world.Values(*values), "num_epochs": len(values)}
    config = {"learning_rate": 0.3}
    made = None
    if stop is not None:
        early = options | {"num_epochs": stop}
        made = brought(train(*task.parts(world), config, **early))
    parts = task.parts(world, task.elsewhere if made else None)
    got = brought(train(*parts, config, checkpoint=made, **options))
    found = got["best_params"]
    fine = type(found) is dict and set(found) == {"W", "V"}
    check(fine, "best_params must be a dict with an array for each parameter.")
    flat = {"val_history": np.array(got["val_history"], np.float64)}
    return flat | {f"best_params[{name!r}]": found[name] for name in ("W", "V")}


def after_epoch(reference, task, number):
    """Return the weights after so many epochs, as best weights."""
    made = reference.train(*task.parts(ours()), {"learning_rate": 0.3}, num_epochs=number)
    return {f"best_params[{name!r}]": w for name, w in made["params"].items()}


def judge_best(student, reference, sandbox, task, values, close, *, wrong, stop=None):
    """Hold the best weights against the reference's; `wrong` says what other epochs would mean."""
    got = best(student.train, sandbox.define(SOURCE, "World"), task, values, stop)
    want = best(reference.train, ours(), task, values, stop)
    suspects = {
        said: lambda number=number: after_epoch(reference, task, number)
        for number, said in wrong.items()
    }
    close(got, want, suspects=suspects)


@exercise("train", weight=1.5)
def test_best_weights(student, reference, rng, sandbox, close):
    """The best weights are those after the epoch with the largest value, also over a break."""
    task = Task(rng)
    wrong = {
        4: "The best weights are just the last ones: copy them, or training changes them.",
        1: "The best weights are those of the smallest value; the largest is the best.",
        2: "The best weights are those before the epoch with the largest value, not after.",
    }
    judge_best(student, reference, sandbox, task, (0.1, 0.4, 0.9, 0.6), close, wrong=wrong)
    wrong = {
        3: "The largest value counts, also when it is some epochs or a checkpoint ago.",
        4: "The best weights are just the last ones.",
    }
    judge_best(student, reference, sandbox, task, (0.9, 0.2, 0.6, 0.3), close, wrong=wrong, stop=2)
    negative = {4: "Only positive values count as best; the largest does, whatever its sign."}
    judge_best(student, reference, sandbox, task, (-3.0, -1.0, -2.0, -4.0), close, wrong=negative)


@exercise("train", weight=0.5)
def test_first_of_equals(student, reference, rng, sandbox, close):
    """Of several epochs with the largest value the first counts."""
    wrong = {3: "Of several epochs with the largest value the last is taken; it is the first."}
    judge_best(student, reference, sandbox, Task(rng), (0.1, 0.9, 0.9, 0.2), close, wrong=wrong)
