"""What a path on the command line means: one submission or a class."""

import os
from pathlib import Path

import pytest

from autograder.assignment import Assignment
from autograder.errors import UsageError
from autograder.submission import discover, folder
from autograder.submission.discovery import student_names


def touch(folder: Path, *names: str) -> Path:
    """Make empty files below a folder; a name that ends with / is a folder."""
    for name in names:
        place = folder / name
        (place if name.endswith("/") else place.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            place.touch()
    return folder


def found(path: Path, course: Assignment) -> list[tuple[str, str]]:
    """Return students and the last parts of their paths."""
    return [(entry.student, entry.path.name) for entry in discover(path, course)]


def test_a_file_is_one_submission(tmp_path: Path, mini_course: Assignment) -> None:
    """It is named after the file without its suffix."""
    touch(tmp_path, "ann.tar.gz", "losses.py", "odd.rar")
    assert found(tmp_path / "ann.tar.gz", mini_course) == [("ann", "ann.tar.gz")]
    assert found(tmp_path / "losses.py", mini_course) == [("losses", "losses.py")]
    assert found(tmp_path / "odd.rar", mini_course) == [("odd", "odd.rar")]


@pytest.mark.parametrize(
    "names",
    [
        ("basics.py",),
        ("losses.py", "data/x.npz", "old/losses.py"),
        ("hw1/losses.py", ".DS_Store", "__MACOSX/x"),
        ("work.ipynb", "README.md"),
        ("hw1/work.ipynb",),
    ],
)
def test_a_folder_with_files_is_one_submission(
    tmp_path: Path, mini_course: Assignment, names: tuple[str, ...]
) -> None:
    """Files at the top or in the only folder, or one notebook: named after the folder."""
    assert found(touch(tmp_path / "ann", *names), mini_course) == [("ann", "ann")]


def test_any_other_folder_is_a_class(tmp_path: Path, mini_course: Assignment) -> None:
    """Each entry is a student, sorted by name, whatever it holds; hidden entries are none."""
    entries = ("carl/losses.py", "ann.zip", "bob.ipynb", "dora/hw/basics.py", "eve/", "x.bin")
    place = touch(tmp_path / "class", *entries, ".git/HEAD", ".DS_Store", "__MACOSX/a")
    assert found(place, mini_course) == [
        *(("ann", "ann.zip"), ("bob", "bob.ipynb"), ("carl", "carl")),
        *(("dora", "dora"), ("eve", "eve"), ("x.bin", "x.bin")),
    ]


def test_a_notebook_beside_other_students_is_a_class(
    tmp_path: Path, mini_course: Assignment
) -> None:
    """One notebook beside archives or folders with work is one student's of several."""
    place = touch(tmp_path / "class", "bob.ipynb", "dora/hw/basics.py", "carl/losses.py")
    assert [student for student, _ in found(place, mini_course)] == ["bob", "carl", "dora"]
    alone = touch(tmp_path / "alone", "work.ipynb", "data/x.npz", "plot.png")
    assert found(alone, mini_course) == [("alone", "alone")]


def test_several_notebooks_are_a_class(tmp_path: Path, mini_course: Assignment) -> None:
    """Two notebooks in one folder are two students."""
    place = touch(tmp_path / "class", "bob.ipynb", "ann.ipynb")
    assert found(place, mini_course) == [("ann", "ann.ipynb"), ("bob", "bob.ipynb")]


def test_a_class_with_garbage_is_still_found(tmp_path: Path, mini_course: Assignment) -> None:
    """Links, pipes and folders that are named like files are entries like others."""
    place = touch(tmp_path / "class", "ann/losses.py", "losses.py/x", "b/basics.py")
    (place / "loop").symlink_to(place / "loop")
    os.mkfifo(place / "pipe")
    students = [student for student, _ in found(place, mini_course)]
    assert students == ["ann", "b", "loop", "losses", "pipe"]


def test_a_link_given_by_staff_is_followed(tmp_path: Path, mini_course: Assignment) -> None:
    """`latest` may be a link: the entry is named after what was typed."""
    touch(tmp_path / "2024", "losses.py")
    (tmp_path / "latest").symlink_to(tmp_path / "2024")
    assert found(tmp_path / "latest", mini_course) == [("latest", "2024")]


def test_a_relative_dot(
    tmp_path: Path, mini_course: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`.` is named after the folder that it is."""
    monkeypatch.chdir(touch(tmp_path / "ann", "losses.py"))
    assert found(Path(), mini_course) == [("ann", "ann")]


@pytest.mark.parametrize("name", ["nobody", "x" * 5000, "a\0b", "loop"])
def test_no_such_path(tmp_path: Path, mini_course: Assignment, name: str) -> None:
    """A path that does not exist is a usage error that names it."""
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(UsageError) as caught:
        discover(tmp_path / name, mini_course)
    assert f"{name}: no such file or folder" in str(caught.value)


def test_an_empty_folder_is_no_class(tmp_path: Path, mini_course: Assignment) -> None:
    """There is nothing to grade, and that is said."""
    with pytest.raises(UsageError, match="class: this folder holds no submissions"):
        discover(touch(tmp_path / "class", ".hidden"), mini_course)


def test_a_class_may_be_larger_than_a_submission(
    tmp_path: Path, mini_course: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bound on the entries of one submission does not hold for a class."""
    monkeypatch.setattr(folder, "_ENTRIES", 20)
    touch(tmp_path / "class", *(f"s{n:05}.zip" for n in range(50)))
    assert len(discover(tmp_path / "class", mini_course)) == 50


@pytest.mark.parametrize(
    ("names", "students"),
    [
        (["ann.zip", "ann.ipynb", "ann"], ["ann", "ann-2", "ann-3"]),
        (["Ann", "ann.zip", "ann-2"], ["Ann", "ann-3", "ann-2"]),
        (["class.json", "NUL", "con.zip"], ["class.json_", "NUL_", "con_"]),
        (["..", "../../etc", "/abs", ".zip"], ["student", "_.._etc", "_abs", "student-2"]),
        (["a\x1b[2J", "<script>", "b\u202ec"], ["a__2J", "_script_", "b_c"]),
        (["홍길동_20231234.zip", "Mu\u0308ller"], ["홍길동_20231234", "M\u00fcller"]),
        (["ann.smith", "ann.smith.tar.gz"], ["ann.smith", "ann.smith-2"]),
        ([os.fsdecode(b"\xff\xfe")], ["__"]),
    ],
)
def test_student_names_are_safe_and_unique(names: list[str], students: list[str]) -> None:
    """A name becomes a folder's name on any system, and no two students share one."""
    assert student_names(names) == students


def test_long_names_are_cut_to_bytes() -> None:
    """A file system counts bytes, and a cut never splits a character."""
    first, second = student_names(["한" * 300, "한" * 299])
    assert len(first.encode()) == 120
    assert second == f"{first}-2"
