"""Importing the reference without a trace."""

import sys
from pathlib import Path

import pytest

from autograder.assignment import Assignment
from autograder.suite.reference import load_modules


def test_modules_come_by_name_and_leave_nothing_behind(mini_course: Assignment) -> None:
    """The solution is imported, and `sys.modules`, `sys.path` and the disk stay as they were."""
    before = set(sys.modules), list(sys.path), sorted(mini_course.root.rglob("*"))
    modules = load_modules(mini_course.solutions, mini_course.files)
    assert modules["basics"].double(2) == 4
    assert "basics" not in sys.modules
    assert (before[1], before[2]) == (sys.path, sorted(mini_course.root.rglob("*")))


def test_files_may_import_one_another(tmp_path: Path) -> None:
    """A solution of several files sees its own, not a module of that name elsewhere."""
    (tmp_path / "a.py").write_text("from json import answer\n")
    (tmp_path / "json.py").write_text("answer = 42\n")
    import json

    assert load_modules(tmp_path, ["a.py", "json.py"])["a"].answer == 42
    assert sys.modules["json"] is json


def test_two_loads_share_no_state(tmp_path: Path) -> None:
    """Each load executes the files again."""
    (tmp_path / "state.py").write_text("seen = []\n")
    first = load_modules(tmp_path, ["state.py"])["state"]
    first.seen.append(1)
    assert load_modules(tmp_path, ["state.py"])["state"].seen == []


def test_an_error_leaves_the_imports_in_order(tmp_path: Path) -> None:
    """A solution that does not import is the caller's to report; nothing is half there."""
    (tmp_path / "broken.py").write_text("1 / 0\n")
    with pytest.raises(ZeroDivisionError):
        load_modules(tmp_path, ["broken.py"])
    assert "broken" not in sys.modules
    assert str(tmp_path) not in sys.path
