"""`close`, `exact` and `check`: what is right passes, and nothing that only looks right does."""

import math
import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.sandbox.inside.wire import Ref
from autograder.suite.compare import check, close, exact
from autograder.suite.diagnosis import Code, Mismatch
from autograder.suite.kinds import kind_of
from autograder.suite.remote import Remote

WANT = np.array([[1.5, -2.25, 3.125], [0.1, 0.2, 1000.0]])


def code_of(got: Any, want: Any, compare: Callable[..., None] = close, **options: Any) -> Code:
    """Return the code with which a comparison fails."""
    with pytest.raises(Mismatch) as difference:
        compare(got, want, **options)
    return difference.value.code


RIGHT: dict[str, tuple[Any, Any]] = {
    "the same": (WANT.copy(), WANT),
    "rounding": (WANT * (1 + 1e-12), WANT),
    "a small entry beside a large one": (WANT + 1e-8, WANT),
    "a number": (1.0 + 1e-12, 1.0),
    "an integer for a number": (2, 2.0),
    "a numpy number for a number": (np.float64(2), 2.0),
    "an array of one number for a number": (np.array(2.0), 2.0),
    "a number for an array of one number": (2.0, np.array(2.0)),
    "another width of integers": (np.array([1, 2], "i4"), np.array([1, 2])),
    "a list for a tuple": ([1.0, WANT], (1.0, WANT)),
    "a dict with more keys": ({"a": 1.0, "b": 2.0}, {"a": 1.0}),
    "infinity where it belongs": (np.array([1.0, np.inf]), np.array([1.0, np.inf])),
    "NaN where it belongs": (np.array([1.0, np.nan]), np.array([1.0, np.nan])),
    "nothing": (None, None),
    "nothing at all": (np.zeros((0, 3)), np.zeros((0, 3))),
    "texts": ("ab", "ab"),
    "truth values": (np.bool_(True), True),
}


@pytest.mark.parametrize("case", RIGHT)
def test_right_results_pass(case: str) -> None:
    """What a right implementation may return is accepted."""
    close(*RIGHT[case], rtol=1e-9)


class Yes:
    """Equal to everything, greater and smaller than everything."""

    shape, ndim, dtype, size = (), 0, np.dtype(float), 1

    def __eq__(self, _other: object) -> bool:
        return True

    def __array__(self, *_: object, **__: object) -> np.ndarray:
        return WANT

    __le__ = __lt__ = __ge__ = __gt__ = __eq__
    __hash__ = None  # type: ignore[assignment]
    __class__ = np.ndarray  # type: ignore[assignment]


class Sub(np.ndarray):
    """An array that answers every function with the truth it likes."""

    def __array_function__(self, *_: object) -> bool:  # type: ignore[override]
        return True

    def __array_ufunc__(self, *_: object, **__: object) -> np.ndarray:
        return np.zeros(())


class Interface:
    """Something that numpy takes for an array."""

    __array_interface__ = WANT.__array_interface__


class Number(float):
    """A number of the student's own making."""


