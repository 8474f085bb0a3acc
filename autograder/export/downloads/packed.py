"""What a system packed of a whole class: a zip file or its unpacked folder, as entries to be read.

An entry that is unsafe is left out with its reason and stops nobody else.
"""

import os
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from autograder.errors import Rejected, UsageError
from autograder.submission import archive, folder, paths
from autograder.submission.model import Fault, Found
from autograder.submission.text import megabytes, printable

ENTRIES = 100_000  # files of a class
FILE_BYTES = 50_000_000
_DEPTH = 12
_NAME_BYTES = 240
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Odd:
    """Something that is not taken: where it is, and why."""

    path: str
    reason: str


@dataclass
class Download:
    """The files of one download by path, and what was left out of it."""

    place: Path
    found: list[Found] = field(default_factory=list)
    odd: list[Odd] = field(default_factory=list)

    def leave(self, path: str, reason: str) -> None:
        """Leave something out."""
        self.odd.append(Odd(printable(path, 200), reason))


def opened(place: Path, stack: ExitStack) -> Download:
    """List a download, whose files can be read until the stack closes; UsageError for none."""
    download = Download(place)
    if place.is_dir():
        _list_folder(download)
    elif place.is_file():
        _list_zip(download, stack)
    else:
        raise UsageError(f"{place}: no such file or folder")
    seen: set[str] = set()
    for each in download.found:
        if each.path in seen:
            download.leave(each.path, "there is another file of this name")
        seen.add(each.path)
    unique = {each.path: each for each in reversed(download.found)}
    download.found = [unique[path] for path in sorted(unique)]
    return download


def _list_zip(download: Download, stack: ExitStack) -> None:
    place = download.place
    if _count(place) > ENTRIES:
        raise UsageError(
            f"{place}: more than {ENTRIES:,} entries; is this a download of submissions?"
        )
    try:
        packed = stack.enter_context(zipfile.ZipFile(place))
    except archive.DAMAGE as error:
        said = "not a zip file, or a damaged one; download it again or give the unpacked folder"
        raise UsageError(f"{place}: {said}") from error
    for info in packed.infolist():
        try:
            archive.refuse_unsafe(info)
            entry = archive.entry(packed, info)
        except Rejected as why:
            download.leave(info.orig_filename, why.reason)
            continue
        if info.file_size > FILE_BYTES:  # not even begun; the size is no promise, and a limit
            entry = replace(entry, load=partial(_too_large, info.file_size))
        _add(download, entry)


def _too_large(size: int, _: int) -> Fault:
    limit = megabytes(FILE_BYTES)
    return Fault(f"is {megabytes(size)}; the limit is {limit}", size)


def _count(place: Path) -> int:
    """Count the entries of a zip file, before Python objects are made of them."""
    count, rest = 0, b""
    with place.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            rest += chunk
            count += rest.count(archive.CENTRAL)
            rest = rest[-len(archive.CENTRAL) + 1 :]
    return count


def _list_folder(download: Download) -> None:
    for place, name in _walk(download.place, ""):
        try:
            path = paths.clean(name)
        except Rejected as why:
            download.leave(name, why.reason)
            continue
        _add(download, Found(path, folder.loader(place)))
        if len(download.found) > ENTRIES:
            raise UsageError(f"{download.place}: more than {ENTRIES:,} files")


def _walk(place: Path, prefix: str) -> Iterator[tuple[Path, str]]:
    """Yield everything that is no folder; links are not followed."""
    with os.scandir(place) as scan:
        entries = sorted(scan, key=lambda entry: entry.name)
    for entry in entries:
        name = f"{prefix}{entry.name}"
        if entry.is_dir(follow_symlinks=False) and name.count("/") < _DEPTH:
            yield from _walk(Path(entry.path), f"{name}/")
        else:
            yield Path(entry.path), name


def _add(download: Download, entry: Found) -> None:
    if entry.folder or not entry.path or paths.is_noise(entry.path):
        return
    parts = entry.path.split("/")
    try:
        longest = max(len(part.encode()) for part in parts)
    except UnicodeEncodeError:
        download.leave(entry.path, "The name is not UTF-8.")
        return
    if longest > _NAME_BYTES or len(parts) > _DEPTH:
        download.leave(entry.path, "The name is too long, or too deep in folders.")
        return
    download.found.append(entry)
