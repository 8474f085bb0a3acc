"""From bulk downloads of other systems to who handed in what: the latest attempt of everybody."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from autograder.assignment import Assignment
from autograder.errors import Rejected, UsageError
from autograder.export.downloads import gradescope as gradescope_download
from autograder.export.downloads import patterns
from autograder.export.downloads.attempts import Attempt, Hints, Owner, Reading
from autograder.export.downloads.groups import Groups
from autograder.export.downloads.identity import Known, names
from autograder.export.downloads.packed import Download, Odd
from autograder.submission import paths
from autograder.submission.model import Found
from autograder.submission.text import printable

if TYPE_CHECKING:
    from autograder.feedback.rows import Student

NO_GROUPS = Groups({})
Read = Callable[[Sequence[Found], Hints], Reading]


class System(StrEnum):
    """The systems whose downloads are read."""

    CANVAS = "canvas"
    MOODLE = "moodle"
    GRADESCOPE = "gradescope"
    NBGRADER = "nbgrader"


_READERS: Mapping[System, Read] = {
    System.CANVAS: patterns.canvas,
    System.MOODLE: patterns.moodle,
    System.GRADESCOPE: gradescope_download.read,
    System.NBGRADER: patterns.nbgrader,
}


@dataclass(frozen=True)
class Collected:
    """What one student gets: the name to be graded under, who that is, and the files."""

    student: str
    label: str
    known: Known
    files: Mapping[str, Found]
    came: datetime | None
    late: bool


@dataclass
class Class:
    """Everybody's files, the systems they come from, and what was not taken."""

    systems: tuple[System, ...]
    students: list[Collected] = field(default_factory=list)
    odd: list[Odd] = field(default_factory=list)


def collect(
    assignment: Assignment,
    downloads: Sequence[Download],
    system: System | None,
    roster: Mapping[str, Student],
    groups: Groups = NO_GROUPS,
) -> Class:
    """Return the class in these downloads, all of one system or, for None, of what each looks like.

    UsageError where a download is of no system, or where it is not clear whose or which is meant.
    """
    hints = _hints(assignment, roster)
    systems = [system or recognised(each, hints) for each in downloads]
    got = Class(tuple(dict.fromkeys(systems)))
    attempts: dict[Owner, list[Attempt]] = {}
    for download, its in zip(downloads, systems, strict=True):
        for attempt in groups.spread(_attempts(download, its, hints, got.odd)):
            for owner in attempt.owners:
                attempts.setdefault(owner, []).append(attempt)
    latest = {owner: _latest(owner, tried, got.odd) for owner, tried in attempts.items()}
    if not latest:
        raise UsageError(f"nothing in {downloads[0].place} was handed in, as {systems[0]} names it")
    for owner, (name, known) in names(list(latest), roster).items():
        attempt = latest[owner]
        files = dict(_safe(attempt, got.odd))
        each = Collected(name, owner.label, known, files, attempt.came, attempt.late)
        got.students.append(each)
    got.students.sort(key=lambda each: each.student)
    return got


def _hints(assignment: Assignment, roster: Mapping[str, Student]) -> Hints:
    users = frozenset(each.lms_user_id for each in roster.values() if each.lms_user_id)
    return Hints(frozenset({*assignment.files, f"{assignment.slug}.ipynb"}), users)


def _attempts(download: Download, system: System, hints: Hints, odd: list[Odd]) -> list[Attempt]:
    """Return the attempts of one download, and list what is nobody's."""
    top, found = _unwrapped(download.found, system)
    reading = _READERS[system](found, hints)
    odd += download.odd
    for path, reason in reading.odd.items():
        odd.append(Odd(printable(top + path, 200), printable(reason, 300)))
    return reading.attempts


def recognised(download: Download, hints: Hints) -> System:
    """Return the system that a download looks like; UsageError where it is none, or two."""
    if gradescope_download.metadata(download.found):
        return System.GRADESCOPE
    fitting = []
    for system in (System.CANVAS, System.MOODLE, System.NBGRADER):
        _, found = _unwrapped(download.found, system)
        if _READERS[system](found, hints).attempts:
            fitting.append(system)
    if len(fitting) == 1:
        return fitting[0]
    said = "looks like " + " and ".join(fitting) if fitting else "looks like no download we know"
    raise UsageError(f"{download.place}: {said}; say --from {'|'.join(System)}")


def _unwrapped(found: Sequence[Found], system: System) -> tuple[str, Sequence[Found]]:
    """Return the one folder around everything that is not a student's, and the files inside."""
    tops = {each.path.partition("/")[0] for each in found}
    wrapped = len(tops) == 1 and all("/" in each.path for each in found)
    if not wrapped or system is System.GRADESCOPE or patterns.is_moodle(min(tops)):
        return "", found
    top = f"{min(tops)}/"
    return top, [Found(each.path.removeprefix(top), each.load) for each in found]


def _latest(owner: Owner, attempts: Sequence[Attempt], odd: list[Odd]) -> Attempt:
    """Return the attempt that counts, and list the others."""
    if len(attempts) > 1 and not all(attempt.order for attempt in attempts):
        said = f"{len(attempts)} attempts of {owner.label!r}, and nothing says which is the later"
        raise UsageError(f"{said}; give only the download that counts")
    latest = max(attempts, key=lambda attempt: attempt.order)
    equal = [attempt for attempt in attempts if attempt.order == latest.order]
    if any(_what(attempt) != _what(latest) for attempt in equal):
        said = f"{len(equal)} attempts of {owner.label!r} came at the same time"
        raise UsageError(f"{said}; give only the download that counts")
    older = [attempt for attempt in attempts if attempt.order < latest.order]
    odd += [Odd(owner.label, "an earlier attempt") for _ in older]
    return latest


def _what(attempt: Attempt) -> set[tuple[str, ...]]:
    """Return what an attempt is made of, wherever the download was unpacked."""
    return {tuple(found.path.split("/")[-2:]) for found in attempt.files.values()}


def _safe(attempt: Attempt, odd: list[Odd]) -> Iterator[tuple[str, Found]]:
    """Yield the files by their paths; what was in a prefix is gone, so they are judged again."""
    for path, found in attempt.files.items():
        try:
            inside = paths.clean(path)
        except Rejected as why:
            odd.append(Odd(printable(found.path, 200), why.reason))
            continue
        if inside and not paths.is_noise(inside):
            yield inside, found
        else:
            odd.append(Odd(printable(found.path, 200), "nothing is left of its name"))
