"""Reports in nbgrader's gradebook: what comes in, what people gave, and what must not be lost."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from nbgrader import api
from reports import (
    FULL,
    WHY,
    bring_in,
    by_hand,
    dump,
    graded,
    marks,
    new_gradebook,
    opened,
    score,
    ungraded,
)
from sqlalchemy import create_engine

from autograder.assignment import Assignment
from autograder.errors import UsageError
from autograder.feedback import gradebook, lateness, rows
from autograder.feedback.roster import Roster
from autograder.feedback.rows import Student

HALF = {"double": 40.0, "softmax_loss": 33.3333}
ANSWERED = {"answers": {"question_1": "Nothing."}}
OPEN = (None, None, 0.0, True, None)  # a question that waits for a person
UNANSWERED = (0.0, None, 0.0, False, "No response.")


def test_a_report_comes_in(mini_course: Assignment, course: Path) -> None:
    """Scores and what is said about them stand at the exercises; what is right needs no word."""
    done = bring_in(mini_course, course, graded(scores=HALF))
    assert (done.students, done.skipped) == (("ann",), ())
    assert marks(course, "double") == (40.0, None, 40.0, False, None)
    assert marks(course, "softmax_loss") == (33.3333, None, 33.3333, False, WHY)
    assert f"{score(course):.4f}" == "73.3333"


def test_questions_wait_for_a_person(mini_course: Assignment, course: Path) -> None:
    """What was answered has no score yet; what was not has 0, and says so in nbgrader's words."""
    bring_in(mini_course, course, graded(**ANSWERED))
    assert marks(course, "question_1") == OPEN
    assert marks(course, "question_2") == UNANSWERED
    with opened(course) as book:
        assert book.find_submission("mini", "ann").needs_manual_grade
        assert book.find_submission("mini", "ann").max_score == 110


def test_who_the_students_are(mini_course: Assignment, course: Path) -> None:
    """Everybody on the roster is there, whether anything came from them or not."""
    people = {"ann": Student("ann", "Ann", "Ash", "a@u.example", "7"), "bob": Student("bob", "Bob")}
    bring_in(mini_course, course, graded(), roster=Roster(students=people))
    bring_in(mini_course, course, graded(), graded("cyd"))  # without: nothing is forgotten
    with opened(course) as book:
        ann = book.find_student("ann")
        assert (ann.first_name, ann.last_name, ann.email, ann.lms_user_id) == (
            "Ann", "Ash", "a@u.example", "7",
        )  # fmt: skip
        assert sorted(each.id for each in book.students) == ["ann", "bob", "cyd"]
        assert [each.student.id for each in book.assignment_submissions("mini")] == ["ann", "cyd"]


def test_a_regrade_is_the_new_report(mini_course: Assignment, course: Path) -> None:
    """Scores and words of the report before are gone; the same one again changes nothing."""
    bring_in(mini_course, course, graded(scores=HALF))
    bring_in(mini_course, course, graded())
    assert marks(course, "softmax_loss") == (60.0, None, 60.0, False, None)
    before = dump(course)
    bring_in(mini_course, course, graded())
    assert dump(course) == before


def test_what_people_gave_survives(mini_course: Assignment, course: Path) -> None:
    """Manual scores, comments and extra credit stay, and are to be looked at again."""
    bring_in(mini_course, course, graded(scores=HALF))
    by_hand(course, "softmax_loss", manual_score=50, extra_credit=2.5, manual_comment="Well!")
    bring_in(mini_course, course, graded())
    assert marks(course, "softmax_loss") == (60.0, 50.0, 52.5, True, "Well!")
    assert score(course) == 92.5


def test_an_answer_that_was_graded_stays_graded(mini_course: Assignment, course: Path) -> None:
    """The same answer again needs no second look, and keeps its score and comment."""
    bring_in(mini_course, course, graded(**ANSWERED))
    by_hand(course, "question_1", manual_score=4, manual_comment="Nearly.")
    seen = {"ann": {"question_1": "Nothing.", "question_2": ""}}
    for known in (None, {}, seen):
        gradebook.import_reports(mini_course, course, [graded(**ANSWERED)], Roster(), known)
        assert marks(course, "question_1") == (None, 4.0, 4.0, False, "Nearly.")


def test_another_answer_is_looked_at_again(mini_course: Assignment, course: Path) -> None:
    """The grade of the answer before stays until somebody has read the new one."""
    bring_in(mini_course, course, graded(**ANSWERED))
    by_hand(course, "question_1", manual_score=4)
    seen = {"ann": {"question_1": "It depends."}, "gone": {"question_1": ""}}
    gradebook.import_reports(mini_course, course, [graded(**ANSWERED)], Roster(), seen)
    assert marks(course, "question_1") == (None, 4.0, 4.0, True, None)


