"""What a path on the command line means: one submission, or a class of them."""

import os
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from autograder.assignment import Assignment
from autograder.errors import Rejected, UsageError
from autograder.submission.folder import folder_entries
from autograder.submission.model import Entry, Found
from autograder.submission.paths import is_noise

_SUFFIX = re.compile(r"\.(?:zip|tar|tar\.gz|tgz|gz|py|ipynb|rar|7z|txt)$", re.IGNORECASE)
_PACKED = re.compile(r"\.(?:zip|tar|tar\.gz|tgz)$", re.IGNORECASE)
_UNSAFE = re.compile(r"[^\w.@+() -]")
_NAME_BYTES = 120
# Names that mean something else: our own output, and devices on Windows.
_RESERVED = {"class.json", "con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10))}


def discover(path: Path, assignment: Assignment) -> list[Entry]:
    """Return the submissions that a path stands for, sorted by name; UsageError without any."""
    try:
        place = path.resolve(strict=True)  # the path itself may be a link: staff gave it
        is_folder = place.is_dir()
    except (OSError, ValueError, RuntimeError) as error:
        raise UsageError(f"{path}: no such file or folder") from error
    if not is_folder or _is_submission(place, assignment):
        return [Entry(student_names([path.name or place.name])[0], place)]
    names = sorted(name for name in _names(path) if not is_noise(name))
    if not names:
        raise UsageError(f"{path}: this folder holds no submissions")
    return [
        Entry(student, place / name)
        for student, name in zip(student_names(names), names, strict=True)
    ]


def _names(path: Path) -> list[str]:
    try:
        return os.listdir(path)  # noqa: PTH208 - names, not paths
    except OSError as error:
        raise UsageError(f"{path}: cannot be listed ({error.strerror})") from error


def _is_submission(folder: Path, assignment: Assignment) -> bool:
    try:
        found = folder_entries(folder)
    except Rejected:  # too many entries for a submission, or not to be listed: seen to elsewhere
        return False
    top = [entry for entry in found if not entry.parent]
    if len(top) == 1 and top[0].folder:
        inner = [entry for entry in found if entry.parent == top[0].path]
        return _has_file(inner, assignment) or len(_books(inner)) == 1
    return _has_file(top, assignment) or _is_one_notebook(top, found, assignment)


def _has_file(entries: Sequence[Found], assignment: Assignment) -> bool:
    return any(entry.name in assignment.files and not entry.folder for entry in entries)


def _books(entries: Sequence[Found]) -> list[Found]:
    return [e for e in entries if not e.folder and e.name.lower().endswith(".ipynb")]


def _is_one_notebook(top: Sequence[Found], found: Sequence[Found], assignment: Assignment) -> bool:
    """Tell one student's notebook from a class in which one student handed in a notebook."""
    inner = [entry for entry in found if entry.parent]
    others = any(_PACKED.search(entry.name) for entry in top if not entry.folder)
    others = others or _has_file(inner, assignment) or bool(_books(inner))
    return len(_books(top)) == 1 and not others


def student_names(names: Sequence[str]) -> list[str]:
    """Return a safe and unique folder name for each entry, also where case is not told apart.

    >>> student_names(["alice.zip", "bob", "Bob.ipynb", "../x"])
    ['alice', 'bob', 'Bob-2', '_x']
    """
    plain = [_safe(name) for name in names]
    taken = _RESERVED | {name.casefold() for name in plain}
    given: set[str] = set()
    unique = []
    for name in plain:
        student, count = name, 2
        while student.casefold() in (given if student == name else given | taken):
            student, count = f"{name}-{count}", count + 1
        given.add(student.casefold())
        unique.append(student)
    return unique


def _safe(name: str) -> str:
    stem = _SUFFIX.sub("", unicodedata.normalize("NFC", name))
    safe = _UNSAFE.sub("_", stem).lstrip(". -").rstrip(". ")
    short = safe.encode("utf-8")[:_NAME_BYTES].decode("utf-8", "ignore")
    if short.casefold() in _RESERVED:
        return f"{short}_"
    return short or "student"
