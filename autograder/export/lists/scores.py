"""The scores that leave for other systems: the gradebook's where there is one, or the reports'."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.assignment import Assignment
from autograder.errors import UsageError
from autograder.export.lists.people import Kind, keys, listed, of_kinds
from autograder.export.lists.sheet import plain
from autograder.feedback import lateness
from autograder.grading import written
from autograder.report import ExerciseResult, ExerciseStatus, Report, ReportStatus

if TYPE_CHECKING:  # it needs nbgrader's part, and a gradebook does
    from autograder.feedback.rows import Marks

DATABASE = "gradebook.db"
ROSTER = "roster.csv"
_DECIMALS = 4


@dataclass(frozen=True)
class Score:
    """What one student has, late penalty taken off; `points` is None where we failed to grade."""

    student: str
    points: float | None
    report: Report
    lost: float = 0.0  # for being late
    by_hand: Collection[str] = ()  # exercises and questions that a person has graded
    comments: Mapping[str, str] = field(default_factory=dict)  # by people

    def out_of(self, most: float, here: float) -> float:
        """Return the points where there are `here` instead of `most`."""
        assert self.points is not None
        return round(self.points * here / most, _DECIMALS)


@dataclass(frozen=True)
class Scores:
    """Everybody's score, of how many points, who they are elsewhere, and what is to be said."""

    everyone: Mapping[str, Score]
    most: float
    keys: Mapping[str, frozenset[str]]
    emails: Mapping[str, str]
    numbers: Mapping[str, str]
    notes: tuple[str, ...] = ()

    @property
    def graded(self) -> dict[str, Score]:
        """Those who have a score."""
        return {name: each for name, each in self.everyone.items() if each.points is not None}

    @property
    def ungraded(self) -> list[str]:
        """Those who have none, through a fault of ours."""
        return [name for name, each in self.everyone.items() if each.points is None]


def load(assignment: Assignment, folder: Path, course: Path) -> Scores:
    """Read a class's reports, and what the course folder knows beyond them."""
    reports = {each.student: each.report for each in written.read(assignment, folder)}
    emails, numbers = _people(course, assignment.slug)
    if (course / DATABASE).is_file():
        everyone, most, notes = _of_gradebook(assignment, reports, course)
    else:
        everyone = {name: Score(name, each.score, each) for name, each in reports.items()}
        most, notes = assignment.max_score, _not_charged(assignment, course)
    known = {
        name: of_kinds((Kind.NAME,), keys(name, emails.get(name)))
        | of_kinds((Kind.NUMBER,), keys(numbers.get(name)))
        for name in everyone
    }
    return Scores(everyone, most, known, emails, numbers, tuple(notes))


def _people(course: Path, slug: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return what the roster says: student -> e-mail, student -> number in the other system."""
    if not (course / ROSTER).is_file():
        return {}, {}
    from autograder.feedback import roster

    people = roster.read(course, slug).students.values()
    emails = {each.id: each.email for each in people if each.email}
    return emails, {each.id: each.lms_user_id for each in people if each.lms_user_id}


def _of_gradebook(
    assignment: Assignment, reports: Mapping[str, Report], course: Path
) -> tuple[dict[str, Score], float, list[str]]:
    """Penalties are worked out anew: grace days are spent over all assignments."""
    from autograder.feedback import gradebook, roster

    gradebook.update_penalties(course, lateness.load(assignment.root), roster.grace_days(course))
    marks = gradebook.marks(course, assignment.slug)
    known = gradebook.known(course, assignment.slug)
    scored = [name for name, each in reports.items() if each.status is not ReportStatus.ERROR]
    if missing := [name for name in scored if name not in marks]:
        advice = f"autograder gradebook import {assignment.slug} --course {course}"
        said = f"no grade of {listed(missing)} is in this gradebook: {advice}"
        raise UsageError(f"{course / DATABASE}: {said}")
    everyone = {name: Score(name, None, each) for name, each in reports.items()}
    everyone |= {name: _score(reports[name], marks[name]) for name in scored}
    most = sum(known.points.values()) if known else assignment.max_score
    waiting = [name for name in scored if any(m.waits for m in marks[name].grades.values())]
    notes = [f"scores and late penalties are those of {course / DATABASE}"]
    if waiting:
        notes.append(f"answers that wait for a person count as they are: {listed(waiting)}")
    return everyone, most, notes


def _score(report: Report, marks: "Marks") -> Score:
    got = round(sum(mark.score for mark in marks.grades.values()), _DECIMALS)
    points = max(0.0, round(got - marks.penalty, _DECIMALS))
    return Score(
        report.submission.student,
        points,
        report,
        lost=round(got - points, _DECIMALS),
        by_hand=[cell for cell, mark in marks.grades.items() if mark.manual is not None],
        comments=marks.comments,
    )


def _not_charged(assignment: Assignment, course: Path) -> list[str]:
    policy = lateness.load(assignment.root).policy
    if policy is lateness.Policy.NONE:
        return []
    advice = f"autograder gradebook import {assignment.slug} --course {course}"
    said = f"there is no {course / DATABASE}: {advice}"
    return [f"nobody was charged for being late ({policy}), since {said}"]


def feedback(score: Score, most: float, here: float) -> str:
    """Return what a student is told, as HTML on one line: the points and where others went."""
    assert score.points is not None
    lines = [f"{plain(score.out_of(most, here))} of {plain(here)} points."]
    if score.lost:
        lines.append(f"{plain(score.lost * here / most)} points were taken off for being late.")
    if score.report.message:
        lines.append(score.report.message)
    if score.by_hand:
        lines.append(f"Graded by hand: {', '.join(score.by_hand)}.")
    every = (each for each in score.report.exercises if each.name not in score.by_hand)
    lines += _told([each for each in every if each.status is not ExerciseStatus.PASSED])
    lines += [f"{name}: {said}" for name, said in score.comments.items()]
    return "<br>".join(_html(line) for line in lines)


def _told(lost: Sequence[ExerciseResult]) -> list[str]:
    heads = [f"{each.name}: {plain(each.score)} of {plain(each.points)}" for each in lost]
    said = [str(each.status).replace("_", " ") for each in lost]
    tails = [f": {each.message}" if each.message else "" for each in lost]
    return [
        f"{head}, {status}{tail}" for head, status, tail in zip(heads, said, tails, strict=True)
    ]


def _html(text: str) -> str:
    return "<br>".join(escape(line, quote=False) for line in text.splitlines())
