"""When everybody handed in, written where the gradebook looks for it: hand_ins/<slug>.csv."""

import csv
import io
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from autograder.errors import UsageError
from autograder.export.lists.people import listed
from autograder.feedback import roster
from autograder.files import write_whole


def prepare(course: Path, slug: str, came: Mapping[str, datetime], *, force: bool) -> bytes:
    """Return the file with these times in it; what else it says stays.

    UsageError where it gives somebody another time, unless that is to be replaced.
    """
    before = roster.read(course, slug)
    rows = _rows(place(course, slug))
    # To the second: a part of a second late is not late.
    times = {name: each.astimezone(UTC).replace(microsecond=0) for name, each in came.items()}
    told = {name for name, row in rows.items() if row.get("submitted_at")}
    other = [
        name
        for name, moment in times.items()
        if name in told and before.came(name) != moment.replace(tzinfo=None)
    ]
    if other and not force:
        said = f"another time is given for {listed(other)}"
        raise UsageError(f"{place(course, slug)}: {said}; --force replaces it")
    for name, moment in times.items():
        if name not in told or name in other:
            rows.setdefault(name, {"student": name})["submitted_at"] = moment.isoformat()
    text = io.StringIO()
    writer = csv.DictWriter(text, roster.HAND_INS, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows.values())
    return text.getvalue().encode()


def write(course: Path, slug: str, content: bytes) -> None:
    """Write what was prepared."""
    write_whole(place(course, slug), content)


def place(course: Path, slug: str) -> Path:
    """Return where the times of an assignment are."""
    return course / "hand_ins" / f"{slug}.csv"


def _rows(path: Path) -> dict[str, dict[str, str]]:
    """Return the rows by student, after `roster` has found nothing wrong with them."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        reader.fieldnames = [name.strip() for name in reader.fieldnames or []]
        rows = [{key: (value or "").strip() for key, value in row.items()} for row in reader]
    return {row["student"]: row for row in rows}
