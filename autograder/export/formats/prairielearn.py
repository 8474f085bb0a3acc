"""PrairieLearn's results.json; PrairieLearn escapes its texts itself."""

import json
from typing import Any

from autograder.assignment import Assignment
from autograder.errors import UsageError
from autograder.export.formats.numbers import number
from autograder.feedback import words
from autograder.report import ExerciseResult, Report, ReportStatus


def render(assignment: Assignment, report: Report) -> str:
    """Return the file's text; what intake refused is not gradable, and costs no attempt.

    UsageError where there is no score to report.
    """
    if report.score is None:
        raise UsageError(f"{report.submission.student} has no score: {report.message}")
    summaries = {each.name: each.summary for each in assignment.exercises}
    told: dict[str, Any] = {"gradable": True, "score": min(1.0, report.score / report.max_score)}
    if report.status is ReportStatus.REJECTED:
        told = {"gradable": False, "format_errors": [report.message]}
    tests = [_test(each, summaries.get(each.name, "")) for each in report.exercises]
    told |= {"message": report.message, "output": "", "images": [], "tests": tests}
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def _test(exercise: ExerciseResult, summary: str) -> dict[str, Any]:
    return {
        "name": exercise.name,
        "description": summary,
        "points": number(exercise.score),
        "max_points": number(exercise.points),
        "message": exercise.message or words.STATUS[exercise.status],
        "output": "",
        "images": [],
    }
