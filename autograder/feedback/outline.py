"""What a feedback page shows, as plain values: from an autograded notebook and what nbgrader adds.

Texts are still as they were handed in; the template's environment makes them harmless.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autograder.errors import StaffError
from autograder.feedback.exercises import Card, card
from autograder.feedback.listing import Listing, complaints, listing
from autograder.feedback.questions import Question, questions
from autograder.feedback.steps import Step, steps
from autograder.feedback.words import Places
from autograder.report import Report, ReportStatus


@dataclass(frozen=True)
class Group:
    """The exercises of one file."""

    file: str
    cards: tuple[Card, ...]

    @property
    def score(self) -> float:
        """What they got."""
        return sum(card.score for card in self.cards)

    @property
    def points(self) -> float:
        """What they are worth."""
        return sum(card.points for card in self.cards)


@dataclass(frozen=True)
class Marks:
    """What it all comes to; the score is what is left after the late penalty."""

    score: float
    max_score: float
    late_penalty: float

    @property
    def share(self) -> float:
        """The score as a part of the maximum, between 0 and 1."""
        return min(max(self.score / self.max_score, 0.0), 1.0) if self.max_score > 0 else 0.0


@dataclass(frozen=True)
class Page:
    """Everything that is on a student's page."""

    title: str
    student: str
    report: Report
    groups: tuple[Group, ...]
    questions: tuple[Question, ...]
    listings: tuple[Listing, ...]
    steps: tuple[Step, ...]
    marks: Marks

    @property
    def cards(self) -> list[Card]:
        """All exercises."""
        return [card for group in self.groups for card in group.cards]

    @property
    def told(self) -> list[list[Card]]:
        """Those that there is something to say about; those with the same obstacle together."""
        found: dict[tuple[str, str], list[Card]] = {}
        for each in self.cards:
            if each.worth_telling:
                alike = (each.verdict, each.stopped) if each.stopped else (each.anchor, "")
                found.setdefault(alike, []).append(each)
        return list(found.values())

    @property
    def passed(self) -> list[Card]:
        """Those that passed all tests, and that is all."""
        return [card for card in self.cards if not card.worth_telling]

    @property
    def is_error(self) -> bool:
        """Whether there is no score, through no fault of the student."""
        return self.report.status is ReportStatus.ERROR

    @property
    def is_rejected(self) -> bool:
        """Whether intake refused what was handed in."""
        return self.report.status is ReportStatus.REJECTED

    @property
    def judged(self) -> bool:
        """Whether exercises have something to show: verdicts, or a person's points and comments."""
        by_hand = any(card.by_hand or card.comment for card in self.cards)
        return self.report.status is ReportStatus.GRADED or by_hand

    @property
    def automatic(self) -> float:
        """The points that the tests gave."""
        return sum(card.auto_score for card in self.cards)

    @property
    def exercise_points(self) -> float:
        """The points of all exercises."""
        return sum(card.points for card in self.cards)

    @property
    def by_hand(self) -> float:
        """What a person changed about the points of the tests."""
        return sum(card.score - card.auto_score for card in self.cards)

    @property
    def answers(self) -> float:
        """The points of the questions so far."""
        return sum(question.score for question in self.questions)

    @property
    def question_points(self) -> float:
        """The points of all questions."""
        return sum(question.points for question in self.questions)

    @property
    def waiting(self) -> int:
        """How many answers nobody has read yet."""
        return sum(not question.graded for question in self.questions)

    @cached_property
    def places(self) -> Places:
        """The anchors of lines that something was said about."""
        return {place: a for each in self.listings for place, a in each.places().items()}


def outline(notebook: Mapping[str, Any], resources: Mapping[str, Any]) -> Page:
    """The page of one autograded notebook; StaffError where it is none of ours."""
    graded = resources.get("nbgrader") or {}
    ours = notebook["metadata"].get("autograder")
    if not ours:
        who = "/".join(str(graded.get(key, "?")) for key in ("student", "assignment", "notebook"))
        raise StaffError(f"the notebook {who} holds no report; grade and autograde it first")
    report = Report.model_validate(ours["report"])
    cells = notebook["cells"]
    groups = tuple(_groups(ours["assignment"], report, cells))
    answers = tuple(questions(cells))
    summaries = {each["name"]: each["summary"] for each in ours["assignment"]["exercises"]}
    return Page(
        title=ours["assignment"]["title"],
        student=str(graded.get("student") or report.submission.student),
        report=report,
        groups=groups,
        questions=answers if _told(report, answers) else (),
        listings=tuple(_listings(cells, report)),
        steps=steps(report, summaries),
        marks=_marks(graded, groups, answers),
    )


def _told(report: Report, answers: Sequence[Question]) -> bool:
    """Whether questions have something to show: all of them once something was graded."""
    said = any(each.answer or each.score or each.comment for each in answers)
    return said or report.status is ReportStatus.GRADED


def _marks(
    graded: Mapping[str, Any], groups: Sequence[Group], answers: Sequence[Question]
) -> Marks:
    """What nbgrader says, and where it is silent, what the cells add up to."""
    score = sum(each.score for each in groups) + sum(each.score for each in answers)
    points = sum(each.points for each in groups) + sum(each.points for each in answers)
    penalty = float(graded.get("late_penalty") or 0.0)
    return Marks(
        score=float(graded.get("score", score - penalty)),
        max_score=float(graded.get("max_score", points)),
        late_penalty=penalty,
    )


def _ours(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = cell["metadata"].get("autograder") or {}
    return found


def _groups(
    assignment: Mapping[str, Any], report: Report, cells: Sequence[Mapping[str, Any]]
) -> Iterator[Group]:
    results = {result.name: result for result in report.exercises}
    by_name = {_ours(cell)["exercise"]: cell for cell in cells if "exercise" in _ours(cell)}
    cards = [
        card(f"e{n}", each, results.get(each["name"]), by_name.get(each["name"]), report.message)
        for n, each in enumerate(assignment["exercises"], start=1)
    ]
    for file in dict.fromkeys(each.file for each in cards):
        yield Group(file, tuple(each for each in cards if each.file == file))


def _listings(cells: Sequence[Mapping[str, Any]], report: Report) -> Iterator[Listing]:
    files = [cell for cell in cells if "file" in _ours(cell)]
    said = {
        _ours(cell)["file"]: {
            int(n): [text] for n, text in (_ours(cell).get("lines") or {}).items()
        }
        for cell in files
    }
    about = complaints(report, said)
    for number, cell in enumerate(files, start=1):
        name = _ours(cell)["file"]
        yield listing(f"f{number}", name, cell["source"], about.get(name, {}))
