"""From the bundle's bytes to texts with places; what cannot be read is a finding."""

import io
import re
import tokenize
from collections.abc import Iterator, Mapping

from autograder.assignment import Assignment
from autograder.release.gate import notebook
from autograder.release.gate.model import Kind, Leak
from autograder.release.gate.passages import Passage, clean

_BOMS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_CONTROL = re.compile(r"[^\t\n\r\f\x20-\x7e\x80-\U0010ffff]|[\x80-\x84\x86-\x9f]")
_DATA_BYTES = 1_000_000  # larger data are compared with their source, and not read


def read(assignment: Assignment, files: Mapping[str, bytes]) -> tuple[list[Passage], list[Leak]]:
    """Return all texts of the bundle, and a finding for each that cannot be read."""
    passages: list[Passage] = []
    leaks: list[Leak] = []
    for path, data in files.items():
        is_data = path in assignment.data
        if is_data and (len(data) > _DATA_BYTES or not _is_text(data)):
            continue
        text, problems = _decoded(path, data)
        leaks += problems
        if path.endswith(".ipynb"):
            inside, problems = notebook.read(path, text)
            passages += inside
            leaks += problems
        else:
            passages.append(Passage(path, clean(text), code=path.endswith(".py")))
    return passages, leaks


def _is_text(data: bytes) -> bool:
    try:
        return not _CONTROL.search(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return False


def _decoded(path: str, data: bytes) -> tuple[str, list[Leak]]:
    """The text, as well as it can be had, and what is wrong with its encoding."""
    encoding = next((name for bom, name in _BOMS.items() if data.startswith(bom)), "utf-8-sig")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("latin-1")
        return text.replace("\0", ""), [_unreadable(path, None, "not UTF-8 text")]
    if encoding != "utf-8-sig":
        return text, [_unreadable(path, None, "not UTF-8 text but UTF-16")]
    return text.replace("\0", ""), list(_oddities(path, data, text))


def _oddities(path: str, data: bytes, text: str) -> Iterator[Leak]:
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        yield _unreadable(path, line, f"the control character {found[0]!r}")
    if path.endswith(".py"):
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        except SyntaxError as error:
            encoding = str(error)
        if encoding not in {"utf-8", "utf-8-sig"}:
            yield _unreadable(path, 1, f"asks to be read in another encoding: {encoding}")


def _unreadable(path: str, line: int | None, what: str) -> Leak:
    return Leak(Kind.UNREADABLE, path, line, None, what)
