"""results.json, as Gradescope reads it, from a report.

Students see an entry for each exercise, with what is wrong and without the tests' names. The tests
themselves are entries that only staff see and that carry no points, as Gradescope wants of entries
that stay hidden.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from autograder.assignment import Assignment
from autograder.export.gradescope.metadata import Metadata
from autograder.feedback import words
from autograder.feedback.lateness import HandIn, Late, Policy, penalty
from autograder.report import (
    ExerciseResult,
    ExerciseStatus,
    Report,
    ReportStatus,
    TestResult,
    TestStatus,
    safe_text,
)

NOT_GRADED = (
    "Not graded, through no fault of yours: the grader has failed, and the 0 is not your score. "
    "Please tell the course staff, who can run it again, or hand in once more."
)
ENDED = "the grader has ended without a verdict; what it said is in its standard output"
_SHOWN = 10  # names of files in a list


@dataclass(frozen=True)
class Lateness:
    """What lateness costs a submission, and the sentences that say so."""

    days: int = 0
    lost: float = 0.0
    said: str = ""


def lateness(score: float, assignment: Assignment, metadata: Metadata, late: Late) -> Lateness:
    """Return what a score loses by the course's policy, for Gradescope's dates.

    Without a due date there, the assignment's own counts. Grace days are spent over a whole course,
    of which a submission knows nothing here, so none are.
    """
    due = metadata.due or _due(assignment)
    days = HandIn(assignment.slug, due, metadata.came).days_late
    if not days:
        return Lateness()
    lost = penalty(score, days, late)
    said = f"Handed in {words.count(days, 'day')} late"
    if metadata.after_late_due and late.policy is not Policy.NONE:
        lost, said = score, f"{said}, after the last day for late work"
    said += f": this costs {words.points(lost)}." if lost else "; this costs nothing."
    if lost and late.grace_days:
        said += " Grace days are not counted here; the course staff do that."
    return Lateness(days, lost, said)


def _due(assignment: Assignment) -> datetime | None:
    return assignment.due and assignment.due.astimezone(UTC).replace(tzinfo=None)


def results(
    report: Report, assignment: Assignment, metadata: Metadata, late: Late, *, leaderboard: bool
) -> dict[str, Any]:
    """Return results.json for what became of a submission."""
    if report.status is ReportStatus.ERROR:
        return failed(report.message)
    before = report.score or 0.0
    charge = lateness(before, assignment, metadata, late)
    score = round(max(0.0, before - charge.lost), 4)
    told = {
        **_head(score, "\n".join(_summary(report, score, charge))),
        "execution_time": report.seconds,
        "extra_data": _extra(report, charge),
        "tests": [*_graded(report), *_for_staff(report, metadata)],
    }
    return told | ({"leaderboard": _leaderboard(report, score)} if leaderboard else {})


def failed(reason: str) -> dict[str, Any]:
    """Return results.json for a submission that could not be graded; `reason` is for staff."""
    return {
        **_head(0.0, NOT_GRADED),
        "extra_data": {"status": str(ReportStatus.ERROR)},
        "tests": [
            _entry("not graded", "failed", NOT_GRADED),
            _entry("for staff: what has failed", "failed", safe_text(reason), visibility="hidden"),
        ],
    }


def dump(told: dict[str, Any]) -> str:
    """Return the JSON text, plain ASCII whatever is in it."""
    return json.dumps(told, indent=2, allow_nan=False) + "\n"


def _head(score: float, output: str) -> dict[str, Any]:
    """The top level; it overrides the sum of the tests, and what is printed is not for students."""
    return {
        "score": score,
        "output": output,
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
    }


def _summary(report: Report, score: float, charge: Lateness) -> Iterator[str]:
    about = report.submission
    if report.status is ReportStatus.REJECTED:
        yield f"This could not be graded: {report.message}"
    else:
        yield f"{words.points(score)} of {words.number(report.max_score)}."
    if charge.said:
        yield charge.said
    if report.message and report.status is ReportStatus.GRADED:
        yield report.message
    yield from about.problems.values()
    if missing := [name for name in about.missing if name not in about.problems]:
        yield f"Not handed in: {words.listed(missing, _SHOWN)}."
    if about.ignored:
        yield f"Not asked for, and ignored: {words.listed(list(about.ignored), _SHOWN)}."


def _extra(report: Report, charge: Lateness) -> dict[str, Any]:
    return {
        "status": str(report.status),
        "suite": report.suite,
        "submission": report.submission.sha256,
        "score_before_lateness": report.score,
        "days_late": charge.days,
    }


def _graded(report: Report) -> Iterator[dict[str, Any]]:
    """An entry for each exercise, each followed by its tests; one alone for what was refused."""
    if report.status is ReportStatus.REJECTED:
        points = {"score": 0.0, "max_score": report.max_score}
        yield _entry("hand-in", "failed", report.message, **points)
    for number, exercise in enumerate(report.exercises, start=1):
        yield _exercise(f"{number}", exercise)
        for below, test in enumerate(exercise.tests, start=1):
            yield _test(f"{number}.{below}", exercise, test)


def _exercise(number: str, exercise: ExerciseResult) -> dict[str, Any]:
    passed = exercise.status is ExerciseStatus.PASSED
    return _entry(
        exercise.name,
        "passed" if passed else "failed",
        "\n".join(_why(exercise)),
        number=number,
        score=exercise.score,
        max_score=exercise.points,
        tags=[str(exercise.status)],
    )


def _why(exercise: ExerciseResult) -> Iterator[str]:
    """What became of the exercise, and every different thing that its tests have to say."""
    status = words.STATUS[exercise.status]
    passed = sum(test.status is TestStatus.PASSED for test in exercise.tests)
    count = f": {passed} of {words.count(len(exercise.tests), 'test')}" if exercise.tests else ""
    yield words.sentence(f"{status}{count}")
    said = [test.diagnosis.message for test in exercise.tests if test.diagnosis]
    yield from map(
        words.sentence, dict.fromkeys(said or [exercise.message] * bool(exercise.message))
    )


def _test(number: str, exercise: ExerciseResult, test: TestResult) -> dict[str, Any]:
    passed = test.status is TestStatus.PASSED
    why = f"{test.diagnosis.code}: {test.diagnosis.message}" if test.diagnosis else ""
    return _entry(
        f"{exercise.name}: {test.title}",
        "passed" if passed else "failed",
        "\n".join(filter(None, [test.id, str(test.status), why])),
        number=number,
        tags=[str(test.status)],
        visibility="hidden",
    )


def _for_staff(report: Report, metadata: Metadata) -> Iterator[dict[str, Any]]:
    """What only staff need: where the code ran, and which of Gradescope's data made no sense."""
    if report.sandbox is not None:
        held = ", ".join([report.sandbox.backend, *report.sandbox.confinement])
        yield _entry("for staff: what held the code", "passed", held, visibility="hidden")
    if metadata.problems:
        said = "\n".join(["Lateness may be wrong:", *metadata.problems])
        yield _entry("for staff: when it came", "failed", safe_text(said), visibility="hidden")


def _entry(name: str, status: str, output: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "status": status, "output": output, "visibility": "visible"} | more


def _leaderboard(report: Report, score: float) -> list[dict[str, Any]]:
    """Nothing about speed: what fails early would be the fastest."""
    passed = sum(each.status is ExerciseStatus.PASSED for each in report.exercises)
    return [{"name": "Score", "value": score}, {"name": "Exercises passed", "value": passed}]
