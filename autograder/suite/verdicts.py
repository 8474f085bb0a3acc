"""A hidden test, and the verdict that follows from what it raised."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from autograder.report import Diagnosis, TestResult, TestStatus
from autograder.sandbox.faults import StudentFault
from autograder.suite.diagnosis import Code, Mismatch

# A shared process may be to blame; not for time, of which each exercise has its own.
SHARED_FATE = {TestStatus.OUT_OF_MEMORY, TestStatus.CRASHED}
UNEXPECTED = "The result does not have the form that the docstring states."


@dataclass(frozen=True)
class Test:
    """One collected hidden test."""

    item: pytest.Function
    id: str
    title: str
    exercise: str
    weight: float
    seed: int
    is_plain: bool = False  # it asks for our tools and parameters only

    @property
    def is_repeatable(self) -> bool:
        """Whether it does the same again, given the same answers: it looks at no clock."""
        return self.is_plain and "is_quick" not in self.item.fixturenames


def verdict(test: Test, raised: BaseException | None) -> TestResult:
    """The test's verdict; what is neither a fault nor a mismatch, the result has caused."""
    if raised is None:
        return TestResult(
            id=test.id, title=test.title, status=TestStatus.PASSED, weight=test.weight
        )
    if isinstance(raised, StudentFault):
        return result(test, TestStatus(raised.status), raised.code, raised.message)
    if isinstance(raised, Mismatch):
        return result(test, TestStatus.FAILED, raised.code, raised.message, raised.output)
    # A bare assert, or test code that stumbled over what the student returned: the suite accepts
    # the reference (checked before a class is graded), so the result is at fault.
    code = Code.PROPERTY if isinstance(raised, AssertionError) else Code.STRUCTURE
    return result(test, TestStatus.FAILED, code, UNEXPECTED)


def result(
    test: Test, status: TestStatus, code: str, message: str, output: str | None = None
) -> TestResult:
    """A verdict that says why."""
    diagnosis = Diagnosis(code=str(code), output=output, message=message)
    return TestResult(
        id=test.id, title=test.title, status=status, weight=test.weight, diagnosis=diagnosis
    )
