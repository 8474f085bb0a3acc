"""How a hidden test says what it is about, and that it expects an error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import pytest

from autograder.sandbox.faults import Raised
from autograder.suite.diagnosis import Code, Mismatch

Test = TypeVar("Test", bound=Callable[..., None])


def exercise(name: str, *, weight: float = 1.0) -> Callable[[Test], Test]:
    """Mark a test as one of the exercise's; its tests share the points by `weight`."""
    return pytest.mark.exercise(name, weight=weight)


@contextmanager
def raises(kind: type[BaseException], sentence: str) -> Iterator[None]:
    """The student's call in this block must raise `kind`; else `sentence` is the diagnosis."""
    try:
        yield
    except Raised as fault:
        if fault.kind == kind.__name__:
            return
        raise Mismatch(Code.NO_ERROR, None, f"{sentence} ({fault.message})") from None
    raise Mismatch(Code.NO_ERROR, None, sentence)
