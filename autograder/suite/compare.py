"""Comparing a student's result with the reference's: `close`, `exact`, `check`.

The order is fixed: structure, exact type, shape, dtype, finiteness, and only then the error, scaled
by the tensor's largest reference magnitude. numpy's own comparisons are not used: they accept NaN
beside NaN, broadcasts and empty arrays. Every comparison is positive: `error <= tolerance`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.sandbox.inside.tensors import Tensor, by_value
from autograder.suite.diagnosis import Code, Mismatch, Record, Seen, explain
from autograder.suite.kinds import NUMBERS, Names, kind_of
from autograder.suite.remote import Remote, fetch
from autograder.suite.suspects import fits

Axes = str | Mapping[str, str] | None
Suspects = Mapping[str, Callable[[], Any]]


def close(
    got: Any,
    want: Any,
    *,
    rtol: float = 1e-9,
    atol: float = 1e-12,
    names: Names = None,
    axes: Axes = None,
    sizes: Mapping[str, int] | None = None,
    suspects: Suspects | None = None,
    record: Record | None = None,
) -> None:
    """Raise `Mismatch` unless `got` agrees with the reference's `want`.

    The error of a tensor is max|got - want| and must be at most rtol * max|want| + atol. `names`
    name the outputs, `axes` their axes ("N C"), `sizes` further sizes that a constant ratio may be
    named after. `suspects` map a sentence that names a mistake to what that mistake would give;
    they are tried when something differs, and the first that fits is the diagnosis. `record` is
    told every error.
    """
    rule = Rule(rtol, atol, _axes_of(axes, names), dict(sizes or {}), record=record)
    _compare(_plain(got), want, names, rule, suspects or {})


def exact(
    got: Any, want: Any, names: Names = None, *, axes: Axes = None, suspects: Suspects | None = None
) -> None:
    """Raise `Mismatch` unless `got` equals `want`: integers of any width, texts, truth values."""
    rule = Rule(0.0, 0.0, _axes_of(axes, names), {}, equal=True)
    _compare(_plain(got), want, names, rule, suspects or {})


def check(condition: Any, sentence: str) -> None:
    """Raise `Mismatch` with the sentence unless the condition holds."""
    if not bool(condition):
        raise Mismatch(Code.PROPERTY, None, sentence)


@dataclass(frozen=True)
class Rule:
    """How close is close enough, and what axes and sizes are called."""

    rtol: float
    atol: float
    axes: Mapping[str, str] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    equal: bool = False
    record: Record | None = None

    def sizes_for(self, output: str, shape: tuple[int, ...]) -> dict[str, int]:
        """The named sizes, with those of this output's own axes."""
        own = self.axes.get(output, "").split()
        return dict(self.sizes) | (
            dict(zip(own, shape, strict=True)) if len(own) == len(shape) else {}
        )


def _axes_of(axes: Axes, names: Names) -> dict[str, str]:
    if axes is None:
        return {}
    if isinstance(axes, str):
        return {names if isinstance(names, str) else "the result": axes}
    return dict(axes)


def _plain(got: Any) -> Any:
    """Bring over what is still in the worker; what cannot be brought stays a remote."""
    if isinstance(got, Remote):
        return fetch(got)
    if type(got) in (tuple, list):
        return type(got)(_plain(item) for item in got)
    if type(got) is dict:
        return {key: _plain(item) for key, item in got.items()}
    return got


def _compare(got: Any, want: Any, names: Names, rule: Rule, suspects: Suspects) -> None:
    try:
        with np.errstate(all="ignore"):  # a student's numbers may be as large as they like
            for output, mine, theirs in _outputs(got, want, names):
                _compare_one(mine, theirs, output, rule)
    except Mismatch as difference:
        for sentence, suspect in suspects.items():
            wrong = suspect()
            if fits(got, wrong, names) and not fits(want, wrong, names):
                raise Mismatch(Code.MISTAKE, difference.output, sentence) from None
        raise


def _outputs(got: Any, want: Any, names: Names) -> Iterator[tuple[str, Any, Any]]:
    """(name, got, want) of every leaf; Mismatch where the structure differs."""
    if isinstance(want, (tuple, list)):
        if type(got) not in (tuple, list) or len(got) != len(want):
            raise Mismatch(Code.STRUCTURE, None, _wrong_count(got, want, names))
        labels = _labels(names, len(want))
        for label, mine, theirs in zip(labels, got, want, strict=True):
            yield from _outputs(mine, theirs, label)
    elif isinstance(want, dict):
        if type(got) is not dict:
            raise Mismatch(
                Code.STRUCTURE, None, f"the result must be a dict, and is {kind_of(got)}"
            )
        if missing := [key for key in want if key not in got]:
            raise Mismatch(Code.STRUCTURE, None, f"the dict has no {missing[0]!r}")
        for key, theirs in want.items():
            yield from _outputs(got[key], theirs, key)
    else:
        yield names if isinstance(names, str) else names[0] if names else "the result", got, want


def _labels(names: Names, count: int) -> list[str]:
    if isinstance(names, str):
        return [f"{names}[{i}]" for i in range(count)]
    if names is None:
        return [f"output {i + 1}" for i in range(count)]
    return list(names)


def _wrong_count(got: Any, want: Sequence[Any], names: Names) -> str:
    asked = f"({', '.join(_labels(names, len(want)))})" if len(want) <= 8 else f"{len(want)} items"
    have = f"has {len(got)} items" if type(got) in (tuple, list) else f"is {kind_of(got)}"
    return f"the result must be {asked}, and {have}"


