"""A text of the bundle with its place; and the texts that are wrapped up in it."""

import ast
import base64
import binascii
import html
import inspect
import re
import textwrap
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from autograder.release.gate.model import Kind, Leak
from autograder.release.gate.parsing import python_of

_NEWLINE = re.compile(r"\r\n|\r|\n")
# Besides the format characters (Cf): what is drawn as nothing.
_INVISIBLE = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0, *range(0xFE00, 0xFE10)}
_FENCE = re.compile(r"^(?P<indent>[ \t>]*)(?P<ticks>`{3,}|~{3,})")
_REMARK = re.compile(r"[ \t]*(?:#+|//+|>)[ \t]?(?!>)")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/_-]{24,}[\s\"',]*)+={0,2}")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){12,}")
_BLOB = 400  # characters of code that stands for something else, and nobody can see what
_BLOB_WORD = 40  # of them in a row; names are shorter
_UNPACKED = 1_000_000  # bytes
_DEPTH = 3  # wrappers around wrappers


@dataclass(frozen=True)
class Passage:
    """A text; `first` is the number of its first line, None where lines mean nothing."""

    path: str
    text: str
    cell: int | None = None
    first: int | None = 1
    code: bool = False  # meant as Python
    flat: bool = False  # unfolded from one line: all of it is there
    hint: str = ""  # how it was wrapped up

    @cached_property
    def lines(self) -> list[str]:
        """Its lines, as an editor counts them."""
        return _NEWLINE.split(self.text)

    @cached_property
    def tree(self) -> ast.Module:
        """All in it that can be read as Python."""
        return python_of(self.text, code=self.code)

    def line(self, index: int) -> int | None:
        """The number in the file (or cell) of a line of this text, counted from 0."""
        if self.first is None:
            return None
        return self.first if self.flat else self.first + index

    def leak(self, kind: Kind, index: int, what: str) -> Leak:
        """A finding in the line of that index."""
        said = f"{what} ({self.hint})" if self.hint else what
        return Leak(kind, self.path, self.line(index), self.cell, said)

    def inner(self, text: str, index: int, *, code: bool, hint: str = "") -> "Passage":
        """A text that is wrapped up in the line of that index."""
        said = hint or self.hint
        return replace(
            self, text=clean(text), first=self.line(index), code=code, flat=True, hint=said
        )


def clean(text: str) -> str:
    """The text as a reader sees it: no invisible characters, no look-alike widths."""
    if text.isascii():
        return text
    seen = unicodedata.normalize("NFKC", text)
    return "".join(c for c in seen if c < "\x80" or not _invisible(c))


def _invisible(character: str) -> bool:
    return unicodedata.category(character) == "Cf" or ord(character) in _INVISIBLE


def unfold(passage: Passage, depth: int = _DEPTH) -> Iterator[Passage]:
    """The passage itself and all that is wrapped up in it."""
    yield passage
    if depth:
        for inner in (
            *_fences(passage),
            *_remarks(passage),
            *_strings(passage),
            *_entities(passage),
        ):
            yield from unfold(inner, depth - 1)
        for index, text in _decoded(passage):
            inner = passage.inner(text, index, code=True, hint="encoded")
            yield from unfold(inner, depth - 1)


def blobs(passage: Passage) -> Iterator[Leak]:
    """Long encoded data that hold no text: nothing says what it is."""
    for found in _BASE64.finditer(passage.text):
        if _is_blob(found[0]) and not any(_plain(found[0])):
            said = f"{len(found[0])} characters of encoded data"
            yield passage.leak(Kind.UNREADABLE, _line_at(passage, found.start()), said)


def _is_blob(coded: str) -> bool:
    """Whether it is long, and no list of long names or of digits."""
    words = re.split(r"[\s\"',=]+", coded)
    kinds = (str.isdigit, str.isupper, str.islower)
    mixed = all(any(map(kind, coded)) for kind in kinds)
    return len(coded) >= _BLOB and mixed and len(coded) >= _BLOB_WORD * len(words)


def _line_at(passage: Passage, offset: int) -> int:
    return len(_NEWLINE.findall(passage.text, 0, offset))


def _fences(passage: Passage) -> Iterator[Passage]:
    """Fenced blocks of Markdown, whatever language they name."""
    opened: tuple[int, str] | None = None
    for index, line in enumerate(() if passage.code else passage.lines):
        fence = _FENCE.match(line)
        if opened is None and fence:
            opened = index, fence["ticks"]
        elif opened is not None and fence and fence["ticks"].startswith(opened[1]):
            yield _block(passage, passage.lines[opened[0] + 1 : index], opened[0] + 1)
            opened = None
    if opened is not None:
        yield _block(passage, passage.lines[opened[0] + 1 :], opened[0] + 1)


def _remarks(passage: Passage) -> Iterator[Passage]:
    """Lines of a comment or a quotation, without what marks them as one."""
    block: list[str] = []
    for index, line in enumerate([*passage.lines, ""]):
        if marked := _REMARK.match(line):
            block.append(line[marked.end() :])
        elif block:
            yield _block(passage, block, index - len(block))
            block = []


def _block(passage: Passage, lines: list[str], index: int) -> Passage:
    text = textwrap.dedent("\n".join(lines))
    return replace(passage, text=text, first=passage.line(index), code=True)


def _strings(passage: Passage) -> Iterator[Passage]:
    """Strings of Python: some hold code, and some hide it behind escapes."""
    for node in ast.walk(passage.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            value = node.value
            text = value if isinstance(value, str) else value.decode("utf-8", "replace")
            if text not in passage.text:
                yield passage.inner(text, node.lineno - 1, code=True)
            elif "\n" in text:
                yield _block(passage, inspect.cleandoc(text).split("\n"), node.lineno - 1)


def _entities(passage: Passage) -> Iterator[Passage]:
    """HTML: `&lt;` is `<`."""
    if not passage.code and (text := html.unescape(passage.text)) != passage.text:
        yield replace(passage, text=clean(text))


def _decoded(passage: Passage) -> Iterator[tuple[int, str]]:
    for pattern in (_BASE64, _HEX):
        for found in pattern.finditer(passage.text):
            for text in _plain(found[0]):
                yield _line_at(passage, found.start()), text


def _plain(coded: str) -> Iterator[str]:
    """What base64 or hex stands for, where that is text, packed or not."""
    letters = re.sub(r"[\s\"',=]", "", coded)
    for data in (_from_hex(letters), _from_base64(letters)):
        for content in (data, _unpacked(data)):
            text = content.decode("utf-8", "ignore")
            if len(text) >= 8 and _readable(text) and abs(len(content) - len(text.encode())) < 4:
                yield text


def _readable(text: str) -> bool:
    return all(c.isprintable() or c in "\n\r\t" for c in text)


def _from_hex(letters: str) -> bytes:
    try:
        return bytes.fromhex(letters)
    except ValueError:
        return b""


def _from_base64(letters: str) -> bytes:
    whole = letters[:-1] if len(letters) % 4 == 1 else letters
    usual = whole.replace("-", "+").replace("_", "/") + "=" * (-len(whole) % 4)
    try:
        return base64.b64decode(usual)
    except binascii.Error:
        return b""


def _unpacked(data: bytes) -> bytes:
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(data, _UNPACKED)
    except zlib.error:
        return b""
