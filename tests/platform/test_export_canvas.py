"""Canvas' gradebook goes back as it came, with one column filled."""

import csv
import io
from collections.abc import Mapping

import pytest
from reports import graded, save, ungraded

from autograder.assignment import Assignment
from autograder.errors import UsageError
from autograder.export.lists import canvas, scores
from autograder.export.lists.filled import Filled, Wanted

HEAD = (
    'Student,ID,SIS User ID,SIS Login ID,Section,"A miniature course (77)",Quiz (78),Final Score\n'
)
POINTS = "    Points Possible,,,,,100.00,10.00,(read only)\n"
ANN = '"Ash, Ann",101,s1,ann,"Sec 1, Sec 2",,9.00,45\n'
BOB = '"Bo, Bob",102,s2,bob,Sec 1,3.00,,\n'
TEST = '"Student, Test",999,,0af3,Sec 1,,,\n'
LIST = HEAD + ",,,,,Manual Posting,,\n" + POINTS + ANN + BOB + TEST
HALF = {"double": 20.0, "softmax_loss": 60.0}


def fill(
    mini: Assignment,
    text: str | bytes = LIST,
    students: Mapping[str, Mapping[str, float]] | None = None,
    wanted: Wanted = Wanted(),  # noqa: B008 - it is frozen
    roster: str = "",
) -> Filled:
    """Fill a gradebook with hand-made reports; ann has half of double's points."""
    students = {"ann": HALF} if students is None else students
    reports = save(mini.root / "graded", *(graded(name, got) for name, got in students.items()))
    course = mini.root / "course"
    course.mkdir(exist_ok=True)
    if roster:
        (course / "roster.csv").write_text(roster)
    place = mini.root / "canvas.csv"
    place.write_bytes(text if isinstance(text, bytes) else text.encode())
    return canvas.fill(place, mini, scores.load(mini, reports, course), wanted)


def rows(done: Filled) -> list[list[str]]:
    """What another program reads."""
    return list(csv.reader(io.StringIO(done.content.decode(), newline="")))


def test_one_cell_changes(mini_course: Assignment) -> None:
    """All other bytes are those of Canvas, and lines without a report are listed."""
    done = fill(mini_course)
    assert done.content.decode() == LIST.replace('Sec 2",,', 'Sec 2",80,')
    assert done.written == ["ann"]
    assert done.left == [("line 5 (Bo, Bob, ID 102)", "no report")]
    assert done.column == "A miniature course (77)"
    assert done.notes == []


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_semicolons_and_decimal_commas(mini_course: Assignment, bom: bytes, end: str) -> None:
    """What Canvas writes for some languages stays so."""
    text = (
        f"Student;ID;SIS Login ID;Section;mini (1){end}"
        f"    Points Possible;;;;10,00{end}Ash, Ann;101;ann;S;{end}"
    )
    done = fill(mini_course, bom + text.encode(), {"ann": {"double": 2.5, "softmax_loss": 0}})
    assert done.content == bom + text.replace("ann;S;", "ann;S;0,25").encode()


def test_names_may_stand_in_two_columns(mini_course: Assignment) -> None:
    """Canvas has a setting for that; its test student is known there, too."""
    text = (
        "LastName,FirstName,ID,SIS Login ID,Section,mini (1)\n"
        "    Points Possible,,,,,100\nAsh,Ann,101,ann,S,\nStudent,Test,9,x,S,\n"
    )
    done = fill(mini_course, text)
    assert done.content.decode() == text.replace("ann,S,", "ann,S,80")
    assert done.left == []


def test_points_are_converted(mini_course: Assignment) -> None:
    """Where Canvas has others for full marks; and it is said."""
    done = fill(mini_course, LIST.replace("100.00", "50.00"))
    assert rows(done)[3][5] == "40"
    assert done.notes == ["100 points of ours are 50 there: scores are converted"]


@pytest.mark.parametrize("mark", ["EX", "ex", "N/A"])
def test_excused_students_stay_so(mini_course: Assignment, mark: str) -> None:
    """A score would take that back."""
    text = LIST.replace('Sec 2",,', f'Sec 2",{mark},')
    done = fill(mini_course, text)
    assert done.content.decode() == text
    assert done.written == []
    assert done.left[0][0] == "line 4 (Ash, Ann, ID 101)"


@pytest.mark.parametrize(
    ("student", "roster"),
    [
        ("ann", ""),
        ("ANN", ""),
        ("s1", ""),
        ("ashann_101", ""),  # as `collect` calls her
        ("mouse", "student,lms_user_id\nmouse,101\n"),
        ("mouse", "student,email\nmouse,Ann\n"),
    ],
)
def test_students_are_found(mini_course: Assignment, student: str, roster: str) -> None:
    """By login, SIS id, ID and e-mail, the last two with the roster; by what `collect` says."""
    assert fill(mini_course, students={student: HALF}, roster=roster).written == [student]


