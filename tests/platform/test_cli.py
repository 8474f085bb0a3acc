"""The command line: what each verb prints, and its exit status."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograder import cli
from autograder.assignment import ROOT_VARIABLE, Assignment
from autograder.cli import choose, course

Capture = pytest.CaptureFixture[str]
VERBS = [command.name or command.callback.__name__ for command in cli.app.registered_commands]  # type: ignore[union-attr]


@pytest.fixture(autouse=True)
def _at_home(mini_course: Assignment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command runs in the miniature course."""
    monkeypatch.chdir(mini_course.root)


def error_line(capsys: Capture) -> str:
    """Return the only line on stderr, with nothing on stdout."""
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err.strip()


def test_list(capsys: Capture) -> None:
    """Slug, title, exercises, files and points, with their total."""
    assert cli.main(["list"]) == 0
    said = capsys.readouterr().out
    for word in ["mini: A miniature course", "softmax_loss", "basics.py", "40", "60", "100"]:
        assert word in said


def test_list_shows_summaries_as_written(mini_course: Assignment, capsys: Capture) -> None:
    """Brackets in a summary are text and not markup."""
    text = mini_course.toml.read_text("utf-8").replace("Twice an array.", "Twice x[bold] :cat:")
    mini_course.toml.write_text(text, "utf-8")
    assert cli.main(["list"]) == 0
    assert "Twice x[bold] :cat:" in capsys.readouterr().out


def test_list_as_json(capsys: Capture) -> None:
    """`--json` says the same for a machine."""
    assert cli.main(["list", "--json"]) == 0
    (said,) = json.loads(capsys.readouterr().out)
    assert (said["slug"], said["max_score"], said["runtime"]) == ("mini", 100.0, "numpy")
    assert said["exercises"][0] == {
        "name": "double", "file": "basics.py", "points": 40.0, "summary": "Twice an array.",
    }  # fmt: skip


@pytest.mark.parametrize("verb", ["list", "starter"])
def test_without_assignments(verb: str, mini_course: Assignment, capsys: Capture) -> None:
    """An empty course says where assignments go."""
    mini_course.toml.unlink()
    assert cli.main([verb]) == 0
    assert "assignments/SLUG/" in capsys.readouterr().out


def test_starter_writes_and_checks(mini_course: Assignment, capsys: Capture) -> None:
    """`--check` finds what `starter` then writes, and nothing after it."""
    assert cli.main(["starter", "--check"]) == 1
    assert "starter_code/mini/basics.py is missing" in capsys.readouterr().out
    assert cli.main(["starter", "mini"]) == 0
    assert capsys.readouterr().out == "starter_code/mini: basics.py, losses.py\n"
    assert cli.main(["starter", "mini", "--check"]) == 0
    assert capsys.readouterr().out == "starter_code/ is current\n"
    assert cli.main(["starter"]) == 0
    assert capsys.readouterr().out == "starter_code/mini: is current\n"


def test_check_passes_on_the_solution(capfd: pytest.CaptureFixture[str]) -> None:
    """All checks pass: exit 0, a friendly first line, and nothing is left in the folder."""
    before = set(Path("solutions/mini").iterdir())
    assert cli.main(["check", "mini", "solutions/mini"]) == 0
    first, *_ = capfd.readouterr().out.splitlines()
    assert first == "Checking basics.py, losses.py with the visible checks of mini."
    assert set(Path("solutions/mini").iterdir()) == before


def test_check_takes_the_working_folder(
    monkeypatch: pytest.MonkeyPatch, mini_course: Assignment, capfd: pytest.CaptureFixture[str]
) -> None:
    """Without DIR, the files are where the student stands; their own pytest.ini does not matter."""
    (mini_course.solutions / "pytest.ini").write_text("[pytest]\naddopts = --nonsense\n")
    monkeypatch.chdir(mini_course.solutions)
    monkeypatch.setenv("PYTEST_ADDOPTS", "--nonsense")
    assert cli.main(["check", "mini"]) == 0
    assert "2 passed" in capfd.readouterr().out


def test_check_fails_on_the_starter(capfd: pytest.CaptureFixture[str]) -> None:
    """A stub fails its check: exit 1, and the student reads which function."""
    assert cli.main(["starter"]) == 0
    assert cli.main(["check", "mini", "starter_code/mini"]) == 1
    assert "NotImplementedError: softmax_loss: your code here" in capfd.readouterr().out


