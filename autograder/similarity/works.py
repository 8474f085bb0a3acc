"""Whose work is compared: a class and earlier years, as intake reads them, and never run."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from autograder.assignment import Assignment
from autograder.errors import Rejected, UsageError
from autograder.similarity.model import Files, Skipped, Work
from autograder.submission import Entry, Submission, discover, read
from autograder.submission.discovery import student_names
from autograder.submission.sniff import archive, foreign
from autograder.submission.source import too_long

Step = Callable[[], None]


def entries(
    assignment: Assignment, path: Path, archives: Sequence[Path]
) -> list[tuple[str, Entry]]:
    """Return the entries of a class and of its archives, each with its archive's name."""
    _distinct([path, *archives])
    found = [("", entry) for entry in discover(path, assignment)]
    for year, place in zip(_years(archives), archives, strict=True):
        found += [(year, entry) for entry in discover(place, assignment)]
    if len(found) < 2:
        raise UsageError(f"{path} is a single submission: name a class, or give an --archive")
    return found


def gather(
    assignment: Assignment, found: Sequence[tuple[str, Entry]], step: Step
) -> tuple[list[Work], list[Skipped]]:
    """Read all entries; what intake refuses is listed and stops nobody."""
    works, skipped = [], []
    for year, entry in found:
        empty = Work(entry.student, _person(entry), {}, year)
        try:
            handed_in = read(entry.path, assignment, entry.student)
        except Rejected as refusal:
            skipped.append(Skipped(empty.name, refusal.reason))
        else:
            files = _texts(handed_in)
            skipped += (Skipped(empty.name, why) for why in _unread(handed_in, files))
            if files:
                works.append(Work(entry.student, empty.person, files, year))
            else:
                skipped.append(Skipped(empty.name, "There is no file that can be compared."))
        step()
    return works, skipped


def text_of(data: bytes) -> str:
    r"""Return bytes as text with plain ends of lines; what is no UTF-8 becomes U+FFFD.

    >>> text_of(b"a\r\nb\xff")
    'a\nb\ufffd'
    """
    return data.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")


def _distinct(paths: Sequence[Path]) -> None:
    """A folder that is given twice would find each student in the place of another."""
    seen: set[Path] = set()
    for path in paths:
        place = path.resolve()
        if place in seen:
            raise UsageError(f"{path} is given twice")
        seen.add(place)


def _years(archives: Sequence[Path]) -> list[str]:
    """Name archives after their folders, or by their paths where that would not tell them apart."""
    names = [path.resolve().name for path in archives]
    if len({name.casefold() for name in names}) < len(names):
        return [str(path) for path in archives]
    return names


def _person(entry: Entry) -> str:
    """Return the name of an entry before two of a name were told apart: one person's hand-ins."""
    return student_names([entry.path.name])[0].casefold()


def _texts(handed_in: Submission) -> Files:
    """Return the files that can be compared, also those that cannot be graded."""
    usable = {name: data for name, data in handed_in.damaged.items() if not _why_not(data)}
    files = {**handed_in.files, **usable}
    return {name: text_of(files[name]) for name in sorted(files)}


def _why_not(data: bytes) -> bool:
    return too_long(data) or bool(foreign(data)) or archive(data) is not None


def _unread(handed_in: Submission, files: Files) -> Iterator[str]:
    """Say what is wrong with the files that are there and are not compared."""
    for name, problem in handed_in.problems.items():
        if name not in files and name not in handed_in.missing:
            yield problem
