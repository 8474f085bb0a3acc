"""From the downloads of four systems to a class that can be graded."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from downloaded import (
    CANVAS,
    CODE,
    GRADESCOPE,
    METADATA,
    MOODLE,
    NBGRADER,
    Files,
    collected,
    packed,
    there,
    unpacked,
)

from autograder.assignment import Assignment
from autograder.errors import UsageError
from autograder.export.downloads.identity import Known
from autograder.feedback.rows import Student
from autograder.submission import discover

ANN = Student("ann", "Ann", "Ash", "ann@uni.example", "101")


@pytest.mark.parametrize("pack", [packed, unpacked])
@pytest.mark.parametrize("system", [None, "canvas"])
def test_canvas(mini_course: Assignment, tmp_path: Path, pack: object, system: str | None) -> None:
    """Its numbers leave the names; who was late is known, and when is not."""
    download = pack(tmp_path / "download", CANVAS)  # type: ignore[operator]
    got = collected(mini_course, download, system=system)
    assert there(mini_course) == {
        "ashann_101/basics.py": CODE,
        "ashann_101/losses.py": "x = 3\n",
        "bobob_102/my work.zip": "zip",
    }
    assert [(each.late, each.came) for each in got.students] == [(False, None), (True, None)]
    assert got.odd == []


def test_canvas_counts_a_file_that_comes_again(mini_course: Assignment) -> None:
    """The last one is taken, whatever its number in the name; only names that are asked for."""
    got = collected(
        mini_course,
        {
            "a_1_12_basics-1.py": "new",
            "a_1_10_basics.py": "old",
            "a_1_13_part-1.py": "1",
            "a_1_14_part-2.py": "2",
        },
    )
    wanted = {"a_1/basics.py": "new", "a_1/part-1.py": "1", "a_1/part-2.py": "2"}
    assert there(mini_course) == wanted
    assert [each.path for each in got.odd] == ["a_1_10_basics.py"]


def test_canvas_without_names(mini_course: Assignment) -> None:
    """Anonymous grading has its own; texts and links are no files."""
    got = collected(
        mini_course,
        {
            "anon_aB3xZ_12_basics.py": "a",
            "LATE_anon_Qq111_13_basics.py": "b",
            "ann_101_text.html": "c",
            "ann_101_link.html": "d",
            "notes.txt": "e",
        },
    )
    assert there(mini_course) == {"anon_Qq111/basics.py": "b", "anon_aB3xZ/basics.py": "a"}
    assert [(each.path, each.reason) for each in got.odd] == [
        ("ann_101_link.html", "a text or a link, and no file"),
        ("ann_101_text.html", "a text or a link, and no file"),
        ("notes.txt", "its name is not one that Canvas gives"),
    ]


def test_names_in_any_script(mini_course: Assignment) -> None:
    """Canvas keeps letters and their marks."""
    name = "\u0c30\u0c3e\u0c2e\u0c41\u0c21\u0c41"
    collected(
        mini_course, {f"{name}_101_12_basics.py": "a", "m\u00fcller\u5f20_102_13_basics.py": "b"}
    )
    assert len(there(mini_course)) == 2


@pytest.mark.parametrize("pack", [packed, unpacked])
def test_moodle(mini_course: Assignment, tmp_path: Path, pack: object) -> None:
    """A folder for each participant, with what is in it."""
    got = collected(mini_course, pack(tmp_path / "download", MOODLE))  # type: ignore[operator]
    assert there(mini_course) == {
        "Ann Ash_501/basics.py": CODE,
        "Ann Ash_501/more/losses.py": "x = 3\n",
        "Bob Bo_502/work.zip": "zip",
    }
    assert got.odd == []


def test_moodle_without_folders(mini_course: Assignment) -> None:
    """An older way; teams without a number, and online texts."""
    got = collected(
        mini_course,
        {
            "Ann Ash_501_assignsubmission_file_my_basics.py": "a",
            "Default group_assignsubmission_file_/basics.py": "b",
            "Ann Ash_501_assignsubmission_onlinetext_/onlinetext.html": "c",
        },
    )
    assert there(mini_course) == {"Ann Ash_501/my_basics.py": "a", "Default group/basics.py": "b"}
    assert [each.reason for each in got.odd] == ["onlinetext, and no file"]


@pytest.mark.parametrize("pack", [packed, unpacked])
def test_gradescope(mini_course: Assignment, tmp_path: Path, pack: object) -> None:
    """A group's work is each member's; the time is that of the submission that counts."""
    got = collected(mini_course, pack(tmp_path / "download", GRADESCOPE))  # type: ignore[operator]
    assert there(mini_course) == {"1815/basics.py": CODE, "bob@uni.example/basics.py": CODE}
    moment = datetime(2026, 11, 30, 15, 0, 0, 123456, tzinfo=UTC)
    assert [each.came for each in got.students] == [moment, moment]


def test_gradescope_names_whose_it_is(mini_course: Assignment) -> None:
    """A folder that the list does not name, or without a person, is nobody's."""
    files = {
        **GRADESCOPE,
        "assignment_9_export/submission_18/basics.py": "a",
        "assignment_9_export/submission_19/basics.py": "b",
        "assignment_9_export/submission_metadata.yml": METADATA + "submission_19:\n  :score: 1\n",
    }
    got = collected(mini_course, files)
    assert [(each.path.split("/")[1], each.reason) for each in got.odd] == [
        ("submission_18", "submission_metadata.yml does not say whose it is"),
        ("submission_19", "nobody is named"),
    ]


