"""The time that a submission may take, by our clock: a call, an exercise, all of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from autograder.assignment import Limits
from autograder.sandbox import faults


class Budget:
    """What is left of a submission's limits; times in seconds."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.spent = 0.0
        self._exercise_left = 0.0
        self._spent_before = 0.0  # this exercise

    def begin(self) -> None:
        """Another exercise begins."""
        self._exercise_left = self.limits.exercise_s
        self._spent_before = self.spent

    def refund(self) -> None:
        """The exercise so far shall have cost nothing."""
        self.spent = self._spent_before

    @contextmanager
    def charged(self, *, to_exercise: bool = True) -> Iterator[None]:
        """Count the time against the limits."""
        started = time.monotonic()
        try:
            yield
        finally:
            taken = time.monotonic() - started
            self.spent += taken
            if to_exercise:
                self._exercise_left -= taken

    @property
    def left(self) -> float:
        """Of the submission's time."""
        return self.limits.submission_s - self.spent

    def of_call(self) -> float:
        """How long the next call may take."""
        return min(self.limits.call_s, self._exercise_left, self.left)

    def check(self) -> None:
        """Raise TimedOut where nothing is left."""
        if self._exercise_left <= 0 or self.left <= 0:
            raise self.exceeded(0)

    def exceeded(self, limit: float) -> faults.TimedOut:
        """Which limit a call has met that was allowed `limit`."""
        if limit >= self.limits.call_s:
            return faults.TimedOut(f"a call took longer than {self.limits.call_s:g} s")
        if self.left <= limit:
            said = f"the whole submission took longer than {self.limits.submission_s:g} s"
        else:
            said = (
                f"the calls of this exercise took longer than {self.limits.exercise_s:g} s together"
            )
        return faults.TimedOut(said)