def _compare_one(got: Any, want: Any, output: str, rule: Rule) -> None:
    want = by_value(want)
    if type(want) is Tensor:
        got, want = _tensors(got, want, output, rule)
    if isinstance(want, np.ndarray):
        _array_type(got, want, output)
        _shape(got, want, output, rule)
        _dtype(got, want, output)
    elif want is None or isinstance(want, (str, bool, np.bool_)):
        _same_value(got, want, output)
        return
    elif not _is_number(got, want, rule.equal):
        raise Mismatch(
            Code.TYPE, output, f"{output} must be {kind_of(want)}, and is {kind_of(got)}"
        )
    mine, theirs = np.asarray(got), np.asarray(want)
    if rule.equal or theirs.dtype.kind in "biu":
        _equal(mine, theirs, output)
        return
    _finite(mine, theirs, output)
    _within(mine, theirs, output, rule)


def _tensors(got: Any, want: Tensor, output: str, rule: Rule) -> tuple[Any, np.ndarray]:
    """The numbers of two tensors of one shape and dtype."""
    got = by_value(got)  # where nothing has crossed the wire
    if type(got) is not Tensor:
        raise Mismatch(Code.TYPE, output, f"{output} must be a tensor, and is {kind_of(got)}")
    _shape(got.bits, want.bits, output, rule)
    if got.dtype != want.dtype:
        raise Mismatch(Code.DTYPE, output, f"{output} is {got.dtype} instead of {want.dtype}")
    return got.array, want.array


def _same_value(got: Any, want: Any, output: str) -> None:
    kinds = (bool, np.bool_) if isinstance(want, (bool, np.bool_)) else (type(want),)
    if type(got) not in kinds:
        raise Mismatch(
            Code.TYPE, output, f"{output} must be {kind_of(want)}, and is {kind_of(got)}"
        )
    if got != want:
        raise Mismatch(Code.VALUE, output, f"{output} is another value than asked for")


def _is_number(got: Any, want: Any, equal: bool) -> bool:
    if type(got) is np.ndarray and got.ndim == 0:
        got = got[()]
    if isinstance(got, (bool, np.bool_)) or not isinstance(got, NUMBERS):
        return False
    return (
        isinstance(got, (int, np.integer))
        if equal and isinstance(want, (int, np.integer))
        else True
    )


def _array_type(got: Any, want: np.ndarray, output: str) -> None:
    if type(got) is np.ndarray or (want.ndim == 0 and isinstance(got, NUMBERS)):
        return
    raise Mismatch(Code.TYPE, output, f"{output} must be a numpy array, and is {kind_of(got)}")


def _shape(got: Any, want: np.ndarray, output: str, rule: Rule) -> None:
    shape = np.shape(got)
    if shape == want.shape:
        return
    names = rule.axes.get(output, "").split()
    asked = f"({', '.join(names)}) = {want.shape}" if len(names) == want.ndim else f"{want.shape}"
    flipped = want.ndim >= 2 and shape == want.shape[::-1]
    code, hint = (Code.TRANSPOSED, ": is it transposed?") if flipped else (Code.SHAPE, "")
    longest = 2 * max(want.shape, default=1)  # long or empty sides could carry data out
    usual = len(shape) <= want.ndim + 1 and all(1 <= side <= longest for side in shape)
    mine = f"shape {shape}" if usual else "an unusual shape"
    raise Mismatch(code, output, f"{output} has {mine} instead of {asked}{hint}")


def _dtype(got: Any, want: np.ndarray, output: str) -> None:
    mine = np.asarray(got).dtype
    if mine == want.dtype or (mine.kind in "iu" and want.dtype.kind in "iu"):
        return
    raise Mismatch(Code.DTYPE, output, f"{output} is {mine} instead of {want.dtype}")


def _equal(got: np.ndarray, want: np.ndarray, output: str) -> None:
    if not bool((got == want).all()):
        share = "" if want.ndim == 0 else " in some of its entries"
        raise Mismatch(Code.VALUE, output, f"{output} is another value than asked for{share}")


def _finite(got: np.ndarray, want: np.ndarray, output: str) -> None:
    bad = ~np.isfinite(got) & np.isfinite(want)
    if bad.any():
        what = "NaN" if np.isnan(got).any() else "infinite"
        share = (
            "" if got.ndim == 0 else f" in {round(100 * float(bad.mean()), -1) or 10:.0f}% of it"
        )
        hint = "an overflow, a division by zero or the logarithm of 0?"
        raise Mismatch(Code.NOT_FINITE, output, f"{output} is {what}{share}: {hint}")
    odd = ~np.isfinite(want)
    if odd.any() and not np.array_equal(got[odd], want[odd], equal_nan=True):
        raise Mismatch(Code.DIFFERS, output, f"{output} is not infinite where it should be")


def _within(got: np.ndarray, want: np.ndarray, output: str, rule: Rule) -> None:
    usual, dtype = np.isfinite(want), str(want.dtype)
    got, want = got.astype(np.float64), want.astype(np.float64)
    if not usual.all():
        got, want = got[usual], want[usual]
    error = np.max(np.abs(got - want), initial=0.0)
    largest = np.max(np.abs(want), initial=0.0)
    tolerance = rule.rtol * largest + rule.atol
    if rule.record is not None:
        unit = largest if largest > 0 else 1.0
        rule.record(Seen(output, float(error / unit), float(tolerance / unit), dtype))
    if error <= tolerance:
        return
    raise explain(got, want, output, rule.sizes_for(output, want.shape), rule.rtol, rule.atol)
