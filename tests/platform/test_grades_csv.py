"""Our export behind `nbgrader export`: every decimal, every name, everybody."""

import csv
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbgrader.api import Gradebook
from nbgrader.plugins import CsvExportPlugin
from reports import FULL, bring_in, graded, new_gradebook, opened

from autograder.assignment import Assignment
from autograder.feedback.grades_csv import COLUMNS, CsvOfScores
from autograder.feedback.roster import Roster
from autograder.feedback.rows import Student
from autograder.feedback.spreadsheet import plain

THIRDS = {f"e{number}": 100 / 31 for number in range(31)}
awkward = st.lists(st.floats(0, 100 / 31).map(lambda s: round(s, 4)), min_size=31, max_size=31)


def exported(folder: Path, **wanted: list[str]) -> list[dict[str, str]]:
    """The rows of our export."""
    to = folder / "grades.csv"
    with opened(folder) as book:
        CsvOfScores(to=str(to), **wanted).export(book)
    with to.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@given(awkward)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_score_is_the_reports_to_the_last_decimal(
    mini_course: Assignment, tmp_path_factory: pytest.TempPathFactory, values: list[float]
) -> None:
    """Whatever sums of floating-point numbers give."""
    folder = new_gradebook(tmp_path_factory.mktemp("book"), THIRDS)
    each = graded("ann", dict(zip(THIRDS, values, strict=True)), THIRDS)
    bring_in(mini_course, folder, each)
    (row,) = exported(folder)
    assert row["raw_score"] == row["score"] == str(each.report.score)


def test_columns_are_nbgraders(mini_course: Assignment, tmp_path: Path) -> None:
    """In its order, and with its words for what is not there."""
    folder = new_gradebook(tmp_path / "book", FULL)
    bring_in(mini_course, folder, graded())
    (ours,) = exported(folder)
    with opened(folder) as book:
        CsvExportPlugin(to=str(folder / "theirs.csv")).export(book)
    with (folder / "theirs.csv").open(newline="") as file:
        (theirs,) = csv.DictReader(file)
    assert tuple(theirs) == COLUMNS
    assert ours == theirs


def test_names_are_quoted(mini_course: Assignment, tmp_path: Path) -> None:
    """Commas, quotes and lines in names stay in their field."""
    folder = new_gradebook(tmp_path / "book", FULL)
    odd = Student("a,b", first_name='An "n"', last_name="of\ntwo, lines")
    bring_in(mini_course, folder, graded("a,b"), roster=Roster(students={"a,b": odd}))
    (row,) = exported(folder)
    assert (row["student_id"], row["first_name"]) == ("a,b", 'An "n"')
    assert row["last_name"] == "of\ntwo, lines"


def test_no_name_is_a_formula(mini_course: Assignment, tmp_path: Path) -> None:
    """A spreadsheet computes nothing, and each name can be had back."""
    folder = new_gradebook(tmp_path / "book", FULL)
    odd = Student("=1+1", first_name="@SUM(A1)", last_name="-\r2", email="+x@example.org")
    bring_in(mini_course, folder, graded("=1+1"), roster=Roster(students={"=1+1": odd}))
    (row,) = exported(folder)
    names = [row[key] for key in ("student_id", "first_name", "last_name", "email")]
    assert [name[0] for name in names] == ["'"] * 4
    assert [plain(name) for name in names] == ["=1+1", "@SUM(A1)", "-\r2", "+x@example.org"]


def test_who_handed_in_nothing_has_nothing(mini_course: Assignment, tmp_path: Path) -> None:
    """And stands in the table."""
    folder = new_gradebook(tmp_path / "book", FULL)
    bring_in(mini_course, folder, graded(), roster=Roster(students={"bob": Student("bob")}))
    found = {row["student_id"]: row["score"] for row in exported(folder)}
    assert found == {"ann": "100.0", "bob": "0.0"}


def test_a_part_can_be_chosen(mini_course: Assignment, tmp_path: Path) -> None:
    """As with nbgrader's own export: by student and by assignment."""
    folder = new_gradebook(tmp_path / "book", FULL)
    bring_in(mini_course, folder, graded(), graded("bob"))
    assert [row["student_id"] for row in exported(folder, student=["bob"])] == ["bob"]
    assert exported(folder, assignment=["another"]) == []
    assert len(exported(folder, assignment=["mini"])) == 2


def test_a_penalty_never_goes_below_nothing(mini_course: Assignment, tmp_path: Path) -> None:
    """Whatever somebody has written into the gradebook."""
    folder = new_gradebook(tmp_path / "book", FULL)
    bring_in(mini_course, folder, graded())
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        submission = book.find_submission("mini", "ann")
        submission.extension = timedelta(days=1)
        submission.notebooks[0].late_submission_penalty = 120.5
        book.db.commit()
    (row,) = exported(folder)
    assert (row["late_submission_penalty"], row["score"]) == ("120.5", "0.0")
