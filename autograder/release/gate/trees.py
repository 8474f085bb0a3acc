"""Syntax trees without what is easily changed: names, annotations, docstrings, layout.

Two functions of the same shape are the same code. A shape is a text; what stays in it are the
statements, operators, constants, attributes, built-in names and imported modules.
"""

import ast
import builtins
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
TINY = 12  # nodes in a body: many functions look like that, so the name counts, too
DISTINCT = 24  # nodes in a few statements that tell them from others
_RUNS = (1, 2, 3)  # consecutive statements
_DROPPED = {
    "annotation", "returns", "decorator_list", "type_comment", "type_params", "ctx", "kind",
    "type_ignores", "simple",
}  # fmt: skip
_BODIES = ("body", "orelse", "finalbody")
_OPERATORS = (ast.operator, ast.unaryop, ast.cmpop, ast.boolop)


@dataclass
class _Writer:
    """Writes nodes down; every name gets a number when it is first met."""

    modules: Mapping[str, str]
    names: dict[str, str] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    nodes: int = 0

    def write(self, nodes: Sequence[object]) -> None:
        """Write several nodes, or the names and constants that a few nodes hold instead."""
        self.written.append("[")
        for node in nodes:
            if isinstance(node, ast.AST):
                self._node(node)
            else:
                self.written.append(f"{node!r};")
        self.written.append("]")

    def _node(self, node: ast.AST) -> None:
        if isinstance(node, ast.AnnAssign):
            node = ast.Assign([node.target], node.value or ast.Constant(None))
        kind: Any = type(node)  # mypy finds classes of nodes unhashable
        self.written.append(f"({kind.__name__} ")
        self.nodes += not issubclass(kind, _OPERATORS)
        for key, named in _fields(kind):
            value = getattr(node, key, None)
            if isinstance(value, ast.AST):
                self._node(value)
            elif isinstance(value, list):
                self.write(statements(value) if key in _BODIES else value)
            elif named and value is not None:
                self.written.append(self._name(value))
            else:
                self.written.append(f"{value!r};")

    def _name(self, name: str) -> str:
        if name in self.modules:
            return self.modules[name] + ";"
        if hasattr(builtins, name):
            return name + ";"
        return self.names.setdefault(name, f"v{len(self.names)};")


@cache
def _fields(kind: Any) -> tuple[tuple[str, bool], ...]:
    """What is written of such nodes, and whether it is a name that anyone may choose."""
    chosen = set() if kind in {ast.keyword, ast.Attribute} else {"id", "arg", "name", "rest"}
    return tuple((key, key in chosen) for key in kind._fields if key not in _DROPPED)


@dataclass(frozen=True)
class Piece:
    """A function or some statements: its shape, its first line, its name if it has one."""

    shape: str
    line: int
    end: int
    name: str = ""


def modules_of(tree: ast.AST) -> dict[str, str]:
    """Return what imported names stand for: np -> numpy."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {a.asname or a.name: a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return found


def functions(tree: ast.AST, modules: Mapping[str, str]) -> Iterator[Piece]:
    """Return all functions, methods and lambdas; a tiny one's shape holds its name."""
    for node in ast.walk(tree):
        if not isinstance(node, Function):
            continue
        short = isinstance(node, ast.Lambda)
        name = "lambda" if isinstance(node, ast.Lambda) else node.name
        writer = _Writer(modules)
        body: list[ast.stmt] = (
            [ast.Return(node.body)] if isinstance(node, ast.Lambda) else node.body
        )
        writer.write(statements(body))
        tiny = writer.nodes < TINY
        if not (tiny and short):
            shape = f"{name if tiny else ''}{''.join(writer.written)}"
            yield Piece(shape, node.lineno, node.end_lineno or node.lineno, name)


def windows(tree: ast.AST, modules: Mapping[str, str]) -> Iterator[Piece]:
    """Return all runs of one to three statements that are large enough to be told apart."""
    for node in ast.walk(tree):
        for key in _BODIES:
            body = getattr(node, key, None)
            for run in _runs(statements(body)) if isinstance(body, list) else ():
                writer = _Writer(modules)
                writer.write(run)
                if writer.nodes >= DISTINCT:
                    end = run[-1].end_lineno or run[-1].lineno
                    yield Piece("".join(writer.written), run[0].lineno, end)


def _runs(body: Sequence[ast.stmt]) -> Iterator[Sequence[ast.stmt]]:
    for length in _RUNS:
        for begin in range(len(body) - length + 1):
            run = body[begin : begin + length]
            if not (length == 1 and isinstance(run[0], _SCOPES)):
                yield run


_SCOPES = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def statements(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Leave out what does nothing: docstrings, `pass`, imports, declarations."""
    return [node for node in body if not _idle(node)]


def _idle(node: ast.stmt) -> bool:
    if isinstance(node, ast.Pass | ast.Import | ast.ImportFrom | ast.Global | ast.Nonlocal):
        return True
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
