"""GitHub Actions: what a step prints to annotate lines, and what GitHub Classroom reads.

A step's output is searched for commands, `::error file=...::message`, one a line. Nothing of a
report can begin a line of its own there, or end a property early.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from typing import Any

from autograder.errors import UsageError
from autograder.export.formats.numbers import number
from autograder.export.formats.remarks import Remark, Sources
from autograder.report import ExerciseResult, ExerciseStatus, Report, ReportStatus

_IN_MESSAGES = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTIES = _IN_MESSAGES | {":": "%3A", ",": "%2C"}
WHOLE = "the submission as a whole"


def render(
    reports: Sequence[Report], remarks: Sequence[Remark], sources: Sources | None = None
) -> str:
    """Return commands that annotate lines; of one student, also the notices of their points.

    Without `sources`, files lie at the top of the repository, as in a student's own.
    """
    alone = len(reports) == 1
    lines = [_annotation(remark, sources, alone=alone) for remark in remarks]
    if alone:
        lines += _notices(reports[0])
    return "".join(f"{line}\n" for line in lines)


def _annotation(remark: Remark, sources: Sources | None, *, alone: bool) -> str:
    file = remark.file if sources is None else sources.file(remark.student, remark.file)
    place = {"file": file, "line": str(remark.line)} if file else {}
    title = remark.about if alone else f"{remark.student}: {remark.about}"
    level = "warning" if remark.status is ExerciseStatus.PARTIAL else "error"
    return _command(level, {**place, "title": title}, remark.message)


def _notices(report: Report) -> Iterator[str]:
    """The words by which GitHub Classroom finds the points."""
    if report.score is None:
        return
    points, most = number(report.score), number(report.max_score)
    yield _command("notice", {"title": "Autograding complete"}, f"Points {points}/{most}")
    told = json.dumps({"totalPoints": points, "maxPoints": most}, separators=(",", ":"))
    yield _command("notice", {"title": "Autograding report"}, told)


def _command(level: str, properties: dict[str, str], message: str) -> str:
    told = ",".join(f"{key}={_escaped(text, _IN_PROPERTIES)}" for key, text in properties.items())
    return f"::{level} {told}::{_escaped(message, _IN_MESSAGES)}"


def _escaped(text: str, codes: dict[str, str]) -> str:
    return "".join(codes.get(character, character) for character in text)


def result(reports: Sequence[Report]) -> str:
    """Return `result=...`, a step's output as Classroom's reporter reads it: JSON in base64.

    An exercise is one of its tests, since exercises have points. Nothing is said about the code of
    hidden tests.
    """
    if len(reports) != 1:
        raise UsageError(f"a result is about one student, and here are {len(reports)}: name one")
    report = reports[0]
    tests = [_test(each) for each in report.exercises] or [_as_a_whole(report)]
    told = {
        "version": 1,
        "status": _status(report),
        "max_score": number(report.max_score),
        "tests": tests,
    }
    return f"result={base64.b64encode(json.dumps(told).encode()).decode()}\n"


def _status(report: Report) -> str:
    if report.status is ReportStatus.ERROR:
        return "error"
    return "pass" if report.score == report.max_score else "fail"


def _test(exercise: ExerciseResult) -> dict[str, Any]:
    status = "pass" if exercise.status is ExerciseStatus.PASSED else "fail"
    return _entry(exercise.name, status, exercise.message, exercise.score)


def _as_a_whole(report: Report) -> dict[str, Any]:
    status = "error" if report.status is ReportStatus.ERROR else "fail"
    return _entry(WHOLE, status, report.message, 0)


def _entry(name: str, status: str, message: str, score: float) -> dict[str, Any]:
    nothing = {"test_code": "", "filename": "", "line_no": 0, "duration": 0}
    told = {"name": name, "status": status, "message": message, "score": number(score)}
    return told | nothing
