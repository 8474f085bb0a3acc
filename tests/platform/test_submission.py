"""Intake of folders and single files: what is graded, what is missing, what is ignored."""

import os
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from autograder.assignment import Assignment
from autograder.errors import Rejected
from autograder.submission import Submission, read

GOOD = b"def double(x):\n    return 2 * x\n"
LOSSES = b"def softmax_loss(x, y):\n    return 0.0, x\n"


def lay(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write files below a folder and return it."""
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def take(path: Path, course: Assignment) -> Submission:
    """Read a path as ann's."""
    return read(path, course, "ann")


def refused(path: Path, course: Assignment) -> str:
    """Return why a path is rejected."""
    with pytest.raises(Rejected) as caught:
        read(path, course, "ann")
    return caught.value.reason


def test_a_folder(tmp_path: Path, mini_course: Assignment) -> None:
    """The assignment's files are taken byte for byte; nothing is missing."""
    got = take(lay(tmp_path / "a", {"basics.py": GOOD, "losses.py": LOSSES}), mini_course)
    assert got.student == "ann"
    assert got.files == {"basics.py": GOOD, "losses.py": LOSSES}
    assert (got.missing, got.ignored, got.problems, got.notes) == ((), (), {}, ())


def test_one_wrapping_folder_is_stripped(tmp_path: Path, mini_course: Assignment) -> None:
    """hw1/basics.py is basics.py, also beside a loose README."""
    got = take(lay(tmp_path / "a", {"hw1/basics.py": GOOD, "README.md": b"hi"}), mini_course)
    assert got.files == {"basics.py": GOOD}
    assert got.missing == ("losses.py",)
    assert got.ignored == ("README.md",)


def test_two_wrapping_folders_are_ambiguous(tmp_path: Path, mini_course: Assignment) -> None:
    """The student must say which of two copies counts."""
    said = refused(lay(tmp_path / "a", {"v1/basics.py": GOOD, "v2/basics.py": GOOD}), mini_course)
    assert "several folders (v1, v2)" in said


def test_what_is_not_asked_for_is_listed_and_never_read(
    tmp_path: Path, mini_course: Assignment
) -> None:
    """Names that would shadow our tools are listed with a note; noise is not even listed."""
    stray = ["numpy.py", "conftest.py", "torch/__init__.py", "x.pth", "y.so", "notes.txt"]
    noise = [".git/HEAD", "__pycache__/basics.pyc", ".DS_Store", "__MACOSX/._basics.py"]
    files = {"basics.py": GOOD, "losses.py": LOSSES} | dict.fromkeys([*stray, *noise], b"\x00")
    got = take(lay(tmp_path / "a", files), mini_course)
    assert set(got.files) == {"basics.py", "losses.py"}
    note = " (never used: it could change the grader)"
    shadowing = [f"{name}{note}" for name in ("conftest.py", "numpy.py", "torch/", "x.pth", "y.so")]
    assert got.ignored == tuple(sorted(["notes.txt", *shadowing]))


def test_many_ignored_files_are_summed_up(tmp_path: Path, mini_course: Assignment) -> None:
    """The list stays short."""
    extra = {f"plot{n:03}.png": b"" for n in range(100)}
    got = take(lay(tmp_path / "a", {"basics.py": GOOD, **extra}), mini_course)
    assert len(got.ignored) == 21
    assert got.ignored[-1] == "and 80 more"


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ("Losses.py", "did you mean losses.py? Upper and lower case make a difference."),
        ("losses (1).py", "Found losses (1).py: did you mean losses.py?"),
        ("losses.py.txt", "Found losses.py.txt: did you mean losses.py?"),
        ("loses.py", "Found loses.py: did you mean losses.py?"),
    ],
)
def test_a_near_miss_is_named(
    tmp_path: Path, mini_course: Assignment, found: str, said: str
) -> None:
    """A file that is missing for a slip in its name says so, with or without others."""
    got = take(lay(tmp_path / "a", {"basics.py": GOOD, found: LOSSES}), mini_course)
    assert got.missing == ("losses.py",)
    assert said in got.problems["losses.py"]
    alone = refused(lay(tmp_path / "b", {found: LOSSES}), mini_course)
    assert alone.startswith("Expected basics.py, losses.py. Found ")
    assert said in alone


def test_guessing_takes_no_time(tmp_path: Path, mini_course: Assignment) -> None:
    """Names that invite a search to go on for ever do not."""
    start = time.perf_counter()
    odd = {name[:200]: b"" for name in ("1" * 90, "1" * 300, " _-" * 33, "(1)" * 33, "v1" * 45)}
    refused(lay(tmp_path / "a", odd), mini_course)
    assert time.perf_counter() - start < 10


def test_a_file_too_deep_is_named(tmp_path: Path, mini_course: Assignment) -> None:
    """A file in the wrong folder is missing, and the message says where it is."""
    got = take(lay(tmp_path / "a", {"basics.py": GOOD, "src/losses.py": LOSSES}), mini_course)
    assert "src/losses.py: put it at the top" in got.problems["losses.py"]


