"""What is read of Gradescope's submission_metadata.json, and what broken ones do: nothing."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.export.gradescope.metadata import FILE, Metadata, read

DUE = datetime(2026, 12, 1, 22, 59)
CAME = datetime(2026, 12, 2, 7, 15)
LATE_DUE = datetime(2026, 12, 5, 22, 59)
DATES = {
    "due_date": "2026-12-01T23:59:00.000000+01:00",
    "late_due_date": "2026-12-05T23:59:00.000000+01:00",
}
# Field by field as Gradescope documents it.
WHOLE: dict[str, Any] = {
    "id": 123456,
    "created_at": "2026-12-02T08:15:00.000000+01:00",
    "assignment": {
        **DATES,
        "group_size": 4,
        "group_submission": True,
        "id": 25828,
        "course_id": 1234,
        "release_date": "2026-11-02T00:00:00.000000+01:00",
        "title": "Programming Assignment 1",
        "total_points": "100.0",
    },
    "submission_method": "upload",
    "users": [{"email": "ada@example.org", "id": 1234, "name": "Ada"}],
    "previous_submissions": [
        {
            "submission_time": "2026-11-06T14:24:48.087023+01:00",
            "score": 0.0,
            "autograder_error": True,
            "results": {"tests": []},
        }
    ],
}
MOMENTS = st.datetimes().map(lambda moment: f"{moment.isoformat()}+00:00")
JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30) | MOMENTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["created_at", "assignment", "users", "due_date", "late_due_date"]),
            inner,
        )
    ),
    max_leaves=12,
)


def written(folder: Path, content: str | bytes | dict[str, Any]) -> Path:
    """Write metadata and return the file."""
    place = folder / FILE
    text = json.dumps(content) if isinstance(content, dict) else content
    place.write_bytes(text if isinstance(text, bytes) else text.encode())
    return place


def extended(*dates: str) -> list[dict[str, Any]]:
    """Members of a group with due dates of their own."""
    return [{"id": n, "assignment": {"due_date": date}} for n, date in enumerate(dates)]


def test_the_times_of_a_submission(tmp_path: Path) -> None:
    """When it came and when it was due, in UTC; names, addresses and history are left alone."""
    assert read(written(tmp_path, WHOLE)) == Metadata(CAME, DUE, LATE_DUE)


def test_an_extension_is_the_students_own_date(tmp_path: Path) -> None:
    """A member's own dates take the place of the assignment's, the late one included."""
    users = extended("2026-12-04T23:59:00+01:00")
    told = read(written(tmp_path, WHOLE | {"users": users}))
    assert (told.due, told.late_due) == (datetime(2026, 12, 4, 22, 59), None)


def test_a_group_has_the_latest_date_of_its_members(tmp_path: Path) -> None:
    """One extension is enough, whoever of them hands in."""
    users = [{"name": "Ada"}, *extended("2026-12-04T00:00:00Z", "2026-12-03T00:00:00Z"), 7, None]
    assert read(written(tmp_path, WHOLE | {"users": users})).due == datetime(2026, 12, 4)


@pytest.mark.parametrize(
    ("came", "late_due", "after"),
    [(CAME, None, False), (CAME, LATE_DUE, False), (CAME, DUE, True), (None, DUE, False)],
)
def test_after_the_last_day_for_late_work(
    came: datetime | None, late_due: datetime | None, after: bool
) -> None:
    """Only where both are known."""
    assert Metadata(came, DUE, late_due).after_late_due is after


def test_an_extension_beyond_the_last_day_for_late_work() -> None:
    """Whoever is in time is not too late, whatever the other date says."""
    assert not Metadata(LATE_DUE, LATE_DUE, DUE).after_late_due


def test_missing_metadata_are_a_note(tmp_path: Path) -> None:
    """Nothing is known then, and nothing fails."""
    assert read(tmp_path / FILE) == Metadata(
        problems=(f"{FILE} cannot be read: FileNotFoundError",)
    )


@pytest.mark.parametrize(
    "content",
    [
        "", "{", "[]", "7", '"text"', b"\xff\xfe", "[" * 100_000, "9" * 10_000,
        '{"created_at": 5}', '{"created_at": "yesterday"}', '{"created_at": "2026-12-01T12:00:00"}',
        '{"created_at": "0001-01-01T00:00:00+14:00"}', "{}", '{"created_at": null}',
    ],
)  # fmt: skip
def test_broken_metadata_are_a_note(content: str | bytes, tmp_path: Path) -> None:
    """Every kind of garbage is one problem to tell staff, and no time."""
    told = read(written(tmp_path, content))
    assert (told.came, len(told.problems)) == (None, 1)
    assert len(told.problems[0]) <= 200


@given(JSON)
def test_no_metadata_stop_grading(tmp_path_factory: pytest.TempPathFactory, content: Any) -> None:
    """Whatever stands in it, reading it ends with an answer."""
    place = tmp_path_factory.mktemp("any") / FILE
    place.write_text(json.dumps(content), "utf-8")
    assert isinstance(read(place), Metadata)
