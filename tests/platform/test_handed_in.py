"""What is kept of a submission: packed, unpacked, graded again."""

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat import v4

from autograder.assignment import Assignment
from autograder.errors import StaffError
from autograder.grading import Settings, grade_class, handed_in
from autograder.grading.handed_in import HandedIn
from autograder.report import Report
from autograder.submission import Entry, read

HandIn = Callable[..., Path]
names = st.sampled_from(["basics.py", "losses.py", "a b.py", "answers.py"])
texts = st.text(st.characters(exclude_categories=["Cs"]))
contents = st.builds(
    HandedIn,
    files=st.dictionaries(names, st.binary(max_size=200)),
    answers=st.dictionaries(st.sampled_from(["question_1", "question_12"]), texts),
)


def kept(folder: Path, content: HandedIn) -> Path:
    """Write the zip into a folder, as grading does."""
    folder.mkdir(exist_ok=True)
    (folder / handed_in.NAME).write_bytes(handed_in.packed(content))
    return folder


def notebook(folder: Path, answers: Mapping[str, str]) -> None:
    """Put a notebook with answers beside the files."""
    cells = [
        v4.new_markdown_cell(text, metadata={"nbgrader": {"grade_id": name, "grade": True}})
        for name, text in answers.items()
    ]
    book = v4.writes(v4.new_notebook(cells=cells))
    (folder / "mini.ipynb").write_text(book, "utf-8")


def grade(course: Assignment, entry: Entry, out: Path) -> tuple[Report, HandedIn]:
    """Grade one submission; return its report without seconds, and what was kept."""
    told = Settings("mini", str(course.root), str(out))
    (report,) = grade_class(course, [entry], told, 1).reports
    return report.model_copy(update={"seconds": 0, "processor_seconds": None}), handed_in.unpack(
        out / entry.student
    )


@given(contents)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_goes_in_comes_out(tmp_path: Path, content: HandedIn) -> None:
    """Files byte by byte, answers letter by letter."""
    assert handed_in.unpack(kept(tmp_path, content)) == content


@given(contents)
def test_the_same_content_is_the_same_bytes(content: HandedIn) -> None:
    """Whatever the order in which the files were found."""
    turned = replace(content, files=dict(reversed(content.files.items())))
    assert handed_in.packed(content) == handed_in.packed(turned)


def test_letters_that_are_none_become_question_marks(tmp_path: Path) -> None:
    """Half of a surrogate pair cannot be written in UTF-8."""
    content = HandedIn({}, {"question_1": "a\ud800b"})
    assert handed_in.unpack(kept(tmp_path, content)).answers == {"question_1": "a?b"}


def test_nothing_is_there_where_nothing_was_kept(tmp_path: Path) -> None:
    """A submission that was refused as a whole has no zip."""
    assert handed_in.unpack(tmp_path) == HandedIn()


def test_what_intake_could_not_use_is_kept(mini_course: Assignment, hand_in: HandIn) -> None:
    """A file with a syntax error, and one that is no text: people want to see them."""
    broken = "def double(x:\n"
    folder = hand_in("ann", {"basics.py": broken})
    (folder / "losses.py").write_bytes(b"\xff\xfe\x00")
    notebook(folder, {"question_1": "Nothing."})
    content = handed_in.of(read(folder, mini_course, "ann"))
    wanted = {"basics.py": broken.encode(), "losses.py": b"\xff\xfe\x00"}
    assert content == HandedIn(wanted, {"question_1": "Nothing."})


def damaged(folder: Path, data: bytes) -> None:
    """Put these bytes where the zip should be, and read it."""
    (folder / handed_in.NAME).write_bytes(data)
    with pytest.raises(StaffError, match=rf"^{folder}/submission\.zip: damaged: .*again$"):
        handed_in.unpack(folder)


@pytest.mark.parametrize("data", [b"", b"PK", b"not a zip" * 100])
def test_what_is_no_zip_is_named(tmp_path: Path, data: bytes) -> None:
    """Nothing, the beginning of one, or anything else."""
    damaged(tmp_path, data)


@pytest.mark.parametrize("at", [0.3, 0.5, 0.8, 0.99])
def test_a_zip_that_was_cut_is_named(tmp_path: Path, at: float) -> None:
    """Wherever it ends."""
    whole = handed_in.packed(HandedIn({"basics.py": b"x = 1\n" * 99}, {"question_1": "a"}))
    damaged(tmp_path, whole[: int(len(whole) * at)])


@pytest.mark.parametrize("at", [45, 50, 60])
def test_a_zip_with_other_bytes_is_named(tmp_path: Path, at: int) -> None:
    """In the middle of what is compressed."""
    whole = bytearray(handed_in.packed(HandedIn({"basics.py": bytes(range(256)) * 9})))
    whole[at] ^= 0xFF
    damaged(tmp_path, bytes(whole))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": 3}', '{"cells": [{}]}', '{"a": "b"}'])
def test_answers_that_nobody_wrote_are_named(tmp_path: Path, text: str) -> None:
    """A notebook of answers in another form."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(handed_in.ANSWERS, text)
    damaged(tmp_path, buffer.getvalue())


@pytest.mark.parametrize(
    "changes",
    [{}, {"basics.py": "def double(x:\n"}, {"losses.py": None}],
    ids=["whole", "damaged", "a file missing"],
)
def test_it_can_be_graded_again(
    mini_course: Assignment, hand_in: HandIn, tmp_path: Path, changes: Mapping[str, str | None]
) -> None:
    """The zip is a submission like the one it was made of: same report, same files and answers."""
    folder = hand_in("ann", changes)
    notebook(folder, {"question_2": "log 4,\nthe *most*"})
    first = grade(mini_course, Entry("ann", folder), tmp_path / "out")
    assert first[1].answers == {"question_2": "log 4,\nthe *most*"}
    again = Entry("ann", tmp_path / "out" / "ann" / handed_in.NAME)
    assert grade(mini_course, again, tmp_path / "again") == first


def test_nothing_is_kept_of_what_is_refused(
    mini_course: Assignment, hand_in: HandIn, tmp_path: Path
) -> None:
    """Nor what was kept before."""
    folder = hand_in("ann", {"losses.py": None})
    grade(mini_course, Entry("ann", folder), tmp_path / "out")
    (folder / "basics.py").unlink()
    report, content = grade(mini_course, Entry("ann", folder), tmp_path / "out")
    assert (report.status, content) == ("rejected", HandedIn())
    assert not (tmp_path / "out" / "ann" / handed_in.NAME).exists()
