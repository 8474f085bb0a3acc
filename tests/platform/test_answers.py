"""Answers to inline questions: found in any notebook that students make of the handout."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from autograder.assignment import Assignment
from autograder.submission import read
from autograder.submission.answers import answers_of

STUB = "YOUR ANSWER HERE"


def cell(text: str, name: str = "", kind: str = "markdown") -> dict[str, Any]:
    """Return a cell, with nbgrader's metadata when it has a name."""
    told = {"grade_id": name, "grade": True, "solution": True} if name else {}
    return {"cell_type": kind, "source": text, "metadata": {"nbgrader": told} if told else {}}


def book(*cells: Any) -> bytes:
    """Return a notebook file of these cells."""
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()


def test_an_answer_is_known_by_its_name() -> None:
    """Wherever the cell stands."""
    data = book(cell("later", "question_10"), cell("Nothing.", "question_2"))
    assert list(answers_of(data).items()) == [("question_2", "Nothing."), ("question_10", "later")]


def test_a_stub_is_no_answer() -> None:
    """A cell that says what it said when it was released."""
    assert answers_of(book(cell(STUB, "question_1"), cell("  ", "question_2"))) == {}


def test_copies_do_no_harm() -> None:
    """An answer cell that was copied: the stub goes, different texts stay, in order."""
    copies = [cell(text, "question_1") for text in (STUB, "First.", "Second.", "First.")]
    assert answers_of(book(*copies)) == {"question_1": "First.\n\nSecond."}


def test_a_retyped_cell_is_still_the_answer() -> None:
    """Turned into code or raw text by a slip of the keyboard."""
    data = book(cell("x = 1", "question_1", "code"), cell("raw", "question_2", "raw"))
    assert answers_of(data) == {"question_1": "x = 1", "question_2": "raw"}


def test_deleted_cells_leave_the_others_alone() -> None:
    """Only the answer of the deleted cell is missing."""
    data = book(cell("**Inline question 1.** What?"), cell("Two.", "question_2"))
    assert answers_of(data) == {"question_2": "Two."}


def test_an_answer_without_a_name_stands_after_its_question() -> None:
    """Some editors drop metadata."""
    data = book(cell("**Inline question 7.** What is twice nothing?"), cell("Nothing."))
    assert answers_of(data) == {"question_7": "Nothing."}


def test_the_next_question_is_no_answer() -> None:
    """Nor is the stub, without its name."""
    data = book(
        cell("**Inline question 1.** a?"), cell("**Inline question 2.** b?"), cell(STUB), cell("c")
    )
    assert answers_of(data) == {}


@pytest.mark.parametrize(
    "damaged",
    [
        b"", b"[]", b'{"cells": 3}', b"{" * 10_000, book(None, 3, "x", []),
        book({"metadata": 1}, {"metadata": {"nbgrader": []}, "source": {}}),
        book({"metadata": {"nbgrader": {"grade_id": ["question_1"]}}, "source": [1, None]}),
        book(cell("x", "question_1; DROP TABLE grade")),
    ],
)  # fmt: skip
def test_a_damaged_notebook_has_no_answers(damaged: bytes) -> None:
    """And stops nothing."""
    assert answers_of(damaged) == {}


def test_answers_are_made_harmless() -> None:
    """Terminal escapes become visible, and a novel is cut."""
    found = answers_of(
        book(cell("a\x1b[31mb\u202ec", "question_1"), cell("x" * 10**6, "question_2"))
    )
    assert found["question_1"] == "a\\x1b[31mb\\u202ec"
    assert len(found["question_2"]) == 20_000


def handed_in(tmp_path: Path, mini_course: Assignment, notebook: bytes) -> Path:
    """Return a zip of the solution's files and a notebook."""
    path = tmp_path / "ann.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in mini_course.files:
            archive.write(mini_course.solutions / name, f"work/{name}")
        archive.writestr("work/mini.ipynb", notebook)
    return path


def test_files_are_graded_and_the_notebook_answers(tmp_path: Path, mini_course: Assignment) -> None:
    """Code in the notebook does not count where the files are there."""
    notebook = book(cell("def double(x): return x", kind="code"), cell("0", "question_1"))
    got = read(handed_in(tmp_path, mini_course, notebook), mini_course, "ann")
    assert got.answers == {"question_1": "0"}
    assert got.files["basics.py"] == (mini_course.solutions / "basics.py").read_bytes()
    assert got.ignored == ()


def test_a_notebook_alone_gives_code_and_answers(tmp_path: Path, mini_course: Assignment) -> None:
    """Both from the same cells."""
    path = tmp_path / "ann.ipynb"
    path.write_bytes(
        book(cell("def double(x):\n    return 2 * x", kind="code"), cell("0", "question_1"))
    )
    got = read(path, mini_course, "ann")
    assert (list(got.files), got.answers) == (["basics.py"], {"question_1": "0"})


def test_answers_decide_no_grade(tmp_path: Path, mini_course: Assignment) -> None:
    """Another answer is no reason to run the tests again."""
    first = read(handed_in(tmp_path, mini_course, book()), mini_course, "ann")
    other = read(
        handed_in(tmp_path, mini_course, book(cell("0", "question_1"))), mini_course, "ann"
    )
    assert first.sha256 == other.sha256
