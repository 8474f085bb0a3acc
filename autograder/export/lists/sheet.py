"""A CSV file of somebody else's: cells can be read and changed, and all else stays as it is.

What is not changed keeps its quotes, its line ends and its byte order mark.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UsageError

BYTES = 50_000_000
DELIMITERS = ",;\t"
_BOM = "\ufeff"
_DECIMAL_COMMA = re.compile(r"\s*\d+,\d+\s*")


@dataclass
class Row:
    """One line: its cells as they are written, and what ends it."""

    raw: list[str]
    end: str
    number: int  # the line that it begins in

    def __getitem__(self, column: int) -> str:
        """Return a cell's value; empty where the line is too short."""
        text = self.raw[column] if column < len(self.raw) else ""
        return text[1:-1].replace('""', '"') if text.startswith('"') else text

    @property
    def values(self) -> list[str]:
        """The values of all cells."""
        return [self[column] for column in range(len(self.raw))]


@dataclass
class Sheet:
    """The header and the lines below it."""

    path: Path
    bom: bool
    delimiter: str
    head: Row
    rows: list[Row]

    def column(self, name: str) -> int | None:
        """Return where a column is, None where it is not; case does not count.

        UsageError where it is there twice.
        """
        names = [value.strip().casefold() for value in self.head.values]
        if names.count(name.casefold()) > 1:
            raise UsageError(f"{self.path}: there are two columns {name!r}; take one of them out")
        return names.index(name.casefold()) if name.casefold() in names else None

    def put(self, row: Row, column: int, text: str) -> None:
        """Change one cell; a line that is too short is filled up."""
        row.raw += [""] * (column + 1 - len(row.raw))
        odd = any(sign in text for sign in f'{self.delimiter}"\r\n') or text != text.strip()
        quoted = odd or row.raw[column].startswith('"')
        row.raw[column] = '"' + text.replace('"', '""') + '"' if quoted else text

    def number(self, value: float) -> str:
        """Return `plain` with a comma where this file writes commas."""
        return plain(value).replace(".", ",") if self._has_decimal_commas() else plain(value)

    def dump(self) -> bytes:
        """Return the file's bytes."""
        lines = (self.delimiter.join(row.raw) + row.end for row in [self.head, *self.rows])
        return ((_BOM if self.bom else "") + "".join(lines)).encode()

    def _has_decimal_commas(self) -> bool:
        if self.delimiter == ",":
            return False
        return any(_DECIMAL_COMMA.fullmatch(value) for row in self.rows for value in row.values)


def read(path: Path, is_header: Callable[[Sequence[str]], bool], what: str) -> Sheet:
    """Read a CSV file whose first line satisfies `is_header`; UsageError says what is wrong.

    `what` is how a person calls such a file.
    """
    text = _text(path, what)
    bom = text.startswith(_BOM)
    text = text.removeprefix(_BOM)
    for delimiter in DELIMITERS:
        head: Row | None = None
        with suppress(UsageError):  # with another delimiter, its quotes may be in the right place
            head = next(_rows(text, delimiter, path), None)
        if head is not None and is_header([value.strip() for value in head.values]):
            head, *rows = _rows(text, delimiter, path)
            return Sheet(path, bom, delimiter, head, rows)
    raise UsageError(f"{path}: this is not {what}: its first line has other columns")


def _text(path: Path, what: str) -> str:
    if not path.is_file():
        raise UsageError(f"{path}: no such file; give {what}")
    if path.stat().st_size > BYTES:
        raise UsageError(f"{path}: more than {BYTES // 1_000_000} MB; give {what}")
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 ({error.reason}); give {what} as it was") from None


def _rows(text: str, delimiter: str, path: Path) -> Iterator[Row]:
    cell = re.compile(rf'"(?:[^"]++|"")*+"|[^"\r\n{delimiter}][^\r\n{delimiter}]*+|')
    end = re.compile(rf"{delimiter}|\r\n|\n|\r|\Z")
    at, number = 0, 1
    while at < len(text):
        begun, raw, stop = at, [], delimiter
        while stop == delimiter:
            found = cell.match(text, at)
            assert found is not None, "an empty cell always matches"
            raw.append(found[0])
            ended = end.match(text, found.end())
            if ended is None:
                raise UsageError(f"{path}:{number}: not CSV: a quote is in the wrong place")
            at, stop = ended.end(), ended[0]
        yield Row(raw, stop, number)
        number += max(1, text.count("\n", begun, at))


def plain(value: float) -> str:
    """Return a number with at most four decimals: 5.6, 7, 97.4889."""
    return f"{value + 0.0:.4f}".rstrip("0").rstrip(".")


def parsed(text: str) -> float | None:
    """Return the number that a cell holds, with a point or a comma; None where it holds none."""
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None
