"""`autograder collect` and `autograder export`: what they print, write and exit with."""

import csv
import json
from pathlib import Path

import pytest
from downloaded import CANVAS, GRADESCOPE, MOODLE, packed
from reports import graded, save, ungraded

from autograder import cli
from autograder.assignment import Assignment

Capture = pytest.CaptureFixture[str]
HALF = {"double": 20.0, "softmax_loss": 60.0}
GRADEBOOK = (
    "Student,ID,SIS Login ID,Section,mini (7)\n    Points Possible,,,,50\n"
    '"Ash, Ann",101,a1,S,\n"Bo, Bob",102,b1,S,\n"Late, Eve",103,e1,S,\n'
)
WORKSHEET = (
    "Identifier,Full name,Status,Grade,Maximum grade,Last modified (grade),Feedback comments\n"
    "Participant 501,Ann Ash,Submitted,,10.00,-,\nParticipant 502,Bob Bo,Submitted,,10.00,-,\n"
)


@pytest.fixture(autouse=True)
def root(mini_course: Assignment, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The command runs in the miniature course, on a plain and wide terminal."""
    monkeypatch.chdir(mini_course.root)
    monkeypatch.setenv("COLUMNS", "120")
    return mini_course.root


def run(*arguments: str) -> int:
    """Run the command."""
    return cli.main(list(arguments))


def test_a_class_is_collected(root: Path, capsys: Capture) -> None:
    """A line a student, and how to go on."""
    packed(root / "canvas.zip", CANVAS)
    assert run("collect", "mini", "canvas.zip", "--out", "class") == 0
    said = capsys.readouterr()
    for words in (
        "ashann_101",
        "2 files",
        "bobob_102",
        "late",
        "2 students: autograder grade",
    ):
        assert words in said.out
    assert "nothing here says when anybody handed in" in said.err


def test_what_is_not_taken_is_told_by_the_status(root: Path, capsys: Capture) -> None:
    """And listed with the reason; a class of one is graded as one."""
    packed(root / "canvas.zip", {"ann_101_5001_basics.py": "", "notes.txt": ""})
    assert run("collect", "mini", "canvas.zip", "--out", "class", "--from", "canvas") == 1
    out = capsys.readouterr().out
    assert "its name is not one that Canvas gives" in out
    assert "autograder grade mini 'class/ann_101'" in out


def test_json_is_all_that_is_printed(root: Path, capsys: Capture) -> None:
    """For machines."""
    packed(root / "g.zip", GRADESCOPE)
    assert run("collect", "mini", "g.zip", "--out", "class", "--json") == 0
    said = capsys.readouterr()
    assert said.err == ""
    told = json.loads(said.out)
    assert told["systems"] == ["gradescope"]
    assert told["left_out"] == []
    assert told["students"][0] == {
        "student": "1815",
        "label": "1815",
        "known": "not on the roster",
        "files": ["basics.py"],
        "came": "2026-11-30T15:00:00.123456+00:00",
        "late": False,
    }


def test_a_course_gives_names_and_takes_times(root: Path, capsys: Capture) -> None:
    """Its roster says who somebody is; strangers are named as such."""
    packed(root / "g.zip", GRADESCOPE)
    (root / "book").mkdir()
    (root / "book" / "roster.csv").write_text("student,email\nann,ann@uni.example\n")
    assert run("collect", "mini", "g.zip", "--out", "class", "--course", "book") == 0
    said = capsys.readouterr()
    assert "1815 (by identifier)" in said.out
    assert "1 of 2 students are not on the roster" in said.err
    text = (root / "book" / "hand_ins" / "mini.csv").read_text()
    assert text.splitlines()[1] == "ann,2026-11-30T15:00:00+00:00,"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["canvas.zip", "--from", "blackboard"],
            "no system 'blackboard'; there are: auto,",
        ),
        (["canvas.zip", "--course", "none"], "none: no such folder; --course takes the one with"),
        (["none.zip"], "none.zip: no such file or folder"),
    ],
)
def test_a_wrong_call_is_one_line(
    root: Path, capsys: Capture, arguments: list[str], said: str
) -> None:
    """With what would be right."""
    packed(root / "canvas.zip", CANVAS)
    assert run("collect", "mini", *arguments, "--out", "class") == 2
    assert said in capsys.readouterr().err


def test_from_canvas_and_back(root: Path, capsys: Capture) -> None:
    """Whoever was collected is found again, without a roster."""
    packed(root / "canvas.zip", CANVAS)
    assert run("collect", "mini", "canvas.zip", "--out", "class") == 0
    names = sorted(path.name for path in (root / "class").iterdir())
    save(root / "graded" / "mini", *(graded(name, HALF) for name in names))
    (root / "theirs.csv").write_text(GRADEBOOK)
    capsys.readouterr()
    assert run("export", "canvas", "mini", "--gradebook", "theirs.csv") == 0
    said = capsys.readouterr()
    assert said.out == "mini.canvas.csv: 2 scores in the column 'mini (7)'\n"
    assert "left as it was: line 5 (Late, Eve, ID 103): no report" in said.err
    assert (root / "mini.canvas.csv").read_text() == GRADEBOOK.replace("a1,S,", "a1,S,40").replace(
        "b1,S,", "b1,S,40"
    )


def test_from_moodle_and_back(root: Path) -> None:
    """By name and participant."""
    packed(root / "moodle.zip", MOODLE)
    assert run("collect", "mini", "moodle.zip", "--out", "class") == 0
    names = sorted(path.name for path in (root / "class").iterdir())
    save(root / "graded" / "mini", *(graded(name, HALF) for name in names))
    (root / "sheet.csv").write_text(WORKSHEET)
    assert run("export", "moodle", "mini", "--worksheet", "sheet.csv", "--out", "filled.csv") == 0
    with (root / "filled.csv").open(newline="") as file:
        assert [row["Grade"] for row in csv.DictReader(file)] == ["8", "8"]


def test_a_file_for_moodles_import(root: Path, capsys: Capture) -> None:
    """Users by name here; the default asks the roster."""
    save(root / "graded" / "mini", graded("ann", HALF), ungraded("error", "lost", "bob"))
    assert run("export", "moodle", "mini", "--by", "username", "--points", "20") == 0
    said = capsys.readouterr()
    assert said.out == "mini.moodle.csv: 1 score in the column 'A miniature course'\n"
    assert "left alone, since they have no score: bob" in said.err
    assert run("export", "moodle", "mini") == 2
    assert "no Email address of 'ann'" in capsys.readouterr().err


def test_what_was_read_is_not_overwritten(root: Path, capsys: Capture) -> None:
    """Under any spelling of its path."""
    save(root / "graded" / "mini", graded("a1", HALF))
    (root / "theirs.csv").write_text(GRADEBOOK)
    call = ("export", "canvas", "mini", "--gradebook", "theirs.csv", "--out")
    assert run(*call, "graded/../theirs.csv") == 2
    assert "this is the file that was read" in capsys.readouterr().err
    assert (root / "theirs.csv").read_text() == GRADEBOOK


def test_points_are_the_worksheets(root: Path, capsys: Capture) -> None:
    """Both together would contradict each other."""
    save(root / "graded" / "mini", graded("ann", HALF))
    (root / "sheet.csv").write_text(WORKSHEET)
    assert run("export", "moodle", "mini", "--worksheet", "sheet.csv", "--points", "5") == 2
    assert "--points: the worksheet says itself" in capsys.readouterr().err


def test_many_lines_without_reports_are_counted(root: Path, capsys: Capture) -> None:
    """The first of them are listed."""
    lines = "".join(f'"X, Y",{n},x{n},S,\n' for n in range(200, 230))
    save(root / "graded" / "mini", graded("a1", HALF))
    (root / "theirs.csv").write_text(GRADEBOOK + lines)
    assert run("export", "canvas", "mini", "--gradebook", "theirs.csv") == 0
    assert "left as they were: 12 more lines" in capsys.readouterr().err