def test_gradescope_takes_the_later_of_two(mini_course: Assignment) -> None:
    """For each member: somebody may have left a group since."""
    alone = """submission_20:
  :submitters:
  - :name: Bob Bo
    :email: bob@uni.example
  :created_at: 2026-11-30 08:00:00 -0800
"""
    later = {"submission_metadata.yml": alone, "submission_20/basics.py": "b"}
    got = collected(mini_course, GRADESCOPE, later)
    assert there(mini_course) == {"1815/basics.py": CODE, "bob@uni.example/basics.py": "b"}
    assert [(each.path, each.reason) for each in got.odd] == [
        ("bob@uni.example", "an earlier attempt")
    ]


def test_two_that_came_at_once(mini_course: Assignment) -> None:
    """Which of them counts is for a person to say."""
    second = METADATA.replace("17", "18")
    files = {
        "submission_metadata.yml": METADATA + second.removeprefix("---\n"),
        "submission_17/basics.py": "a",
        "submission_18/basics.py": "b",
    }
    with pytest.raises(UsageError, match="2 attempts of '1815' came at the same time"):
        collected(mini_course, files)


def test_nbgrader(mini_course: Assignment) -> None:
    """What zip_collect reads; of two attempts the later counts."""
    old = {"ps1_ann_attempt_2026-11-01-15-00-00_basics.py": "old"}
    got = collected(mini_course, NBGRADER | old)
    assert there(mini_course) == {"ann/basics.py": CODE, "bob/bob.zip": "zip"}
    assert got.students[0].came == datetime(2026, 11, 30, 15, tzinfo=UTC)
    assert [each.reason for each in got.odd] == ["an earlier attempt"]


def test_nbgrader_names_with_two_readings(mini_course: Assignment) -> None:
    """Is it `doe` who handed in `ps1_jane`? Nobody guesses."""
    odd = {"ps1_jane_doe_attempt_2026-11-30-15-00-00_basics.py": "x"}
    got = collected(mini_course, NBGRADER | odd)
    assert [each.reason for each in got.odd] == [
        "it begins with 'ps1_jane' where others have 'ps1': whose is it?"
    ]
    bad = {"ps1_eve_attempt_2026-13-40-15-00-00_basics.py": "x"}
    assert "not one that zip_collect" in collected(mini_course, NBGRADER | bad).odd[0].reason


