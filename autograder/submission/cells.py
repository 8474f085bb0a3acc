"""One code cell of a notebook as Python: magics commented out, parsed, its target file found."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from autograder.submission.source import parse, syntax_message
from autograder.submission.text import printable

_EXPORT = re.compile(r"\s*(?:#\s*%%|#\s*\|)\s*export\s+([\w.-]+)\s*$")
_WRITEFILE = re.compile(r"\s*%%writefile\s+(?:-a\s+)?([\w.-]+)\s*$")
_CELL_MAGIC = re.compile(r"\s*%%(!|\w+)")
_PYTHON_MAGICS = {"time", "timeit", "capture", "prun"}  # the rest of such a cell is Python
_HARMLESS = (
    "matplotlib|load_ext|reload_ext|autoreload|time|timeit|prun|config|pylab|precision|pwd|cd|env"
    "|who|whos|reset|reset_selective|pdb|debug|xmode|colors|tensorboard|pip|conda"
)
_MAGIC = re.compile(rf"(\s*)(%(?:{_HARMLESS})\b.*)$")
_HELP = re.compile(r"(\s*)(\?{1,2}[\w.]+|[\w.]+\?{1,2})\s*$")
_SHELL = re.compile(r"\s*(?:\w+\s*=\s*)?(!.*)$")
_DEFINES = re.compile(r"(?:async\s+def|def|class)\s+([A-Za-z_]\w*)")


@dataclass(frozen=True)
class Cell:
    """A code cell: its place among all cells, counted from 1, and its Python."""

    number: int
    text: str
    target: str | None = None  # the file that its first line exports it to
    tree: ast.Module = field(default_factory=lambda: ast.Module([], []))
    fault: str | None = None  # why it cannot be used; then `tree` is empty

    @cached_property
    def defines(self) -> list[str]:
        """The functions and classes at its top level, in order, even where it does not parse."""
        if self.fault:
            return [m[1] for line in self.text.split("\n") if (m := _DEFINES.match(line))]
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        return [node.name for node in self.tree.body if isinstance(node, kinds)]


def code_of(cells: Sequence[Any]) -> Iterator[tuple[int, str]]:
    """Yield the number and the text of each code cell; whatever else there is is passed over."""
    for number, cell in enumerate(cells, start=1):
        if isinstance(cell, Mapping) and cell.get("cell_type") == "code":
            yield number, _source(cell.get("source"))


def _source(said: Any) -> str:
    lines = said if isinstance(said, list) else [said]
    return "".join(line for line in lines if isinstance(line, str))


def read_cell(number: int, text: str) -> Cell:
    """Return one cell; a cell that is not Python says so in `fault`."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    start = next((place for place, line in enumerate(lines) if line.strip()), 0)
    first = lines[start]
    marked = _EXPORT.match(first) or _WRITEFILE.match(first)
    magic = _CELL_MAGIC.match(first)
    if magic:
        lines[start] = f"# {first.strip()}"  # a comment keeps the lines' numbers
    if magic and not marked and magic[1] not in _PYTHON_MAGICS:
        said = f"Cell {number} starts with `%%{printable(magic[1], 20)}`, which is not Python."
        return Cell(number, "\n".join(lines), fault=said)
    return _parsed(number, lines, marked[1] if marked else None)


def _parsed(number: int, lines: list[str], target: str | None) -> Cell:
    fault = ""
    for attempt in ("\n".join(lines), "\n".join(map(_without_magic, lines))):
        try:
            return Cell(number, attempt, target, parse(attempt))
        except SyntaxError as error:
            fault = f"Cell {number} {syntax_message(error)}"
        except (RecursionError, MemoryError, ValueError, OverflowError):
            fault = f"Cell {number} cannot be read as Python."
    if shell := next((found for line in lines if (found := _SHELL.match(line))), None):
        command = printable(shell[1], 40)
        fault = f"Cell {number} runs a shell command (`{command}`), which is refused. Delete it."
    return Cell(number, "\n".join(lines), target, fault=fault)


def _without_magic(line: str) -> str:
    """Comment out a line that only IPython understands; tried only where Python does not."""
    found = _MAGIC.match(line) or _HELP.match(line)
    return f"{found[1]}pass  # {found[2]}" if found else line
