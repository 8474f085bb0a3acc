"""Groups whose members the download does not name."""

from pathlib import Path

import pytest
from downloaded import collected, there

from autograder.assignment import Assignment
from autograder.errors import UsageError
from autograder.export.downloads import groups
from autograder.export.downloads.groups import Groups
from autograder.export.downloads.identity import Known
from autograder.feedback.rows import Student


def members(folder: Path, text: str) -> Groups:
    """Read a file of groups."""
    (folder / "groups.csv").write_text(text)
    return groups.read(folder / "groups.csv")


@pytest.mark.parametrize(
    "name",
    [
        "group1_101_5001_basics.py",  # Canvas
        "Group 1_55_assignsubmission_file_/basics.py",  # Moodle
    ],
)
def test_everybody_of_a_group_has_its_work(
    mini_course: Assignment, tmp_path: Path, name: str
) -> None:
    """Under the names that they have here; others have their own."""
    told = members(tmp_path, "\ufeffstudent, group\nann,Group 1\nbob,Group 1\neve,Group 2\n")
    files = {name: "ours", name.replace("roup1_101_", "us_102_").replace("Group 1_", "Gus_"): "his"}
    got = collected(mini_course, files, roster={"ann": Student("ann")}, groups=told)
    found = there(mini_course)
    assert (found.pop("ann/basics.py"), found.pop("bob/basics.py")) == ("ours", "ours")
    assert list(found.values()) == ["his"]
    known = {each.student: each.known for each in got.students}
    assert (known["ann"], known["bob"]) == (Known.IDENTIFIER, Known.NOT)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("group,who\n", "groups.csv:1: the columns must be: group, student"),
        ("", "the columns must be"),
        ("group,student\ng,\n", "groups.csv:2: this line should name"),
        ("group,student\ng,ann,x\n", "groups.csv:2: this line should name"),
        ("group,student\ng,ann\nh,Ann\n", "groups.csv:3: 'Ann' stands in line 2 already"),
        ('group,student\n"g,ann\n', "not a CSV file"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    """With its line."""
    with pytest.raises(UsageError, match=said):
        members(tmp_path, text)
