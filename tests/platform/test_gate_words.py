"""The leak gate: words that tell of solutions, secrets and the author's machine."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from autograder.assignment import Assignment
from autograder.release import gate, starter
from autograder.suite.seeds import VARIABLE

SECRET = "5f0c6b1d" * 8
Files = dict[str, bytes]
Found = Callable[[Files], list[str]]


def code(source: str, **more: Any) -> dict[str, Any]:
    """Return a code cell as Jupyter saves it."""
    empty = {"outputs": [], "execution_count": None, "metadata": {}}
    return {"cell_type": "code", "source": source} | empty | more


def text(source: str, kind: str = "markdown", **more: Any) -> dict[str, Any]:
    """Return a cell of text."""
    return {"cell_type": kind, "source": source, "metadata": {}} | more


def book(*cells: dict[str, Any], **more: Any) -> Files:
    """Return the bundle's notebook of these cells after one that is clean."""
    said = {"cells": [text("# Hello"), *cells], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return {"mini.ipynb": json.dumps(said | more).encode()}


@pytest.fixture
def found(mini_course: Assignment, monkeypatch: pytest.MonkeyPatch) -> Found:
    """`found(files)`: what the gate says of starter code with these files."""
    monkeypatch.setenv(VARIABLE, SECRET)
    given = {name: text.encode() for name, text in starter.generate(mini_course).items()}
    return lambda files: [str(leak) for leak in gate.inspect(mini_course, given | files)]


@pytest.mark.parametrize(
    "marker",
    [
        "### BEGIN SOLUTION",
        "###  end   solution",
        "#### Begin_Solution: softmax",
        "### BEGIN HIDDEN TESTS",
        "=== BEGIN MARK SCHEME ===",
        "# SOLUTION",
        "return 2  # SOLUTION",
        "# SOLUTION NO PROMPT",
        "# BEGIN SOLUTION NO PROMPT",
        "# BEGIN PROMPT",
        '""" # BEGIN PROMPT',
        "# BEGIN TESTS",
        "# HIDDEN",
        "# solution: multiply",
        "# INSTRUCTOR ONLY",
        "# instructors only: see below",
        "the answer key is elsewhere",
        "# TODO: REMOVE BEFORE RELEASE",
        "# *****START OF SOLUTION*****",
        "# --- solution start ---",
        "# START OF THE ANSWER",
        "### BEGIN\u200b SOLU\u00adTION",
        "### \uff22\uff25\uff27\uff29\uff2e SOLUTION",
        "### BEGIN\tSOLUTION\r",
    ],
)
def test_markers_of_any_style_are_found(found: Found, marker: str) -> None:
    """In a code cell, a raw cell, a Markdown cell and a file: with the line."""
    files = book(code(f"x = 1\n{marker}"), text(f"A\n\n{marker}", "raw"), text(f"B\n{marker}"))
    checks = f"import pytest\n\n{marker}\n"
    places = {
        said.partition(": solution marker")[0]
        for said in found(files | {"checks.py": checks.encode()})
    }
    assert places >= {
        "mini.ipynb cell 2 line 2", "mini.ipynb cell 3 line 3", "mini.ipynb cell 4 line 2",
        "checks.py:3",
    }  # fmt: skip


@pytest.mark.parametrize(
    "title",
    [
        "## Solution",
        "**Solution:** divide by N.",
        "*Solution*",
        "Solution:",
        "Model answer: because",
        "### Reference solution",
        "**Answer:** because it overflows",
        "<!-- solution -->",
        "<summary>Solution</summary>",
        "> **Sample answers**",
    ],
)
def test_titles_of_answers_are_markers(found: Found, title: str) -> None:
    """In Markdown, a heading or a bold word announces what students are to find."""
    shown = f"mini.ipynb cell 2 line 3: solution marker: {title!r}"
    assert found(book(text(f"Why?\n\n{title}"))) == [shown]


@pytest.mark.parametrize(
    "prose",
    [
        "There is a closed-form solution.",
        "The solution of this system is unique: see below.",
        "We begin. Solutions differ in the end, solution by solution.",
        "*Your answer:*",
        "**Answer:**",
        "# A solution by hand",
        "# START OF YOUR CODE",
        "Hand in your solution: a zip file.",
        "The hidden tests use other data. Hidden layers are hidden.",
        "Begin tests with small numbers.",
        "At the end, test it.",
        "# the solution of the system is x",
        "The only instructor is you.",
        "Dropout removes units before release of the gradients",
        "so that we get the\nsolution: it is x.\nIt is the only\nsolution.",
        "* solution: what solves it\n- Answers: none",
        "Answer: which of these are right?",
        "Remove the solution from the flask, and answer: why?",
    ],
)
def test_prose_is_no_marker(found: Found, prose: str) -> None:
    """The plain word does not raise an alarm."""
    files = book(text(prose), code(f"# {prose}\n1"))
    assert [said for said in found(files) if "line" in said] == []


@pytest.mark.parametrize(
    "metadata",
    [
        {"tags": ["solution"]},
        {"tags": ["hide-input"]},
        {"tags": ["x", "remove_cell"]},
        {"tags": "instructor only"},
        {"jupyter": {"source_hidden": True}},
        {"solution2": "hidden"},
    ],
)
def test_tags_that_hide_are_markers(found: Found, metadata: dict[str, Any]) -> None:
    """Tags and keys by which the notebook world hides a cell are named by cell."""
    assert found(book(code("1", metadata=metadata)))[0].startswith("mini.ipynb cell 2: solution m")


def test_nbgraders_metadata_are_fine(found: Found) -> None:
    """A released cell says that it is to be filled in and graded."""
    said = {"grade": True, "grade_id": "q1", "locked": False, "solution": True, "points": 2}
    assert found(book(code("1", metadata={"nbgrader": said, "tags": ["exercise"]}))) == []


AS_BYTES = bytes.fromhex(SECRET)


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        SECRET.upper(),
        SECRET[20:60],
        SECRET[:32] + "\n  " + SECRET[32:],
        SECRET.encode().hex(),
        base64.b64encode(AS_BYTES).decode(),
        base64.b64encode(b"ab" + SECRET.encode() + b"c").decode(),
        base64.urlsafe_b64encode(AS_BYTES).decode(),
        base64.b32encode(AS_BYTES).decode(),
        SECRET[::-1],
    ],
)
def test_the_courses_secret_is_found(found: Found, written: str) -> None:
    """As text, hex or base64, whole or in part, anywhere in a file; the message has none of it."""
    said = found({"README.md": f"# Hi\n\nSee <!-- {written} -->\n".encode()})
    assert said[0].startswith("README.md:3: secret: the course's secret")
    assert SECRET[:8] not in "".join(said)
    assert any(
        "mini.ipynb cell 2: secret" in s for s in found(book(code("1", metadata={"k": written})))
    )


