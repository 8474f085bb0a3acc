"""Autolab: feedback to read, and last a line of JSON that holds the scores."""

import json
from collections.abc import Iterator

from autograder.assignment import Assignment
from autograder.errors import UsageError
from autograder.export.formats.numbers import number
from autograder.feedback import words
from autograder.report import ExerciseStatus, Report


def render(assignment: Assignment, report: Report) -> str:
    """Return what an autograder prints; each exercise is a problem of that name.

    The scoreboard has one column, the score. UsageError where there is no score to report.
    """
    if report.score is None:
        raise UsageError(f"{report.submission.student} has no score: {report.message}")
    scores: dict[str, int | float] = {each.name: 0 for each in assignment.exercises}
    scores |= {each.name: number(each.score) for each in report.exercises}
    last = json.dumps({"scores": scores, "scoreboard": [number(report.score)]})
    return "".join(f"{line}\n" for line in [*_feedback(report), "", last])


def _feedback(report: Report) -> Iterator[str]:
    if report.message:
        yield _line(report.message)
    for each in report.exercises:
        got = f"{each.name}: {words.number(each.score)} of {words.points(each.points)}"
        passed = each.status is ExerciseStatus.PASSED
        said = each.message or words.STATUS[each.status]
        yield got if passed else f"{got}. {_line(words.sentence(said))}"


def _line(text: str) -> str:
    """A text on one line, so that none of it can be the last."""
    return " ".join(text.split())
