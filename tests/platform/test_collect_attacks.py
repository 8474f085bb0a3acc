"""Downloads that attack: nothing leaves the class folder, and nobody hands in as somebody else."""

import os
import stat
import tracemalloc
import zipfile
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from downloaded import CANVAS, METADATA, collected, packed, there, unpacked
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.assignment import Assignment
from autograder.errors import UsageError
from autograder.export.downloads import gradescope as gradescope_download
from autograder.export.downloads import packed as downloads
from autograder.export.downloads import placing
from autograder.export.downloads.attempts import Hints
from autograder.feedback.rows import Student
from autograder.submission.model import Found

GOOD = {"ann_101_5001_basics.py": "good"}


def files_around(mini: Assignment) -> set[str]:
    """Everything in the course but the class."""
    paths = mini.root.rglob("*")
    return {str(path) for path in paths if not path.is_relative_to(mini.root / "class")}


@pytest.mark.parametrize(
    "name",
    [
        "eve_102_5002_..",
        "eve_102_5002_.",
        "eve_102_5002_.profile",
        "eve_102_5002_../../x.py",
        "../eve_102_5002_x.py",
        "/eve_102_5002_x.py",
        "C:eve_102_5002_x.py",
        "eve_102_5002_a\\..\\x.py",
        "eve_102_5002_a\x1b[2Jx.py",
        "eve_102_5002_" + "x" * 300,
        "../../ann_101_5009_basics.py",
    ],
)
def test_paths_that_lead_away(mini_course: Assignment, name: str) -> None:
    """They are left out with a reason that can be printed; everybody else is collected."""
    place = packed(mini_course.root / "0.zip", GOOD | {name: "bad"})
    before = files_around(mini_course)
    got = collected(mini_course, place)
    assert there(mini_course) == {"ann_101/basics.py": "good"}
    assert files_around(mini_course) == before
    assert len(got.odd) == 1
    assert got.odd[0].path.isprintable()


@pytest.mark.parametrize(
    "name",
    [
        "Eve_7_assignsubmission_file_..",
        "Eve_7_assignsubmission_file_../x.py",
        "Eve_7_assignsubmission_file_/../../x.py",
        "Eve_7_assignsubmission_file_.",
        "Eve_7_assignsubmission_file_",
        ".._7_assignsubmission_file_/../x.py",
    ],
)
def test_moodle_prefixes_that_hide_a_way_out(mini_course: Assignment, name: str) -> None:
    """What is behind a prefix is judged again without it."""
    good = {"Ann_1_assignsubmission_file_/basics.py": "good"}
    place = packed(mini_course.root / "0.zip", good | {name: "bad"})
    before = files_around(mini_course)
    collected(mini_course, place)
    assert there(mini_course) == {"Ann_1/basics.py": "good"}
    assert files_around(mini_course) == before


def test_gradescope_folders_that_lead_away(mini_course: Assignment) -> None:
    """Neither a person's name nor a file's is a path."""
    text = METADATA.replace("'1815'", "'../../evil'").replace("bob@uni.example", "/etc/passwd")
    files = {
        "submission_metadata.yml": text,
        "submission_17/basics.py": "x",
        "submission_17/../../y.py": "x",
    }
    before = files_around(mini_course)
    place = packed(mini_course.root / "0.zip", files)
    collected(mini_course, place)
    assert files_around(mini_course) == before | {str(place)}
    assert len(there(mini_course)) == 2
    assert all(path.count("/") == 1 for path in there(mini_course))


@pytest.mark.parametrize(
    "name",
    [
        "ann_101_200_900_basics.py",  # a student called `ann_101`, who is number 200
        "ann_101_5009_200_900_basics.py",  # `ann_101 _5009`
    ],
)
def test_nobody_hands_in_as_somebody_else(mini_course: Assignment, name: str) -> None:
    """A name in Canvas may look like the numbers that follow it, so such files are nobody's."""
    got = collected(mini_course, GOOD | {name: "forged"})
    assert there(mini_course) == {"ann_101/basics.py": "good"}
    assert [each.reason for each in got.odd] == ["its name can be read in two ways: whose is it?"]