LIES: dict[str, tuple[Any, Any, Code]] = {
    "equal to everything": (Yes(), WANT, Code.TYPE),
    "equal to a number": (Yes(), 1.0, Code.TYPE),
    "equal to a text": (Yes(), "text", Code.TYPE),
    "a subclass of ndarray": (WANT.view(Sub), WANT, Code.TYPE),
    "a matrix": (WANT.view(type("matrix", (np.ndarray,), {})), WANT, Code.TYPE),
    "a masked array": (np.ma.masked_all(WANT.shape), WANT, Code.TYPE),
    "an array interface": (Interface(), WANT, Code.TYPE),
    "a list for an array": (WANT.tolist(), WANT, Code.TYPE),
    "a number for an array": (1.0, np.ones(3), Code.TYPE),
    "a truth value for a number": (True, 1.0, Code.TYPE),
    "a numpy truth value": (np.bool_(True), 1.0, Code.TYPE),
    "an array of one truth value": (np.array(True), 1.0, Code.TYPE),
    "a number for a truth value": (1, True, Code.TYPE),
    "an array for a number": (np.ones(1), 1.0, Code.TYPE),
    "a complex number": (1 + 0j, 1.0, Code.TYPE),
    "a complex array": (WANT.astype(complex), WANT, Code.DTYPE),
    "an object array": (WANT.astype(object), WANT, Code.DTYPE),
    "single precision": (WANT.astype("f4"), WANT, Code.DTYPE),
    "integers for numbers": (np.array([1, 2]), np.array([1.0, 2.0]), Code.DTYPE),
    "truth values for integers": (np.array([True]), np.array([1]), Code.DTYPE),
    "a text": ("1.0", 1.0, Code.TYPE),
    "nothing": (None, 1.0, Code.TYPE),
    "something for nothing": (0.0, None, Code.TYPE),
    "an empty array": (np.empty((0, 3)), WANT, Code.SHAPE),
    "an empty list of outputs": ((), (1.0, 2.0), Code.STRUCTURE),
    "one row for all": (WANT[:1], np.broadcast_to(WANT[:1], (2, 3)), Code.SHAPE),
    "an axis too many": (WANT[None], WANT, Code.SHAPE),
    "transposed": (WANT.T.copy(), WANT, Code.TRANSPOSED),
    "NaN": (np.full_like(WANT, np.nan), WANT, Code.NOT_FINITE),
    "NaN for a number": (math.nan, 1.0, Code.NOT_FINITE),
    "infinity": (math.inf, 1.0, Code.NOT_FINITE),
    "NaN for infinity": (np.array([np.nan, 1]), np.array([np.inf, 1]), Code.DIFFERS),
    "the other infinity": (np.array([-np.inf, 1]), np.array([np.inf, 1]), Code.DIFFERS),
    "a number for infinity": (np.array([1e300, 1]), np.array([np.inf, 1]), Code.DIFFERS),
    "a number for NaN": (np.array([0.0, 1]), np.array([np.nan, 1]), Code.DIFFERS),
    "another text": ("a", "b", Code.VALUE),
    "another truth value": (False, True, Code.VALUE),
    "another integer": (np.array([1, 3]), np.array([1, 2]), Code.VALUE),
    "an integer that wraps around": (np.array([2**64 - 1], "u8"), np.array([-1]), Code.VALUE),
    "a missing key": ({"b": 1.0}, {"a": 1.0}, Code.STRUCTURE),
    "a tuple for a dict": ((1.0,), {"a": 1.0}, Code.STRUCTURE),
    "one output for two": (1.0, (1.0, 2.0), Code.STRUCTURE),
    "three outputs for two": ((1.0, 2.0, 3.0), (1.0, 2.0), Code.STRUCTURE),
    "zero": (0.0, 1.0, Code.ZERO),
    "the largest number": (np.full_like(WANT, -1.7e308), WANT * 1e305, Code.DIFFERS),
}


@pytest.mark.parametrize("case", LIES)
def test_what_only_looks_right_fails(case: str) -> None:
    """Lying objects, broadcasts, empty arrays and NaN are told, each by its code."""
    got, want, code = LIES[case]
    assert code_of(got, want) is code


@given(st.floats(width=64), st.floats(-1e6, 1e6))
@settings(max_examples=200, deadline=None)
def test_only_what_is_near_passes(got: float, want: float) -> None:
    """Whatever number comes, it passes exactly when its error is within the tolerance."""
    near = abs(got - want) <= 1e-6 * abs(want) + 1e-9
    try:
        close(got, want, rtol=1e-6, atol=1e-9)
    except Mismatch:
        assert not near
    else:
        assert near


def test_huge_numbers_raise_no_warnings() -> None:
    """An overflow in comparing is a mismatch, whatever the filters for warnings say."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert code_of(np.array([1e308, -1e308]), np.array([-1e308, 1e308])) is Code.SIGN
        assert code_of(np.array([1.7e308, 1.0]), np.array([-1.7e308, 3.0])) is not None


def test_the_error_is_scaled_by_the_largest_entry() -> None:
    """The tolerance is relative to the tensor, with an absolute part for zeros."""
    close(np.array([1e-7, 100.0]), np.array([0.0, 100.0]), rtol=1e-9)
    assert code_of(np.array([1e-6, 100.0]), np.array([0.0, 100.0]), rtol=1e-9) is Code.PRECISION
    close(np.array([1e-13]), np.array([0.0]))


def test_exact_means_equal() -> None:
    """No tolerance for labels and shapes; a number is no integer there."""
    exact(np.array([1, 2], "i4"), np.array([1, 2]))
    exact((2, 3), (2, 3))
    assert code_of(2.0, 2, exact) is Code.TYPE
    assert code_of(np.array([0.1 + 1e-16]), np.array([0.1 + 1e-15]), exact) is Code.VALUE
    assert code_of(math.nan, math.nan, exact) is Code.VALUE


def test_names_say_which_output_is_wrong() -> None:
    """The diagnosis is about the output that differs."""
    with pytest.raises(Mismatch) as difference:
        close((1.0, WANT * 2), (1.0, WANT), names=("loss", "dx"))
    assert difference.value.output == "dx"
    assert difference.value.message.startswith("dx is 2 times too large")


def test_shapes_are_told_in_names() -> None:
    """A wrong shape is told with the names of the axes."""
    with pytest.raises(Mismatch, match=re.escape("dx has shape (6,) instead of (N, C) = (2, 3)")):
        close(WANT.ravel(), WANT, names="dx", axes="N C")


def test_a_made_up_shape_carries_nothing_out() -> None:
    """A student chooses the numbers of an empty array's shape, so strange ones are not shown."""
    with pytest.raises(Mismatch, match="dx has an unusual shape instead of"):
        close(np.empty((0, 314159265, 271828182)), WANT, names="dx")


