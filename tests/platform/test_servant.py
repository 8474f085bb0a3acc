"""The worker's operations on a student's objects: what crosses, what stays, what is told."""

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from autograder.sandbox.inside.servant import FIRST_LAID, Servant, describe, is_plain
from autograder.sandbox.inside.wire import Ref

SOURCE = """
import numpy as np

class Net:
    def __init__(self, size): self.w = np.zeros(size); self.grads = {"w": self.w + 1}
    def forward(self, x): return x + self.w, self.grads

def pair(x): return x, {"cache": x}
def many(): return list(range(17))
def boom(): raise ValueError("the data are 12345")
def typo(): return undefined_name
def inner_attribute(x): return x.no_such_thing
def memory(): raise MemoryError
def leave(): raise SystemExit(0)
def deep(): return {"a": [1, (2, {"b": object()})]}
def evil(): raise type("E\\n12345", (Exception,), {})
"""


@pytest.fixture
def servant() -> Servant:
    """A servant of a student's module."""
    module = ModuleType("student")
    exec(compile(SOURCE, "/box/student.py", "exec"), vars(module))
    return Servant(module, "/box")


def name(*path: str) -> Ref:
    """Return a reference to a name of the module."""
    return Ref(0, tuple(("attr", step) for step in path))


def call(servant: Servant, ref: Ref, *args: object, **kwargs: object) -> Any:
    """Return the result of a call that must succeed."""
    header, value = servant.answer("call", (ref, args, kwargs))
    assert header == {"done": True}
    return value


def test_short_tuples_are_unpacked(servant: Servant) -> None:
    """Arrays come by value, a cache beside them by handle, and the handle finds it again."""
    x, cache = call(servant, name("pair"), np.ones(2))
    assert x.tolist() == [1, 1]
    assert cache.kind == "dict"
    assert servant.answer("fetch", cache)[1]["cache"].tolist() == [1, 1]


def test_long_lists_stay(servant: Servant) -> None:
    """More than sixteen items come when they are fetched."""
    ref = call(servant, name("many"))
    assert type(ref) is Ref
    assert servant.answer("fetch", ref)[1] == list(range(17))


def test_objects_stay_and_their_methods_answer(servant: Servant) -> None:
    """A class makes an object here; its methods, attributes and items are reached by steps."""
    net = call(servant, name("Net"), 3)
    moved, grads = call(servant, Ref(net.handle, (("attr", "forward"),)), np.ones(3))
    assert moved.tolist() == [1, 1, 1]
    assert servant.answer("fetch", Ref(grads.handle, (("item", "w"),)))[1].tolist() == [1, 1, 1]


def test_attributes_and_items_are_set(servant: Servant) -> None:
    """A test may lay weights into a student's model, and replace an entry of its dict."""
    net = call(servant, name("Net"), 2)
    servant.answer("set", (Ref(net.handle, (("attr", "w"),)), np.full(2, 5.0)))
    servant.answer("set", (Ref(net.handle, (("attr", "grads"), ("item", "w"))), "new"))
    assert servant.objects[net.handle].w.tolist() == [5, 5]
    assert servant.objects[net.handle].grads == {"w": "new"}


def test_references_are_arguments(servant: Servant) -> None:
    """What stayed here can be handed back, inside containers too."""
    assert servant.answer("put", (FIRST_LAID, {"a": 1})) == ({"done": True}, None)
    got = call(servant, name("pair"), [Ref(FIRST_LAID)])
    assert servant.answer("fetch", got[0])[1] == [{"a": 1}]


def test_functions_are_defined_from_source(servant: Servant) -> None:
    """A definition finds numpy and the student's module."""
    source = "def f(x): return np.sum(x) + len(student.many())"
    servant.answer("define", (FIRST_LAID, source, "f"))
    assert call(servant, Ref(FIRST_LAID), np.ones(3)) == 20


def test_operations_go_together(servant: Servant) -> None:
    """In turn, to the answer of the last one, or the first fault."""
    put, asked = ("put", (FIRST_LAID, np.ones(3))), ("fetch", Ref(FIRST_LAID))
    assert servant.answer("together", (*put, *asked))[1].tolist() == [1, 1, 1]
    header, _ = servant.answer("together", ("define", (FIRST_LAID, "1 / 0", "f"), *asked))
    assert header["raised"][0] == "ZeroDivisionError"


