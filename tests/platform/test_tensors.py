"""Tensors by value: what crosses, what stays, and how two are compared."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from autograder.sandbox.inside.servant import FIRST_LAID, Servant
from autograder.sandbox.inside.tensors import STORED, Tensor, by_value, to_torch
from autograder.sandbox.inside.wire import Ref
from autograder.suite.compare import close, exact
from autograder.suite.diagnosis import Code, Mismatch
from autograder.suite.kinds import kind_of
from autograder.suite.modules import tensor

ROWS = np.arange(12.0).reshape(3, 4)


@pytest.mark.parametrize("name", STORED)
def test_every_dtype_goes_there_and_back(name: str) -> None:
    """Values, shape and dtype survive the way to torch and back to numbers."""
    there = to_torch(tensor(ROWS % 2, name), "cpu")
    assert there.dtype == getattr(torch, name)
    back = by_value(there)
    assert type(back) is Tensor
    assert (back.dtype, back.shape) == (name, (3, 4))
    assert np.array_equal(back.array.astype(float), ROWS % 2)


@pytest.mark.parametrize("shape", [(), (0,), (2, 0, 3), (1, 1)])
def test_every_shape_does(shape: tuple[int, ...]) -> None:
    """Scalars and empty tensors, too."""
    for name in ("float32", "bfloat16"):
        assert by_value(to_torch(tensor(np.ones(shape), name), "cpu")).shape == shape


def test_bfloat16_is_rounded_as_torch_rounds() -> None:
    """To the nearest, ties to even; also the infinities and what is too large."""
    numbers = np.concatenate([np.random.default_rng(0).normal(size=999), [np.inf, 3.4e38, 1e-40]])
    numbers = np.append(numbers, (np.arange(40) * 2.0**-9 + 1))  # ties
    theirs = torch.tensor(numbers, dtype=torch.float32).to(torch.bfloat16)
    assert torch.equal(to_torch(tensor(numbers, "bfloat16"), "cpu"), theirs)
    assert np.array_equal(by_value(theirs).array, theirs.float().numpy())


@pytest.mark.parametrize("array", [ROWS, ROWS.T, ROWS[:, ::2], np.asfortranarray(ROWS)])
def test_awkward_tensors_arrive_as_awkward(array: np.ndarray) -> None:
    """Strides are kept, since a hidden test may be about them."""
    arrived = to_torch(tensor(array, "float64"), "cpu")
    assert arrived.is_contiguous() == array.flags.c_contiguous
    assert np.array_equal(arrived.numpy(), array)


def test_a_read_only_array_makes_a_tensor_of_its_own() -> None:
    """Torch knows no read-only memory: writing must not reach what lies under it."""
    array = ROWS.copy()
    array.flags.writeable = False
    to_torch(tensor(array, "float64"), "cpu").zero_()
    assert np.array_equal(array, ROWS)


def test_values_leave_their_graph() -> None:
    """A parameter, a result with a gradient, a view, an expanded one: numbers, and nothing else."""
    weight = torch.nn.Parameter(torch.ones(2, 3))
    for value in (weight, 2 * weight, weight[:, 1:], torch.ones(1).expand(2, 3)):
        assert by_value(value).array.tolist() == value.tolist()


class Sly(torch.Tensor):
    """A tensor of a student's own type."""


STAY: dict[str, Callable[[], Any]] = {
    "a type of one's own": lambda: torch.ones(2).as_subclass(Sly),
    "without values": lambda: torch.ones(2, device="meta"),
    "sparse": lambda: torch.ones(2).to_sparse(),
    "complex": lambda: torch.ones(2, dtype=torch.complex64),
    "a module": lambda: torch.nn.Linear(1, 1),
    "a buffer of buffers": lambda: [torch.ones(2)],
}


@pytest.mark.parametrize("kind", STAY)
def test_what_is_no_plain_tensor_stays(kind: str) -> None:
    """It crosses as a handle, and no comparison takes it for a tensor."""
    value = STAY[kind]()
    assert by_value(value) is value
    if kind != "a buffer of buffers":
        assert kind_of(value) == "an object"


