"""How reports look on a terminal."""

from collections.abc import Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from autograder.assignment import Assignment
from autograder.report import ExerciseResult, ExerciseStatus, Report, ReportStatus

BAR = 10
DETAILED = 20  # up to so many students, each one's lost points are listed


def of_class(assignment: Assignment, reports: Sequence[Report]) -> list[Table]:
    """A row a student, with what went wrong in a small class; then a row an exercise."""
    tables = [_students(reports, detailed=len(reports) <= DETAILED)]
    if len(reports) > 1:
        tables.append(_exercises(assignment, reports))
    return tables


def _students(reports: Sequence[Report], *, detailed: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("student", no_wrap=True)
    table.add_column("")
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("verdict")
    for report in reports:
        score = "-" if report.score is None else f"{report.score:g}"
        share = (report.score or 0.0) / report.max_score
        table.add_row(report.submission.student, _bar(share), score, _verdict(report))
        for exercise in _lost(report) if detailed else ():
            told = f"{exercise.score:g}/{exercise.points:g}"
            table.add_row(Text(f"  {exercise.name}", "dim"), "", Text(told, "dim"), _why(exercise))
    return table


def _exercises(assignment: Assignment, reports: Sequence[Report]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("exercise", no_wrap=True)
    table.add_column("")
    table.add_column("mean", justify="right")
    table.add_column("passed", justify="right")
    graded = [report for report in reports if report.status is ReportStatus.GRADED]
    for number, exercise in enumerate(assignment.exercises):
        results = [report.exercises[number] for report in graded]
        mean = sum(result.score for result in results) / (len(results) or 1)
        passed = sum(result.status is ExerciseStatus.PASSED for result in results)
        shown = f"{mean:.1f}/{exercise.points:g}", f"{passed} of {len(results)}"
        table.add_row(exercise.name, _bar(mean / exercise.points), *shown)
    return table


def _bar(share: float) -> Text:
    filled = round(share * BAR)
    style = "green" if share > 0.99 else "yellow" if share > 0.5 else "red"
    return Text("█" * filled, style).append("░" * (BAR - filled), "dim")


def _verdict(report: Report) -> str:
    if report.status is not ReportStatus.GRADED:
        return f"{report.status}: {report.message}"
    lost = _lost(report)
    if not lost:
        return "all passed"
    if len({exercise.status for exercise in lost}) == 1 and len(lost) == len(report.exercises):
        return f"every exercise {str(lost[0].status).replace('_', ' ')}"
    return f"{len(lost)} of {len(report.exercises)} exercises lost points"


def _lost(report: Report) -> list[ExerciseResult]:
    return [e for e in report.exercises if e.status is not ExerciseStatus.PASSED]


def _why(exercise: ExerciseResult) -> Text:
    status = str(exercise.status).replace("_", " ")
    return Text(f"{status}: {exercise.message}" if exercise.message else status, "dim")
