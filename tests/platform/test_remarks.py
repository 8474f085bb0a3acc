"""What is said about lines of students' files, and where the files lie."""

import os
from pathlib import Path

import pytest
from exports import judged, report
from reports import save, ungraded

from autograder.assignment import Assignment
from autograder.errors import UsageError
from autograder.export.formats.remarks import Remark, Sources, remarks
from autograder.feedback.autograded import Graded
from autograder.grading.handed_in import HandedIn
from autograder.grading.written import Written, read
from autograder.report import ExerciseStatus, Report, TestStatus

SOURCE = b"""import numpy as np


def doubled(x):
    return x


def double(x):
    return 2 * x
"""


def graded(assignment: Assignment, folder: Path, each: Report, source: bytes = SOURCE) -> Written:
    """What `grade` wrote about a submission."""
    save(folder, Graded(each, HandedIn({"basics.py": source})))
    (written,) = read(assignment, folder)
    return written


def places(assignment: Assignment, folder: Path, said: str, status: TestStatus) -> list[Remark]:
    """The remarks of a report that says this about `double`."""
    return remarks(assignment, graded(assignment, folder, report(judged("double", status, said))))


def test_a_line_that_is_named(mini_course: Assignment, tmp_path: Path) -> None:
    """Is the place, and leaves the sentence."""
    said = "basics.py line 7: `np.linalg` is not allowed. basics.py line 9: a loop. And 2 more."
    first, second = places(mini_course, tmp_path, said, TestStatus.FORBIDDEN)
    assert (first.file, first.line, first.message) == (
        "basics.py",
        7,
        "`np.linalg` is not allowed.",
    )
    assert (second.line, second.message) == (9, "a loop.")


def test_a_sentence_without_a_line(mini_course: Assignment, tmp_path: Path) -> None:
    """Is about the line where the function begins, said once for all tests."""
    (remark,) = places(mini_course, tmp_path, "Twice too large.", TestStatus.FAILED)
    assert remark.message == "Twice too large."
    assert remark.exercises == ("double",)
    assert (remark.file, remark.line) == ("basics.py", 8)


@pytest.mark.parametrize("source", [b"", b"double = 1\n", b"\xff\xfe(" * 9999])
def test_a_function_that_is_not_there(
    mini_course: Assignment, tmp_path: Path, source: bytes
) -> None:
    """Is looked for in any bytes, and the first line stands for it."""
    each = report(judged("double", TestStatus.FAILED, "No."))
    (remark,) = remarks(mini_course, graded(mini_course, tmp_path, each, source))
    assert (remark.file, remark.line) == ("basics.py", 1)


@pytest.mark.parametrize("status", [ExerciseStatus.NOT_ATTEMPTED, ExerciseStatus.BLOCKED])
def test_what_no_line_is_to_blame_for(
    mini_course: Assignment, tmp_path: Path, status: ExerciseStatus
) -> None:
    """Has no remark."""
    result = judged("double", TestStatus(status), "later").model_copy(update={"status": status})
    assert remarks(mini_course, graded(mini_course, tmp_path, report(result))) == []


def test_what_costs_most_comes_first(mini_course: Assignment, tmp_path: Path) -> None:
    """Since not all may be shown; and a sentence about several exercises is said once."""
    alike = "basics.py line 2: SyntaxError: '(' was never closed"
    results = [
        judged("double", TestStatus.FAILED, "Wrong.", points=50),
        judged("softmax_loss", TestStatus.FAILED, alike, points=30),
        judged("more", TestStatus.FAILED, alike, points=30),
    ]
    first, second = remarks(mini_course, graded(mini_course, tmp_path, report(*results)))
    assert (first.about, first.lost) == ("softmax_loss and 1 more", 45.0)
    assert second.about == "double"


def test_a_refused_submission(mini_course: Assignment, tmp_path: Path) -> None:
    """Has one remark, about no file."""
    save(tmp_path, ungraded("rejected", "no zip"))
    (written,) = read(mini_course, tmp_path)
    (remark,) = remarks(mini_course, written)
    assert (remark.about, remark.file, remark.message) == ("the submission", "", "no zip")