@pytest.fixture
def servant() -> Servant:
    """A servant of a module with functions of tensors."""
    module = ModuleType("m")
    exec(
        "import torch\n"
        "def double(x): return 2 * x\n"
        "def pair(x): return x, {'x': x}\n"
        "def kind(x): return f'{type(x).__name__} {x.dtype} {x.device}'\n",
        module.__dict__,
    )
    return Servant(module, "")


def call(servant: Servant, function: str, *args: Any) -> Any:
    """Return the value of a call's reply."""
    header, value = servant.answer("call", (Ref(0, (("attr", function),)), args, {}))
    assert header == {"done": True}
    return value


def test_functions_take_and_give_tensors(servant: Servant) -> None:
    """Arguments arrive as torch's own; results leave by value, also inside containers."""
    assert call(servant, "kind", tensor(ROWS)) == "Tensor torch.float32 cpu"
    doubled = call(servant, "double", tensor(ROWS, "bfloat16"))
    assert (doubled.dtype, doubled.array.tolist()) == ("bfloat16", (2 * ROWS).tolist())
    first, rest = call(servant, "pair", tensor(ROWS))
    assert type(first) is Tensor
    _, fetched = servant.answer("fetch", rest)
    assert fetched["x"].array.tolist() == ROWS.tolist()


def test_definitions_find_torch(servant: Servant) -> None:
    """A test's own code in the worker needs no import."""
    header, _ = servant.answer("define", (FIRST_LAID, "f = torch.ones(2)", "f"))
    assert header == {"done": True}


WANT = torch.tensor([[1.0, -2.0], [3.0, 0.5]])
OFF: dict[str, tuple[Any, Code]] = {
    "an array": (WANT.numpy(), Code.TYPE),
    "a list": (WANT.tolist(), Code.TYPE),
    "a number": (1.0, Code.TYPE),
    "nothing": (None, Code.TYPE),
    "another shape": (Tensor(np.ones(3, "f4"), "float32"), Code.SHAPE),
    "the transpose": (tensor(np.ones((5, 2))), Code.SHAPE),
    "another dtype": (tensor(WANT.numpy(), "float64"), Code.DTYPE),
    "half the precision": (tensor(WANT.numpy(), "bfloat16"), Code.DTYPE),
    "NaN": (tensor(WANT.numpy() * np.nan), Code.NOT_FINITE),
    "twice as large": (tensor(2 * WANT.numpy()), Code.SCALED),
    "what a mistake gives": (tensor(WANT.numpy() ** 2), Code.MISTAKE),
}


@pytest.mark.parametrize("case", OFF)
def test_what_differs_is_told(case: str) -> None:
    """As for arrays: kind, shape, dtype, finiteness, error, and known mistakes."""
    got, code = OFF[case]
    with pytest.raises(Mismatch) as difference:
        close(got, WANT, rtol=1e-4, suspects={"It is squared.": lambda: WANT**2})
    assert difference.value.code is code


def test_right_tensors_pass() -> None:
    """Against a tensor of torch's or one of ours; integers and truth values exactly."""
    close(tensor(WANT.numpy() * (1 + 1e-6)), WANT, rtol=1e-4)
    close(tensor(WANT.numpy()), tensor(WANT.numpy()))
    close((tensor(1.5), {"a": tensor(WANT.numpy())}), (torch.tensor(1.5), {"a": WANT}))
    exact(tensor([1, 2], "int64"), torch.tensor([1, 2]))
    exact(tensor([True], "bool"), torch.tensor([True]))


def test_a_tensor_is_no_array() -> None:
    """Where the docstring asks for numpy, torch is another kind."""
    with pytest.raises(Mismatch, match="must be a numpy array, and is a tensor"):
        close(tensor(np.ones(2)), np.ones(2))
    with pytest.raises(Mismatch, match="must be a number, and is a tensor"):
        close(tensor(1.0), 1.0)
