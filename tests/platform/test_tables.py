"""Reports on a terminal."""

import io

import pytest
from rich.console import Console

from autograder.assignment import Assignment
from autograder.cli.tables import DETAILED, of_class
from autograder.report import (
    ExerciseResult,
    ExerciseStatus,
    Report,
    ReportStatus,
    SubmissionInfo,
    total,
)

PASSED, FAILED = ExerciseStatus.PASSED, ExerciseStatus.FAILED


def report(student: str, double: ExerciseStatus, loss: ExerciseStatus, why: str = "") -> Report:
    """Return a report with two exercises."""
    exercises = tuple(
        ExerciseResult(name=name, points=points, score=points if status is PASSED else 0,
                       status=status, message="" if status is PASSED else why)
        for name, points, status in (("double", 40, double), ("softmax_loss", 60, loss))
    )  # fmt: skip
    info = SubmissionInfo(student=student, sha256="")
    return Report(assignment="mini", suite="", submission=info, status=ReportStatus.GRADED,
                  score=total(exercises), max_score=100, exercises=exercises)  # fmt: skip


def unscored(status: ReportStatus, message: str) -> Report:
    """Return a report without exercises."""
    score = None if status is ReportStatus.ERROR else 0
    return Report(assignment="mini", suite="", submission=SubmissionInfo(student="eve", sha256=""),
                  status=status, score=score, max_score=100, message=message)  # fmt: skip


@pytest.fixture
def shown(mini_course: Assignment) -> "Shown":
    """`shown(report, ...)` is what the terminal shows."""
    return Shown(mini_course)


class Shown:
    """Renders reports to a text."""

    def __init__(self, course: Assignment) -> None:
        self.course = course

    def __call__(self, *reports: Report) -> str:
        """Return what the terminal shows of the reports."""
        console = Console(file=io.StringIO(), width=120, markup=False, highlight=False)
        for part in of_class(self.course, reports):
            console.print(part)
        return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_a_full_score(shown: Shown) -> None:
    """Name, bar, score, and that all is well."""
    text = shown(report("ann", PASSED, PASSED))
    assert "ann" in text
    assert "█" * 10 in text
    assert "100" in text
    assert "all passed" in text


def test_lost_points_are_listed_with_their_reason(shown: Shown) -> None:
    """Each lost exercise says how much, and why."""
    text = shown(report("bob", PASSED, FAILED, "dx has the wrong sign"))
    assert "1 of 2 exercises lost points" in text
    assert "softmax_loss" in text
    assert "0/60" in text
    assert "failed: dx has the wrong sign" in text
    assert "████░░░░░░" in text


def test_all_alike_is_one_line(shown: Shown) -> None:
    """An untouched starter is not told exercise by exercise."""
    empty = ExerciseStatus.NOT_ATTEMPTED
    text = shown(report("cy", empty, empty, "not written yet"))
    assert "every exercise not attempted" in text
    assert "0/60" not in text


def test_rejected_and_error_say_why(shown: Shown) -> None:
    """A rejection shows its reason, an error has no score."""
    text = shown(unscored(ReportStatus.REJECTED, "empty zip"), unscored(ReportStatus.ERROR, "lost"))
    assert "rejected: empty zip" in text
    assert "error: lost" in text


def test_a_class_has_its_exercises(shown: Shown) -> None:
    """Mean and number of passes, over those who were graded."""
    text = shown(report("ann", PASSED, PASSED), report("bob", PASSED, FAILED),
                 unscored(ReportStatus.REJECTED, "no"))  # fmt: skip
    line = next(line for line in text.splitlines() if "30.0/60" in line)
    assert "softmax_loss" in line
    assert "1 of 2" in line


def test_a_large_class_is_told_in_short(shown: Shown) -> None:
    """Beyond a number of students, one line each."""
    few = [report(f"s{i}", PASSED, FAILED, "sign") for i in range(DETAILED)]
    assert "failed: sign" in shown(*few)
    assert "failed: sign" not in shown(*few, report("one more", PASSED, FAILED, "sign"))


def test_markup_in_texts_is_text(shown: Shown) -> None:
    """What a student or a path is called cannot colour the terminal."""
    text = shown(report("[red]x[/red]", PASSED, FAILED, "[bold]b[/bold] :cat: \x1b[31m"))
    assert "[red]x[/red]" in text
    assert "[bold]b[/bold] :cat:" in text
    assert "\x1b[31m" not in text


def test_nobody(shown: Shown) -> None:
    """A class of nobody shows nothing."""
    assert shown() == ""