def test_a_call_and_what_it_leaves(servant: Servant) -> None:
    """The result as of any call, and values laid down before it as they are now."""
    servant.answer("put", (FIRST_LAID, np.ones(3)))
    laid = Ref(FIRST_LAID)
    _, (result, left) = servant.answer("call_and_fetch", ((name("pair"), (laid,), {}), (laid,)))
    assert result[0].tolist() == left[0].tolist() == [1, 1, 1]


def test_calls_of_one_function(servant: Servant) -> None:
    """A result each, in their order; more of them than a returned tuple may have."""
    cases = tuple(((k,), {}) for k in range(40))
    results = servant.answer("each", (name("pair"), cases))[1]
    assert [first for first, _ in results] == list(range(40))


def test_deep_values_come_whole_but_for_objects(servant: Servant) -> None:
    """Fetching brings nested containers; what is no plain value in them stays."""
    fetched = servant.answer("fetch", call(servant, name("deep")))[1]
    assert fetched["a"][0] == 1
    assert type(fetched["a"][1][1]["b"]) is Ref


FAULTS = {
    "boom": ["ValueError", "student.py", 10],
    "typo": ["NameError", "student.py", 11],
    "leave": ["SystemExit", "student.py", 14],
}


@pytest.mark.parametrize("function", FAULTS)
def test_an_exception_is_told_by_type_and_place(servant: Servant, function: str) -> None:
    """Its text stays here: it could carry a hidden test's data."""
    header, value = servant.answer("call", (name(function), (), {}))
    assert header == {"raised": FAULTS[function]}
    assert value is None


def test_memory_errors_are_told_apart(servant: Servant) -> None:
    """Running out of memory is a verdict of its own."""
    assert servant.answer("call", (name("memory"), (), {}))[0] == {"memory": True}


def test_a_missing_name_is_no_exception_of_the_student(servant: Servant) -> None:
    """A function that is not there is missing; an attribute error inside one is the student's."""
    assert servant.answer("call", (name("nothing"), (), {}))[0] == {"missing": "nothing"}
    header, _ = servant.answer("call", (name("inner_attribute"), (1,), {}))
    assert header["raised"][0] == "AttributeError"


def test_wrong_arguments_have_no_place_in_the_file(servant: Servant) -> None:
    """A call that does not fit the signature fails before any line of the student's."""
    header, _ = servant.answer("call", (name("pair"), (1, 2, 3), {}))
    assert header["raised"] == ["TypeError", "", 0]


def test_long_names_of_exceptions_are_cut() -> None:
    """A type's name cannot be used to send much."""
    assert len(describe(type("E" * 999, (Exception,), {})(), "/box")[0]) == 80


class Float(float):
    """A number that equals everything."""

    def __eq__(self, _other: object) -> bool:
        return True

    __hash__ = float.__hash__


class Scalar(np.float64):
    """A numpy number that lies about its dtype."""

    dtype = type("D", (), {"type": None})()  # type: ignore[assignment]


LIARS = [
    Float(1.0),
    Scalar(1.0),
    np.zeros(2).view(type("A", (np.ndarray,), {})),
    np.ma.masked_array([1.0]),
    np.array([object()]),
    np.array([1j]),
    1j,
    2**63,
    b"",
]


@pytest.mark.parametrize("value", LIARS, ids=lambda value: type(value).__name__)
def test_only_exact_types_are_plain(value: object) -> None:
    """A subclass stays behind a handle, whatever it says of itself."""
    assert not is_plain(value)


def test_plain_values_are_plain() -> None:
    """Numbers, texts, truth values and arrays of the wire's dtypes cross."""
    plain = [None, True, 1, 1.5, "a", np.zeros(2, "f4"), np.float32(1), np.bool_(True), np.array(1)]
    assert all(map(is_plain, plain))


def test_a_kept_result_is_the_students_own_object(servant: Servant) -> None:
    """A container behind a handle is not a copy: a change in it is one in the student's code."""
    _, net = servant.answer("call", (name("Net"), (2,), {}))
    _, (_, grads) = servant.answer("call", (Ref(net.handle, (("attr", "forward"),)), (0.0,), {}))
    servant.answer("set", (Ref(grads.handle, (("item", "w"),)), 7.0))
    assert servant.answer("fetch", Ref(net.handle, (("attr", "grads"),)))[1] == {"w": 7.0}
