"""Hidden suite for training.py: batches on the model's device, whatever it is."""

import numpy as np
import pytest

from autograder.suite import exercise

# The same code makes the same batches in the sandbox and here. The device `meta` is everywhere: its
# tensors have shapes and no numbers.
LAB = """
from collections import namedtuple

import torch
from torch import nn

Pair = namedtuple("Pair", "image label")
Deep = namedtuple("Deep", "pair rest")
THING = object()


class Lab:
    def __init__(self, device):
        inner = nn.Sequential(nn.ReLU(), nn.Linear(2, 3))
        self.model = nn.Sequential(nn.Tanh(), inner).to(device)
        self.batch = None

    def without_parameters(self):
        self.model = nn.Sequential(nn.ReLU(), nn.Flatten())

    def move(self, to_device, kind):
        a, b, c = torch.ones(2, 3), torch.arange(4), torch.zeros(1).double()
        self.batch = {
            "tensor": a,
            "dict": {"x": a, "y": b},
            "list": [a, b, c],
            "tuple": (a, b),
            "nested": {"x": [a, {"more": (b, [c])}], "y": ({"deep": [[a]]}, b)},
            "mixed": [(a, [b]), {"k": (c,)}],
            "named": Pair(a, b),
            "named inside": [Pair(a, [b]), Deep(Pair(c, a), {"x": b})],
            "others": {"x": a, "id": "cat.png", "n": 3, "p": 0.5, "none": None, "thing": THING,
                       "yes": True, "l": ["a", 1, (None, b)]},
            "text": "cuda",
            "empty": [{}, [], ()],
        }[kind]
        result = to_device(self.batch, self.model)
        return look(result, "batch")

    def before(self):
        return look(self.batch, "batch")

    def numbers(self, to_device, x):
        tensor = torch.tensor(x)
        moved = to_device([tensor], self.model)[0]
        return moved.detach().cpu().numpy()


def look(value, path):
    kind = type(value)
    if isinstance(value, torch.Tensor):
        said = f"{str(value.dtype)} {tuple(value.shape)} on {value.device.type}"
        return {path: said}
    if isinstance(value, dict):
        parts = {f"{path}[{key!r}]": item for key, item in value.items()}
    elif isinstance(value, (list, tuple)):
        parts = {f"{path}[{number}]": item for number, item in enumerate(value)}
    else:
        return {path: "the thing" if value is THING else f"{kind.__name__} {value!r}"}
    found = {path: f"{kind.__name__} of {len(value)}"}
    for name, item in parts.items():
        found |= look(item, name)
    return found
"""


class Labs:
    """The same lab in the sandbox and, as often as needed, on this side."""

    def __init__(self, student, sandbox):
        self.here = {}
        exec(LAB, self.here)
        self.there = sandbox.define(LAB, "Lab")
        self.student = student

    def result(self, kind, device="meta"):
        """What the student's function makes of a batch."""
        return self.there(device).move(self.student.to_device, kind)

    def wanted(self, kind, function, device="meta"):
        """What another function makes of it."""
        return self.here["Lab"](device).move(function, kind)


@pytest.fixture
def labs(student, sandbox):
    """The labs of a test."""
    return Labs(student, sandbox)


def moved(batch, model, mistake="", depth=0):
    """The batch on the model's device, or what a mistake makes of it."""
    again = lambda item: moved(item, model, mistake, depth + 1)  # noqa: E731
    if hasattr(batch, "to"):
        stays = mistake == "nothing" or (mistake == "shallow" and depth > 1)
        there = next(model.parameters())
        return batch if stays else batch.to(there if mistake == "cast" else there.device)
    if isinstance(batch, dict) and mistake != "dicts stay":
        return {key: again(item) for key, item in batch.items()}
    if isinstance(batch, tuple) and mistake != "tuples stay":
        if hasattr(batch, "_fields") and mistake not in ("plain tuples", "lists"):
            return type(batch)(*map(again, batch))
        return [again(item) for item in batch] if mistake == "lists" else tuple(map(again, batch))
    if isinstance(batch, list) and mistake != "lists stay":
        return tuple(map(again, batch)) if mistake == "tuples" else [again(item) for item in batch]
    return None if mistake == "drop" else batch


