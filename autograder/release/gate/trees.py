"""Syntax trees without what is easily changed: names, annotations, docstrings, layout.

Two functions of the same shape are the same code. A shape is a text; what stays in it are the
statements, operators, constants, attributes, built-in names and imported modules.
"""

import ast
import builtins
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
TINY = 12  # nodes in a body: many functions look like that, so the name counts, too
DISTINCT = 24  # nodes in a few statements that tell them from others
_RUNS = (1, 2, 3)  # consecutive statements
_DROPPED = {
    "annotation", "returns", "decorator_list", "type_comment", "type_params", "ctx", "kind",
    "type_ignores", "simple",
}  # fmt: skip
_BODIES = ("body", "orelse", "finalbody")


@dataclass
class _Writer:
    """Writes nodes down; every name gets a number when it is first met."""

    modules: Mapping[str, str]
    names: dict[str, str] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    nodes: int = 0

    def write(self, value: object, key: str = "") -> None:
        """Write a field's value: a node, a list of them, a name or a constant."""
        if isinstance(value, ast.AST):
            self._node(value)
        elif isinstance(value, list):
            items = statements(value) if key in _BODIES else value
            self.written.append("[")
            for item in items:
                self.write(item)
            self.written.append("]")
        elif isinstance(value, str) and key in {"id", "arg", "name", "names", "rest"}:
            self.written.append(self._name(value))
        else:
            self.written.append(f"{value!r};")

    def _node(self, node: ast.AST) -> None:
        if isinstance(node, ast.AnnAssign):
            node = ast.Assign([node.target], node.value or ast.Constant(None))
        if isinstance(node, ast.Lambda):
            node = ast.FunctionDef("", node.args, [ast.Return(node.body)], [])
        self.nodes += not isinstance(node, ast.operator | ast.unaryop | ast.cmpop | ast.boolop)
        self.written.append(f"({type(node).__name__} ")
        for key, value in ast.iter_fields(node):
            named = isinstance(node, ast.keyword | ast.Attribute) and key in {"arg", "attr"}
            if named:
                self.written.append(f"{value};")
            elif key not in _DROPPED and not (key == "name" and value == ""):
                self.write(value, key)
        self.written.append(")")

    def _name(self, name: str) -> str:
        if name in self.modules:
            return self.modules[name] + ";"
        if hasattr(builtins, name):
            return name + ";"
        return self.names.setdefault(name, f"v{len(self.names)};")


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
        body = [ast.Return(node.body)] if isinstance(node, ast.Lambda) else node.body
        writer.write(body, "body")
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
                writer.write(list(run))
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
