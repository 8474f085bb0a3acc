"""The statements of a notebook that define something, and which of them a file needs."""

import ast
import builtins
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from autograder.submission.cells import Cell
from autograder.submission.scopes import bound, free_names

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_ASSIGNMENTS = (ast.Assign, ast.AnnAssign, ast.AugAssign)
# What a constant may call: quick, and with nothing to load, print or train.
_QUICK = frozenset(
    re.findall(
        r"\w+",
        """
        array asarray zeros ones full eye arange linspace sqrt log exp float32 float64
        int64 dtype finfo default_rng RandomState Generator vectorize partial namedtuple
        TypeVar float int bool str tuple list dict set frozenset range len abs min max
        round staticmethod classmethod property
        """,
    )
)
_STAR = frozenset({"numpy", "math", "torch"})


@dataclass(frozen=True)
class Piece:
    """One statement: its text, the names that it binds and those that it reads."""

    cell: int
    text: str
    binds: frozenset[str]
    reads: frozenset[str]
    always: bool = False  # `from __future__`, `from numpy import *`


def pieces(cells: Iterable[Cell]) -> list[Piece]:
    """Return the imports, definitions and constants of all cells that no file is named for."""
    known = set(dir(builtins))
    found = []
    for cell in cells:
        for statement, text in _statements(cell) if cell.target is None else ():
            if not _may_define(statement):
                continue
            piece = _piece(cell.number, statement, text)
            if _defines(statement, piece, known):
                known |= piece.binds
                found.append(piece)
    return found


def _statements(cell: Cell) -> Iterator[tuple[ast.stmt, str]]:
    lines = cell.text.split("\n")
    taken = Counter(line for s in cell.tree.body for line in {s.lineno, s.end_lineno})
    for statement in cell.tree.body:
        if isinstance(statement, ast.Import) and len(statement.names) > 1:
            for alias in statement.names:  # numpy may be needed where matplotlib is not
                yield (one := ast.Import([alias])), ast.unparse(one)
            continue
        first = min([statement.lineno, *_decorator_lines(statement)])
        last = statement.end_lineno or first
        shared = taken[statement.lineno] > 1 or taken[last] > 1
        text = ast.unparse(statement) if shared else "\n".join(lines[first - 1 : last])
        yield statement, text


def _decorator_lines(statement: ast.stmt) -> list[int]:
    return [node.lineno for node in getattr(statement, "decorator_list", [])]


def _piece(cell: int, statement: ast.stmt, text: str) -> Piece:
    source = statement.module if isinstance(statement, ast.ImportFrom) else None
    star = isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*"
    always = source == "__future__" or (star and source in _STAR)
    binds = frozenset(bound([statement])) | _patched(statement)
    return Piece(cell, text, binds, frozenset(free_names(statement)), always)


def _patched(statement: ast.stmt) -> frozenset[str]:
    """Return the names whose attributes or items are set: `Knn.predict = predict` is Knn's."""
    roots = set()
    for target in statement.targets if isinstance(statement, ast.Assign) else ():
        root = target
        while isinstance(root, ast.Attribute | ast.Subscript):
            root = root.value
        if isinstance(root, ast.Name):
            roots.add(root.id)
    return frozenset(roots)


def _may_define(statement: ast.stmt) -> bool:
    """Whether it is worth a closer look: most of a notebook are experiments and checks."""
    if isinstance(statement, _ASSIGNMENTS):
        return _is_constant(statement)
    if isinstance(statement, ast.Try):
        return _is_import_guard(statement)
    return isinstance(statement, (*_DEFINITIONS, ast.Import, ast.ImportFrom))


def _defines(statement: ast.stmt, piece: Piece, known: set[str]) -> bool:
    if isinstance(statement, ast.ImportFrom):
        return piece.always or "*" not in piece.binds
    return not isinstance(statement, _ASSIGNMENTS) or piece.reads <= known


def _is_constant(statement: ast.stmt) -> bool:
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name not in _QUICK:
                return False
        if not isinstance(node, ast.Lambda):  # its body runs later, if at all
            waiting.extend(ast.iter_child_nodes(node))
    return True


def _is_import_guard(statement: ast.Try) -> bool:
    inside = [*statement.body, *statement.orelse, *statement.finalbody]
    inside += [part for handler in statement.handlers for part in handler.body]
    harmless = (ast.Import, ast.ImportFrom, ast.Pass)
    return all(
        isinstance(part, harmless) or (isinstance(part, _ASSIGNMENTS) and _is_constant(part))
        for part in inside
    )


def needed(found: Sequence[Piece], names: Iterable[str]) -> list[Piece]:
    """Return the pieces that bind these names or whatever those need in turn, in order."""
    binders: dict[str, list[int]] = {}
    for place, piece in enumerate(found):
        for name in piece.binds:
            binders.setdefault(name, []).append(place)
    chosen = {place for place, piece in enumerate(found) if piece.always}
    waiting = list(names)
    while waiting:
        for place in binders.pop(waiting.pop(), ()):
            if place not in chosen:
                chosen.add(place)
                waiting.extend(found[place].reads)
    return [found[place] for place in sorted(chosen)]