def test_an_answer_that_comes_later_waits(mini_course: Assignment, course: Path) -> None:
    """From nothing to an answer, and back to nothing."""
    bring_in(mini_course, course, graded())
    assert marks(course, "question_1") == UNANSWERED
    bring_in(mini_course, course, graded(**ANSWERED))
    assert marks(course, "question_1") == OPEN
    bring_in(mini_course, course, graded())
    assert marks(course, "question_1") == UNANSWERED


def test_a_grade_for_an_answer_that_is_gone(mini_course: Assignment, course: Path) -> None:
    """What a person gave is not taken away by a machine: it is to be looked at again."""
    bring_in(mini_course, course, graded(**ANSWERED))
    by_hand(course, "question_1", manual_score=4)
    bring_in(mini_course, course, graded())
    assert marks(course, "question_1") == (0.0, 4.0, 4.0, True, "No response.")


def test_a_refused_submission_is_a_zero_with_its_reason(
    mini_course: Assignment, course: Path
) -> None:
    """The reason stands at each exercise; nothing waits for a person."""
    bring_in(mini_course, course, ungraded("rejected", "x.zip is not a zip file."))
    assert marks(course, "double") == (0.0, None, 0.0, False, "x.zip is not a zip file.")
    assert marks(course, "question_1") == UNANSWERED
    with opened(course) as book:
        assert not book.find_submission("mini", "ann").needs_manual_grade


def test_an_error_of_ours_touches_no_grade(mini_course: Assignment, course: Path) -> None:
    """The former grade, comment and time stay; who never had a grade gets none."""
    bring_in(mini_course, course, graded(scores=HALF))
    before = dump(course)
    late = Roster(times={"ann": datetime(2026, 12, 9)}, extensions={"ann": timedelta(days=8)})
    done = bring_in(mini_course, course, ungraded("error", "lost"), roster=late)
    assert (done.students, done.skipped) == ((), ("ann",))
    assert dump(course) == before
    bring_in(mini_course, course, ungraded("error", "lost", "bob"))
    with opened(course) as book:
        assert [each.student.id for each in book.assignment_submissions("mini")] == ["ann"]


