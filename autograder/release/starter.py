"""Starter code, generated from the reference: what stands between the markers is taken out.

Inside a function a block becomes `raise NotImplementedError("<name>: your code here")`; at module
or class level it is dropped. Everything else stays as it is: imports, signatures, docstrings.
"""

import ast
import difflib
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile

from autograder.assignment import Assignment
from autograder.errors import StaffError

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
_LIKE_A_MARKER = re.compile(r"\s*#+\s*(begin|end)[\s_-]*solution", re.IGNORECASE)
_HEADER = "# Generated from {name} by `autograder starter`.\n"
_INVITATION = "# Write your code where it says NotImplementedError.\n"
_GENERATED = _HEADER.partition("{")[0]

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class _Block:
    """A pair of markers: line numbers, counted from 1."""

    begin: int
    end: int
    indent: str


def generate(assignment: Assignment) -> dict[str, str]:
    """Return the starter code of every file of the assignment: name -> text."""
    starter = {}
    for name in assignment.files:
        path, shown = assignment.solutions / name, f"solutions/{assignment.slug}/{name}"
        if not path.is_file():
            raise StaffError("no such file", shown)
        text = strip(path.read_text(encoding="utf-8"), shown)
        starter[name] = _HEADER.format(name=shown) + _INVITATION + text
    return starter


def write(assignment: Assignment) -> list[str]:
    """Bring starter_code/ up to date; return the names of the files written or removed."""
    wanted, folder = generate(assignment), assignment.starter
    folder.mkdir(parents=True, exist_ok=True)
    changed = []
    for name, text in wanted.items():
        if _read(assignment, name) != text:
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
            changed.append(name)
    for name in _extra(assignment):
        if (_read(assignment, name) or "").startswith(_GENERATED):
            (folder / name).unlink()
            changed.append(name)
    return changed


def check(assignment: Assignment) -> list[str]:
    """Return one line for each file that is missing, stale or extra; none when all is current."""
    problems = []
    for name, text in generate(assignment).items():
        place, found = f"starter_code/{assignment.slug}/{name}", _read(assignment, name)
        if found is None:
            problems.append(f"{place} is missing")
        elif found != text:
            problems.append(f"{place} is stale: {_first_difference(found, text)}")
    extra = (f"starter_code/{assignment.slug}/{name}" for name in _extra(assignment))
    return problems + [f"{place} is extra: no such file in the assignment" for place in extra]


def strip(text: str, name: str) -> str:
    """Return a solution's text without its blocks; StaffError names the file and the line."""
    tree, lines = _parse(text, name), list(io.StringIO(text))
    blocks = list(_blocks(lines, name))
    if not blocks:
        raise StaffError(f"no {BEGIN!r}: students would get the whole solution", name)
    kept: list[str] = []
    done = 0
    for block in blocks:
        kept += lines[done : block.begin - 1]
        done = block.end
        if owner := _owner(tree, block, name):
            message = f'"{owner}: your code here"'
            kept.append(f"{block.indent}raise NotImplementedError({message})\n")
        else:
            _close_gap(kept, lines[done:])
    stripped = "".join(kept + lines[done:]).rstrip("\n") + "\n"
    _parse(stripped, f"{name} without its solutions")
    return stripped


def _parse(text: str, name: str) -> ast.Module:
    try:
        return ast.parse(text)
    except SyntaxError as error:
        raise StaffError(f"{error.msg}", f"{name}:{error.lineno}") from None


def _blocks(lines: list[str], name: str) -> Iterator[_Block]:
    """Pair the markers; anything that looks like a marker and is none is an error, not a leak."""
    begin = 0
    for number, line in enumerate(lines, start=1):
        if not _LIKE_A_MARKER.match(line):
            continue
        marker = line.strip()
        if marker not in (BEGIN, END):
            raise StaffError(f"a marker is exactly {BEGIN!r} or {END!r}", f"{name}:{number}")
        if marker == BEGIN and begin:
            raise StaffError(f"the block of line {begin} is still open", f"{name}:{number}")
        if marker == END and not begin:
            raise StaffError(f"{END!r} without a beginning", f"{name}:{number}")
        if marker == BEGIN:
            begin = number
        else:
            yield _Block(begin, number, _indent(lines[begin - 1]))
            begin = 0
    if begin:
        raise StaffError(f"{BEGIN!r} without an end", f"{name}:{begin}")


def _owner(tree: ast.Module, block: _Block, name: str) -> str | None:
    """Return the qualified name of the function that the block stands in, None outside of any."""
    inside = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and block.begin < node.lineno < block.end
    ]
    if not inside:
        raise StaffError("nothing between the markers", f"{name}:{block.begin}")
    if min(node.col_offset for node in inside) < len(block.indent):
        raise StaffError("the block goes on after its function's end", f"{name}:{block.begin}")
    first = min(node.lineno for node in inside)
    owner = None
    for qualname, scope in _scopes(tree):
        if scope.lineno < block.begin and first <= (scope.end_lineno or 0):
            owner = qualname if isinstance(scope, Function) else None
    return owner


def _scopes(node: ast.AST, outer: str = "") -> Iterator[tuple[str, Function | ast.ClassDef]]:
    """Go through all functions and classes, each before those inside it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function | ast.ClassDef):
            yield f"{outer}{child.name}", child
            yield from _scopes(child, f"{outer}{child.name}.")
        else:
            yield from _scopes(child, outer)


def _close_gap(kept: list[str], following: list[str]) -> None:
    """Keep the larger of the two gaps around a dropped block, not both."""
    shared = min(_blank(reversed(kept)), _blank(following))
    del kept[len(kept) - shared :]


def _blank(lines: Iterable[str]) -> int:
    """Count the empty lines before the first other one."""
    return sum(1 for _ in takewhile(lambda line: not line.strip(), lines))


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _read(assignment: Assignment, name: str) -> str | None:
    path = assignment.starter / name
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _extra(assignment: Assignment) -> list[str]:
    found = {path.name for path in assignment.starter.glob("*") if path.name != "__pycache__"}
    return sorted(found - set(assignment.files))


def _first_difference(found: str, wanted: str) -> str:
    diff = difflib.unified_diff(found.splitlines(), wanted.splitlines(), lineterm="", n=0)
    hunk, line = list(diff)[2:4]
    return f"{hunk} {line}"
