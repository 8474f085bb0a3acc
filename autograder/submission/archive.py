"""Zip files, read in memory: nothing is ever extracted to disk."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from io import BytesIO

from autograder.errors import Rejected
from autograder.submission.model import (
    ENTRIES,
    EXPANDED_BYTES,
    EXPANSION,
    Fault,
    Found,
    limited,
)
from autograder.submission.paths import clean, is_noise
from autograder.submission.text import printable

CENTRAL = b"PK\x01\x02"  # begins each entry of the directory
_HARMLESS_SIZE = 1_000_000  # below this no expansion is a bomb
_ALL_ENTRIES = 10 * ENTRIES  # with what systems add by themselves
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)


def zip_entries(data: bytes) -> list[Found]:
    """List a zip file's entries; Rejected when anything about it is unsafe."""
    if data.count(CENTRAL) > _ALL_ENTRIES:  # before Python objects are made of them
        raise too_many()
    try:
        archive = zipfile.ZipFile(BytesIO(data))
    except DAMAGE as error:
        raise Rejected("The zip file is damaged or incomplete. Pack it again.") from error
    infos = archive.infolist()
    for info in infos:
        refuse_unsafe(info)
    refuse_bomb(len(data), [info.file_size for info in infos])
    return counted([entry(archive, info) for info in infos])


def entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Found:
    """Return one entry of a zip file that is open; Rejected when its name is unsafe."""
    name = info.orig_filename
    return Found(clean(name), _loader(archive, info), name.endswith("/"))


def refuse_unsafe(info: zipfile.ZipInfo) -> None:
    """Refuse an entry that is a link, locked or packed in an unusual way."""
    shown = printable(info.orig_filename)
    if info.flag_bits & 0x41:  # encrypted, or strongly encrypted
        raise Rejected("The zip file is protected by a password. Pack it without one.")
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise Rejected(f"'{shown}' is packed by an unusual method. Use an ordinary zip.")
    form = stat.S_IFMT(info.external_attr >> 16)
    if form == stat.S_IFLNK:
        raise Rejected(f"Links are not allowed in archives ({shown}).")
    if form not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise Rejected(f"Only ordinary files are allowed in archives ({shown} is a device).")


def _loader(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[int], bytes | Fault]:
    def load(limit: int) -> bytes | Fault:
        try:
            with archive.open(info) as stream:  # the declared size can lie, so read is capped
                return limited(stream.read(limit + 1), limit)
        except DAMAGE:
            return Fault("cannot be unpacked: the archive is damaged")

    return load


def refuse_bomb(packed: int, sizes: Sequence[int]) -> None:
    """Refuse an archive that expands too far."""
    expanded = sum(sizes)
    if expanded > EXPANDED_BYTES:
        raise too_big()
    if expanded > max(EXPANSION * packed, _HARMLESS_SIZE):
        raise Rejected(
            f"Archive expands to more than {EXPANSION} times its size. Hand in source files only."
        )


def too_big() -> Rejected:
    """The refusal of an archive that holds too much."""
    return Rejected(
        f"Archive expands to more than {EXPANDED_BYTES // 1_000_000} MB."
        " Remove data sets and checkpoints."
    )


def too_many() -> Rejected:
    """The refusal of an archive with too many entries."""
    return Rejected(f"Archive holds more than {ENTRIES} files. Hand in only what is asked for.")


def counted(found: list[Found]) -> list[Found]:
    """Return the entries that are not noise, or refuse when there are too many."""
    kept = [entry for entry in found if entry.path and not is_noise(entry.path)]
    if len(kept) > ENTRIES or len(found) > _ALL_ENTRIES:
        raise too_many()
    return kept
