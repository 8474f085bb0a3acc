"""Reports, submissions and gradebooks, written by hand for the tests of nbgrader's part."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nbgrader.api import Gradebook
from sqlalchemy import text

from autograder.assignment import Assignment
from autograder.feedback import gradebook
from autograder.feedback.autograded import Graded
from autograder.feedback.roster import Roster
from autograder.files import write_whole
from autograder.grading import handed_in
from autograder.grading.handed_in import HandedIn
from autograder.release.course import own_programs
from autograder.report import (
    Diagnosis,
    ExerciseResult,
    ExerciseStatus,
    Report,
    ReportStatus,
    SubmissionInfo,
    TestResult,
    TestStatus,
    total,
)

FULL = {"double": 40.0, "softmax_loss": 60.0}
WHY = "The result is twice too large."
FAILED = TestResult(
    id="t",
    title="A matrix is doubled.",
    status=TestStatus.FAILED,
    diagnosis=Diagnosis(code="scaled", message=WHY),
)


def result(name: str, score: float, points: float) -> ExerciseResult:
    """An exercise with these points; something is said about it unless it has them all."""
    if score == points:
        return ExerciseResult(name=name, points=points, score=score, status=ExerciseStatus.PASSED)
    status = ExerciseStatus.PARTIAL if score else ExerciseStatus.FAILED
    return ExerciseResult(
        name=name, points=points, score=score, status=status, message=WHY, tests=(FAILED,)
    )


def graded(
    student: str = "ann",
    scores: Mapping[str, float] = FULL,
    points: Mapping[str, float] = FULL,
    **content: Any,
) -> Graded:
    """A graded submission of `mini`; `answers` and `files` are what was handed in."""
    results = tuple(result(name, scores[name], points[name]) for name in points)
    report = Report(
        assignment="mini",
        suite="sha256:suite",
        submission=SubmissionInfo(student=student, sha256="sha256:1"),
        status=ReportStatus.GRADED,
        score=total(results),
        max_score=100,
        exercises=results,
    )
    return Graded(report, HandedIn(**content))


def ungraded(status: str, message: str, student: str = "ann") -> Graded:
    """A submission without verdicts: refused, or an error of ours."""
    report = Report(
        assignment="mini",
        suite="sha256:suite",
        submission=SubmissionInfo(student=student, sha256=""),
        status=ReportStatus(status),
        score=0 if status == "rejected" else None,
        max_score=100,
        message=message,
    )
    return Graded(report, HandedIn())


def save(folder: Path, *every: Graded) -> Path:
    """Write what `autograder grade` writes, and return where."""
    for each in every:
        place = folder / each.report.submission.student
        write_whole(place / "report.json", each.report.dump())
        write_whole(place / handed_in.NAME, handed_in.packed(each.handed_in))
    return folder


def bring_in(
    assignment: Assignment, folder: Path, *every: Graded, roster: Roster | None = None
) -> gradebook.Imported:
    """Write reports into the gradebook of a course folder."""
    return gradebook.import_reports(assignment, folder, every, roster or Roster())


def opened(folder: Path) -> Gradebook:
    """Open a gradebook as nbgrader does; use it in a `with`."""
    return Gradebook(gradebook.url_of(folder))


def by_hand(folder: Path, cell: str, student: str = "ann", **marks: Any) -> None:
    """Grade a cell as a person does in formgrader."""
    with opened(folder) as book:
        grade = book.find_grade(cell, "mini", "mini", student)
        comment = book.find_comment(cell, "mini", "mini", student)
        for name, value in marks.items():
            setattr(comment if "comment" in name else grade, name, value)
        grade.needs_manual_grade = False
        book.db.commit()


def marks(folder: Path, cell: str, student: str = "ann") -> tuple[Any, ...]:
    """What nbgrader says about a cell: auto, manual, what counts, whether it waits, a comment."""
    with opened(folder) as book:
        grade = book.find_grade(cell, "mini", "mini", student)
        comment = book.find_comment(cell, "mini", "mini", student)
        waits = grade.needs_manual_grade
        return grade.auto_score, grade.manual_score, grade.score, waits, comment.comment


def score(folder: Path, student: str = "ann", assignment: str = "mini") -> float:
    """What nbgrader says that a submission scored, before its penalty."""
    with opened(folder) as book:
        return float(book.find_submission(assignment, student).score)


def dump(folder: Path) -> dict[str, list[Any]]:
    """Every row of a gradebook."""
    with opened(folder) as book:
        names = book.db.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all()
        return {n: sorted(map(str, book.db.execute(text(f"SELECT * FROM {n}")))) for n in names}


@cache
def _empty() -> bytes:
    """A gradebook without anything; nbgrader takes seconds to make one."""
    with TemporaryDirectory() as scratch, own_programs():
        Gradebook(f"sqlite:///{scratch}/{gradebook.DATABASE}").close()
        return Path(scratch, gradebook.DATABASE).read_bytes()


def new_gradebook(folder: Path, points: Mapping[str, float], slug: str = "mini") -> Path:
    """A gradebook that knows code cells of one assignment; without nbgrader's slow commands."""
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / gradebook.DATABASE
    if not place.exists():
        place.write_bytes(_empty())
    with opened(folder) as book:
        book.add_assignment(slug)
        book.add_notebook(slug, slug)
        for name, most in points.items():
            book.add_grade_cell(name, slug, slug, max_score=most, cell_type="code")
    return folder
