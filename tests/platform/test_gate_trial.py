"""The leak gate's dynamic half: the handout fails every hidden test, the solution passes all."""

import json

import pytest

from autograder.assignment import Assignment
from autograder.errors import StaffError
from autograder.release import gate, starter

Files = dict[str, bytes]
HIDDEN = "tests/hidden/mini/test_basics.py"


def given(course: Assignment, **changes: str) -> Files:
    """Return the starter code, with some files changed."""
    return {name: text.encode() for name, text in (starter.generate(course) | changes).items()}


def notebook(source: str) -> Files:
    """Return a notebook of one code cell."""
    cell = {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}
    book = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return {"mini.ipynb": json.dumps(book).encode()}


def said(course: Assignment, files: Files) -> list[str]:
    """Return what the trial finds."""
    return [str(leak) for leak in gate.run(course, files)]


def test_a_clean_handout_fails_everything(mini_course: Assignment) -> None:
    """Stubs pass no test; a notebook that defines nothing is fine; the solution passes all."""
    files = given(mini_course) | notebook("import basics\nbasics.double(2)")
    assert said(mini_course, files) == []


def test_a_handout_without_its_files(mini_course: Assignment) -> None:
    """What is not in the bundle passes nothing."""
    assert said(mini_course, {"README.md": b"Hi"}) == []


def test_a_test_that_the_handout_passes(mini_course: Assignment) -> None:
    """A stub that does nothing passes the test that the argument stays as it was: it is named."""
    stub = "def double(x):\n    pass\n"
    assert said(mini_course, given(mini_course, **{"basics.py": stub})) == [
        f"basics.py: hidden test passes: double: {HIDDEN}::test_the_argument_stays"
    ]


def test_a_notebook_that_holds_the_answer(mini_course: Assignment) -> None:
    """A notebook is handed in as well, on its own."""
    files = given(mini_course) | notebook("def double(x):\n    return x + x\n")
    assert said(mini_course, files) == [
        f"mini.ipynb: hidden test passes: double: {HIDDEN}::test_a_matrix",
        f"mini.ipynb: hidden test passes: double: {HIDDEN}::test_the_argument_stays",
    ]


def test_a_damaged_notebook_is_passed_over(mini_course: Assignment) -> None:
    """Reading says what is wrong with it."""
    assert said(mini_course, given(mini_course) | {"mini.ipynb": b"{"}) == []


def test_a_solution_that_breaks_the_rules(mini_course: Assignment) -> None:
    """The solution is handed in like any other, so it must keep the assignment's rules."""
    path = mini_course.solutions / "losses.py"
    text = path.read_text("utf-8").replace("    N = len(y)", "    for N in [len(y)]: pass")
    path.write_text(text, "utf-8")
    leaks = said(mini_course, given(mini_course))
    place = "solutions/mini/losses.py: hidden test fails: softmax_loss: tests/hidden/mini/"
    assert [leak.startswith(place) for leak in leaks] == [True, True]
    assert "loop" in leaks[0]


def test_a_solution_that_is_wrong(mini_course: Assignment) -> None:
    """A suite that refuses its own reference is the staff's fault."""
    path = mini_course.hidden / "test_basics.py"
    path.write_text(path.read_text("utf-8").replace("reference.double(x)", "x"), "utf-8")
    with pytest.raises(StaffError, match="the reference fails"):
        gate.run(mini_course, given(mini_course))
