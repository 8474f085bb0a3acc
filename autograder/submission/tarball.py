"""Tar files, plain or gzipped, walked block by block.

Python's `tarfile` parses extended headers by recursion and with patterns that take quadratic time
on hostile input, so only its reader of a single 512-byte header is used here.
"""

import tarfile
import zlib
from collections.abc import Callable, Iterator

from autograder.errors import Rejected
from autograder.submission.archive import counted, refuse_bomb, too_big, too_many
from autograder.submission.model import ENTRIES, EXPANDED_BYTES, Fault, Found, limited
from autograder.submission.paths import clean
from autograder.submission.text import printable

_BLOCK = 512
_HEADER_BYTES = 65_536  # an extended header: a long name, times, attributes
_PAX = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE)
_SKIPPED = (tarfile.XGLTYPE, tarfile.GNUTYPE_LONGLINK)
_EXTENDED = (*_PAX, *_SKIPPED, tarfile.GNUTYPE_LONGNAME)


def gzip_entries(data: bytes) -> list[Found]:
    """List the entries of a gzipped tar file."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        plain = unpacker.decompress(data, EXPANDED_BYTES + 1)
    except zlib.error as error:
        raise Rejected("The gzip file is damaged or incomplete. Pack it again.") from error
    if len(plain) > EXPANDED_BYTES:
        raise too_big()
    if not unpacker.eof:
        raise Rejected("The gzip file is damaged or incomplete. Pack it again.")
    refuse_bomb(len(data), [len(plain)])
    return tar_entries(plain)


def tar_entries(data: bytes) -> list[Found]:
    """List a tar file's entries; Rejected when anything about it is unsafe."""
    found = []
    for header, body in _members(data):
        shown = printable(header.name)
        if header.type in {tarfile.LNKTYPE, tarfile.SYMTYPE}:
            target = printable(header.linkname)
            raise Rejected(f"Links are not allowed in archives ({shown} -> {target}).")
        if not header.isdir() and header.type not in {tarfile.REGTYPE, tarfile.AREGTYPE}:
            raise Rejected(f"Only ordinary files are allowed in archives ({shown} is none).")
        found.append(Found(clean(header.name), _loader(body), folder=header.isdir()))
    return counted(found)


def _loader(body: bytes) -> Callable[[int], bytes | Fault]:
    return lambda limit: limited(body, limit)


def _members(data: bytes) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
    """Walk the members; a long name from an extended header is put into the member's header."""
    name: str | None = None
    for header, body in _blocks(data):
        if header.type == tarfile.GNUTYPE_LONGNAME:
            name = body.split(b"\x00")[0].decode("utf-8", "replace")
        elif header.type in _PAX:
            name = _pax_path(body) or name
        elif header.type not in _SKIPPED:
            header.name = name or header.name
            name = None
            yield header, body


def _blocks(data: bytes) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
    position = 0
    for _ in range(40 * ENTRIES):
        block = data[position : position + _BLOCK]
        if block and not block.strip(b"\x00"):
            return  # an archive without its closing zeros was cut off
        try:
            header = tarfile.TarInfo.frombuf(block, "utf-8", "replace")
        except (tarfile.HeaderError, ValueError) as error:
            raise Rejected("The tar file is damaged or incomplete. Pack it again.") from error
        position += _BLOCK
        body = data[position : position + max(header.size, 0)] if _has_body(header) else b""
        if header.size < 0 or (_has_body(header) and len(body) < header.size):
            raise Rejected("The tar file is damaged or incomplete. Pack it again.")
        if header.type in _EXTENDED and len(body) > _HEADER_BYTES:
            raise Rejected("The tar file has an unreasonably long header. Pack it again.")
        position += -(-len(body) // _BLOCK) * _BLOCK
        yield header, body
    raise too_many()


def _has_body(header: tarfile.TarInfo) -> bool:
    return header.type in _EXTENDED or header.isreg()


def _pax_path(body: bytes) -> str | None:
    """Return the path that an extended header sets; refuse sparse files, whose bytes are a map."""
    path = None
    while body:
        digits, space, _ = body[:20].partition(b" ")
        if not space or not digits.isdigit() or not len(digits) < int(digits) <= len(body):
            raise Rejected("The tar file is damaged or incomplete. Pack it again.")
        record, body = body[len(digits) + 1 : int(digits)], body[int(digits) :]
        key, _, value = record.partition(b"=")
        if key.startswith(b"GNU.sparse"):
            raise Rejected("Sparse files are not allowed in archives. Pack the files plainly.")
        if key == b"path":
            path = value.rstrip(b"\n").decode("utf-8", "replace")
    return path