def test_a_secret_of_numbers_is_found(found: Found) -> None:
    """Bytes in a data-like file count, too, though the file would not leave anyway."""
    assert "w.npy: secret: the course's secret" in "\n".join(
        found({"w.npy": b"\x00\x01" + SECRET.encode()})
    ).replace("w.npy:1:", "w.npy:")


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("-----BEGIN OPENSSH PRIVATE KEY-----", "a private key"),
        ("key AKIAIOSFODNN7EXAMPLE", "an AWS key"),
        ("ghp_" + "aB3" * 12, "a GitHub token"),
        ("xoxb-123456789012-abcdef", "a Slack token"),
        ('password = "hunter2"', "a password"),
        ("db_password: hunter22", "a password"),
        ("api_key='k3y0000000000000'", "a token"),
        ("--index-url https://me:pa55@pypi.example.org/simple", "a password in an address"),
    ],
)
def test_passwords_and_tokens_are_found(found: Found, line: str, what: str) -> None:
    """Well-known shapes and literal assignments are named with their line, without repeating it."""
    assert found({"requirements.txt": f"numpy\n{line}\n".encode()}) == [
        f"requirements.txt:2: secret: {what}"
    ]


def test_words_about_secrets_are_fine(found: Found) -> None:
    """Reading a password, and tokens of a text, are no secrets."""
    lines = ["password = getpass.getpass()", 'token = "hello"', "tokens = text.split()"]
    lines += ["token = module2.OpenProcessToken(x)", "solutions: list[float] = []"]
    assert found(book(code("\n".join(lines)))) == []


@pytest.mark.parametrize(
    "line",
    [
        "open('/home/ann/course/x')",
        "![plot](/Users/ann/plot.png)",
        r"path = r'C:\Users\ann\x'",
        r"path = 'c:\\users\\ann'",
        "<file:///tmp/x.html>",
        "File /tmp/ipykernel_4711/1.py",
        "{root}/assignments",
        "cd {root}",
    ],
)
def test_paths_of_the_author_are_found(mini_course: Assignment, found: Found, line: str) -> None:
    """Home folders of all systems, the course's own folder and file:// addresses, with the line."""
    written = line.replace("{root}", str(mini_course.root))
    places = [said.partition(": author's")[0] for said in found(book(text(f"Hi\n{written}")))]
    assert "mini.ipynb cell 2 line 2" in places


def test_the_authors_home_and_host_are_found(found: Found, monkeypatch: pytest.MonkeyPatch) -> None:
    """What this machine is called, and where its user lives, also in metadata."""
    monkeypatch.setenv("HOME", "/srv/people/ann")
    monkeypatch.setenv("LOGNAME", "annika")
    monkeypatch.setattr("socket.gethostname", lambda: "ann-laptop")
    lines = ["/srv/people/ann/x", "D:/data/annika/y", "made on ann-laptop"]
    said = found(book(code("1", metadata={"from": lines}), text("/srv/people/anna /a/b")))
    assert [s.split(": ")[2] for s in said] == [
        "the home folder", "the user's name in a path", "this computer's name",
    ]  # fmt: skip


@pytest.mark.parametrize("url", ["https://x.org/home/ann/y", "~/home/x", "at home/work"])
def test_other_paths_are_fine(found: Found, url: str) -> None:
    """Addresses and relative paths say nothing about the author."""
    assert found(book(text(url))) == []


def test_a_host_that_is_a_word(found: Found, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is called `learning` is meant only where hosts are named."""
    monkeypatch.setattr("socket.gethostname", lambda: "learning")
    said = found(book(text("Deep learning.\nssh ann@learning")))
    assert said == ["mini.ipynb cell 2 line 2: author's machine: this computer's name: '@learning'"]


def test_a_short_secret_is_not_looked_for(found: Found, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be found everywhere."""
    monkeypatch.setenv(VARIABLE, "x")
    assert found(book(code("x = 1"))) == []
