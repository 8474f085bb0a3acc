"""Moodle's grade import and its offline grading worksheet."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

import pytest
from reports import WHY, graded, save, ungraded

from autograder.assignment import Assignment
from autograder.errors import UsageError
from autograder.export.lists import moodle, scores
from autograder.export.lists.filled import Filled, Wanted
from autograder.export.lists.scores import Scores

HALF = {"double": 20.0, "softmax_loss": 60.0}
LOST = f"80 of 100 points.<br>double: 20 of 40, partial: {WHY}"
HEAD = (
    'Identifier,"Full name","ID number","Email address",Status,Grade,"Maximum Grade",'
    '"Grade can be changed","Last modified (submission)","Last modified (grade)",'
    '"Feedback comments"\n'
)
DATE = '"Monday, 30 November 2026, 8:15 AM"'
ANN = f'"Participant 501","Ann Ash",u1,ann@uni.example,Submitted,,100.00,Yes,{DATE},-,\n'
BOB = '"Participant 502","Bob Bo",u2,bob@uni.example,"No submission",-,100.00,Yes,-,-,\n'
SHEET = HEAD + ANN + BOB
ROSTER = "student,email,lms_user_id\nann,ann@uni.example,u1\nbob,bob@uni.example,u2\n"


def known(
    mini: Assignment,
    students: Mapping[str, Mapping[str, float]] | None = None,
    roster: str = ROSTER,
) -> Scores:
    """Hand-made reports; ann has half of double's points."""
    students = {"ann": HALF} if students is None else students
    reports = save(mini.root / "graded", *(graded(name, got) for name, got in students.items()))
    (mini.root / "course").mkdir(exist_ok=True)
    if roster:
        (mini.root / "course" / "roster.csv").write_text(roster)
    return scores.load(mini, reports, mini.root / "course")


def fill(
    mini: Assignment, text: str = SHEET, wanted: Wanted | None = None, **told: object
) -> Filled:
    """Fill a worksheet."""
    (mini.root / "sheet.csv").write_text(text)
    return moodle.worksheet(
        mini.root / "sheet.csv",
        known(mini, **told),  # type: ignore[arg-type]
        wanted or Wanted(),
    )


def rows(done: Filled) -> list[list[str]]:
    """What another program reads."""
    return list(csv.reader(io.StringIO(done.content.decode(), newline="")))


def test_a_file_for_the_grade_import(mini_course: Assignment) -> None:
    """Who, how many points, and why not all."""
    done = moodle.grades(mini_course, known(mini_course), Wanted(by="email address"), None)
    assert rows(done) == [
        ["Email address", "A miniature course", "A miniature course (feedback)"],
        ["ann@uni.example", "80", LOST],
    ]


@pytest.mark.parametrize(
    ("by", "who"), [("Username", "ann"), ("ID number", "u1"), ("Email address", "ann@uni.example")]
)
def test_students_by_what_moodle_knows(mini_course: Assignment, by: str, who: str) -> None:
    """One of three columns, and points as Moodle has them."""
    done = moodle.grades(mini_course, known(mini_course), Wanted(by=by), 10)
    assert [row[:2] for row in rows(done)] == [[by, "A miniature course"], [who, "8"]]
    assert done.notes == ["100 points of ours are 10 there: scores are converted"]


def test_somebody_without_an_address(mini_course: Assignment) -> None:
    """Is named, and left out on demand."""
    told = known(mini_course, {"ann": HALF, "eve": HALF})
    with pytest.raises(UsageError, match="no Email address of 'eve'; add it, or leave them out"):
        moodle.grades(mini_course, told, Wanted(by="Email address"), None)
    done = moodle.grades(mini_course, told, Wanted(by="Email address", partial=True), None)
    assert done.written == ["ann"]
    assert done.notes == ["left out, since they are unknown there: eve"]


def test_two_with_one_address(mini_course: Assignment) -> None:
    """Case does not tell them apart."""
    roster = "student,email\nann,a@uni.example\nbob,A@uni.example\n"
    told = known(mini_course, {"ann": HALF, "bob": HALF}, roster)
    with pytest.raises(UsageError, match="'ann' and 'bob' have the same Email address"):
        moodle.grades(mini_course, told, Wanted(by="Email address"), None)


def test_another_identifier_is_refused(mini_course: Assignment) -> None:
    """With those that there are."""
    with pytest.raises(UsageError, match="takes one of: Email address, ID number, Username"):
        moodle.grades(mini_course, known(mini_course), Wanted(by="name"), None)