MISTAKES = {
    "Tensors inside of dicts are left behind.": "dicts stay",
    "Tensors inside of lists are left behind.": "lists stay",
    "Tensors inside of tuples are left behind.": "tuples stay",
    "Only the first level of containers is moved: call the function on what is inside.": "shallow",
    "A tuple comes back as a list; keep the kind of each container.": "lists",
    "A list comes back as a tuple; keep the kind of each container.": "tuples",
    "A named tuple comes back as a plain one: it takes its items one by one.": "plain tuples",
    "Tensors change their dtype on the way: move them, and nothing else.": "cast",
    "What is no tensor is dropped; return it as it is.": "drop",
    "The tensors are not on the model's device: next(model.parameters()).device names it.": (
        "nothing"
    ),
}


def judge(labs, reference, exact, kind, device="meta"):
    """Compare kinds of containers, dtypes, shapes and devices of what comes back."""
    here = labs.wanted(kind, reference.to_device)  # the grader need not have that device
    there = f"on {device.partition(':')[0]}"
    want = {path: said.replace("on meta", there) for path, said in here.items()}

    def suspect(mistake):
        found = labs.wanted(kind, lambda batch, model: moved(batch, model, mistake))
        return {} if found == here else found

    wrong = {
        text: lambda mistake=mistake: suspect(mistake) or {"batch": "nothing like it"}
        for text, mistake in MISTAKES.items()
    }
    exact(labs.result(kind, device), want, suspects=wrong)


@exercise("to_device", weight=2)
def test_tensor(labs, reference, exact, device):
    """A tensor comes onto the device of the model: this one, and one that is nowhere."""
    for where in ("meta", device):
        judge(labs, reference, exact, "tensor", where)


@exercise("to_device")
@pytest.mark.parametrize("kind", ["dict", "list", "tuple", "empty"])
def test_container(labs, reference, exact, kind):
    """Containers come back as what they were, with their tensors moved."""
    judge(labs, reference, exact, kind)


@exercise("to_device", weight=2)
@pytest.mark.parametrize("kind", ["nested", "mixed"])
def test_nested_containers(labs, reference, exact, kind):
    """Containers may hold containers, as deeply as they like."""
    judge(labs, reference, exact, kind)


@exercise("to_device")
@pytest.mark.parametrize("kind", ["named", "named inside"])
def test_named_tuples(labs, reference, exact, kind):
    """A named tuple stays one."""
    judge(labs, reference, exact, kind)


@exercise("to_device")
@pytest.mark.parametrize("kind", ["others", "text"])
def test_other_things(labs, reference, exact, kind):
    """What is no tensor and no container comes back as it is."""
    judge(labs, reference, exact, kind)


@exercise("to_device", weight=0.5)
def test_batch_stays(labs, reference, exact, sandbox):
    """The given batch is not changed: its tensors are where they were."""
    for kind in ("dict", "nested"):
        judge(labs, reference, exact, kind)
        lab = labs.there("meta")
        lab.move(labs.student.to_device, kind)
        want = labs.wanted(kind, lambda batch, _: batch)
        changed = labs.wanted(kind, moved)
        said = "The given batch is changed: its tensors are replaced in place."
        exact(lab.before(), want, suspects={said: lambda changed=changed: changed})


@exercise("to_device", weight=0.5)
def test_numbers_stay(labs, rng, close, exact, device):
    """Moving changes no number and no dtype."""
    lab = labs.there(device)
    x, y = rng.normal(size=(3, 4)).astype(np.float32), rng.integers(9, size=5)
    close(lab.numbers(labs.student.to_device, x), x, names="the tensor", rtol=0.0, atol=0.0)
    exact(lab.numbers(labs.student.to_device, y), y, names="the tensor of integers")


@exercise("to_device", weight=0.5)
def test_model_without_parameters(labs, exact):
    """A model without parameters has no device: the tensors stay where they are."""
    lab = labs.there("cpu")
    lab.without_parameters()
    exact(lab.move(labs.student.to_device, "dict"), labs.wanted("dict", lambda batch, _: batch))