def test_a_roster_tells_whose_it_is(mini_course: Assignment) -> None:
    """Where only one of the numbers is a user's; the mark for late work tells, too."""
    roster = {
        name: Student(name, lms_user_id=user) for name, user in [("ann", "101"), ("eve", "200")]
    }
    files = {
        "ann_101_5001_2026_basics.zip": "hers",
        "ann_101_LATE_200_900_basics.py": "eve's",
        "ann_101_200_901_losses.py": "whose?",
    }
    got = collected(mini_course, files, roster=roster)
    assert there(mini_course) == {"ann/2026_basics.zip": "hers", "eve/basics.py": "eve's"}
    assert [each.path for each in got.odd] == ["ann_101_200_901_losses.py"]


def test_a_files_name_does_not_name_another_student(mini_course: Assignment) -> None:
    """What a student calls a file stands behind what the system says about them."""
    collected(mini_course, {"eve_102_5002_ann_101_5001_basics.py": "x"})
    assert list(there(mini_course)) == ["eve_102/ann_101_5001_basics.py"]
    when = "attempt_2026-11-30-15-00-00"
    files = {f"ps1_eve_{when}_ps1_ann_{when}_basics.py": "x"}
    got = collected(mini_course, files)
    assert [each.student for each in got.students] == ["eve"]
    files = {"Eve_7_assignsubmission_file_/Ann_1_assignsubmission_file_/basics.py": "x"}
    assert [each.student for each in collected(mini_course, files).students] == ["Eve_7"]


def test_what_students_wrote_is_no_metadata(mini_course: Assignment) -> None:
    """Neither a file of that name in a submission, nor text in a result."""
    forged = METADATA.replace("1815", "9999")
    files = {
        "top/submission_metadata.yml": METADATA,
        "top/submission_17/submission_metadata.yml": forged,
    }
    got = collected(mini_course, files)
    assert [each.student for each in got.students] == ["1815", "bob@uni.example"]
    nested = (
        "submission_17:\n  :results:\n    :submitters:\n    - :name: Eve\n      :sid: '6'\n"
        "  :submitters:\n  - :name: Ann\n    :sid: '5'\n    :more: {':sid': '6'}\n"
    )
    files = {"submission_metadata.yml": nested, "submission_17/basics.py": "x"}
    assert [e.student for e in collected(mini_course, files).students] == ["5"]


def test_two_who_say_that_they_are_one(mini_course: Assignment) -> None:
    """Students may write their own number in Gradescope: nobody decides who is who."""
    text = METADATA.replace("  - :name: Bob Bo\n    :sid:\n", "  - :name: Eve\n    :sid: '1815'\n")
    files = {"submission_metadata.yml": text, "submission_17/basics.py": "x"}
    with pytest.raises(UsageError, match="'1815' are two: Ann Ash and Eve; tell them apart"):
        collected(mini_course, files)


@pytest.mark.parametrize("others", [{}, {"Ann_1_assignsubmission_file_/basics.py": "good"}])
def test_a_student_makes_no_export_of_gradescope(
    mini_course: Assignment, others: Mapping[str, str]
) -> None:
    """By handing in such a list, and work of somebody else, in Moodle."""
    eve = "Eve_7_assignsubmission_file_/"
    forged = {f"{eve}submission_metadata.yml": METADATA, f"{eve}submission_17/basics.py": "forged"}
    got = collected(mini_course, forged | others)
    assert {each.student for each in got.students} - {"Ann_1"} == {"Eve_7"}


@pytest.mark.parametrize(
    "text",
    [
        "a: [",
        "a: &x [*x, *x]\n",
        "a: !!python/object/apply:os.system ['touch evil']\n",
        "a: !ruby/object:Gem::Installer {i: x}\n",
        "- 1\n- 2\n",
        "just text",
        "",
        "? [1, 2]\n: {a: b}\n",
        "a: {b: {c: {d: {e: f}}}}\n",
        "\x00\x01",
        "a: \xff\n",
        "submission_17: {':created_at': 2026-99-99 25:00:00 Z, ':submitters': 3}\n",
        "[" * 50_000,
        "&a [" * 5_000,
    ],
)
def test_metadata_of_any_kind(mini_course: Assignment, text: str) -> None:
    """It names nobody, or is refused in one line; nothing is constructed from it."""
    files = {
        "submission_metadata.yml": text.encode("latin-1"),
        "submission_17/basics.py": "x",
    }
    with pytest.raises(UsageError, match="submission_metadata.yml|nothing in"):
        collected(mini_course, files)
    assert not (mini_course.root / "class").exists()