def test_a_worksheet_is_filled(mini_course: Assignment) -> None:
    """Grade and feedback of one line; everything else stays."""
    done = fill(mini_course)
    changed = ANN.replace(",,100.00", ",80,100.00").replace(",-,\n", f",-,{quoted(LOST)}\n")
    assert done.content.decode() == HEAD + changed + BOB
    assert done.left == [("line 3 (Bob Bo, participant 502)", "no report")]


def quoted(text: str) -> str:
    """A cell that has a comma in it."""
    return f'"{text}"'


@pytest.mark.parametrize(
    ("student", "roster"),
    [
        ("ann", ROSTER),
        ("ann@uni.example", ""),
        ("u1", ""),
        ("Ann Ash_501", ""),  # as `collect` calls her
        ("mouse", "student,email\nmouse,ANN@uni.example\n"),
    ],
)
def test_students_are_found(mini_course: Assignment, student: str, roster: str) -> None:
    """By address, number and name with participant."""
    assert fill(mini_course, students={student: HALF}, roster=roster).written == [student]


def test_blind_marking(mini_course: Assignment) -> None:
    """Participants without names are found by what `collect` calls them."""
    text = (
        "Identifier,Status,Grade,Maximum grade,Grade can be changed,Last modified (grade)\n"
        "Participant 501,Submitted,,50.00,Yes,-\n"
    )
    done = fill(mini_course, text, students={"Participant_501": HALF}, roster="")
    assert rows(done)[1][2] == "40"


def test_a_locked_grade_stays(mini_course: Assignment) -> None:
    """Moodle would pass over it."""
    text = SHEET.replace("Yes", "No", 1)
    done = fill(mini_course, text)
    assert done.content.decode() == text
    assert ("line 2 (Ann Ash, participant 501)", "the grade cannot be changed") in done.left


@pytest.mark.parametrize(
    ("text", "students", "said"),
    [
        (SHEET, ["eve"], "no line is about 'eve'"),
        (SHEET.replace("bob@", "ann@"), ["ann"], "'ann' may be .*line 2 .* and .*line 3 "),
        (SHEET, ["ann", "Ann Ash_501"], "may be 'Ann Ash_501' and 'ann'"),
        (SHEET.replace("100.00", "50.00", 1), ["ann"], "no one 'Maximum grade' in numbers"),
        (SHEET.replace("100.00", "Pass"), ["ann"], "let Moodle grade the assignment by points"),
        (HEAD, ["ann"], "no one 'Maximum grade'"),
        (SHEET.replace("Last modified (grade)", "x"), ["ann"], "not an offline grading worksheet"),
        ("Name,Note\n", ["ann"], "not an offline grading worksheet of Moodle in English"),
    ],
)
def test_doubts_are_refused(
    mini_course: Assignment, text: str, students: list[str], said: str
) -> None:
    """Each error says what, where and what to do."""
    with pytest.raises(UsageError, match=said):
        fill(mini_course, text, students=dict.fromkeys(students, HALF))


def test_feedback_is_text_in_html(mini_course: Assignment) -> None:
    """What a student's file is called does nothing on Moodle's pages, nor in a spreadsheet."""
    save(mini_course.root / "graded", ungraded("rejected", "'<script>.rar'\n=1 & more.", "bob"))
    done = fill(mini_course)
    told = rows(done)[2][10]
    assert told == "0 of 100 points.<br>'&lt;script&gt;.rar'<br>=1 &amp; more."


def test_nothing_that_students_wrote_runs(mini_course: Assignment) -> None:
    """Neither their names nor the online texts; dashes and dates stay as they are."""
    text = SHEET.replace('"Bob Bo"', "=1+1").replace("Last modified (submission)", "Online text")
    text = text.replace(DATE, '"=cmd|x"')
    done = fill(mini_course, text)
    assert rows(done)[1][8] == "'=cmd|x"
    assert rows(done)[2][1] == "'=1+1"
    assert rows(done)[2][8:10] == ["-", "-"]
    assert "an apostrophe is before what begins as formulas do: 2 times" in done.notes


def test_more_than_full_marks_is_said(mini_course: Assignment, tmp_path: Path) -> None:
    """Extra credit is nothing that Moodle takes."""
    told = known(mini_course)
    more = Scores(told.everyone, 50.0, told.keys, told.emails, told.numbers)
    (tmp_path / "sheet.csv").write_text(SHEET)
    done = moodle.worksheet(tmp_path / "sheet.csv", more, Wanted())
    assert "more than 100, which Moodle passes over: ann" in done.notes
