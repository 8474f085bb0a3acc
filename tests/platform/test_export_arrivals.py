"""Times of arrival go where the gradebook looks for them, and take nothing of what is there."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.export.downloads import arrivals
from autograder.feedback import roster

NOON = datetime(2026, 12, 1, 12, 0, 0, 999_999, tzinfo=UTC)


def write(course: Path, came: dict[str, datetime], *, force: bool = False) -> str:
    """Write times, and return the file."""
    arrivals.write(course, "mini", arrivals.prepare(course, "mini", came, force=force))
    return arrivals.place(course, "mini").read_text()


def before(course: Path, text: str) -> None:
    """A file that is there."""
    arrivals.place(course, "mini").parent.mkdir()
    arrivals.place(course, "mini").write_text(text)


def test_the_roster_reads_what_is_written(tmp_path: Path) -> None:
    """To the second, in UTC, from any zone."""
    east = NOON.astimezone(timezone(timedelta(hours=9)))
    write(tmp_path, {"ann": east, "bob, =1+1": NOON})
    read = roster.read(tmp_path, "mini")
    assert read.came("ann") == datetime(2026, 12, 1, 12)
    assert read.handed_in == {"ann", "bob, =1+1"}


def test_the_same_again_changes_nothing(tmp_path: Path) -> None:
    """Parts of a second are not another time."""
    assert write(tmp_path, {"ann": NOON}) == write(tmp_path, {"ann": NOON})


def test_extensions_and_others_stay(tmp_path: Path) -> None:
    """In their order, whatever columns and spaces the file has."""
    before(tmp_path, "extension_days, student\n2,ann\n1,eve\n")
    assert write(tmp_path, {"bob": NOON, "ann": NOON}) == (
        "student,submitted_at,extension_days\n"
        "ann,2026-12-01T12:00:00+00:00,2\neve,,1\nbob,2026-12-01T12:00:00+00:00,\n"
    )


def test_another_time_needs_force(tmp_path: Path) -> None:
    """Somebody may have written it there on purpose."""
    text = "student,submitted_at,extension_days\nann,2026-11-30T08:00:00+01:00,\n"
    before(tmp_path, text)
    with pytest.raises(UsageError, match="another time is given for ann; --force replaces it"):
        write(tmp_path, {"ann": NOON})
    assert arrivals.place(tmp_path, "mini").read_text() == text
    assert "ann,2026-12-01T12:00:00+00:00," in write(tmp_path, {"ann": NOON}, force=True)


def test_a_broken_file_is_not_replaced(tmp_path: Path) -> None:
    """What `roster` refuses is refused here."""
    before(tmp_path, "who,when\nann,x\n")
    with pytest.raises(UsageError, match="no column 'who' is known"):
        write(tmp_path, {"ann": NOON}, force=True)