@pytest.fixture
def handed_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A class: a folder, one in a folder, a file and an archive."""
    monkeypatch.chdir(tmp_path)
    for place in ("ann", "bob/my work"):
        Path("class", place).mkdir(parents=True)
        Path("class", place, "basics.py").write_bytes(SOURCE)
    Path("class", "basics.py").mkdir()
    Path("class", "eve").mkdir()
    Path("class", "eve", "basics.py").symlink_to("/etc/passwd")
    Path("class", "zoe.zip").write_bytes(b"PK")
    return Path("class")


@pytest.mark.parametrize(
    ("student", "file"),
    [
        ("ann", "class/ann/basics.py"),
        ("bob", "class/bob/my work/basics.py"),
        ("eve", ""),
        ("zoe", ""),
        ("nobody", ""),
    ],
)
def test_where_files_lie(mini_course: Assignment, handed_in: Path, student: str, file: str) -> None:
    """In the student's folder or one in it; links and archives have no lines to show."""
    assert Sources.of(handed_in, mini_course).file(student, "basics.py") == file


def test_what_was_handed_in(mini_course: Assignment, handed_in: Path) -> None:
    """An archive is a path, too."""
    sources = Sources.of(handed_in, mini_course)
    assert sources.entry("zoe") == "class/zoe.zip"
    assert sources.entry("nobody") == ""


@pytest.mark.parametrize("place", ["class/ann", "class/ann/basics.py", "./class/ann/"])
def test_one_students_files(mini_course: Assignment, handed_in: Path, place: str) -> None:
    """Are that student's, whatever the report calls them."""
    sources = Sources.of(Path(place), mini_course)
    assert sources.file("somebody", "basics.py") == "class/ann/basics.py"


def test_no_files(mini_course: Assignment, tmp_path: Path) -> None:
    """A wrong folder is named."""
    with pytest.raises(UsageError, match="nowhere"):
        Sources.of(tmp_path / "nowhere", mini_course)


def test_a_name_that_is_no_text(mini_course: Assignment, tmp_path: Path) -> None:
    """A path of any bytes can be printed."""
    place = os.fsencode(tmp_path / "class") + b"/\xff"
    os.makedirs(place)  # noqa: PTH103 - bytes are no Path
    (Path(os.fsdecode(place)) / "basics.py").write_bytes(SOURCE)
    (tmp_path / "class" / "zoe.zip").write_bytes(b"PK")
    sources = Sources.of(tmp_path / "class", mini_course)
    (student,) = sources.entries.keys() - {"zoe"}
    assert sources.entry(student).encode().endswith("class/\ufffd".encode())
    assert sources.file(student, "basics.py").endswith("class/\ufffd/basics.py")


def test_what_waits_is_not_remarked(mini_course: Assignment, tmp_path: Path) -> None:
    """Of an exercise that lost points elsewhere, too."""
    failed = judged("double", TestStatus.FAILED, "Wrong.")
    waits = judged("double", TestStatus.BLOCKED, "cannot be judged before it passed").tests[1]
    both = failed.model_copy(update={"tests": (*failed.tests, waits)})
    found = remarks(mini_course, graded(mini_course, tmp_path, report(both)))
    assert [remark.message for remark in found] == ["Wrong."]


def test_what_two_tests_say_is_one_remark(mini_course: Assignment, tmp_path: Path) -> None:
    """Also where one of them says more; the points are lost once."""
    one = judged("double", TestStatus.FAILED, "basics.py line 3: a. basics.py line 4: b.")
    other = judged("double", TestStatus.FAILED, "basics.py line 3: a.").tests[1]
    both = one.model_copy(update={"tests": (*one.tests, other)})
    found = remarks(mini_course, graded(mini_course, tmp_path, report(both)))
    assert [(remark.about, remark.line, remark.lost) for remark in found] == [
        ("double", 3, 30.0),
        ("double", 4, 30.0),
    ]