def test_one_folder_around_everything(mini_course: Assignment, tmp_path: Path) -> None:
    """Unpacking often makes one."""
    files = {f"submissions/{name}": data for name, data in CANVAS.items()}
    collected(mini_course, unpacked(tmp_path / "download", files))
    assert "ashann_101/basics.py" in there(mini_course)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"basics.py": "x"}, "looks like no download we know; say --from canvas"),
        (CANVAS | MOODLE, "looks like canvas and moodle"),
        ({}, "looks like no download we know"),
    ],
)
def test_what_is_no_download_is_refused(mini_course: Assignment, files: Files, said: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(UsageError, match=said):
        collected(mini_course, files)
    assert not (mini_course.root / "class").exists()


def test_the_wrong_system_finds_nothing(mini_course: Assignment) -> None:
    """And says so."""
    with pytest.raises(UsageError, match="nothing in .* was handed in, as moodle names it"):
        collected(mini_course, CANVAS, system="moodle")
    with pytest.raises(UsageError, match="has no submission_metadata.yml"):
        collected(mini_course, CANVAS, system="gradescope")


def test_two_downloads_of_canvas(mini_course: Assignment) -> None:
    """The later attempt counts as a whole; the same one twice is one."""
    later = {"ashann_101_6001_losses.py": "x = 4\n"}
    got = collected(mini_course, CANVAS, later, CANVAS)
    assert "ashann_101/basics.py" not in there(mini_course)
    assert there(mini_course)["ashann_101/losses.py"] == "x = 4\n"
    assert {each.reason for each in got.odd} == {"an earlier attempt"}


def test_two_downloads_of_moodle_cannot_be_told(mini_course: Assignment) -> None:
    """Which of them is the later is nowhere in them."""
    with pytest.raises(UsageError, match="2 attempts of 'Ann Ash_501', and nothing says which"):
        collected(mini_course, MOODLE, MOODLE)


@pytest.mark.parametrize("files", [CANVAS, MOODLE, GRADESCOPE, NBGRADER])
def test_the_roster_names_students(mini_course: Assignment, files: Files) -> None:
    """By number, name, e-mail address or the name itself; others keep theirs."""
    got = collected(mini_course, files, roster={"ann": ANN})
    assert {each.student for each in got.students} > {"ann"}
    by_name = files is MOODLE
    wanted = Known.NAME if by_name else Known.IDENTIFIER
    assert [each.known for each in got.students if each.student == "ann"] == [wanted]
    assert sum(each.known is Known.NOT for each in got.students) == 1


def test_a_namesake_is_somebody_else(mini_course: Assignment) -> None:
    """A name counts only if nobody else has it and no identifier says otherwise."""
    other = Student("ann", "Ann", "Ash", lms_user_id="999")
    assert collected(mini_course, CANVAS, roster={"ann": other}).students[0].known is Known.NOT
    twins = {
        "Ann Ash_501_assignsubmission_file_/basics.py": "a",
        "Ann Ash_777_assignsubmission_file_/basics.py": "b",
    }
    got = collected(mini_course, twins, roster={"ann": other}, force=True)
    assert [each.student for each in got.students] == ["Ann Ash_501", "Ann Ash_777"]


@pytest.mark.parametrize(
    ("roster", "said"),
    [
        ([ANN, Student("bob", lms_user_id="101")], "'ashann_101' may be 'ann' or 'bob'"),
        ([Student("a/n", lms_user_id="101")], "'a/n' cannot be the name of a folder; write 'a_n'"),
    ],
)
def test_a_roster_in_doubt_is_refused(
    mini_course: Assignment, roster: list[Student], said: str
) -> None:
    """With what is to be corrected."""
    with pytest.raises(UsageError, match=said):
        collected(mini_course, CANVAS, roster={each.id: each for each in roster})


def test_two_who_are_one_on_the_roster(mini_course: Assignment) -> None:
    """Both are named."""
    files = dict(GRADESCOPE)
    text = METADATA.replace("bob@uni.example", "ANN@uni.example")
    files["assignment_9_export/submission_metadata.yml"] = text
    with pytest.raises(UsageError, match="'1815' and 'ANN@uni.example' are both 'ann'"):
        collected(mini_course, files, roster={"ann": ANN})


def test_strangers_do_not_take_names_of_the_roster(mini_course: Assignment) -> None:
    """Somebody else called ann is not graded as her, whether she handed in or not."""
    files = {"ann_assignsubmission_file_/basics.py": "x"}
    got = collected(mini_course, files, roster={"ann": Student("ann")})
    assert [(each.student, each.known) for each in got.students] == [("ann-2", Known.NOT)]


def test_a_class_that_is_there_stays(mini_course: Assignment) -> None:
    """The same again changes nothing, others are added, what differs needs force."""
    collected(mini_course, CANVAS)
    before = there(mini_course)
    collected(mini_course, CANVAS)
    assert there(mini_course) == before
    collected(mini_course, {"eve_103_6000_basics.py": "e"})
    assert there(mini_course) == before | {"eve_103/basics.py": "e"}
    changed = {"fay_104_6000_basics.py": "f", "ashann_101_6001_basics.py": "other"}
    with pytest.raises(UsageError, match="ashann_101 would be overwritten; .* --force"):
        collected(mini_course, changed)
    assert there(mini_course) == before | {"eve_103/basics.py": "e"}
    collected(mini_course, changed, force=True)
    after = there(mini_course)
    assert after["ashann_101/basics.py"] == "other"
    assert "ashann_101/losses.py" not in after
    assert {"eve_103/basics.py", "fay_104/basics.py", "bobob_102/my work.zip"} < after.keys()
    assert [path.name for path in mini_course.root.glob(".collect-*")] == []


def test_grade_takes_the_class(mini_course: Assignment) -> None:
    """Under the names that were given."""
    got = collected(mini_course, CANVAS)
    entries = discover(mini_course.root / "class", mini_course)
    assert [each.student for each in entries] == [each.student for each in got.students]