def test_upper_and_lower_case_twins_cost_that_file(tmp_path: Path, mini_course: Assignment) -> None:
    """Two spellings of one name are not guessed between."""
    files = {"basics.py": GOOD, "losses.py": LOSSES, "LOSSES.py": LOSSES}
    got = take(lay(tmp_path / "a", files), mini_course)
    assert "more than once" in got.problems["losses.py"]
    assert set(got.files) == {"basics.py"}


def test_one_bad_file_leaves_the_others(tmp_path: Path, mini_course: Assignment) -> None:
    """A syntax error costs its file only, and says file, line and reason."""
    bad = b"import numpy as np\nx = (1,\n"
    got = take(lay(tmp_path / "a", {"basics.py": GOOD, "losses.py": bad}), mini_course)
    assert got.problems == {"losses.py": "losses.py line 2: SyntaxError: '(' was never closed"}
    assert set(got.files) == {"basics.py"}
    assert got.missing == ()


def test_a_single_file(tmp_path: Path, mini_course: Assignment) -> None:
    """One .py file of the assignment is a submission that misses the others."""
    lay(tmp_path, {"losses.py": LOSSES, "mine.py": LOSSES})
    got = take(tmp_path / "losses.py", mini_course)
    assert (got.files, got.missing) == ({"losses.py": LOSSES}, ("basics.py",))
    assert "Expected basics.py, losses.py. Found mine.py." in refused(
        tmp_path / "mine.py", mini_course
    )


def test_the_only_file_may_have_any_name(tmp_path: Path, mini_course: Assignment) -> None:
    """Where an assignment has one file, `ann_final.py` is that file."""
    single = mini_course.model_copy(
        update={"files": ("basics.py",), "exercises": mini_course.exercises[:1]}
    )
    lay(tmp_path, {"ann_final.py": GOOD})
    assert take(tmp_path / "ann_final.py", single).files == {"basics.py": GOOD}


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("s.zip", b"Rar!\x1a\x07\x00", "s.zip is not a zip file (it looks like a RAR archive)."),
        ("s.zip", b"print(1)\n", "s.zip is not a zip file (it looks like text). Please use zip."),
        ("s.zip", b"", "s.zip is not a zip file (it is empty)."),
        ("s.tgz", b"7z\xbc\xaf\x27\x1c", "it looks like a 7z archive"),
        ("s.pdf", b"%PDF-1.7", "s.pdf looks like a PDF document. Hand in .py files"),
        ("s.html", b"<!DOCTYPE html>", "looks like a web page"),
        ("s.bin", b"\x00\x01\x02" * 99, "looks like binary data"),
        ("s.tar.xz", b"\xfd7zXZ\x00", "looks like an xz archive"),
    ],
)
def test_the_kind_is_told_by_content(
    tmp_path: Path, mini_course: Assignment, name: str, data: bytes, said: str
) -> None:
    """A wrong kind of upload is named as what it is."""
    assert said in refused(lay(tmp_path, {name: data}) / name, mini_course)


def test_an_empty_folder(tmp_path: Path, mini_course: Assignment) -> None:
    """Nothing is a reason of its own."""
    (tmp_path / "a").mkdir()
    said = "Nothing was handed in. Expected basics.py, losses.py."
    assert refused(tmp_path / "a", mini_course) == said


def test_names_of_a_student_are_made_printable(tmp_path: Path, mini_course: Assignment) -> None:
    """No escape sequence, no direction mark and no endless name gets into a message."""
    odd = ["\x1b[2Jevil.txt", "a\u202eyp.txt", "n" * 200, os.fsdecode(b"\xff.txt")]
    said = refused(lay(tmp_path / "a", dict.fromkeys(odd, b"")), mini_course)
    assert said.isprintable()
    assert "\\x1b[2Jevil.txt" in said
    assert "n" * 60 not in said


def test_the_hash_is_stable_and_tells_differences(tmp_path: Path, mini_course: Assignment) -> None:
    """Equal contents hash alike wherever they come from; any difference shows."""
    both = {"basics.py": GOOD, "losses.py": LOSSES}
    first = take(lay(tmp_path / "a", both), mini_course)
    again = take(lay(tmp_path / "b", {"x/basics.py": GOOD, "x/losses.py": LOSSES}), mini_course)
    assert first.sha256 == again.sha256
    assert first.sha256.startswith("sha256:")
    others = [
        {"basics.py": GOOD},
        {"losses.py": LOSSES},
        {**both, "losses.py": b"("},
        {**both, "losses.py": b""},
        {**both, "losses.py": LOSSES + b"\n"},
    ]
    hashes = [take(lay(tmp_path / str(n), o), mini_course).sha256 for n, o in enumerate(others)]
    assert len({first.sha256, *hashes}) == 6


def test_a_folder_that_holds_only_an_archive(
    tmp_path: Path, mini_course: Assignment, archive: Path
) -> None:
    """A learning platform's folder around one zip is that zip."""
    folder = lay(tmp_path / "Ann_123_file_", {"hw.zip": archive.read_bytes()})
    assert take(folder, mini_course).files == {"basics.py": GOOD}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A zip with basics.py."""
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as packed:
        packed.writestr("basics.py", GOOD)
    return tmp_path / "in.zip"
