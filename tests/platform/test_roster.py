"""The roster and the times of arrival: CSV files as people and their programs write them."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.feedback import roster
from autograder.feedback.roster import Roster
from autograder.feedback.rows import Student


def people(folder: Path, text: str | bytes) -> Roster:
    """Read a course folder with this roster.csv."""
    data = text if isinstance(text, bytes) else text.encode()
    (folder / "roster.csv").write_bytes(data)
    return roster.read(folder, "mini")


def times(folder: Path, text: str) -> Roster:
    """Read a course folder with these times of arrival."""
    (folder / "hand_ins").mkdir(exist_ok=True)
    (folder / "hand_ins" / "mini.csv").write_text(text)
    return roster.read(folder, "mini")


def collected(folder: Path, text: str | bytes, student: str = "ann") -> Path:
    """Write what nbgrader writes when it collects."""
    place = folder / "submitted" / student / "mini" / "timestamp.txt"
    place.parent.mkdir(parents=True)
    place.write_bytes(text if isinstance(text, bytes) else text.encode())
    return place


def test_both_files_may_be_missing(tmp_path: Path) -> None:
    """Nobody is known then, and no time."""
    read = roster.read(tmp_path, "mini")
    assert (read.students, read.grace_days, read.times, read.extensions) == ({}, {}, {}, {})
    assert read.came("ann") is None
    assert read.extension("ann") is None


def test_all_that_a_roster_says(tmp_path: Path) -> None:
    """Columns are found by name in any order; what is empty is not said."""
    read = people(
        tmp_path,
        "last_name,student,grace_days,lms_user_id,email,first_name\n"
        "Ash,ann,3,17,ann@uni.example,Ann\nBo,bob,,,,\n",
    )
    ann = Student("ann", "Ann", "Ash", "ann@uni.example", "17")
    assert read.students == {"ann": ann, "bob": Student("bob", last_name="Bo")}
    assert read.grace_days == roster.grace_days(tmp_path) == {"ann": 3}


@pytest.mark.parametrize(
    "text",
    [
        b"student,first_name\nann,Zo\xc3\xab\n",
        b"\xef\xbb\xbfstudent,first_name\nann,Zo\xc3\xab\n",
        b"student,first_name\r\nann,Zo\xc3\xab\r\n",
        b"\xef\xbb\xbfstudent,first_name\r\n\r\nann,Zo\xc3\xab",
        b"student , first_name\n\n ann , Zo\xc3\xab \n\n\n",
        b'"student","first_name"\n"ann","Zo\xc3\xab"\n',
    ],
    ids=["plain", "mark", "CRLF", "all at once", "spaces", "quotes"],
)
def test_how_programs_write_csv(tmp_path: Path, text: bytes) -> None:
    """A byte-order mark, line ends of Windows, empty lines, spaces and quotes change nothing."""
    assert people(tmp_path, text).students == {"ann": Student("ann", "Zo\u00eb")}


def test_values_with_separators(tmp_path: Path) -> None:
    """Commas, quotes and line breaks stand in quotes, in names of students, too."""
    read = people(tmp_path, 'student,last_name\n"o\'neill, ann","a ""b""\nc"\n')
    assert read.students == {"o'neill, ann": Student("o'neill, ann", last_name='a "b"\nc')}


@pytest.mark.parametrize("name", ["=SUM(A1:A9)", "@cmd", "+1", "-2", "'; DROP TABLE student; --"])
def test_a_name_is_a_name(tmp_path: Path, name: str) -> None:
    """What looks like a formula or like SQL is kept as it is."""
    assert people(tmp_path, f"student,first_name\nann,{name}\n").students["ann"].first_name == name


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "1: there is no column 'student'; columns are: student, first_name"),
        ("name\nann\n", "1: no column 'name' is known"),
        ("student;email\n", "1: no column 'student;email' is known"),
        ("student,email,email\n", "1: 'email' is there twice"),
        ("student\nann\n\nann\n", r"4: 'ann' stands in .*roster\.csv:2 already"),
        ("student,email\n,x\n", "2: student is empty"),
        ("student\nann,b,c\n", r"2: there are more values than the header has: \['b', 'c'\]"),
        ("student,grace_days\nann,2\nbob,-1\n", "3: grace_days is '-1': it must not be negative"),
        ("student,grace_days\nann,1.5\n", "2: grace_days is '1.5': invalid literal"),
        ("student,grace_days\nann,nan\n", "2: grace_days is 'nan': invalid literal"),
        ('student\nann\n"bob\n', " not a CSV file after line .: unexpected end"),
        ('student\n"ann"x\n', " not a CSV file after line 1: ',' expected"),
        (b"student\nann\xe9\n", " not a CSV file in UTF-8"),
        ("student\n".encode("utf-16"), " not a CSV file in UTF-8"),
    ],
)
def test_a_mistake_in_the_roster_is_named(tmp_path: Path, text: str | bytes, said: str) -> None:
    """An error names the file, the line, the column and the value."""
    with pytest.raises(UsageError, match=rf"roster\.csv:{said}"):
        people(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-12-01T23:59:00+01:00", 22),
        ("2026-12-01 23:59+02:00", 21),
        ("2026-12-01T22:59:00Z", 22),
        ("2026-12-02T04:59+0600", 22),
    ],
)
def test_times_are_kept_in_utc(tmp_path: Path, text: str, hour: int) -> None:
    """Every offset leads to the same moment."""
    read = times(tmp_path, f"student,submitted_at\nann,{text}\n")
    assert read.came("ann") == datetime(2026, 12, 1, hour, 59)


def test_extensions(tmp_path: Path) -> None:
    """They are days, also parts of days; 0 takes one back, and empty leaves it as it is."""
    read = times(tmp_path, "student,extension_days\nann,2\nbob,0.5\ncyd,0\ndee,\n")
    assert read.extensions == {
        "ann": timedelta(days=2),
        "bob": timedelta(hours=12),
        "cyd": timedelta(0),
    }
    assert read.extension("dee") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("submitted_at\nann,2026-12-01T10:00", "submitted_at .*: it has no offset from UTC; write"),
        ("submitted_at\nann,2026-12-01", "submitted_at is '2026-12-01': it has no offset"),
        ("submitted_at\nann,yesterday", "submitted_at is 'yesterday': Invalid isoformat"),
        ("submitted_at\nann,1.12.2026 10:00", "submitted_at is '1.12.2026 10:00': Invalid"),
        ("submitted_at\nann,0001-01-01T00:00+14:00", "submitted_at is '0001.*out of range"),
        ("extension_days\nann,-1", "extension_days is '-1': it must be a number from 0 to 3650"),
        ("extension_days\nann,nan", "extension_days is 'nan': it must be a number"),
        ("extension_days\nann,inf", "extension_days is 'inf': it must be a number"),
        ("extension_days\nann,1e9", "extension_days is '1e9': it must be a number"),
        ("extension_days\nann,two", "extension_days is 'two': could not convert"),
        ("grace_days\nann,1", "no column 'grace_days' is known; columns are: student, submitted"),
    ],
)
def test_a_mistake_in_the_times_is_named(tmp_path: Path, text: str, said: str) -> None:
    """An error names the file, the line, the column and the value."""
    with pytest.raises(UsageError, match=rf"hand_ins/mini\.csv:[12]: {said}"):
        times(tmp_path, f"student,{text}\n")


def test_what_nbgrader_collected_counts_where_no_file_says(tmp_path: Path) -> None:
    """The CSV is first; where it is silent, timestamp.txt is read as nbgrader reads it."""
    collected(tmp_path, "2026-12-01 10:00:00.000000 UTC\n")
    collected(tmp_path, "2026-12-01 11:00:00 Europe/Berlin", "bob")
    collected(tmp_path, "2026-12-01T10:00:00", "cyd")
    read = times(tmp_path, "student,submitted_at\nann,2026-12-03T10:00Z\ncyd,\n")
    ten = datetime(2026, 12, 1, 10)
    assert read.times == {"ann": ten + timedelta(days=2), "bob": ten, "cyd": ten}


@pytest.mark.parametrize("text", ["", "soon", b"\xff\xfe", "2026-13-01 10:00:00 UTC"])
def test_a_broken_timestamp_is_named(tmp_path: Path, text: str | bytes) -> None:
    """Silence would make somebody punctual: the file is named."""
    place = collected(tmp_path, text)
    with pytest.raises(UsageError, match=f"^{place}: not a time: "):
        roster.read(tmp_path, "mini")
