"""One exercise on a feedback page: its points, its verdict in words, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autograder.feedback import words
from autograder.report import ExerciseResult, ExerciseStatus, TestResult, TestStatus

_UNJUDGED = {TestStatus.NOT_ATTEMPTED, TestStatus.BLOCKED, TestStatus.FORBIDDEN}


@dataclass(frozen=True)
class Reason:
    """Why points were lost, and the titles of the tests that say so."""

    said: str
    tests: tuple[str, ...]
    judged: bool = True  # False where something else is to be put right first


@dataclass(frozen=True)
class Card:
    """An exercise with its final score, which a person may have changed."""

    anchor: str
    name: str
    file: str
    summary: str
    points: float
    score: float
    auto_score: float
    status: ExerciseStatus | None  # None: nothing was graded
    reasons: tuple[Reason, ...]
    passed: tuple[str, ...]
    comment: str

    @property
    def verdict(self) -> str:
        """The status in words."""
        if self.by_hand:
            return "set by a person"
        if self.status is ExerciseStatus.FAILED and self.stopped:
            return "cannot be loaded"
        return words.STATUS[self.status] if self.status else "not graded"

    @property
    def kind(self) -> str:
        """Which colour the exercise has."""
        if self.by_hand:
            return "good" if self.score >= self.points else "part" if self.score > 0 else "lost"
        return words.kind(self.status) if self.status else "open"

    @property
    def share(self) -> float:
        """The score as a part of the points, between 0 and 1."""
        return min(max(self.score / self.points, 0.0), 1.0) if self.points > 0 else 0.0

    @property
    def by_hand(self) -> bool:
        """Whether a person has set another score than the tests."""
        return abs(self.score - self.auto_score) > 5e-4  # the tests' score has four decimals

    @property
    def worth_telling(self) -> bool:
        """Whether there is more to say than that all tests passed."""
        right = self.status is ExerciseStatus.PASSED
        return not right or self.by_hand or bool(self.comment)

    @property
    def stopped(self) -> str:
        """The one thing that kept all of its tests from judging, if that is all there is to say."""
        alone = len(self.reasons) == 1 and not (self.passed or self.comment or self.by_hand)
        return self.reasons[0].said if alone and not self.reasons[0].judged else ""


def card(
    anchor: str,
    exercise: Mapping[str, Any],
    result: ExerciseResult | None,
    cell: Mapping[str, Any] | None,
    general: str = "",
) -> Card:
    """What the assignment, the report and the notebook's cell say about one exercise.

    `general` is said about the submission as a whole.
    """
    grade = (cell["metadata"].get("nbgrader") or {}) if cell else {}
    ours = (cell["metadata"].get("autograder") or {}) if cell else {}
    auto_score = float(_first(ours.get("auto_score"), result.score if result else 0.0))
    reasons = _reasons(result) if result else ()
    return Card(
        anchor=anchor,
        name=exercise["name"],
        file=exercise["file"],
        summary=exercise["summary"],
        points=float(grade.get("points") or exercise["points"]),
        score=float(_first(grade.get("score"), auto_score)),
        auto_score=auto_score,
        status=result.status if result else None,
        reasons=reasons,
        passed=_passed(result) if result else (),
        comment=_comment(grade.get("comment"), {general, *(each.said for each in reasons)}),
    )


def _first(value: Any, other: float) -> Any:
    return other if value is None else value


def _reasons(result: ExerciseResult) -> tuple[Reason, ...]:
    """The tests that did not pass, by what is said about them; the exercise's own message first."""
    lost: dict[str, list[TestResult]] = {result.message: []} if result.message else {}
    for test in result.tests:
        if test.status is not TestStatus.PASSED:
            said = test.diagnosis.message if test.diagnosis else "does not pass yet"
            lost.setdefault(said, []).append(test)
    return tuple(
        Reason(said, tuple(test.title for test in tests), judged=any(map(_judged, tests)))
        for said, tests in lost.items()
    )


def _judged(test: TestResult) -> bool:
    imported = test.diagnosis is None or test.diagnosis.code != "import"
    return imported and test.status not in _UNJUDGED


def _passed(result: ExerciseResult) -> tuple[str, ...]:
    return tuple(test.title for test in result.tests if test.status is TestStatus.PASSED)


def _comment(comment: str | None, known: set[str]) -> str:
    """A person's comment; an automatic one says line by line what stands on the page anyway."""
    text = (comment or "").strip()
    return "" if all(line.strip() in known for line in text.splitlines()) else text
