"""Under which name somebody is graded who is called otherwise elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from autograder.errors import UsageError
from autograder.export.attempts import Owner
from autograder.export.people import canvas_name, keys, moodle_name
from autograder.submission.discovery import student_names

if TYPE_CHECKING:
    from autograder.feedback.rows import Student


class Known(StrEnum):
    """How the roster knows somebody."""

    IDENTIFIER = "by identifier"
    NAME = "by name only"
    NOT = "not on the roster"


def names(owners: Sequence[Owner], roster: Mapping[str, Student]) -> dict[Owner, tuple[str, Known]]:
    """Return owner -> name: the roster's where it surely knows them, else made of their label."""
    looked_up = {owner: _on(roster, owner, owners) for owner in owners}
    known = {owner: name for owner, (name, _) in looked_up.items() if name}
    _refuse_twice(known)
    strangers = sorted((each for each in owners if each not in known), key=lambda each: each.label)
    order = [*known, *strangers]
    safe = student_names([known.get(owner, owner.label) for owner in order])
    given = dict(zip(order, safe, strict=True))
    for owner, name in known.items():
        if given[owner] != name:
            said = f"roster.csv: {name!r} cannot be the name of a folder"
            raise UsageError(f"{said}; write {given[owner]!r}")
    return {owner: (name, looked_up[owner][1]) for owner, name in given.items()}


def _refuse_twice(known: Mapping[Owner, str]) -> None:
    taken: dict[str, Owner] = {}
    for owner, name in known.items():
        if (other := taken.setdefault(name, owner)) is not owner:
            said = f"{other.label!r} and {owner.label!r} are both {name!r} in roster.csv"
            raise UsageError(f"{said}; correct email or lms_user_id there")


def _on(roster: Mapping[str, Student], owner: Owner, owners: Sequence[Owner]) -> tuple[str, Known]:
    """Return who on the roster this is: by identifiers, or by a name that nobody else has."""
    own = keys(*owner.ids)
    same = [name for name, each in roster.items() if own & _keys(each)]
    if len(same) > 1:
        said = f"{owner.label!r} may be {same[0]!r} or {same[1]!r} of roster.csv"
        raise UsageError(f"{said}; correct email or lms_user_id there")
    if same or not owner.name:
        return (same[0], Known.IDENTIFIER) if same else ("", Known.NOT)
    # Somebody with another identifier is somebody else, whatever the name.
    free = [
        each for each in roster.values() if not owner.ids or not (each.email or each.lms_user_id)
    ]
    called = [each.id for each in free if owner.name.casefold() in set(_written(each))]
    alone = sum(each.name.casefold() == owner.name.casefold() for each in owners) == 1
    return (called[0], Known.NAME) if len(called) == 1 and alone else ("", Known.NOT)


def _keys(student: Student) -> frozenset[str]:
    return keys(student.id, student.email, student.lms_user_id)


def _written(student: Student) -> Iterator[str]:
    """Yield the name as each system writes it."""
    first, last = student.first_name or "", student.last_name or ""
    if first and last:
        yield f"{first} {last}".casefold()
        yield moodle_name(f"{first} {last}").casefold()
        yield canvas_name(f"{last}{first}").casefold()
