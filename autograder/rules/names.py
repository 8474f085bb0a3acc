"""Full names: what `q` is after `from numpy.linalg import inv as q`, scope by scope."""

import ast
import builtins
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from autograder.submission.scopes import bound_by, own_nodes

_BUILTINS = frozenset(dir(builtins))
_LONGEST = 200
IMPORTERS = {"importlib.import_module", "builtins.__import__"}


_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_NAMING = {  # what gives a name a full name
    *(*_DEFINITIONS, ast.Import, ast.ImportFrom),
    *(ast.Assign, ast.AnnAssign, ast.NamedExpr),
}


class Kind(Enum):
    """The kinds of scope, which differ in who sees their names."""

    MODULE = auto()
    CLASS = auto()
    FUNCTION = auto()


@dataclass(frozen=True)
class _Scope:
    names: dict[str, str | None]  # None: bound here, to something that nobody can name
    is_class: bool = False


class Names:
    """The scopes around the code that is looked at; `full` names an expression, if it can."""

    def __init__(self) -> None:
        self.classes: set[str] = set()  # of the file's top level
        self.stars: list[str] = []
        self._scopes: list[_Scope] = []

    @property
    def top(self) -> dict[str, str | None]:
        """What the file's top level binds."""
        return self._scopes[0].names

    def open(
        self,
        kind: Kind,
        path: str,
        nodes: Sequence[ast.AST],
        given: dict[str, str | None] | None = None,
    ) -> None:
        """Enter the scope at `path` that runs these nodes; `given` are its parameters."""
        inside = kind is Kind.FUNCTION
        own = own_nodes(nodes)
        if kind is Kind.MODULE:
            self.classes.update(f"{path}.{n.name}" for n in own if isinstance(n, ast.ClassDef))
        names = {name: None if inside else f"{path}.{name}" for name in bound_by(own)}
        names |= given or {}
        self._scopes.append(_Scope(names, kind is Kind.CLASS))
        for node in own:
            if type(node) in _NAMING:
                names.update(self._aliases(node, path))

    def close(self) -> None:
        """Leave the innermost scope."""
        self._scopes.pop()

    def meaning(self, name: str) -> str | None:
        """Return the full name of a plain name."""
        for place, scope in enumerate(reversed(self._scopes)):
            if name in scope.names and not (scope.is_class and place):
                return scope.names[name]
        if name in _BUILTINS:
            return f"builtins.{name}"
        return f"{self.stars[-1]}.{name}" if self.stars else None

    def full(self, node: ast.AST) -> str | None:
        """Return the full name that an expression stands for, or None when it cannot be told."""
        if isinstance(node, ast.Name):
            return self.meaning(node.id)
        if isinstance(node, ast.Attribute):
            base = self.full(node.value)
            return f"{base}.{node.attr}" if base else None
        if isinstance(node, ast.NamedExpr):
            return self.full(node.value)
        return self._called(node) if isinstance(node, ast.Call) else None

    def _called(self, node: ast.Call) -> str | None:
        """Name the value of a call: a module by its text, an attribute by its text, an instance."""
        function = self.full(node.func)
        texts = [a.value if isinstance(a, ast.Constant) else None for a in node.args]
        if function in IMPORTERS and texts and isinstance(texts[0], str):
            return texts[0]
        if function == "builtins.getattr" and len(texts) > 1 and isinstance(texts[1], str):
            base = self.full(node.args[0])
            return f"{base}.{texts[1]}" if base else None
        return function if function in self.classes else None

    def _aliases(self, node: ast.AST, path: str) -> Iterator[tuple[str, str]]:
        if isinstance(node, _DEFINITIONS):
            yield node.name, f"{path}.{node.name}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                root = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (root, root)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.name == "*":
                    self.stars.append(node.module or "")
                else:
                    yield alias.asname or alias.name, f"{node.module or ''}.{alias.name}".strip(".")
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                yield from self._assigned(target, node.value)
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value:
            yield from self._assigned(node.target, node.value)

    def _assigned(self, target: ast.expr, value: ast.expr) -> Iterator[tuple[str, str]]:
        if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
            if len(target.elts) == len(value.elts):
                for one, its_value in zip(target.elts, value.elts, strict=True):
                    yield from self._assigned(one, its_value)
        elif isinstance(target, ast.Name):
            name = self.full(value)
            if name and len(name) < _LONGEST:  # `a = a.a`, a thousand times, has no end
                yield target.id, name
