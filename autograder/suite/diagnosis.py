"""Why two arrays differ: a code from a fixed list and a sentence that is safe to show.

A sentence may hold names of outputs and axes, simple ratios between sizes, a power of ten and a
student's own shape. It never holds hidden data, indices or digits of values.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations_with_replacement

import numpy as np

MATCH = 1e-6  # relative spread within which a ratio or an offset counts as constant


class Code(StrEnum):
    """The fixed list of diagnosis codes."""

    TYPE = "type"  # not the kind of object that the docstring asks for
    STRUCTURE = "structure"  # another number of outputs, other keys
    SHAPE = "shape"
    TRANSPOSED = "transposed"
    DTYPE = "dtype"
    NOT_FINITE = "not_finite"  # NaN or infinity where the reference has none
    MISTAKE = "mistake"  # exactly what a known mistake gives; the sentence names it
    ZERO = "zero"  # nothing but zeros
    SIGN = "sign"
    SCALED = "scaled"  # a constant factor
    OFFSET = "offset"  # a constant summand
    REVERSED = "reversed"  # right values in reversed order along an axis
    BORDER = "border"  # right inside, wrong at the border
    FIRST = "first"  # only the first along an axis is wrong
    LAST = "last"  # only the last along an axis is wrong
    PARTLY = "partly"  # some entries are right
    PRECISION = "precision"  # right to single precision only
    DIFFERS = "differs"
    VALUE = "value"  # an exact value is another one
    MUTATED = "mutated"  # an argument is changed in place
    PROPERTY = "property"  # a property or an outcome does not hold
    NO_ERROR = "no_error"  # an error that the docstring promises is not raised


class Mismatch(AssertionError):
    """A result is not what the exercise asks for; the texts are safe to show."""

    def __init__(self, code: Code, output: str | None, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.output = output
        self.message = message


@dataclass(frozen=True)
class Seen:
    """How far one output was off and how far it may be, as parts of its largest value."""

    output: str
    error: float
    tolerance: float
    dtype: str


Record = Callable[[Seen], None]


def explain(
    got: np.ndarray,
    want: np.ndarray,
    output: str,
    sizes: Mapping[str, int],
    rtol: float,
    atol: float,
) -> Mismatch:
    """Why `got` is not `want`, both finite float64 arrays of one shape that differ."""
    for pattern in (_zero, _ratio, _offset, _transposed, _reversed, _somewhere):
        if found := pattern(got, want, sizes, rtol, atol):
            code, said = found
            return Mismatch(code, output, f"{output} {said}")
    return Mismatch(Code.DIFFERS, output, f"{output} differs: {magnitude(got, want, rtol)}")


Found = tuple[Code, str] | None


def _zero(got: np.ndarray, want: np.ndarray, *_: object) -> Found:
    return (Code.ZERO, "is zero everywhere") if not got.any() and want.any() else None


def _ratio(
    got: np.ndarray, want: np.ndarray, sizes: Mapping[str, int], _rtol: float, atol: float
) -> Found:
    largest = np.max(np.abs(want), initial=0.0)
    if largest <= atol:
        return None
    big = np.abs(want) > 1e-3 * largest
    ratio = float(np.median(got[big] / want[big]))
    if ratio == 0 or not np.max(np.abs(got - ratio * want)) < MATCH * abs(ratio) * largest:
        return None
    if math.isclose(ratio, -1.0, rel_tol=MATCH):
        return Code.SIGN, "has the wrong sign"
    if math.isclose(ratio, 1.0, rel_tol=MATCH):
        return Code.PRECISION, "is right to single precision only: is float32 used on the way?"
    factor = _factor(abs(ratio), sizes)
    if factor is None and np.count_nonzero(big) < 2:
        return None  # a single number is always some multiple of another
    sign = " and has the wrong sign" if ratio < 0 else ""
    return Code.SCALED, f"is {factor or 'off by a constant factor'}{sign}"


def _factor(ratio: float, sizes: Mapping[str, int]) -> str | None:
    for name, size in _named_factors(sizes):
        if math.isclose(ratio, size, rel_tol=MATCH):
            return f"{name} times too large: is a division by {name} missing?"
        if math.isclose(ratio, 1 / size, rel_tol=MATCH):
            return f"1/{name} of what it should be: is it divided by {name} once too often?"
    if math.isclose(ratio, 2.0, rel_tol=MATCH):
        return "2 times too large: is a factor 1/2 missing, or a 2 too many?"
    if math.isclose(ratio, 0.5, rel_tol=MATCH):
        return "half of what it should be: is a factor 2 missing, or a 1/2 too many?"
    return None


def _named_factors(sizes: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    named = [(name, size) for name, size in sizes.items() if size > 2]
    yield from named
    for (a, m), (b, n) in combinations_with_replacement(named, 2):
        yield f"({a} * {b})", m * n


def _offset(got: np.ndarray, want: np.ndarray, *_: object) -> Found:
    if got.size < 2:
        return None
    shift = got - want
    if not np.ptp(shift) < MATCH * np.max(np.abs(shift)):
        return None
    return Code.OFFSET, "differs by the same amount everywhere"


def _transposed(
    got: np.ndarray, want: np.ndarray, _sizes: object, rtol: float, atol: float
) -> Found:
    if got.ndim < 2 or got.shape != got.T.shape or not _close(got.T, want, rtol, atol):
        return None
    return Code.TRANSPOSED, "is transposed"


def _reversed(got: np.ndarray, want: np.ndarray, _sizes: object, rtol: float, atol: float) -> Found:
    for axis in range(got.ndim):
        if got.shape[axis] > 1 and _close(np.flip(got, axis), want, rtol, atol):
            return Code.REVERSED, "is in reversed order along an axis"
    return None


def _somewhere(
    got: np.ndarray, want: np.ndarray, _sizes: object, rtol: float, atol: float
) -> Found:
    wrong = np.abs(got - want) > rtol * np.max(np.abs(want)) + atol
    if wrong.all() or not wrong.any() or got.ndim == 0:
        return None
    if got.ndim >= 3 and min(got.shape[-2:]) >= 3 and not wrong[..., 1:-1, 1:-1].any():
        return Code.BORDER, "is right inside and wrong at the border: how is padding handled?"
    for axis in range(got.ndim):
        if got.shape[axis] >= 3:
            at = np.moveaxis(wrong, axis, 0)
            if not at[:-1].any():
                return Code.LAST, "is wrong only in the last place along an axis"
            if not at[1:].any():
                return Code.FIRST, "is wrong only in the first place along an axis"
    return Code.PARTLY, f"is wrong in {_share(float(wrong.mean()))} of its entries"


def _share(part: float) -> str:
    return "a few" if part < 0.25 else "about half" if part < 0.75 else "most"


def _close(got: np.ndarray, want: np.ndarray, rtol: float, atol: float) -> bool:
    return bool(np.max(np.abs(got - want)) <= rtol * np.max(np.abs(want)) + atol)


def magnitude(got: np.ndarray, want: np.ndarray, rtol: float) -> str:
    """The scaled error as a power of ten, beside the one that is allowed."""
    with np.errstate(over="ignore", invalid="ignore"):
        error = np.max(np.abs(got - want)) / max(np.max(np.abs(want)), np.finfo(float).tiny)
    if not math.isfinite(error) or error >= 100:
        return f"the error is larger than the values, and must be below {rtol:.0e} of them"
    power = math.floor(math.log10(error)) if error > 0 else -300
    return f"the error is about 1e{power:+03d} of the largest value, and must be below {rtol:.0e}"
