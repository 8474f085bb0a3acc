"""How reports look on a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from rich import box
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autograder import timing
from autograder.assignment import Assignment
from autograder.report import ExerciseResult, ExerciseStatus, Report, ReportStatus

BAR = 10
DETAILED = 20  # up to so many students, each one's lost points are listed


def of_class(assignment: Assignment, reports: Sequence[Report]) -> Iterator[RenderableType]:
    """A line a student, with what went wrong in a small class; then a line an exercise."""
    width = max((len(report.submission.student) for report in reports), default=0)
    for report in reports:
        yield _student(report, width)
        if len(reports) <= DETAILED and not _all_alike(report):
            yield Padding(_details(report), (0, 0, 0, 4))
    if len(reports) > 1:
        yield _exercises(assignment, reports)


def _student(report: Report, width: int) -> Text:
    score = "     -" if report.score is None else f"{report.score:6.1f}"
    line = Text(f"{report.submission.student:<{width}}  ", no_wrap=False)
    line.append_text(_bar((report.score or 0.0) / report.max_score))
    return line.append(f" {score}  {_verdict(report)}")


def _details(report: Report) -> Table:
    """A line for each lost exercise; those lost for the same reason share one."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(no_wrap=True, justify="right", style="dim")
    table.add_column(overflow="fold")
    for reason, group in groupby(_lost(report), key=_why):
        alike = list(group)
        names = alike[0].name if len(alike) == 1 else f"{alike[0].name} and {len(alike) - 1} more"
        score, points = sum(each.score for each in alike), sum(each.points for each in alike)
        table.add_row(names, f"{score:g}/{points:g}", Text(reason))
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


def of_time(seconds: Mapping[str, float], graded: int) -> Table:
    """Where the time of all lanes went, as shares of their sum."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("part", no_wrap=True)
    table.add_column("")
    for head in ("share", "seconds", "ms each"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("what", overflow="fold")
    whole = sum(seconds.values()) or 1.0
    for part, what in timing.PARTS.items():
        taken = seconds.get(part, 0.0)
        each = "" if part == "start" or not graded else f"{1000 * taken / graded:.1f}"
        bar = Text("█" * round(2 * BAR * taken / whole))
        table.add_row(part, bar, f"{taken / whole:.0%}", f"{taken:.2f}", each, what)
    return table


def _bar(share: float) -> Text:
    filled = BAR if share > 0.9999 else min(BAR - 1, round(share * BAR))
    style = "green" if share > 0.99 else "yellow" if share > 0.5 else "red"
    return Text("█" * filled, style).append("░" * (BAR - filled), "dim")


def _verdict(report: Report) -> str:
    if report.status is not ReportStatus.GRADED:
        return f"{report.status}: {report.message}"
    lost = _lost(report)
    if not lost:
        return "all passed"
    if _all_alike(report):
        return f"every exercise {_words(lost[0].status)}"
    return f"{len(lost)} of {len(report.exercises)} exercises lost points"


def _all_alike(report: Report) -> bool:
    """Whether there is nothing to tell exercise by exercise."""
    return len({exercise.status for exercise in report.exercises}) <= 1


def _lost(report: Report) -> list[ExerciseResult]:
    return [e for e in report.exercises if e.status is not ExerciseStatus.PASSED]


def _why(exercise: ExerciseResult) -> str:
    status = _words(exercise.status)
    return f"{status}: {exercise.message}" if exercise.message else status


def _words(status: ExerciseStatus) -> str:
    return str(status).replace("_", " ")
