"""Who the students are and when they handed in: CSV files that staff keep in the course folder.

    roster.csv           student, first_name, last_name, email, lms_user_id, grace_days
    hand_ins/<slug>.csv  student, submitted_at, extension_days

Both may be missing, and only `student` is needed in them, the name under which a submission is
graded. Times have an offset from UTC. A time that no file gives is looked for where nbgrader
collects, in `submitted/<student>/<slug>/timestamp.txt`.
"""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from autograder.errors import UsageError
from autograder.feedback.rows import Student

ROSTER = ("student", "first_name", "last_name", "email", "lms_user_id", "grace_days")
HAND_INS = ("student", "submitted_at", "extension_days")
MOST_DAYS = 3650  # of an extension
T = TypeVar("T")


@dataclass(frozen=True)
class Roster:
    """People, their own grace days, and when one assignment came; times as nbgrader keeps them."""

    students: Mapping[str, Student] = field(default_factory=dict)
    grace_days: Mapping[str, int] = field(default_factory=dict)
    times: Mapping[str, datetime] = field(default_factory=dict)
    extensions: Mapping[str, timedelta] = field(default_factory=dict)
    handed_in: frozenset[str] = frozenset()  # whom the list of hand-ins names

    def came(self, student: str) -> datetime | None:
        """When a student's work came, if anybody knows."""
        return self.times.get(student)

    def extension(self, student: str) -> timedelta | None:
        """A student's extension; None leaves the one that the gradebook has."""
        return self.extensions.get(student)


def read(course: Path, slug: str) -> Roster:
    """Read what there is about one assignment; UsageError names file, line, column and value."""
    people = _rows(course / "roster.csv", ROSTER)
    came = _rows(course / "hand_ins" / f"{slug}.csv", HAND_INS)
    names = [key for key in ROSTER if key not in {"student", "grace_days"}]
    students = {
        row.student: Student(row.student, **{key: row.get(key) or None for key in names})
        for row in people
    }
    return Roster(
        students=students,
        grace_days=_column(people, "grace_days", _count),
        times=_collected(course, slug) | _column(came, "submitted_at", _moment),
        extensions=_column(came, "extension_days", _days),
        handed_in=frozenset(row.student for row in came),
    )


def grace_days(course: Path) -> dict[str, int]:
    """Return the grace days of those who have their own number of them."""
    return _column(_rows(course / "roster.csv", ROSTER), "grace_days", _count)


@dataclass(frozen=True)
class _Row:
    where: str
    values: Mapping[str, str]

    @property
    def student(self) -> str:
        return self.values["student"]

    def get(self, key: str) -> str:
        return self.values.get(key, "")

    def parsed(self, key: str, parse: Callable[[str], T]) -> T | None:
        """Return a value, None where it is empty."""
        text = self.get(key)
        try:
            return parse(text) if text else None
        except (ValueError, OverflowError) as error:
            raise UsageError(f"{self.where}: {key} is {text!r}: {error}") from None


def _column(rows: list[_Row], key: str, parse: Callable[[str], T]) -> dict[str, T]:
    found = ((row.student, row.parsed(key, parse)) for row in rows)
    return {student: value for student, value in found if value is not None}


def _rows(path: Path, columns: tuple[str, ...]) -> list[_Row]:
    if not path.exists():
        return []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            header = [name.strip() for name in reader.fieldnames or []]
            _check_header(path, header, columns)
            reader.fieldnames = header
            rows = [_row(f"{path}:{reader.line_num}", row) for row in reader]
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not a CSV file in UTF-8: {error}") from None
    except csv.Error as error:
        raise UsageError(f"{path}: not a CSV file after line {reader.line_num}: {error}") from None
    seen: dict[str, str] = {}
    for row in rows:
        if not row.student:
            raise UsageError(f"{row.where}: student is empty")
        if row.student in seen:
            raise UsageError(f"{row.where}: {row.student!r} stands in {seen[row.student]} already")
        seen[row.student] = row.where
    return rows


def _check_header(path: Path, header: list[str], columns: tuple[str, ...]) -> None:
    unknown = [name for name in header if name not in columns]
    twice = [name for name in columns if header.count(name) > 1]
    if "student" in header and not unknown and not twice:
        return
    wrong = "there is no column 'student'"
    if unknown or twice:
        wrong = f"no column {unknown[0]!r} is known" if unknown else f"{twice[0]!r} is there twice"
    raise UsageError(f"{path}:1: {wrong}; columns are: {', '.join(columns)}")


def _row(where: str, row: Mapping[str | None, object]) -> _Row:
    if None in row:
        raise UsageError(f"{where}: there are more values than the header has: {row[None]}")
    return _Row(where, {str(key): str(value or "").strip() for key, value in row.items()})


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("it has no offset from UTC; write 2026-12-01T23:59:00+01:00")
    return moment.astimezone(UTC).replace(tzinfo=None)


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError("it must not be negative")
    return number


def _days(text: str) -> timedelta:
    days = float(text)
    if not 0 <= days <= MOST_DAYS:
        raise ValueError(f"it must be a number from 0 to {MOST_DAYS}")
    return timedelta(days=days)


def _collected(course: Path, slug: str) -> dict[str, datetime]:
    """Return the times that nbgrader wrote when it collected."""
    from nbgrader.utils import parse_utc

    times = {}
    for path in sorted((course / "submitted").glob(f"*/{slug}/timestamp.txt")):
        try:
            times[path.parts[-3]] = parse_utc(path.read_text(encoding="utf-8").strip())
        except (ValueError, OverflowError) as error:
            raise UsageError(f"{path}: not a time: {error}") from None
    return times
