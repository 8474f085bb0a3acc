"""Reports are found where `grade` wrote them, and what is none is named."""

from pathlib import Path

import pytest
from reports import graded, save

from autograder.assignment import Assignment
from autograder.errors import StaffError, UsageError
from autograder.grading import written


def test_a_class_is_read(mini_course: Assignment, tmp_path: Path) -> None:
    """In the order of the folders, each with its own."""
    save(tmp_path, graded("bob"), graded("ann"))
    found = written.read(mini_course, tmp_path)
    assert [each.student for each in found] == ["ann", "bob"]
    assert found[0].folder == tmp_path / "ann"
    assert not written.is_one(tmp_path)


@pytest.mark.parametrize("name", ["ann", "ann/report.json"])
def test_one_is_read(mini_course: Assignment, tmp_path: Path, name: str) -> None:
    """From its folder, or as a file."""
    save(tmp_path, graded("ann"), graded("bob"))
    (found,) = written.read(mini_course, tmp_path / name)
    assert (found.student, found.folder) == ("ann", tmp_path / "ann")
    assert written.is_one(tmp_path / name)


@pytest.mark.parametrize("name", ["nowhere", "."])
def test_nothing_is_there(mini_course: Assignment, tmp_path: Path, name: str) -> None:
    """The place that was looked at is named."""
    with pytest.raises(UsageError, match=r"no reports \(<student>/report.json\)"):
        written.read(mini_course, tmp_path / name)


@pytest.mark.parametrize("text", [b"", b"{}", b"\xff", b"[" * 100_000, b'{"version": 2}'])
def test_what_is_no_report(mini_course: Assignment, tmp_path: Path, text: bytes) -> None:
    """Is named, with what to do."""
    (tmp_path / "report.json").write_bytes(text)
    with pytest.raises(StaffError, match="report.json: not a report .* grade the submission again"):
        written.read(mini_course, tmp_path)


def test_a_report_on_something_else(mini_course: Assignment, tmp_path: Path) -> None:
    """Is refused: its exercises are others."""
    other = graded().report.model_copy(update={"assignment": "a1"})
    (tmp_path / "report.json").write_text(other.dump())
    with pytest.raises(UsageError, match="is about a1, not about mini"):
        written.read(mini_course, tmp_path)


def test_two_reports_on_one_student(mini_course: Assignment, tmp_path: Path) -> None:
    """Both folders are named."""
    save(tmp_path, graded("ann"))
    save(tmp_path / "copy", graded("ann"))
    (tmp_path / "copy" / "ann").rename(tmp_path / "bob")
    with pytest.raises(UsageError, match="bob and .*ann are both about 'ann'"):
        written.read(mini_course, tmp_path)
