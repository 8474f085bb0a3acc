"""The values of intake, and its limits."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

UPLOAD_BYTES = 5_000_000  # a zip, a tar or a single file
NOTEBOOK_BYTES = 10_000_000  # with its outputs, which are dropped
SOURCE_BYTES = 500_000  # one Python file
EXPANDED_BYTES = 20_000_000  # everything in an archive
EXPANSION = 100  # how many times an archive may grow
ENTRIES = 200  # files and folders in an archive


@dataclass(frozen=True)
class Submission:
    """What one student handed in: the files to grade, and what is to be said about the rest.

    `files` holds only names of the assignment. A file is in `missing` when it was not handed in,
    and in `problems` when it cannot be used or when its absence has a likely cause; `problems`
    costs that file only; what was in it, if anything, is in `damaged`. `notes` are sentences that
    may help the student and cost nothing. `answers` are the texts that answer inline questions.
    """

    student: str
    files: dict[str, bytes]
    sha256: str
    missing: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    problems: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    damaged: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """One student of a class: a name that is safe as a folder's name, and what was handed in."""

    student: str
    path: Path


@dataclass(frozen=True)
class Fault:
    """Why one file cannot be used; the sentence continues the file's name.

    `size` is set where the only fault is that there are too many bytes.
    """

    message: str
    size: int = 0


@dataclass(frozen=True)
class Found:
    """One entry of an upload: its clean path and a way to read at most `limit` bytes of it."""

    path: str
    load: Callable[[int], bytes | Fault]
    folder: bool = False

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def parent(self) -> str:
        """The folder that holds it; empty at the top."""
        return self.path.rpartition("/")[0]


@dataclass(frozen=True)
class Sources:
    """The files that an upload gives, what is wrong with others, and what may help."""

    files: dict[str, bytes]
    problems: dict[str, str]
    notes: tuple[str, ...] = ()
    damaged: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)


def limited(data: bytes, limit: int) -> bytes | Fault:
    """Return the bytes, or a Fault when there are more than `limit`."""
    if len(data) <= limit:
        return data
    return Fault(f"is larger than {limit // 1000} KB, the limit for one file", len(data))


def digest(files: dict[str, bytes], missing: tuple[str, ...], problems: dict[str, str]) -> str:
    """Return one SHA-256 of all that decides a grade: file contents, absences and problems."""
    parts = [("file", name, files[name]) for name in sorted(files)]
    parts += [("missing", name, b"") for name in sorted(missing)]
    parts += [("problem", name, problems[name].encode()) for name in sorted(problems)]
    whole = hashlib.sha256()
    for kind, name, data in parts:
        whole.update(f"{kind} {name} {len(data)}\n".encode() + data)
    return f"sha256:{whole.hexdigest()}"
