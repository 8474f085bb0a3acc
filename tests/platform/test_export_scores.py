"""What leaves is the gradebook's grade, late penalty and all; without one, the reports' scores."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from reports import FULL, bring_in, by_hand, graded, new_gradebook, save, ungraded

from autograder import assignment
from autograder.assignment import Assignment
from autograder.errors import StaffError, UsageError
from autograder.export.lists import scores
from autograder.feedback.roster import Roster

HALF = {"double": 20.0, "softmax_loss": 60.0}
LATE = '[late]\npolicy = "percent_per_day"\npercent = 10\n'


@pytest.fixture
def due(mini_course: Assignment) -> Assignment:
    """The miniature course with a due date, and a policy for what is late."""
    text = mini_course.toml.read_text("utf-8")
    mini_course.toml.write_text(f"due = 2026-12-01T12:00:00Z\n{text}", "utf-8")
    (mini_course.root / "course.toml").write_text(LATE)
    return assignment.load("mini", mini_course.root)


def came(day: int) -> Roster:
    """Ann handed in on a day of December."""
    moment = datetime(2026, 12, day, 12, tzinfo=UTC).replace(tzinfo=None)
    return Roster(times={"ann": moment}, handed_in=frozenset({"ann"}))


def test_late_penalties_are_taken_off(due: Assignment, tmp_path: Path) -> None:
    """Two days at a tenth each; feedback says so."""
    course = new_gradebook(tmp_path / "course", FULL)
    each = graded("ann", HALF)
    bring_in(due, course, each, roster=came(3))
    got = scores.load(due, save(tmp_path / "graded", each), course)
    ann = got.everyone["ann"]
    assert (ann.points, ann.lost, got.most) == (64.0, 16.0, 100.0)
    assert "16 points were taken off for being late." in scores.feedback(ann, got.most, 100)
    assert got.notes == (f"scores and late penalties are those of {course / 'gradebook.db'}",)


def test_manual_scores_count(mini_course: Assignment, tmp_path: Path) -> None:
    """What a person gave is the grade, and what they wrote is told; not what we had said."""
    course = new_gradebook(tmp_path / "course", FULL)
    each = graded("ann", HALF)
    bring_in(mini_course, course, each)
    by_hand(course, "double", manual_score=39.0, manual_comment="<Nice> & short.")
    got = scores.load(mini_course, save(tmp_path / "graded", each), course)
    ann = got.everyone["ann"]
    assert ann.points == 99.0
    assert scores.feedback(ann, got.most, 100) == (
        "99 of 100 points.<br>Graded by hand: double.<br>double: &lt;Nice&gt; &amp; short."
    )


def test_reports_that_the_gradebook_does_not_know(mini_course: Assignment, tmp_path: Path) -> None:
    """Are imported first; nobody gets another grade than the book's."""
    course = new_gradebook(tmp_path / "course", FULL)
    folder = save(tmp_path / "graded", graded("ann", HALF))
    with pytest.raises(UsageError, match="no grade of ann .*: autograder gradebook import mini"):
        scores.load(mini_course, folder, course)


def test_without_a_gradebook_lateness_is_not_charged(due: Assignment, tmp_path: Path) -> None:
    """Which is said, since grace days are known to the gradebook only."""
    got = scores.load(due, save(tmp_path / "graded", graded("ann", HALF)), tmp_path / "course")
    assert got.everyone["ann"].points == 80.0
    assert "nobody was charged for being late (percent_per_day)" in got.notes[0]


def test_a_report_without_a_score_has_none(mini_course: Assignment, tmp_path: Path) -> None:
    """With a gradebook and without."""
    folder = save(tmp_path / "graded", graded("ann", HALF), ungraded("error", "lost", "bob"))
    course = new_gradebook(tmp_path / "course", FULL)
    bring_in(mini_course, course, graded("ann", HALF))
    for place in (course, tmp_path / "none"):
        got = scores.load(mini_course, folder, place)
        assert (list(got.graded), got.ungraded) == (["ann"], ["bob"])


def test_reports_are_what_grade_wrote(mini_course: Assignment, tmp_path: Path) -> None:
    """Others are refused with their place."""
    with pytest.raises(UsageError, match="no reports"):
        scores.load(mini_course, tmp_path / "none", tmp_path)
    place = save(tmp_path / "graded", graded("ann", HALF)) / "ann" / "report.json"
    text = place.read_text()
    (tmp_path / "graded" / "twin").mkdir()
    (tmp_path / "graded" / "twin" / "report.json").write_text(text)
    with pytest.raises(UsageError, match="twin and .*ann are both about 'ann'"):
        scores.load(mini_course, tmp_path / "graded", tmp_path)
    place.write_text(text.replace('"mini"', '"maxi"'))
    with pytest.raises(UsageError, match="about maxi, not about mini"):
        scores.load(mini_course, tmp_path / "graded", tmp_path)
    place.write_text("{}")
    with pytest.raises(StaffError, match="grade the submission again"):
        scores.load(mini_course, tmp_path / "graded", tmp_path)
