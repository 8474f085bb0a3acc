"""What an audit asks of its lanes, and what they answer: one JSON line each way."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from autograder.report import ExerciseResult, Report, TestResult

Files = dict[str, str]  # what differs from the solution: file name -> text


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Right(_Model):
    """A right implementation, and the exercises that it is tried in."""

    name: str
    exercises: tuple[str, ...]
    files: Files


class Setup(_Model):
    """What every lane of an audit knows from the start."""

    slug: str
    root: str
    seed: str  # of the data that implementations are graded with
    other_seed: str  # of the data that they are judged again with
    rights: tuple[Right, ...]


class Grade(_Model):
    """Grade one implementation as a student's: in the sandbox, all exercises."""

    kind: Literal["grade"] = "grade"
    id: str
    files: Files


class Try(_Model):
    """Judge one exercise of a mutant or variant in the sandbox, and others the short way.

    The exercise is judged a second time on the data of another seed, the short way too.
    """

    kind: Literal["try"] = "try"
    id: str
    files: Files
    exercise: str
    others: tuple[str, ...]


class Slip(_Model):
    """See which tests notice a generic mutation; in this process, its own exercises first."""

    kind: Literal["slip"] = "slip"
    id: str
    files: Files
    exercises: tuple[str, ...]


class Steady(_Model):
    """Try all right implementations on the data of one seed, with so many BLAS threads."""

    kind: Literal["steady"] = "steady"
    id: str
    seed: str
    threads: int


Ask = Grade | Try | Slip | Steady


class Shown(_Model):
    """The largest error that a comparison has shown, and the one that it allows."""

    test: str
    output: str
    error: float  # of the tensor, as a part of its largest value
    tolerance: float
    dtype: str
    by: str  # the implementation

    @property
    def used(self) -> float:
        """The share of its tolerance that the error takes; infinite where nothing is allowed."""
        if self.tolerance > 0:
            return self.error / self.tolerance
        return math.inf if self.error > 0 else 0.0


class Failure(_Model):
    """A test that a right implementation has failed."""

    by: str
    exercise: str
    test: str
    message: str


class Graded(_Model):
    """What became of `Grade`."""

    kind: Literal["graded"] = "graded"
    report: Report
    shown: tuple[Shown, ...]


class Judged(_Model):
    """What became of `Try`: the exercise's result, and which others lose points."""

    kind: Literal["judged"] = "judged"
    result: ExerciseResult
    again: tuple[TestResult, ...] | None  # with other data; None where that would be unsafe
    spills: tuple[str, ...]
    shown: tuple[Shown, ...]


class Noticed(_Model):
    """What became of `Slip`: the tests that failed."""

    kind: Literal["noticed"] = "noticed"
    tests: tuple[str, ...]


class Held(_Model):
    """What became of `Steady`: how often an implementation met a test, and what went wrong."""

    kind: Literal["held"] = "held"
    runs: int
    failures: tuple[Failure, ...]
    shown: tuple[Shown, ...]
    called: tuple[str, ...]  # the tests that have called the student's code


class Broken(_Model):
    """The course is at fault: nothing can be tried."""

    kind: Literal["broken"] = "broken"
    message: str


class Ready(_Model):
    """The suite is collected."""

    kind: Literal["ready"] = "ready"


Reply = Graded | Judged | Noticed | Held | Broken | Ready

ASK: TypeAdapter[Ask] = TypeAdapter(Annotated[Ask, Field(discriminator="kind")])
REPLY: TypeAdapter[Reply] = TypeAdapter(Annotated[Reply, Field(discriminator="kind")])
