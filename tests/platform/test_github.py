"""What GitHub's runner and Classroom's reporter read: as their own code reads it."""

import base64
import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from exports import AWKWARD, judged, report, said
from reports import graded, ungraded

from autograder.errors import UsageError
from autograder.export.formats import github
from autograder.export.formats.remarks import Remark
from autograder.report import ExerciseStatus, TestStatus

COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


def command(line: str) -> tuple[str, dict[str, str], str]:
    """Read a line as the runner does: level, properties and message."""
    found = COMMAND.fullmatch(line)
    assert found, line
    told = dict(each.split("=", 1) for each in found[2].split(","))
    return found[1], {key: unquote(text) for key, text in told.items()}, unquote(found[3])


def remark(message: str = "Wrong.", file: str = "basics.py", **about: object) -> Remark:
    """A remark about `double`."""
    told = {"student": "ann", "exercises": ("double",), "status": ExerciseStatus.FAILED}
    return Remark(**{**told, "lost": 3.0, **about}, message=message, file=file, line=7)


def test_an_annotation() -> None:
    """Names the file, the line, and what it is about."""
    line = github.render([said("Wrong.")], [remark()]).splitlines()[0]
    assert line == "::error file=basics.py,line=7,title=double::Wrong."


def test_what_is_partly_right() -> None:
    """Is a warning: GitHub shows ten of each kind."""
    text = github.render([said("Wrong.")], [remark(status=ExerciseStatus.PARTIAL)])
    assert text.startswith("::warning ")


@pytest.mark.parametrize("text", AWKWARD)
def test_no_text_is_a_command(text: str) -> None:
    """Each line is ours, and gives the text back, as a message, a file and a title."""
    made = remark(text, file=text, exercises=(text,))
    lines = github.render([said(text, student=text)], [made]).splitlines()
    assert [command(line)[0] for line in lines] == ["error", "notice", "notice"]
    _, told, message = command(lines[0])
    assert (told["file"], told["title"], message) == (text, text, text)


def test_a_class_names_its_students() -> None:
    """And has no notices: they are about one."""
    lines = github.render([said("x"), said("x", student="bob")], [remark(student="bob")])
    assert [command(line)[1]["title"] for line in lines.splitlines()] == ["bob: double"]


def test_the_notices_of_points() -> None:
    """As GitHub Classroom looks for them."""
    lines = github.render([graded(scores={"double": 40, "softmax_loss": 1.5}).report], [])
    first, second = map(command, lines.splitlines())
    assert first == ("notice", {"title": "Autograding complete"}, "Points 41.5/100")
    assert second[1] == {"title": "Autograding report"}
    assert json.loads(second[2]) == {"totalPoints": 41.5, "maxPoints": 100}


def test_no_score_is_no_notice() -> None:
    """A fault of ours is never a zero."""
    assert github.render([ungraded("error", "lost").report], []) == ""


def result(text: str) -> dict[str, object]:
    """Read a step's output as Classroom's reporter does."""
    name, _, value = text.strip().partition("=")
    assert name == "result"
    told: dict[str, object] = json.loads(base64.b64decode(value, validate=True))
    return told


def test_the_result_for_classroom() -> None:
    """An exercise is a test; the reporter adds their scores up."""
    told = result(github.result([graded(scores={"double": 40, "softmax_loss": 1.5}).report]))
    assert (told["version"], told["status"], told["max_score"]) == (1, "fail", 100)
    tests = told["tests"]
    assert isinstance(tests, list)
    assert [(each["name"], each["status"], each["score"]) for each in tests] == [
        ("double", "pass", 40),
        ("softmax_loss", "fail", 1.5),
    ]
    assert {each["test_code"] for each in tests} == {""}


@pytest.mark.parametrize(
    ("made", "status"),
    [
        (graded().report, "pass"),
        (ungraded("rejected", "no zip").report, "fail"),
        (ungraded("error", "lost").report, "error"),
    ],
)
def test_the_status_for_classroom(made: object, status: str) -> None:
    """Passed, failed, or our fault; there is always a test, since the reporter divides by them."""
    told = result(github.result([made]))  # type: ignore[list-item]
    assert told["status"] == status
    assert told["tests"]


def test_a_result_is_about_one() -> None:
    """How many there are is said."""
    with pytest.raises(UsageError, match="here are 2"):
        github.result([said("x"), said("x", student="bob")])


@pytest.mark.parametrize("text", AWKWARD)
def test_words_come_back_to_classroom(text: str) -> None:
    """On one line, whatever they hold."""
    output = github.result([report(judged("double", TestStatus.FAILED, text))])
    assert output.count("\n") == 1
    assert result(output)["tests"][0]["message"] == text  # type: ignore[index]


def test_a_path_with_every_sign() -> None:
    """A file's name ends no property early."""
    name = str(Path("a,line=9::b%2C\r\n::debug::", "basics.py"))
    (line,) = github.render([said("x"), said("x")], [remark(file=name)]).splitlines()
    assert command(line)[1]["file"] == name
