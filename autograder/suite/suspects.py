"""Whether a result is what a suspected mistake would give."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.suite.diagnosis import MATCH
from autograder.suite.kinds import NUMBERS, Names, numbers


def fits(got: Any, wrong: Any, names: Names) -> bool:
    """Whether `got` is what a suspected mistake gives; None stands for an untouched output."""
    if (
        isinstance(wrong, dict)
        and type(got) in (tuple, list)
        and not isinstance(names, str)
        and names
    ):
        got = dict(zip(names, got, strict=False))
        return all(fits(got.get(name), value, name) for name, value in wrong.items())
    if isinstance(wrong, dict):
        return type(got) is dict and all(fits(got.get(key), wrong[key], key) for key in wrong)
    if isinstance(wrong, (tuple, list)):
        if type(got) not in (tuple, list) or len(got) != len(wrong):
            return False
        return all(w is None or fits(g, w, None) for g, w in zip(got, wrong, strict=True))
    return _same_numbers(got, wrong)


def _same_numbers(got: Any, wrong: Any) -> bool:
    got, wrong = numbers(got), numbers(wrong)
    if isinstance(wrong, (str, bool)) or wrong is None:
        return type(got) is type(wrong) and bool(got == wrong)
    if type(got) is not np.ndarray and not isinstance(got, NUMBERS):
        return False
    mine, theirs = np.asarray(got, np.float64), np.asarray(wrong, np.float64)
    if mine.shape != theirs.shape or not np.array_equal(np.isfinite(mine), np.isfinite(theirs)):
        return False
    usual = np.isfinite(theirs)
    if not np.array_equal(mine[~usual], theirs[~usual], equal_nan=True):
        return False
    error = np.max(np.abs(mine[usual] - theirs[usual]), initial=0.0)
    return bool(error <= MATCH * np.max(np.abs(theirs[usual]), initial=0.0) + 1e-12)
