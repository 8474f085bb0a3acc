"""Which line of somebody else's list is about which of our students: surely, or not at all."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from autograder.errors import UsageError
from autograder.submission.discovery import student_names

_NOT_IN_FILES = re.compile(r"[\x00-\x1f\x7f-\x9f&<>\"`|':\\/]|\.\.+")
_SHOWN = 5


def key(text: str) -> str:
    """Return what two ways of writing one identifier have in common; empty for an empty one.

    Our students are named as their folders can be, so `o'brien` is `o_brien`.
    """
    return student_names([text.strip()])[0].casefold() if text.strip() else ""


def keys(*texts: str | None) -> frozenset[str]:
    """Return the keys of all identifiers that are not empty."""
    return frozenset(key(text) for text in texts if text and text.strip())


class Kind(StrEnum):
    """What an identifier is: two of different kinds are never the same, though both are 17."""

    NAME = "name"  # a login, an e-mail address, the number of the university
    NUMBER = "number"  # the one that the other system counts its users with


Kinds = tuple[Kind, ...]


def of_kinds(kinds: Kinds, found: Collection[str]) -> frozenset[str]:
    """Return keys that meet only their own kind."""
    return frozenset(f"{kind} {each}" for kind in kinds for each in found)


def canvas_label(name: str, user: str) -> str:
    """Return how `collect` calls a student of Canvas: the sortable name and the id.

    >>> canvas_label("Lovelace, Ada", "17")
    'lovelaceada_17'
    """
    return f"{canvas_name(name)}_{user}"


def canvas_name(name: str) -> str:
    """Return a sortable name as Canvas puts it into names of files."""
    kept = (c for c in name if c.isalnum() or unicodedata.category(c) in {"Mn", "Mc", "Me", "Pc"})
    return "".join(kept).lower()


def moodle_label(name: str, participant: str) -> str:
    """Return how `collect` calls a student of Moodle: the full name and the participant.

    >>> moodle_label("Conan O'Brien", "17")
    'Conan OBrien_17'
    """
    return f"{moodle_name(name)}_{participant}"


def moodle_name(name: str) -> str:
    """Return a full name as Moodle puts it into names of files."""
    return _NOT_IN_FILES.sub("", name.replace("_", " "))


@dataclass(frozen=True)
class Matched:
    """Student -> place of the line; those who have no line."""

    lines: Mapping[str, int]
    strangers: tuple[str, ...]


def match(
    students: Mapping[str, Collection[str]], lines: Sequence[Collection[str]], shown: Sequence[str]
) -> Matched:
    """Find each student's line by their keys; UsageError where two are possible.

    `shown` is how a person finds a line.
    """
    by_key: dict[str, set[int]] = {}
    for place, held in enumerate(lines):
        for each in held:
            by_key.setdefault(each, set()).add(place)
    found: dict[str, int] = {}
    owner: dict[int, str] = {}
    for student, own in students.items():
        places = sorted(set().union(*(by_key.get(each, set()) for each in own)))
        if len(places) > 1:
            two = " and ".join(shown[place] for place in places[:2])
            raise UsageError(
                f"{student!r} may be {two}; say with --by which column tells them apart"
            )
        for place in places:
            if place in owner:
                raise UsageError(f"{shown[place]} may be {owner[place]!r} and {student!r}")
            found[student], owner[place] = place, student
    return Matched(found, tuple(student for student in students if student not in found))


def listed(names: Sequence[str]) -> str:
    """Return the first few names, and how many there are besides."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
