"""A folder on disk: links are never followed, and only ordinary files are opened."""

import contextlib
import os
import stat
import unicodedata
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from autograder.errors import Rejected
from autograder.submission.model import Fault, Found, limited
from autograder.submission.paths import is_noise
from autograder.submission.text import megabytes

_ENTRIES = 10_000  # a folder may hold more than an archive: it need not be carried
_FOLDERS = 20  # how many sub-folders are looked into
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)
_FORMS = {
    stat.S_IFLNK: "is a link",
    stat.S_IFDIR: "is a folder",
    stat.S_IFIFO: "is a named pipe",
    stat.S_IFSOCK: "is a socket",
    stat.S_IFCHR: "is a device",
    stat.S_IFBLK: "is a device",
}


def folder_entries(folder: Path) -> list[Found]:
    """List a folder and the folders directly in it; Rejected when it cannot be listed."""
    try:
        found = _listed(folder, "")
    except OSError as error:
        raise Rejected(f"The folder cannot be listed ({error.strerror}).") from error
    if found is None:
        raise Rejected(f"The folder holds more than {_ENTRIES:,} files. Hand in only what counts.")
    for name in [entry.name for entry in found if entry.folder][:_FOLDERS]:
        with contextlib.suppress(OSError):  # an inner folder may be closed to us, or full of data
            found += _listed(folder / name, f"{name}/") or []
    return found


def _listed(folder: Path, prefix: str) -> list[Found] | None:
    with os.scandir(folder) as scan:
        entries = list(islice(scan, _ENTRIES + 1))
    if len(entries) > _ENTRIES:
        return None
    return [
        Found(
            prefix + unicodedata.normalize("NFC", entry.name),
            loader(Path(entry.path)),
            folder=entry.is_dir(follow_symlinks=False),
        )
        for entry in sorted(entries, key=lambda entry: entry.name)
        if not is_noise(entry.name)
    ]


def loader(path: Path) -> Callable[[int], bytes | Fault]:
    """Return what reads an ordinary file, later."""
    return lambda limit: load(path, limit)


def load(path: Path, limit: int) -> bytes | Fault:
    """Read an ordinary file of at most `limit` bytes; anything else is a Fault and never blocks."""
    try:
        form = stat.S_IFMT(path.lstat().st_mode)
        if form != stat.S_IFREG:  # before opening: to open a device can already do something
            return Fault(_FORMS.get(form, "is no ordinary file"))
        descriptor = os.open(path, _FLAGS)
    except (OSError, ValueError) as error:
        return Fault(f"cannot be read ({getattr(error, 'strerror', None) or 'bad name'})")
    with os.fdopen(descriptor, "rb") as stream:
        return _limited_read(stream.fileno(), stream.read, limit)


def _limited_read(descriptor: int, read: Callable[[int], bytes], limit: int) -> bytes | Fault:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        return Fault("is no ordinary file")
    if status.st_size > limit:
        said = f"is {megabytes(status.st_size)}; the limit is {megabytes(limit)}"
        return Fault(said, status.st_size)
    try:
        data = read(status.st_size + 1)  # to ask for `limit` would make so much room each time
        if len(data) > status.st_size:  # it has grown, or its system tells no size
            data += read(limit + 1 - len(data))
        return limited(data, limit)
    except OSError as error:
        return Fault(f"cannot be read ({error.strerror})")