@pytest.mark.parametrize(
    "step",
    ["save_students", "save_submissions", "save_grades", "save_comments", "save_penalties"],
)
def test_an_import_is_whole_or_not_at_all(
    mini_course: Assignment, course: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Whatever breaks whenever: the gradebook is what it was."""
    bring_in(mini_course, course, graded(scores=HALF))
    before, real = dump(course), getattr(rows, step)

    def broken(*arguments: object) -> None:
        real(*arguments)
        raise MemoryError

    monkeypatch.setattr(rows, step, broken)
    with pytest.raises(MemoryError):
        bring_in(mini_course, course, graded(**ANSWERED), graded("bob"))
    assert dump(course) == before


DUE = datetime(2026, 12, 1, 12, tzinfo=UTC)
LATE = Roster(times={"ann": datetime(2026, 12, 3, 12)})  # two days


@pytest.fixture
def dated(mini_course: Assignment) -> Assignment:
    """The miniature assignment, due on 1 December, at 10 percent a day."""
    policy(mini_course, "policy = 'percent_per_day'")
    return mini_course.model_copy(update={"due": DUE})


def policy(assignment: Assignment, text: str) -> None:
    """Write the course's policy."""
    (assignment.root / "course.toml").write_text(f"[late]\n{text}\n")


def lost(folder: Path, student: str = "ann") -> tuple[float, float]:
    """What nbgrader says that lateness costs, and what is left, as its export says it."""
    with opened(folder) as book:
        found = book.find_submission("mini", student)
        return found.late_submission_penalty, max(0.0, found.score - found.late_submission_penalty)


def updated(assignment: Assignment, folder: Path, **grace: int) -> tuple[float, float]:
    """Work out penalties again, and return ann's."""
    gradebook.update_penalties(folder, lateness.load(assignment.root), grace)
    return lost(folder)


def test_lateness_is_charged(dated: Assignment, course: Path) -> None:
    """Two days at ten percent; who came in time, or when nobody knows, loses nothing."""
    bring_in(dated, course, graded(), graded("bob"), roster=LATE)
    assert lost(course) == (20.0, 80.0)
    assert lost(course, "bob") == (0.0, 100.0)
    with opened(course) as book:
        assert book.find_submission("mini", "ann").total_seconds_late == 2 * 24 * 3600


def test_hard_lateness_leaves_exactly_nothing(dated: Assignment, course: Path) -> None:
    """Not 1e-14 points: the penalty is nbgrader's own sum."""
    policy(dated, "policy = 'hard'")
    odd = {"double": 0.1 + 0.2, "softmax_loss": 33.3333}
    bring_in(dated, course, graded(scores=odd), roster=LATE)
    by_hand(course, "question_1", manual_score=0.7)
    assert updated(dated, course)[1] == 0.0


def test_an_extension_counts_and_stays(dated: Assignment, course: Path) -> None:
    """It is kept until another one is said, 0 included."""
    for days, left in ((1, 90.0), (None, 90.0), (5, 100.0), (0, 80.0)):
        given = {} if days is None else {"ann": timedelta(days=days)}
        bring_in(dated, course, graded(), roster=Roster(times=LATE.times, extensions=given))
        assert lost(course)[1] == left


def test_grace_days_are_the_courses_or_the_students_own(dated: Assignment, course: Path) -> None:
    """The roster's number goes before the policy's."""
    policy(dated, "policy = 'percent_per_day'\ngrace_days = 1")
    bring_in(dated, course, graded(), roster=LATE)
    assert lost(course)[1] == 90.0
    assert updated(dated, course, ann=2)[1] == 100.0
    assert updated(dated, course, ann=0)[1] == 80.0
    assert updated(dated, course, bob=0)[1] == 90.0


def test_grace_days_are_spent_over_the_course(dated: Assignment, course: Path) -> None:
    """An earlier assignment that comes in later takes them from a later one."""
    policy(dated, "policy = 'percent_per_day'\ngrace_days = 2")
    bring_in(dated, course, graded(), roster=LATE)
    assert lost(course) == (0.0, 100.0)
    new_gradebook(course, FULL, "first")
    first = dated.model_copy(update={"slug": "first", "due": DUE - timedelta(days=9)})
    came = Roster(times={"ann": datetime(2026, 11, 23, 12)})
    bring_in(first, course, graded(), roster=came)
    assert lost(course) == (10.0, 90.0)


def test_a_penalty_follows_the_score(dated: Assignment, course: Path) -> None:
    """What people give changes what lateness takes, when penalties are worked out again."""
    bring_in(dated, course, graded(**ANSWERED), roster=LATE)
    by_hand(course, "question_1", manual_score=5)
    by_hand(course, "double", manual_score=0, extra_credit=1)
    assert updated(dated, course) == (13.2, 52.8)
    policy(dated, "policy = 'none'")
    assert updated(dated, course) == (0.0, 66.0)


def test_another_due_date_counts_from_the_next_import(dated: Assignment, course: Path) -> None:
    """One that was moved is followed; without one, the gradebook keeps what it has."""
    bring_in(dated, course, graded(), roster=LATE)
    bring_in(dated.model_copy(update={"due": None}), course, graded())
    assert lost(course) == (20.0, 80.0)
    bring_in(dated.model_copy(update={"due": DUE + timedelta(days=2)}), course, graded())
    assert lost(course) == (0.0, 100.0)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A locked gradebook is waited for a moment instead of SQLite's five seconds."""
    create = partial(create_engine, connect_args={"timeout": 0.05})
    monkeypatch.setattr(api, "create_engine", create)


@pytest.mark.parametrize("how", ["EXCLUSIVE", "IMMEDIATE"])
def test_a_locked_gradebook_is_left_alone(
    mini_course: Assignment, course: Path, impatient: None, how: str
) -> None:
    """Another program writes: one line says so, and nothing is changed."""
    bring_in(mini_course, course, graded(scores=HALF))
    before = dump(course)
    with closing(sqlite3.connect(course / "gradebook.db")) as other:
        other.execute(f"BEGIN {how}")
        with pytest.raises(UsageError, match=r"^sqlite:.*gradebook\.db: database is locked[^\n]*$"):
            bring_in(mini_course, course, graded())
    assert dump(course) == before


def test_what_is_no_gradebook_is_named(mini_course: Assignment, tmp_path: Path) -> None:
    """A file that is no database, and no file at all."""
    with pytest.raises(UsageError, match=r"gradebook\.db: no such file; `autograder gradebook"):
        bring_in(mini_course, tmp_path, graded())
    assert not (tmp_path / "gradebook.db").exists()
    (tmp_path / "gradebook.db").write_bytes(b"not a database" * 100)
    with pytest.raises(UsageError, match=r"gradebook\.db: file is not a database"):
        bring_in(mini_course, tmp_path, graded())
