"""What every test of the platform may use: a miniature course and a way to hand in."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from autograder import assignment
from autograder.assignment import Assignment

# Its suites are data for the tests, not tests of the platform.
collect_ignore = ["mini_course"]

MINI = Path(__file__).parent / "mini_course"
HandIn = Callable[..., Path]


@pytest.fixture(autouse=True)
def _no_course_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own AUTOGRADER_ROOT does not reach the tests."""
    monkeypatch.delenv(assignment.ROOT_VARIABLE, raising=False)


@pytest.fixture
def repo() -> Path:
    """The checkout that these tests belong to."""
    return Path(__file__).parents[2]


@pytest.fixture
def mini_course(tmp_path: Path) -> Assignment:
    """A fresh course with one assignment, `mini`: `double` (40) and `softmax_loss` (60).

    It has solutions, hidden and visible tests, mutants and variants, and no starter code yet.
    `mini_course.root` is the course's folder. A test may change anything in it.
    """
    root = tmp_path / "course"
    shutil.copytree(MINI, root, ignore=shutil.ignore_patterns("__pycache__"))
    return assignment.load("mini", root)


@pytest.fixture
def hand_in(mini_course: Assignment, tmp_path: Path) -> HandIn:
    """`hand_in("ann")` writes ann's folder with the solution and returns it.

    `hand_in("bob", {"basics.py": "..."})` replaces files; None as a text leaves the file out.
    """

    def write(student: str, changes: Mapping[str, str | None] | None = None) -> Path:
        folder = tmp_path / "class" / student
        folder.mkdir(parents=True)
        solution = {p.name: p.read_text("utf-8") for p in mini_course.solutions.glob("*.py")}
        for name, text in (solution | dict(changes or {})).items():
            if text is not None:
                (folder / name).write_text(text, "utf-8")
        return folder

    return write
