"""What Gradescope says about a submission: when it came, and when it was due for its authors.

`submission_metadata.json` also holds names, addresses and earlier results; none of it is used.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FILE = "submission_metadata.json"


@dataclass(frozen=True)
class Metadata:
    """Times in UTC, without a zone, None where they are unknown; and what could not be read."""

    came: datetime | None = None
    due: datetime | None = None
    late_due: datetime | None = None  # until when Gradescope accepts late work
    problems: tuple[str, ...] = ()

    @property
    def after_late_due(self) -> bool:
        """Whether it came when not even late work was accepted."""
        if self.came is None or self.due is None or self.late_due is None:
            return False
        return self.came > max(self.due, self.late_due)


def read(path: Path) -> Metadata:
    """Read what there is; whatever is missing or broken is a problem to tell, never an error."""
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        return Metadata(problems=(f"{FILE} cannot be read: {type(error).__name__}",))
    if not isinstance(told, dict):
        return Metadata(problems=(f"{FILE} is no object",))
    reader = _Reader()
    came = reader.moment(told, "created_at")
    due, late_due = reader.dates(told)
    if came is None and not reader.problems:
        reader.problems.append(f"{FILE} has no created_at")
    return Metadata(came, due, late_due, tuple(reader.problems))


class _Reader:
    """Reads values of any kind and notes those that make no sense."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def moment(self, holder: Mapping[str, Any], key: str) -> datetime | None:
        """A time as UTC; None where there is none."""
        said = holder.get(key)
        if said is None:
            return None
        try:
            return _in_utc(datetime.fromisoformat(said))
        except (TypeError, ValueError, OverflowError) as error:
            self.problems.append(f"{FILE}: {key} is no time: {error}"[:200])
            return None

    def dates(self, told: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
        """When it was due, and when late work was; a group has the time of the luckiest member."""
        common = self._dates(_mapping(told.get("assignment")))
        users = told.get("users")
        members = [_mapping(user) for user in users] if isinstance(users, list) else []
        own = [_mapping(member.get("assignment")) for member in members]
        given = [self._dates(each) if each.get("due_date") else common for each in own]
        return max(given or [common], key=lambda dates: dates[0] or datetime.max)

    def _dates(self, holder: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
        return self.moment(holder, "due_date"), self.moment(holder, "late_due_date")


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("it has no offset from UTC")
    return moment.astimezone(UTC).replace(tzinfo=None)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