def test_check_names_what_is_missing(
    mini_course: Assignment, capfd: pytest.CaptureFixture[str]
) -> None:
    """A missing file or data file is said first, and the other checks still run."""
    (mini_course.solutions / "basics.py").unlink()
    text = mini_course.toml.read_text("utf-8")
    mini_course.toml.write_text('data = ["digits.npz"]\n' + text, "utf-8")
    assert cli.main(["check", "mini", "solutions/mini"]) == 1
    said = capfd.readouterr().out
    assert "\nbasics.py is not there: its checks fail.\ndigits.npz is not there: copy it" in said
    assert "1 passed, 1 error" in said


def test_check_needs_the_files(capsys: Capture) -> None:
    """A folder without any of the files, or no folder, cannot be checked."""
    assert cli.main(["check", "mini", "assignments"]) == 2
    assert "has no file of mini (basics.py, losses.py)" in error_line(capsys)
    assert cli.main(["check", "mini", "nowhere"]) == 2
    assert error_line(capsys) == "autograder: no such folder: nowhere"


def test_check_needs_a_suite(mini_course: Assignment, capfd: pytest.CaptureFixture[str]) -> None:
    """Without visible checks, or with none in the folder, the course's staff is told."""
    for path in mini_course.visible.glob("*.py"):
        path.unlink()
    assert cli.main(["check", "mini", "solutions/mini"]) == 2
    assert "pytest could not run the checks (its status 5)" in capfd.readouterr().err
    mini_course.visible.rmdir()
    assert cli.main(["check", "mini", "solutions/mini"]) == 2
    assert "tests/visible/mini: there are no visible checks" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "mni"], "no assignment 'mni'; did you mean 'mini'? There are: mini"),
        (["check", "zzz"], "no assignment 'zzz'; There are: mini"),
        (["starter", "Mini"], "no assignment 'Mini'; did you mean 'mini'? There are: mini"),
        (["check"], "Missing argument 'SLUG' (see 'autograder check --help')"),
        (["list", "--jsn"], "(see 'autograder list --help')"),
        (["lst"], "(see 'autograder --help')"),
    ],
)
def test_wrong_words_are_one_line(arguments: list[str], message: str, capsys: Capture) -> None:
    """Exit 2, and one line on stderr that says what is wrong and what would be right."""
    assert cli.main(arguments) == 2
    said = error_line(capsys)
    assert said.startswith("autograder: ")
    assert message in said


def test_no_assignment_at_all(mini_course: Assignment, capsys: Capture) -> None:
    """In an empty course, every slug is wrong."""
    mini_course.toml.unlink()
    assert cli.main(["check", "mini"]) == 2
    assert "assignments has none" in error_line(capsys)


def test_staff_errors_are_one_line(mini_course: Assignment, capsys: Capture) -> None:
    """A broken assignment.toml is named with its key."""
    mini_course.toml.write_text("title = 1\n", "utf-8")
    assert cli.main(["list"]) == 2
    assert error_line(capsys).startswith("autograder: assignments/mini/assignment.toml: ")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(13, "Permission denied", "x.py"), "autograder: x.py: Permission denied"),
        (OSError("disk on fire"), "autograder: disk on fire"),
        (ZeroDivisionError("a bug"), "ZeroDivisionError: a bug"),
    ],
)
def test_other_errors_exit_2(
    error: Exception, said: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """The system's errors are one line, a bug is a traceback; neither looks like a finding."""

    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(choose, "some", fail)
    assert cli.main(["list"]) == 2
    assert capsys.readouterr().err.strip().endswith(said)


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_help_names_every_verb(arguments: list[str], capsys: Capture) -> None:
    """No command at all is a question, too."""
    assert cli.main(arguments) == 0
    said = capsys.readouterr().out
    assert [verb for verb in VERBS if verb not in said] == []


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb: str, capsys: Capture) -> None:
    """`COMMAND --help` always answers, from any folder."""
    assert cli.main([verb, "--help"]) == 0
    assert f"Usage: autograder {verb}" in capsys.readouterr().out


def test_as_a_module(
    mini_course: Assignment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`python -m autograder` is the same command and hands its status on."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(ROOT_VARIABLE, str(mini_course.root))
    command = [sys.executable, "-m", "autograder", "starter", "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, "basics.py is missing" in done.stdout) == (1, True)


WITHOUT_POSIX = """
import sys
for name in ("fcntl", "grp", "pwd", "resource", "termios"):
    sys.modules[name] = None
from autograder import cli
sys.exit(cli.main(sys.argv[1:]))
"""


def test_check_needs_nothing_that_windows_lacks() -> None:
    """A student's own run works where the modules of POSIX cannot be imported."""
    command = [sys.executable, "-c", WITHOUT_POSIX, "check", "mini", "solutions/mini"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_course_verbs_return_plain_values(mini_course: Assignment) -> None:
    """A verb is a function: it can be called without a command line."""
    assert course.starter("mini", check=True) == 1
