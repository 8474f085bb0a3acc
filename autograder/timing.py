"""Where the time of grading goes: seconds by part, each second in the innermost part only.

Nothing is measured before `start`. There is one measurement a process, for its only busy thread.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

PARTS = {
    "start": "Python, the suite, its reference",
    "intake": "reading what was handed in",
    "rules": "looking for what is forbidden",
    "sandbox": "starting and ending sandboxes",
    "import": "importing the student's files",
    "student": "their functions, by the sandbox",
    "exercise": "a process each, to a first answer",
    "wire": "sending and waiting otherwise",
    "reference": "the reference's answers",
    "comparison": "comparing the two",
    "tests": "what hidden tests do themselves",
    "pytest": "the same, with pytest's protocol",
    "report": "writing it",
}


class _Measurement:
    """Parts that are open, and what has been counted."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.inner = [0.0]  # of each open part, what its inner parts have taken


_now: _Measurement | None = None


def start() -> None:
    """Measure from here on; what came before in this process is its start."""
    global _now  # noqa: PLW0603 - one measurement a process
    _now = _Measurement()
    _now.seconds["start"] = _age()


def taken() -> dict[str, float]:
    """What was counted since the last time this was asked."""
    if _now is None:
        return {}
    counted, _now.seconds = _now.seconds, defaultdict(float)
    return dict(counted)


def move(seconds: float, before: str, after: str) -> None:
    """Count so much of the one part as the other's."""
    if _now is not None:
        _now.seconds[before] -= seconds
        _now.seconds[after] += seconds


class part:  # noqa: N801 - a word of the language, as contextlib.suppress is
    """`with part("wire"):` counts what happens inside."""

    __slots__ = ("_name", "_started")

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        if _now is not None:
            _now.inner.append(0.0)
            self._started = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        if _now is not None:
            whole = time.perf_counter() - self._started
            _now.seconds[self._name] += whole - _now.inner.pop()
            _now.inner[-1] += whole


def counted(name: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """A decorator: each call is a part of that name."""

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> T:
            if _now is None:
                return function(*args, **kwargs)
            with part(name):
                return function(*args, **kwargs)

        return call

    return decorate


def _age() -> float:
    """How long this process has been there, in seconds."""
    fields = Path("/proc/self/stat").read_text("utf-8").rpartition(")")[2].split()
    return time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[19]) / 100
