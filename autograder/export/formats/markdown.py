"""Markdown for a job's summary or a comment: one student's report, or a class.

Texts are escaped so that they show as they are: no links, pictures, headings, HTML or rows of
their own. Nobody is mentioned and no issue is linked, which GitHub would do even in escaped text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from autograder.assignment import Assignment
from autograder.feedback import words
from autograder.report import ExerciseResult, ExerciseStatus, Report, ReportStatus

_PUNCTUATION = re.compile(r"([]!#$&)*+.:<=>@[\\^_`{|}~-])")  # of which a meaning is known
_LINKING = re.compile(r"\\[@#]")
_SHORT = 200  # a summary on GitHub has at most a megabyte, for a whole class
_NEW_LINE = re.compile(r"\r\n?|\n")


def escaped(text: str) -> str:
    r"""Return Markdown, for a paragraph or a cell of a table, that shows the text.

    >>> print(escaped("a|b *c*"))
    a\|b \*c\*
    """
    literal = _LINKING.sub(r"\g<0><!-- -->", _PUNCTUATION.sub(r"\\\1", text.strip(" ")))
    return _NEW_LINE.sub("<br>", literal).replace("\t", "&#9;")


def render(assignment: Assignment, reports: Sequence[Report], *, alone: bool) -> str:
    """Return the summary of a class, or of one student with what is said about each exercise."""
    lines = _student(assignment, reports[0]) if alone else _class(assignment, reports)
    return "\n".join(lines) + "\n"


def _student(assignment: Assignment, report: Report) -> Iterator[str]:
    yield f"# {escaped(assignment.title)}: {escaped(report.submission.student)}"
    yield ""
    most = "" if report.score is None else f" of {words.points(report.max_score)}"
    yield f"**{_score(report)}**{most}"
    if report.message:
        yield ""
        yield escaped(report.message)
    if report.exercises:
        yield ""
        yield "| exercise | points | | what to know |"
        yield "| --- | ---: | --- | --- |"
        yield from map(_exercise, report.exercises)


def _exercise(result: ExerciseResult) -> str:
    points = f"{words.number(result.score)}/{words.number(result.points)}"
    said = escaped(result.message)
    return f"| {escaped(result.name)} | {points} | {words.STATUS[result.status]} | {said} |"


def _class(assignment: Assignment, reports: Sequence[Report]) -> Iterator[str]:
    yield f"# {escaped(assignment.title)}"
    yield ""
    yield f"{words.count(len(reports), 'submission')}, {words.points(assignment.max_score)} at most"
    yield ""
    yield "| student | score | |"
    yield "| --- | ---: | --- |"
    for report in reports:
        yield f"| {escaped(report.submission.student)} | {_score(report)} | {_verdict(report)} |"
    yield ""
    yield "| exercise | mean | passed |"
    yield "| --- | ---: | ---: |"
    graded = [report for report in reports if report.status is ReportStatus.GRADED]
    for exercise in assignment.exercises:
        results = [each for r in graded for each in r.exercises if each.name == exercise.name]
        mean = sum(each.score for each in results) / (len(results) or 1)
        passed = sum(each.status is ExerciseStatus.PASSED for each in results)
        points = f"{words.number(mean)}/{words.number(exercise.points)}"
        yield f"| {escaped(exercise.name)} | {points} | {passed} of {len(results)} |"


def _score(report: Report) -> str:
    return "no score" if report.score is None else words.number(report.score)


def _verdict(report: Report) -> str:
    if report.status is not ReportStatus.GRADED:
        said = report.message
        shown = said if len(said) <= _SHORT else f"{said[:_SHORT]}…"
        return f"{report.status}: {escaped(shown)}"
    lost = sum(each.status is not ExerciseStatus.PASSED for each in report.exercises)
    return f"{lost} of {len(report.exercises)} exercises lost points" if lost else "all passed"
