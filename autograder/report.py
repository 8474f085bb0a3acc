"""What is said about one submission: Report > ExerciseResult > TestResult, and the scoring rule.

`docs/reports.md` explains every field. Texts are made safe to show where they enter a report:
no control characters, no lone surrogates, a bounded length.
"""

import math
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from autograder.errors import StaffError

MAX_TEXT = 2000
_DECIMALS = 4


class ReportStatus(StrEnum):
    """What became of a submission."""

    GRADED = "graded"  # every exercise has a verdict
    REJECTED = "rejected"  # intake refused it; the message is the reason
    ERROR = "error"  # ours: no score at all, to be graded again


class TestStatus(StrEnum):
    """What became of one hidden test."""

    __test__ = False  # its name does not make it a test for pytest

    PASSED = "passed"
    FAILED = "failed"
    NOT_ATTEMPTED = "not_attempted"  # the function is missing or raises NotImplementedError
    BLOCKED = "blocked"  # a required exercise failed, so this test cannot judge
    FORBIDDEN = "forbidden"  # the source breaks a rule; nothing was run
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"
    CRASHED = "crashed"  # the student's process ended
    PROTOCOL_ERROR = "protocol_error"  # the student's process broke the wire


class ExerciseStatus(StrEnum):
    """What became of one exercise: a test's status when all points are lost, or `partial`."""

    PASSED = "passed"  # all points
    PARTIAL = "partial"  # some points
    FAILED = "failed"
    NOT_ATTEMPTED = "not_attempted"
    BLOCKED = "blocked"
    FORBIDDEN = "forbidden"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"
    CRASHED = "crashed"
    PROTOCOL_ERROR = "protocol_error"


# Which of several statuses names an exercise without any points: the first that occurs.
_LOUDEST = (
    TestStatus.FORBIDDEN,
    TestStatus.PROTOCOL_ERROR,
    TestStatus.OUT_OF_MEMORY,
    TestStatus.TIMEOUT,
    TestStatus.CRASHED,
    TestStatus.FAILED,
    TestStatus.BLOCKED,
    TestStatus.NOT_ATTEMPTED,
)


def safe_text(value: Any) -> Any:
    """Return a text without control characters and lone surrogates, at most MAX_TEXT long."""
    if not isinstance(value, str) or (len(value) <= MAX_TEXT and value.isprintable()):
        return value
    shown = value[: MAX_TEXT + 1].replace("\r\n", "\n")
    cleaned = "".join("\N{REPLACEMENT CHARACTER}" if _unsafe(c) else c for c in shown)
    return cleaned if len(cleaned) <= MAX_TEXT else cleaned[: MAX_TEXT - 1] + "…"


def _unsafe(character: str) -> bool:
    # Cf holds the marks that turn the reading direction, Cs lone surrogates, Cc escapes.
    return character not in "\n\t" and unicodedata.category(character) in {"Cc", "Cf", "Cs"}


Text = Annotated[str, BeforeValidator(safe_text)]
Number = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Diagnosis(_Model):
    """Why a test failed: a code of the fixed list, the output it is about, a sentence to show."""

    code: Text
    output: Text | None = None
    message: Text


class TestResult(_Model):
    """The verdict on one hidden test."""

    __test__ = False

    id: Text
    title: Text
    status: TestStatus
    weight: Positive = 1.0
    diagnosis: Diagnosis | None = None


class ExerciseResult(_Model):
    """The verdict on one exercise; `score` follows from its tests."""

    name: Text
    points: Positive
    score: Number
    status: ExerciseStatus
    message: Text = ""
    tests: tuple[TestResult, ...] = ()
    key: Text = ""

    @model_validator(mode="after")
    def _score_fits(self) -> Self:
        if self.score > self.points:
            raise ValueError(f"exercise {self.name!r} has {self.score} of {self.points} points")
        return self


class SandboxInfo(_Model):
    """Where the student's code ran, and what held it."""

    backend: Text
    image: Text | None = None
    fresh: bool = True
    device: Text = "cpu"
    confinement: tuple[Text, ...] = ()


class SubmissionInfo(_Model):
    """What was handed in."""

    student: Text
    sha256: Text
    files: tuple[Text, ...] = ()
    missing: tuple[Text, ...] = ()
    ignored: tuple[Text, ...] = ()
    problems: dict[Text, Text] = {}


class Report(_Model):
    """Everything that is said about one submission; `report.json`, version 1."""

    version: Literal[1] = 1
    assignment: Text
    suite: Text
    submission: SubmissionInfo
    status: ReportStatus
    score: Number | None
    max_score: Positive
    seconds: Number = 0.0
    processor_seconds: Number | None = None
    sandbox: SandboxInfo | None = None
    exercises: tuple[ExerciseResult, ...] = ()
    message: Text = ""

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if (self.score is None) != (self.status is ReportStatus.ERROR):
            raise ValueError("an error has no score, and everything else has one")
        if self.status is ReportStatus.GRADED and self.score != total(self.exercises):
            raise ValueError(f"score is {self.score}, its exercises have {total(self.exercises)}")
        return self

    def dump(self) -> str:
        """Return the JSON text: the same report is always the same bytes."""
        return self.model_dump_json(indent=2) + "\n"

    @classmethod
    def load(cls, text: str | bytes) -> Self:
        """Read what `dump` wrote; StaffError when it is anything else."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = ".".join(str(step) for step in first["loc"]) or "text"
            raise StaffError(f"not a report of version 1: {place}: {first['msg']}") from None


def score_exercise(points: float, tests: Sequence[TestResult]) -> float:
    """Return points x passed weight / weight, rounded to 4 places; no tests, no points."""
    weight = math.fsum(test.weight for test in tests)
    passed = math.fsum(test.weight for test in tests if test.status is TestStatus.PASSED)
    return round(points * passed / weight, _DECIMALS) if weight else 0.0


def exercise_status(tests: Sequence[TestResult]) -> ExerciseStatus:
    """Return `passed`, `partial`, or the loudest status of an exercise without points."""
    statuses = {test.status for test in tests}
    if statuses == {TestStatus.PASSED}:
        return ExerciseStatus.PASSED
    if TestStatus.PASSED in statuses:
        return ExerciseStatus.PARTIAL
    loudest = (status for status in _LOUDEST if status in statuses)
    return ExerciseStatus(next(loudest, TestStatus.NOT_ATTEMPTED))


def total(exercises: Sequence[ExerciseResult]) -> float:
    """Return the points of all exercises together, rounded to 4 places."""
    return round(math.fsum(exercise.score for exercise in exercises), _DECIMALS)


def schema() -> dict[str, Any]:
    """Return the JSON Schema of report.json, version 1."""
    return Report.model_json_schema(mode="serialization")
