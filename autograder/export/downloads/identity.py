"""Under which name somebody is graded who is called otherwise elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from autograder.errors import UsageError
from autograder.export.downloads.attempts import Owner
from autograder.export.lists.people import canvas_name, key, moodle_name
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
    people = _People(roster, owners)
    looked_up = {owner: people.known(owner) for owner in owners}
    known = {owner: name for owner, (name, _) in looked_up.items() if name}
    _refuse_one_for_two(known)
    strangers = sorted((each for each in owners if each not in known), key=lambda each: each.label)
    _refuse_two_as_one(strangers)
    taken = set(known.values())
    absent = [name for name in roster if name not in taken]  # nobody is taken for them
    wanted = [*known.values(), *absent, *(owner.label for owner in strangers)]
    safe = student_names(wanted)
    given = dict(zip(known, safe, strict=False))
    given |= zip(strangers, safe[len(known) + len(absent) :], strict=True)
    for owner, name in known.items():
        if given[owner] != name:
            said = f"roster.csv: {name!r} cannot be the name of a folder"
            raise UsageError(f"{said}; write {given[owner]!r}")
    return {owner: (name, looked_up[owner][1]) for owner, name in given.items()}


def _refuse_one_for_two(known: Mapping[Owner, str]) -> None:
    taken: dict[str, Owner] = {}
    for owner, name in known.items():
        if (other := taken.setdefault(name, owner)) is not owner:
            said = f"{other.label!r} and {owner.label!r} are both {name!r} in roster.csv"
            raise UsageError(f"{said}; correct email or lms_user_id there")


def _refuse_two_as_one(strangers: Sequence[Owner]) -> None:
    labels = Counter(owner.label.casefold() for owner in strangers)
    if twice := [owner for owner in strangers if labels[owner.label.casefold()] > 1]:
        who = " and ".join(each.name or each.label for each in twice[:2])
        advice = "tell them apart there, or in roster.csv"
        raise UsageError(f"{twice[0].label!r} are two: {who}; {advice}")


class _People:
    """The roster by identifier, and by name as each system writes it."""

    def __init__(self, roster: Mapping[str, Student], owners: Sequence[Owner]) -> None:
        self._namesakes = Counter(owner.name.casefold() for owner in owners)
        self._by_id: dict[tuple[str, str], set[str]] = {}
        self._by_name: dict[str, set[str]] = {}
        self._identified = {each.id for each in roster.values() if each.email or each.lms_user_id}
        for student in roster.values():
            ids = ("id", student.id), ("email", student.email), ("lms_user_id", student.lms_user_id)
            for kind, text in ids:
                if text:
                    self._by_id.setdefault((kind, key(text)), set()).add(student.id)
            for name in _written(student):
                self._by_name.setdefault(name, set()).add(student.id)

    def known(self, owner: Owner) -> tuple[str, Known]:
        """Return who this is: by identifiers, or by a name that nobody else has."""
        found = [self._by_id.get((kind, key(text)), set()) for kind, text in owner.ids]
        same = sorted(set().union(*found))
        if len(same) > 1:
            said = f"{owner.label!r} may be {same[0]!r} or {same[1]!r} of roster.csv"
            raise UsageError(f"{said}; correct email or lms_user_id there")
        if same:
            return same[0], Known.IDENTIFIER
        called = self._by_name.get(owner.name.casefold(), set())
        if owner.ids:  # somebody with another identifier is somebody else, whatever the name
            called = called - self._identified
        alone = self._namesakes[owner.name.casefold()] == 1
        return (min(called), Known.NAME) if len(called) == 1 and alone else ("", Known.NOT)


def _written(student: Student) -> Iterator[str]:
    """Yield the name as each system writes it."""
    first, last = student.first_name or "", student.last_name or ""
    if first and last:
        yield f"{first} {last}".casefold()
        yield moodle_name(f"{first} {last}").casefold()
        yield canvas_name(f"{last}{first}").casefold()
