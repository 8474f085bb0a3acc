"""The time that a submission may take, by our clock: a call, an exercise, all of it."""

from __future__ import annotations

import time

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

    def charged(self, *, to_exercise: bool = True) -> _Charge:
        """`with budget.charged():` counts the time against the limits."""
        return _Charge(self, to_exercise=to_exercise)

    def charge(self, seconds: float, *, to_exercise: bool) -> None:
        """Count so much time against the limits."""
        self.spent += seconds
        if to_exercise:
            self._exercise_left -= seconds

    @property
    def left(self) -> float:
        """Of the submission's time."""
        return self.limits.submission_s - self.spent

    def of_call(self) -> float:
        """How long the next call may take; raises TimedOut where nothing is left."""
        limit = min(self.limits.call_s, self._exercise_left, self.left)
        if limit <= 0:
            raise self.exceeded(0)
        return limit

    def check(self) -> None:
        """Raise TimedOut where nothing is left."""
        self.of_call()

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


class _Charge:
    """Time that is counted: for each question, so that it is no generator."""

    __slots__ = ("_budget", "_started", "_to_exercise")

    def __init__(self, budget: Budget, *, to_exercise: bool) -> None:
        self._budget = budget
        self._to_exercise = to_exercise

    def __enter__(self) -> None:
        self._started = time.monotonic()

    def __exit__(self, *_: object) -> None:
        taken = time.monotonic() - self._started
        self._budget.charge(taken, to_exercise=self._to_exercise)
