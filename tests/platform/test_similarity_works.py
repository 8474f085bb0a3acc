"""Whose work is compared: intake's own reading, years apart, nobody stopped by another."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.assignment import Assignment
from autograder.errors import UsageError
from autograder.similarity import works
from autograder.similarity.given import fenced, given
from autograder.similarity.model import Skipped, Work

HandIn = Callable[..., Path]
LIKE = {"basics.py": "def double(x):\r\n    return x + x\r"}


def gathered(
    course: Assignment, path: Path, *archives: Path
) -> tuple[dict[str, Work], list[Skipped]]:
    """Read a class; return works by name, and what was skipped."""
    found = works.entries(course, path, archives)
    read, skipped = works.gather(course, found, lambda: None)
    return {work.name: work for work in read}, skipped


def test_files_are_text_with_plain_ends_of_lines(mini_course: Assignment, hand_in: HandIn) -> None:
    """Places in a text are the same whichever editor wrote it."""
    place = hand_in("ann", LIKE).parent
    hand_in("bob")
    read, skipped = gathered(mini_course, place)
    assert read["ann"].files["basics.py"] == "def double(x):\n    return x + x\n"
    assert set(read["bob"].files) == {"basics.py", "losses.py"}
    assert skipped == []


def test_archives_and_notebooks_come_through_intake(
    mini_course: Assignment, hand_in: HandIn
) -> None:
    """A zip is unpacked in memory; what the assignment does not ask for is not looked at."""
    place = hand_in("ann").parent
    with zipfile.ZipFile(place / "bob.zip", "w") as packed:
        packed.writestr("work/basics.py", "def double(x):\n    return 2 * x\n")
        packed.writestr("work/../../evil.py", "import os\n")
        packed.writestr("work/notes.py", "x = 1\n")
    with zipfile.ZipFile(place / "cleo.zip", "w") as packed:
        packed.writestr("work/basics.py", "def double(x):\n    return 2 * x\n")
        packed.writestr("work/notes.py", "x = 1\n")
    read, skipped = gathered(mini_course, place)
    assert set(read["cleo"].files) == {"basics.py"}
    assert [each.who for each in skipped] == ["bob"]


def test_a_refused_submission_is_listed_and_stops_nobody(
    mini_course: Assignment, hand_in: HandIn
) -> None:
    """Its reason is intake's."""
    place = hand_in("ann").parent
    (place / "zoe.zip").write_bytes(b"Rar!\x1a\x07\x01\x00")
    read, skipped = gathered(mini_course, place)
    assert set(read) == {"ann"}
    assert "looks like a RAR archive" in skipped[0].why


def test_a_file_that_does_not_parse_is_compared_all_the_same(
    mini_course: Assignment, hand_in: HandIn
) -> None:
    """One missing bracket does not hide a copy."""
    place = hand_in("ann", {"basics.py": "def double(x:\n    return 2 * x\n"}).parent
    hand_in("bob", {"basics.py": "def double(x):\n\0    return 2 * x\n"})
    read, skipped = gathered(mini_course, place)
    assert read["ann"].files["basics.py"].startswith("def double(x:")
    assert "\0" in read["bob"].files["basics.py"]
    assert skipped == []


@pytest.mark.parametrize("content", ["x = 1\n" * 200_000, "a;" * 200_000, "PK\3\4 zipped"])
def test_what_is_no_source_is_listed(
    mini_course: Assignment, hand_in: HandIn, content: str
) -> None:
    """Too much of it, or an archive by the name of a source; the other file is compared."""
    place = hand_in("ann", {"basics.py": content}).parent
    hand_in("bob")
    read, skipped = gathered(mini_course, place)
    assert set(read["ann"].files) == {"losses.py"}
    assert [each.who for each in skipped] == ["ann"]
    assert skipped[0].why.startswith("basics.py ")


def test_one_person_is_known_by_name(
    mini_course: Assignment, hand_in: HandIn, tmp_path: Path
) -> None:
    """In another year, or handed in twice; the year is part of what is shown."""
    place = hand_in("ann").parent
    with zipfile.ZipFile(place / "ann.zip", "w") as packed:
        packed.writestr("basics.py", "def double(x):\n    return 2 * x\n")
    last = tmp_path / "2025"
    (last / "Ann").mkdir(parents=True)
    (last / "Ann" / "basics.py").write_text("x = 1\n")
    (last / "bob").mkdir()
    (last / "bob" / "basics.py").write_text("x = 1\n")
    read, _ = gathered(mini_course, place, last)
    assert set(read) == {"ann", "ann-2", "Ann (2025)", "bob (2025)"}
    assert {work.person for name, work in read.items() if "nn" in name} == {"ann"}


def test_archives_of_one_name_are_told_apart(
    mini_course: Assignment, hand_in: HandIn, tmp_path: Path
) -> None:
    """By where they lie."""
    place = hand_in("ann").parent
    years = [tmp_path / year / "class" for year in ("one", "two")]
    for year in years:
        (year / "bob").mkdir(parents=True)
        (year / "bob" / "basics.py").write_text("x = 1\n")
    found = works.entries(mini_course, place, years)
    assert {year for year, _ in found} == {"", *map(str, years)}


def test_one_submission_needs_another(mini_course: Assignment, hand_in: HandIn) -> None:
    """There is nothing to compare it with."""
    with pytest.raises(UsageError, match="name a class, or give an --archive"):
        works.entries(mini_course, hand_in("ann"), [])


def test_a_folder_is_given_once(mini_course: Assignment, hand_in: HandIn) -> None:
    """As its own archive, everybody would be found in it."""
    place = hand_in("ann").parent
    with pytest.raises(UsageError, match="is given twice"):
        works.entries(mini_course, place, [place.parent / "class"])


def test_what_was_given(mini_course: Assignment) -> None:
    """Starter code, visible checks and the handout's code; without the solution."""
    found = given(mini_course)
    assert "your code here" in found["starter/losses.py"]
    assert "import basics" in found["handout.py"]
    assert "numbers = np.arange(3)" in found["handout.py"]
    assert {name for name in found if name.startswith("checks/test_")}
    assert "np.exp(shifted)" not in "".join(found.values())


def test_old_starter_code_counts_as_given(mini_course: Assignment) -> None:
    """It is what students have got, whatever would be generated now."""
    mini_course.starter.mkdir(parents=True)
    (mini_course.starter / "basics.py").write_text("helper = 1\n")
    assert given(mini_course)["handed_out/basics.py"] == "helper = 1\n"


def test_fences() -> None:
    """Longer fences hold shorter ones; one that is never closed ends with the text."""
    text = "a\n````python\nx = 1\n```\ny = 2\n````\nb\n~~~\nz = 3\n"
    assert fenced(text) == "x = 1\n```\ny = 2\nz = 3\n\n"
