"""`autograder grade`: what it prints, writes and exits with."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder import cli, timing
from autograder.assignment import Assignment
from autograder.grading import classroom
from autograder.report import Report

Capture = pytest.CaptureFixture[str]
HandIn = Callable[..., Path]


@pytest.fixture(autouse=True)
def _at_home(mini_course: Assignment, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command runs in the miniature course, on a plain and wide terminal."""
    monkeypatch.chdir(mini_course.root)
    monkeypatch.setenv("COLUMNS", "120")


def test_a_class_is_graded(hand_in: HandIn, tmp_path: Path, capsys: Capture) -> None:
    """A line a student and an exercise, reports in a folder each, exit 0."""
    hand_in("ann")
    hand_in("bob", {"basics.py": "def double(x): return -2 * x\n"})
    assert cli.main(["grade", "mini", str(tmp_path / "class"), "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr()
    for words in (
        "ann",
        "all passed",
        "bob",
        "result has the wrong sign",
        "softmax_loss",
        "2 of 2",
    ):
        assert words in said.out
    assert "graded 2 of 2" in said.err
    assert Report.load((tmp_path / "out" / "bob" / "report.json").read_bytes()).score == 80
    assert (tmp_path / "out" / "class.json").exists()


def test_files_where_the_command_is_given_are_not_imported(
    hand_in: HandIn, mini_course: Assignment
) -> None:
    """Grading in a folder of submissions runs none of them on this side; reports stay there."""
    for name in ("numpy.py", "json.py", "pytest.py", "basics.py"):
        (mini_course.root / name).write_text("open('imported', 'w')\n")
    assert cli.main(["grade", "mini", str(hand_in("ann"))]) == 0
    assert not (mini_course.root / "imported").exists()
    assert (mini_course.root / "graded" / "mini" / "ann" / "report.json").exists()


def test_json_is_class_json(hand_in: HandIn, tmp_path: Path, capsys: Capture) -> None:
    """For a machine stdout is JSON and nothing else, and stderr is silent."""
    out = tmp_path / "out"
    assert cli.main(["grade", "mini", str(hand_in("ann")), "--out", str(out), "--json"]) == 0
    said = capsys.readouterr()
    assert said.out == (out / "class.json").read_text()
    assert json.loads(said.out)["students"][0]["score"] == 100
    assert said.err == ""


def test_a_second_run_keeps_and_force_does_not(
    hand_in: HandIn, tmp_path: Path, capsys: Capture
) -> None:
    """What is finished is kept, and said so; `--force` grades anew."""
    command = ["grade", "mini", str(hand_in("ann")), "--out", str(tmp_path / "out")]
    cli.main(command)
    capsys.readouterr()
    cli.main(command)
    assert "0 graded, 1 kept from before" in capsys.readouterr().out
    cli.main([*command, "--force"])
    assert "1 graded." in capsys.readouterr().out


def test_garbage_is_exit_0(tmp_path: Path, capsys: Capture) -> None:
    """A refused submission is a verdict, and the reason is shown."""
    (tmp_path / "ann.zip").write_text("no zip")
    assert cli.main(["grade", "mini", str(tmp_path / "ann.zip"), "--out", str(tmp_path / "o")]) == 0
    assert "rejected: " in capsys.readouterr().out


def test_what_is_not_graded_is_exit_2(
    hand_in: HandIn, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the infrastructure failed someone, the command says whom and how to go on."""
    monkeypatch.setattr(classroom._Lane, "ask", lambda *_: None)
    assert cli.main(["grade", "mini", str(hand_in("ann")), "--out", str(tmp_path / "out")]) == 2
    assert "autograder: not graded: ann; run the command again" in capsys.readouterr().err


WRONG = {
    "no such assignment": (["minni", "."], "did you mean 'mini'?"),
    "no such path": (["mini", "no/such/path"], "no such file or folder"),
    "an empty class": (["mini", "empty"], "holds no submissions"),
    "no path": (["mini"], "Missing argument"),
    "no lanes": (["mini", ".", "--jobs", "0"], "'--jobs'"),
    "the same name twice": (["mini", "a/ann.py", "b/ann.py"], "two submissions are called 'ann'"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_done_is_one_line(
    case: str, mini_course: Assignment, capsys: Capture
) -> None:
    """Exit 2, and a line that says what and where."""
    (mini_course.root / "empty").mkdir()
    for folder in "ab":
        (mini_course.root / folder).mkdir()
        (mini_course.root / folder / "ann.py").write_text("x = 1")
    arguments, words = WRONG[case]
    assert cli.main(["grade", *arguments]) == 2
    said = capsys.readouterr()
    assert said.err.count("\n") == 1
    assert words in said.err


def test_a_bad_suite_is_one_line(mini_course: Assignment, hand_in: HandIn, capsys: Capture) -> None:
    """The staff's fault is told with its place, and nobody is graded."""
    (mini_course.hidden / "test_basics.py").write_text("import nothing_here")
    assert cli.main(["grade", "mini", str(hand_in("ann"))]) == 2
    said = capsys.readouterr().err
    assert "tests/hidden/mini" in said
    assert "nothing_here" in said
    assert not (mini_course.root / "graded").exists()


def test_a_folder_that_cannot_be_written_is_named(
    hand_in: HandIn, tmp_path: Path, capsys: Capture
) -> None:
    """Where reports cannot be put, the error says where."""
    (tmp_path / "out").write_text("a file")
    assert cli.main(["grade", "mini", str(hand_in("ann")), "--out", str(tmp_path / "out")]) == 2
    assert str(tmp_path / "out") in capsys.readouterr().err


def test_the_profile_adds_up(hand_in: HandIn, tmp_path: Path, capsys: Capture) -> None:
    """Each part has a line, and those that a class needs took some time."""
    hand_in("ann")
    hand_in("bob")
    command = ["grade", "mini", str(tmp_path / "class"), "--sandbox", "process", "--profile"]
    assert cli.main([*command, "--out", str(tmp_path / "out")]) == 0
    table = capsys.readouterr().err.partition("ms each")[2]
    seconds = {line.split()[0]: float(line.split("%")[1].split()[0])
               for line in table.splitlines() if "%" in line}  # fmt: skip
    assert list(seconds) == list(timing.PARTS)
    assert all(seconds[part] > 0 for part in ("start", "sandbox"))


def test_without_it_nothing_is_measured(
    hand_in: HandIn, mini_course: Assignment, tmp_path: Path, capsys: Capture
) -> None:
    """The default has no table; with --json it goes where it does not disturb."""
    assert cli.main(["grade", "mini", str(hand_in("ann")), "--out", str(tmp_path / "out")]) == 0
    assert "comparison" not in capsys.readouterr().err
    command = ["grade", "mini", str(hand_in("bob")), "--out", str(tmp_path / "out")]
    assert cli.main([*command, "--json", "--profile"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["assignment"] == mini_course.slug
    assert "comparison" in said.err