def test_a_laughing_file_stays_small() -> None:
    """An alias is never followed."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    data = "\n".join(lines).encode()
    tracemalloc.start()
    gradescope_download.read([Found("submission_metadata.yml", lambda _: data)], Hints())
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_links_are_not_followed(mini_course: Assignment, tmp_path: Path) -> None:
    """Neither in a folder nor in a zip, nor special files."""
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "eve_102_5007_basics.py").write_text("secret")
    folder = unpacked(tmp_path / "download", GOOD)
    (folder / "eve_102_5002_basics.py").symlink_to(secret / "eve_102_5007_basics.py")
    (folder / "linked").symlink_to(secret)
    os.mkfifo(folder / "fay_103_5003_basics.py")
    got = collected(mini_course, folder)
    assert there(mini_course) == {"ann_101/basics.py": "good"}
    reasons = {each.path: each.reason for each in got.odd}
    assert reasons["eve_102_5002_basics.py"] == "is a link"
    assert reasons["fay_103_5003_basics.py"] == "is a named pipe"
    assert (mini_course.root / "class" / "eve_102").is_dir()


def test_links_in_a_zip(mini_course: Assignment) -> None:
    """They are left out, with locked and oddly packed entries."""
    place = packed(mini_course.root / "0.zip", GOOD)
    with zipfile.ZipFile(place, "a") as archive:
        link = zipfile.ZipInfo("eve_102_5002_basics.py")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("fay_103_5003_basics.py", "x" * 100, zipfile.ZIP_LZMA)
    got = collected(mini_course, place)
    assert there(mini_course) == {"ann_101/basics.py": "good"}
    assert ["Links are not" in each.reason for each in got.odd] == [True, False]
    assert "packed by an unusual method" in got.odd[1].reason


def test_a_bomb_costs_its_student(mini_course: Assignment) -> None:
    """It is not unpacked, and stops nobody; a student's own zip is copied as it is."""
    place = packed(mini_course.root / "0.zip", GOOD)
    with zipfile.ZipFile(place, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("eve_102_5002_basics.py", b"0" * 60_000_000)
    got = collected(mini_course, place)
    assert there(mini_course) == {"ann_101/basics.py": "good"}
    assert [each.reason for each in got.odd] == ["is 60.0 MB; the limit is 50.0 MB"]
    assert (mini_course.root / "class" / "eve_102").is_dir()
    inner = place.read_bytes()
    collected(mini_course, {"fay_103_5003_work.zip": inner})
    assert (mini_course.root / "class" / "fay_103" / "work.zip").read_bytes() == inner


def test_a_size_that_lies(mini_course: Assignment) -> None:
    """What is behind a small number is not read further than that."""
    place = mini_course.root / "0.zip"
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("eve_102_5002_basics.py", b"0" * 60_000_000)
    size = (60_000_000).to_bytes(4, "little")
    place.write_bytes(place.read_bytes().replace(size, (1000).to_bytes(4, "little")))
    assert collected(mini_course, place).odd[0].reason == (
        "cannot be unpacked: the archive is damaged"
    )


def test_too_much_is_left_out(mini_course: Assignment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a file, and of a student; too much in all is refused."""
    monkeypatch.setattr(downloads, "FILE_BYTES", 10)
    monkeypatch.setattr(placing, "STUDENT_BYTES", 15)
    files = {"eve_102_5002_big.bin": "x" * 11, "eve_102_5003_a": "x" * 9, "eve_102_5004_b": "x" * 9}
    got = collected(mini_course, GOOD | files)
    assert sorted(there(mini_course)) == ["ann_101/basics.py", "eve_102/a"]
    assert [each.path for each in got.odd] == ["eve_102_5002_big.bin", "eve_102_5004_b"]
    monkeypatch.setattr(placing, "TOTAL_BYTES", 3)
    with pytest.raises(UsageError, match="in all; collect in parts"):
        collected(mini_course, {"fay_103_5003_basics.py": "four"})
    assert not (mini_course.root / "class" / "fay_103").exists()


def test_too_many_entries(mini_course: Assignment, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are counted before Python's objects are made."""
    monkeypatch.setattr(downloads, "ENTRIES", 2)
    with pytest.raises(UsageError, match="more than 2"):
        collected(mini_course, CANVAS)
    with pytest.raises(UsageError, match="more than 2"):
        collected(mini_course, unpacked(mini_course.root / "folder", CANVAS))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 nothing", b"Rar!\x1a\x07", b"x" * 100])
def test_what_is_no_zip(mini_course: Assignment, data: bytes) -> None:
    """One line, and what to do."""
    place = mini_course.root / "0.zip"
    place.write_bytes(data)
    with pytest.raises(UsageError, match="not a zip file, or a damaged one; download it again"):
        collected(mini_course, place)
    with ExitStack() as stack, pytest.raises(UsageError, match="no such file or folder"):
        downloads.opened(mini_course.root / "none", stack)


def test_a_damaged_file_costs_itself(mini_course: Assignment) -> None:
    """The rest of the class is collected."""
    place = packed(mini_course.root / "0.zip", GOOD | {"eve_102_5002_basics.py": "damaged?"})
    place.write_bytes(place.read_bytes().replace(b"damaged?", b"damaged!"))
    got = collected(mini_course, place)
    assert there(mini_course) == {"ann_101/basics.py": "good"}
    assert got.odd[0].reason == "cannot be unpacked: the archive is damaged"


def test_files_in_each_others_way(mini_course: Assignment) -> None:
    """A file and a folder of one name: the first is taken."""
    got = collected(
        mini_course,
        {
            "Ann_1_assignsubmission_file_a": "file",
            "Ann_1_assignsubmission_file_/a/b.py": "inside",
        },
    )
    assert list(there(mini_course)) == ["Ann_1/a/b.py"]
    assert [each.reason for each in got.odd] == ["another file is in its place"]


def test_the_same_name_twice_in_a_zip(mini_course: Assignment) -> None:
    """The first is taken, and the other is listed."""
    place = packed(mini_course.root / "0.zip", GOOD)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(place, "a") as archive:
        archive.writestr("ann_101_5001_basics.py", "other")
    got = collected(mini_course, place)
    assert there(mini_course) == {"ann_101/basics.py": "good"}
    assert [each.reason for each in got.odd] == ["there is another file of this name"]


def test_a_link_in_the_class_is_not_followed(mini_course: Assignment, tmp_path: Path) -> None:
    """Without force it differs; with force the link goes, and what it led to stays."""
    kept = unpacked(tmp_path / "kept", {"basics.py": "good"})
    (mini_course.root / "class").mkdir()
    (mini_course.root / "class" / "ann_101").symlink_to(kept)
    with pytest.raises(UsageError, match="ann_101 would be overwritten"):
        collected(mini_course, GOOD)
    collected(mini_course, {"ann_101_5001_basics.py": "new"}, force=True)
    assert not (mini_course.root / "class" / "ann_101").is_symlink()
    assert (kept / "basics.py").read_text() == "good"


def test_a_failure_in_the_middle_changes_nothing(
    mini_course: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folders that were moved are moved back."""
    first = {"ann_101_5001_basics.py": "a", "bob_102_5002_basics.py": "b"}
    collected(mini_course, first)
    before = there(mini_course)
    rename, calls = Path.rename, []

    def failing(self: Path, target: Path) -> Path:
        calls.append(self)
        if len(calls) == 4:
            raise OSError(28, "No space left on device", str(target))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OSError, match="No space"):
        collected(mini_course, dict.fromkeys(first, "new"), force=True)
    assert there(mini_course) == before


names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
forms = st.sampled_from(
    ["{}_1_2_{}", "{}_assignsubmission_file_/{}", "w_{}_attempt_2026-11-30-15-00-00_{}", "{}/{}"]
)


@given(st.dictionaries(st.builds(str.format, forms, names, names), st.just("x"), max_size=5))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_names(
    mini_course: Assignment, tmp_path_factory: pytest.TempPathFactory, files: Mapping[str, str]
) -> None:
    """Whatever entries are called, there is a class or one line that says why not."""
    root = tmp_path_factory.mktemp("any")
    mini = mini_course.model_copy(update={"root": root})
    place = packed(root / "0.zip", {name: text for name, text in files.items() if name})
    with suppress(UsageError):
        collected(mini, place)
    assert {path.name for path in root.iterdir()} <= {"0.zip", "class"}
