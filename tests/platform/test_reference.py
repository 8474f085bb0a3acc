"""Importing the reference without a trace."""

import importlib
import sys
from pathlib import Path

import pytest

from autograder.assignment import Assignment
from autograder.errors import StaffError
from autograder.suite.reference import forgetting, load_modules, load_reference


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


def test_a_solution_that_does_not_import_is_the_staffs_fault(mini_course: Assignment) -> None:
    """The error names the solution and says what was raised."""
    (mini_course.solutions / "basics.py").write_text("import nothing_of_this_name\n")
    with pytest.raises(StaffError, match=r"solutions/mini: .*ModuleNotFoundError.*nothing_of"):
        load_reference(mini_course)


def test_modules_of_a_folder_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two suites may have files of the same name in one process."""
    (tmp_path / "test_same_name.py").write_text("x = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    with forgetting(tmp_path):
        importlib.import_module("test_same_name")
    assert "test_same_name" not in sys.modules