def test_a_suspected_mistake_is_the_diagnosis() -> None:
    """The sentence of the first suspect that fits is shown; of none, the general one."""
    suspects = {
        "It is squared.": lambda: WANT**2,
        "It is shifted.": lambda: WANT + 1,
    }
    with pytest.raises(Mismatch, match=r"It is shifted\.") as difference:
        close(WANT + 1, WANT, suspects=suspects)
    assert difference.value.code is Code.MISTAKE
    assert code_of(WANT * 7, WANT, suspects=suspects) is Code.SCALED


def test_a_suspect_that_is_right_explains_nothing() -> None:
    """Where a mistake makes no difference to these data, a wrong dtype is said to be one."""
    suspects = {"A mistake that does not show here.": lambda: WANT}
    assert code_of(WANT.astype(np.float32), WANT, suspects=suspects) is Code.DTYPE


def test_a_suspect_may_be_infinite() -> None:
    """Infinities in the same places are the same, and are not calculated with."""
    wrong = np.array([np.inf, -np.inf, 1.0])
    suspects = {"The mean is not taken.": lambda: wrong}
    assert code_of(wrong.copy(), np.ones(3), suspects=suspects) is Code.MISTAKE


def test_suspects_may_name_single_outputs() -> None:
    """A dict of a suspect's names says which outputs it is about."""
    suspects = {"dx is not divided by N.": lambda: {"dx": WANT * 2}}
    got = (1.0, WANT * 2)
    assert code_of(got, (1.0, WANT), names=("loss", "dx"), suspects=suspects) is Code.MISTAKE


def test_a_suspect_never_turns_wrong_into_right() -> None:
    """A suspect that equals the right result changes no verdict, and is not tried on success."""
    close(WANT, WANT, suspects={"never": lambda: pytest.fail("tried")})
    assert code_of(WANT * 3, WANT, suspects={"right": lambda: WANT}) is Code.SCALED


def test_check_shows_its_sentence() -> None:
    """A property that does not hold is told in the words of the test."""
    check(np.bool_(True), "unseen")
    with pytest.raises(Mismatch, match="It must sum to one"):
        check(False, "It must sum to one")


class Worker:
    """A conversation that answers a fetch."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def request(self, _operation: str, _value: Any) -> Any:
        """Return the answer."""
        return self.answer


def remote(answer: Any, kind: str = "list") -> Remote:
    """Return a remote whose value is the answer."""
    return Remote(Worker(answer), Ref(3, (), kind))  # type: ignore[arg-type]


def test_remotes_are_fetched() -> None:
    """A remote is compared by its value, inside a tuple too."""
    close(remote(WANT), WANT)
    exact((1, remote([1, 2])), (1, [1, 2]))
    assert code_of(remote(WANT + 1), WANT) is Code.OFFSET


def test_an_object_is_no_array() -> None:
    """What cannot be fetched is told by its kind; kinds that students make up are objects."""
    stays = remote(Ref(4, (), "Tensor"))
    with pytest.raises(Mismatch, match="must be a numpy array, and is a Tensor"):
        close(stays, WANT)
    assert kind_of(remote(None, kind="7.31415926")) == "an object"


@pytest.mark.parametrize(
    ("value", "kind"),
    [(True, "a truth value"), (np.int8(1), "an integer"), (1.0, "a number"), ("", "a text"),
     ((), "a tuple"), (None, "None"), (WANT, "a numpy array"), (Number(1), "a number"),
     (Interface(), "an object")],
)  # fmt: skip
def test_kinds_have_words(value: object, kind: str) -> None:
    """Messages speak of kinds in words."""
    assert kind_of(value) == kind


DATA = np.array([[31.415926, -27.182818, 16.180339], [14.142135, 57.721566, 69.314718]])
WRONG: dict[str, Any] = {
    "scaled": DATA * 1.2345,
    "shifted": DATA + 0.4321,
    "one entry": np.where(DATA > 69, 8.7654, DATA),
    "a column": DATA * [1, 1, 7.77],
    "NaN": np.where(DATA > 50, np.nan, DATA),
    "all": DATA**2,
    "flipped": DATA[::-1].copy(),
    "nearly": DATA * (1 + 1e-5 * np.arange(6).reshape(2, 3)),
    "zero": DATA * 0,
    "text": "31.415926",
    "rows": [31.415926],
}


@pytest.mark.parametrize("wrong", WRONG)
def test_messages_hold_no_data(wrong: str) -> None:
    """No run of digits of a hidden value, and no index, is in what a student reads."""
    with pytest.raises(Mismatch) as difference:
        close(WRONG[wrong], DATA, names="dx", axes="N C")
    said = re.sub(
        r"1e[+-]\d\d|\d+% |1/2|float32|float64|logarithm of 0", "", difference.value.message
    )
    assert not re.search(r"\d", said)
