"""What an upload is, told from its bytes and never from its name."""

from enum import StrEnum


class Kind(StrEnum):
    """The kinds of upload that intake reads."""

    ZIP = "zip"
    TAR = "tar"
    GZIP = "gzip"
    NOTEBOOK = "notebook"
    TEXT = "text"


_FOREIGN = {
    b"Rar!\x1a\x07": "a RAR archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ\x00": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"%PDF": "a PDF document",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"\x7fELF": "a compiled program",
    b"MZ": "a compiled program",
    b"\xcf\xfa\xed\xfe": "a compiled program",
    b"\x89HDF": "an HDF5 data file",
    b"\x93NUMPY": "a NumPy data file",
    b"\xd0\xcf\x11\xe0": "an Office document",
    b"<!DOCTYPE": "a web page",
    b"<!doctype": "a web page",
    b"<html": "a web page",
    b"{\\rtf": "an RTF document",
}
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_TAR_MAGIC = slice(257, 262)
_BLOCK = 512


def foreign(data: bytes) -> str | None:
    """Name a well-known format that intake does not read, such as "a RAR archive"."""
    start = data[:16].lstrip(b"\xef\xbb\xbf \t\r\n")
    for magic, name in _FOREIGN.items():
        if start.startswith(magic) and not (magic == b"MZ" and b"\x00" not in data[:_BLOCK]):
            return name
    return None


def archive(data: bytes) -> Kind | None:
    """Return which kind of archive these bytes begin, if any."""
    if data.startswith(_ZIP):
        return Kind.ZIP
    if data.startswith(b"\x1f\x8b"):
        return Kind.GZIP
    if is_tar(data):
        return Kind.TAR
    return None


def is_tar(data: bytes) -> bool:
    """Tell whether a tar header stands at the start; old tars have no magic, only a checksum."""
    if data[_TAR_MAGIC] == b"ustar":
        return True
    if len(data) < _BLOCK or not data[0]:
        return False
    header = data[:148] + b" " * 8 + data[156:_BLOCK]
    digits = data[148:156].strip(b" \x00")
    return (
        digits.isdigit() and len(digits) >= 3 and f"{sum(header):o}" == digits.decode().lstrip("0")
    )


def is_notebook(data: bytes) -> bool:
    """Tell whether these bytes look like the JSON of a notebook."""
    start = data[:1000].removeprefix(b"\xef\xbb\xbf").lstrip()
    return start.startswith(b"{") and (b'"cells"' in data or b'"nbformat"' in data)


def kind(data: bytes) -> Kind | None:
    """Return what the bytes are; None when it is nothing that intake reads."""
    if found := archive(data):
        return found
    if foreign(data) or b"\x00" in data[:_BLOCK]:
        return None
    return Kind.NOTEBOOK if is_notebook(data) else Kind.TEXT
