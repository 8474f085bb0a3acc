"""What a class page shows, as plain values: scores, exercises, diagnoses, students."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import mean, median

from autograder.assignment import Assignment, Exercise
from autograder.feedback import words
from autograder.report import ExerciseResult, ExerciseStatus, Report, ReportStatus

BINS = 10
COMMONEST = 15

# Who could not be judged has made no mistake that could be counted.
_NO_MISTAKE = {"not_attempted", "blocked"}
_PLACE = re.compile(r"[\w.-]+\.py line \d+: ")
_SHARES = {
    "good": "passed",
    "part": "partial",
    "lost": "failed",
    "open": "open",
}


@dataclass(frozen=True)
class Bin:
    """A bar of the histogram: from a score, up to another, how many, and how high."""

    low: float
    high: float
    students: int
    height: float


@dataclass(frozen=True)
class Share:
    """A part of a stacked bar."""

    kind: str
    said: str
    students: int
    width: float


@dataclass(frozen=True)
class Hardness:
    """How a class did in one exercise."""

    name: str
    summary: str
    points: float
    mean: float
    shares: tuple[Share, ...]


@dataclass(frozen=True)
class Common:
    """A sentence that several students read."""

    code: str
    said: str
    students: int
    exercises: tuple[str, ...]
    width: float


@dataclass(frozen=True)
class Row:
    """One student."""

    name: str
    link: str
    score: float | None
    share: float
    status: ReportStatus
    said: str
    lost: tuple[str, ...] = ()


@dataclass(frozen=True)
class Class:
    """Everything that is on a class page."""

    assignment: Assignment
    max_score: float
    students: int
    graded: int
    mean: float | None
    median: float | None
    bins: tuple[Bin, ...]
    exercises: tuple[Hardness, ...]
    common: tuple[Common, ...]
    rows: tuple[Row, ...]


def numbers(
    assignment: Assignment,
    reports: Sequence[Report],
    scores: Mapping[str, float],
    max_score: float,
    link: Callable[[str], str],
) -> Class:
    """The class at a glance; `scores` are final ones, where they differ from the reports'."""
    graded = [report for report in reports if report.status is ReportStatus.GRADED]
    final = {each.submission.student: _score(each, scores) for each in reports}
    reached = [final[each.submission.student] or 0.0 for each in graded]
    return Class(
        assignment=assignment,
        max_score=max_score,
        students=len(reports),
        graded=len(graded),
        mean=mean(reached) if reached else None,
        median=median(reached) if reached else None,
        bins=tuple(_bins(reached, max_score)),
        exercises=tuple(_exercises(assignment, graded)),
        common=tuple(_common(graded)),
        rows=tuple(_rows(reports, final, max_score, link)),
    )


def _score(report: Report, scores: Mapping[str, float]) -> float | None:
    score = scores.get(report.submission.student, report.score)
    # An error of ours is no zero; a score from before it stands.
    return None if report.status is ReportStatus.ERROR and not score else score


def _bins(scores: Sequence[float], max_score: float) -> Iterator[Bin]:
    width = max_score / BINS
    counts = [0] * BINS
    for score in scores:
        counts[min(max(int(score / width), 0), BINS - 1)] += 1
    highest = max(counts)
    for number, students in enumerate(counts):
        height = students / highest if highest else 0.0
        yield Bin(number * width, (number + 1) * width, students, height)


def _exercises(assignment: Assignment, graded: Sequence[Report]) -> list[Hardness]:
    """The hardest first."""
    results: dict[str, list[ExerciseResult]] = {each.name: [] for each in assignment.exercises}
    for report in graded:
        for result in report.exercises:
            results.setdefault(result.name, []).append(result)
    found = [_hardness(each, results[each.name]) for each in assignment.exercises]
    return sorted(found, key=lambda hardness: hardness.mean) if graded else []


def _hardness(exercise: Exercise, results: Sequence[ExerciseResult]) -> Hardness:
    kinds = [words.kind(result.status) for result in results]
    count = len(results) or 1
    return Hardness(
        name=exercise.name,
        summary=exercise.summary,
        points=exercise.points,
        mean=sum(result.score / result.points for result in results) / count,
        shares=tuple(
            Share(kind, said, kinds.count(kind), kinds.count(kind) / count)
            for kind, said in _SHARES.items()
            if kind in kinds
        ),
    )


def _common(graded: Sequence[Report]) -> Iterator[Common]:
    """The sentences that most students read, without the places in their files."""
    readers: dict[tuple[str, str], set[str]] = {}
    where: dict[tuple[str, str], dict[str, None]] = {}
    for report in graded:
        for name, code, said in _diagnoses(report):
            readers.setdefault((code, said), set()).add(report.submission.student)
            where.setdefault((code, said), {})[name] = None
    ranked = sorted(readers, key=lambda key: -len(readers[key]))[:COMMONEST]
    most = len(readers[ranked[0]]) if ranked else 1
    for key in ranked:
        students = len(readers[key])
        yield Common(*key, students, tuple(where[key]), students / most)


def _diagnoses(report: Report) -> Iterator[tuple[str, str, str]]:
    for exercise in report.exercises:
        for test in exercise.tests:
            why = test.diagnosis
            if why and why.code not in _NO_MISTAKE:
                yield exercise.name, why.code, _PLACE.sub("", why.message)


def _rows(
    reports: Sequence[Report],
    final: Mapping[str, float | None],
    max_score: float,
    link: Callable[[str], str],
) -> list[Row]:
    """Those without a verdict first, then by name."""
    found = [_row(report, final[report.submission.student], max_score, link) for report in reports]
    rank = {ReportStatus.ERROR: 0, ReportStatus.REJECTED: 1, ReportStatus.GRADED: 2}
    return sorted(found, key=lambda row: (rank[row.status], row.name))


def _row(report: Report, score: float | None, max_score: float, link: Callable[[str], str]) -> Row:
    student = report.submission.student
    share = min(max((score or 0.0) / max_score, 0.0), 1.0) if max_score > 0 else 0.0
    row = Row(student, link(student), score, share, report.status, report.message)
    if report.status is not ReportStatus.GRADED:
        return row
    lost = [each for each in report.exercises if each.status is not ExerciseStatus.PASSED]
    statuses = {each.status for each in report.exercises}
    said = "all passed" if not lost else f"{len(lost)} of {len(report.exercises)} lost points"
    if lost and len(statuses) == 1:
        return replace(row, said=f"every exercise {words.STATUS[lost[0].status]}")
    return replace(row, said=said, lost=tuple(each.name for each in lost))
