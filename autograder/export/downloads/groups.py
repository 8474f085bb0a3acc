"""Who is in which group, where a system packs a group's work under its name and keeps the members.

groups.csv    group, student
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.errors import UsageError
from autograder.export.downloads.attempts import Attempt, Owner
from autograder.export.lists.people import canvas_name, moodle_name

COLUMNS = ("group", "student")


@dataclass(frozen=True)
class Groups:
    """Group -> students, as they are called here."""

    members: Mapping[str, tuple[str, ...]]

    def spread(self, attempts: Iterable[Attempt]) -> Iterator[Attempt]:
        """Yield the attempts; those of a group are all its members'."""
        by_name = {name: group for group in self.members for name in _written(group)}
        for attempt in attempts:
            (first, *_) = attempt.owners
            group = by_name.get(first.label.casefold()) or by_name.get(first.name.casefold())
            if group is None:
                yield attempt
            else:
                owners = (Owner(name, (("id", name),)) for name in self.members[group])
                yield replace(attempt, owners=tuple(owners))


def read(path: Path) -> Groups:
    """Read a file; UsageError names file, line and value."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            header = [name.strip() for name in reader.fieldnames or []]
            if sorted(header) != sorted(COLUMNS):
                raise UsageError(f"{path}:1: the columns must be: {', '.join(COLUMNS)}")
            reader.fieldnames = header
            rows = [(reader.line_num, dict(row)) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path}: not a CSV file in UTF-8: {error}") from None
    return Groups(_members(path, rows))


def _members(path: Path, rows: list[tuple[int, dict[str, str]]]) -> dict[str, tuple[str, ...]]:
    members: dict[str, list[str]] = {}
    place: dict[str, int] = {}
    for line, row in rows:
        group, student = ((row.get(name) or "").strip() for name in COLUMNS)
        if not group or not student or None in row:
            raise UsageError(f"{path}:{line}: this line should name a group and a student")
        if (before := place.setdefault(student.casefold(), line)) != line:
            raise UsageError(f"{path}:{line}: {student!r} stands in line {before} already")
        members.setdefault(group, []).append(student)
    return {group: tuple(names) for group, names in members.items()}


def _written(group: str) -> set[str]:
    """Return the name as people and systems write it."""
    return {group.casefold(), canvas_name(group).casefold(), moodle_name(group).casefold()}