def test_numbers_of_two_systems_are_not_the_same(mini_course: Assignment) -> None:
    """A student called 101 here is not the one whom Canvas counts as 101, unless --by says so."""
    with pytest.raises(UsageError, match="no line is about '101'"):
        fill(mini_course, students={"101": HALF})
    assert fill(mini_course, students={"101": HALF}, wanted=Wanted(by="id")).written == ["101"]


@pytest.mark.parametrize(
    ("text", "students", "said"),
    [
        (LIST, ["eve"], "no line is about 'eve'; put email or lms_user_id into"),
        (LIST, ["ann", "s1"], r"line 4 \(Ash, Ann, ID 101\) may be 'ann' and 's1'"),
        (LIST.replace(",s2,", ",ann,"), ["ann"], "'ann' may be .*line 4 .* and .*line 5 .*--by"),
        (LIST + ANN, ["ann"], "'ann' may be .*line 4 .* and .*line 7 "),
        (LIST.replace(POINTS, ""), ["ann"], "0 lines say 'Points Possible'"),
        (LIST + POINTS, ["ann"], "2 lines say 'Points Possible'"),
        (LIST.replace("100.00", "(read only)"), ["ann"], "'A miniature course .77.' is read-only"),
        (LIST.replace("100.00", "0"), ["ann"], "has '0' points possible; give the assignment"),
        (LIST.replace("100.00", "nan"), ["ann"], "has 'nan' points possible"),
        (LIST.replace("100.00", ""), ["ann"], "has '' points possible"),
        (LIST.replace("A miniature", "Our"), ["ann"], "--column takes one of: 'Our course .77.'"),
        (LIST.replace("Quiz", "mini"), ["ann"], "no column or more than one is called"),
        ("name,grade\nann,1\n", ["ann"], "not a gradebook that Canvas exported"),
    ],
)  # fmt: skip
def test_doubts_are_refused(
    mini_course: Assignment, text: str, students: list[str], said: str
) -> None:
    """Each error says what, where and what to do."""
    with pytest.raises(UsageError, match=said):
        fill(mini_course, text, dict.fromkeys(students, HALF))


def test_a_student_who_is_called_points_possible(mini_course: Assignment) -> None:
    """Is a student, and stops nobody."""
    done = fill(mini_course, LIST + "Points Possible,103,s3,poss,Sec 1,,,\n")
    assert done.written == ["ann"]
    assert done.left[-1] == ("line 7 (Points Possible, ID 103)", "no report")


def test_who_is_unknown_there_may_be_left_out(mini_course: Assignment) -> None:
    """On demand, and is named."""
    done = fill(mini_course, students={"ann": HALF, "eve": HALF}, wanted=Wanted(partial=True))
    assert done.written == ["ann"]
    assert done.notes == ["left out, since they are unknown there: eve"]


def test_the_column_may_be_named(mini_course: Assignment) -> None:
    """With its number, as Canvas has it; another name is answered with the right ones."""
    assert rows(fill(mini_course, wanted=Wanted(column="Quiz (78)")))[3][6] == "8"
    with pytest.raises(UsageError, match="no column 'Quiz'; --column takes one of: .*'Quiz .78.'"):
        fill(mini_course, wanted=Wanted(column="Quiz"))
    with pytest.raises(UsageError, match="--column takes one of"):
        fill(mini_course, wanted=Wanted(column="Section"))


def test_by_takes_the_columns_that_are_there(mini_course: Assignment) -> None:
    """And no other."""
    with pytest.raises(UsageError, match="--by takes one of: ID, SIS User ID, SIS Login ID"):
        fill(mini_course, wanted=Wanted(by="Student"))


def test_refused_work_is_zero_and_our_faults_touch_nothing(mini_course: Assignment) -> None:
    """As in the gradebook."""
    folder = mini_course.root / "graded"
    save(folder, ungraded("rejected", "no zip", "ann"), ungraded("error", "lost", "bob"))
    done = fill(mini_course, students={})
    assert [row[5] for row in rows(done)[3:5]] == ["0", "3.00"]
    assert "left alone, since they have no score: bob" in done.notes


NAMES = [
    'Comma, "Quote"', "New\nLine", "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\u202eevil", "\U0001f980",
    "\u0634\u064a\u0645\u0627\u0621", "\t=cmd", '="=1+1"', "a;b",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_any_name_survives_and_none_runs(mini_course: Assignment, name: str) -> None:
    """What is changed for spreadsheets is an apostrophe, and it is said."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow([name, 101, "s1", "ann", "S", "", "", ""])
    done = fill(mini_course, HEAD + POINTS + line.getvalue())
    cell = rows(done)[2][0]
    assert cell.removeprefix("'") == name
    assert (cell != name) == any("apostrophe" in note for note in done.notes)
    assert cell[0] not in "=+-@\t" or cell == '="=1+1"'
