"""What the names at the top of a file stand for: modules, classes, and what else it defines."""

import ast
from collections.abc import Iterator, Mapping, Sequence

from autograder.rules.allowed import LIBRARIES, RELIED_ON, Kind, library

IMPORTS = (ast.Import, ast.ImportFrom)
NAMED_TUPLE = ("typing", "NamedTuple")


class UnknownError(Exception):
    """Something that may keep or see something, or that nobody here knows."""


def need(holds: object, what: str) -> None:
    """Raise unless it holds."""
    if not holds:
        raise UnknownError(what)


class ImportInCallError(UnknownError):
    """An import in a function, where nobody has looked for any."""


class Imported:
    """The names of one file. What is imported in calls has its name for itself everywhere."""

    def __init__(self, tree: ast.Module, given: Mapping[str, str], *, in_calls: bool) -> None:
        self.modules = dict(given)  # alias: module
        self.origins: dict[str, list[tuple[str, str]]] = {}  # name: module and name there
        self.needs: set[str] = set()  # modules of the submission
        self.offers: dict[str, str] = {}  # name: "class", "tuple", "import", or "value"
        self._importing(tree.body)
        if in_calls:
            self._in_calls(tree)
        self.fixed = RELIED_ON | self.modules.keys()  # names that nothing else may be called
        for name, origins in self.origins.items():
            need(name not in self.fixed, f"{name} is called like something else")
            self.offers[name] = "import"
            if any(m in LIBRARIES and library(m, n) is not Kind.VALUE for m, n in origins):
                self.fixed |= {name}
        self.offers |= dict.fromkeys(self.modules, "import")
        for statement in tree.body:
            self._defined(statement)
        self.classes = {name for name, kind in self.offers.items() if kind in ("class", "tuple")}

    def _importing(self, statements: Sequence[ast.stmt]) -> None:
        for node in statements:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self._module(alias)
            elif isinstance(node, ast.ImportFrom):
                self._from(node)
            elif is_import(node):
                self._importing([*getattr(node, "body", ())])
                self._importing([s for each in getattr(node, "handlers", ()) for s in each.body])

    def _in_calls(self, tree: ast.Module) -> None:
        """Imports in functions: of libraries, which are there already."""
        before = set(self.needs)
        for top in tree.body:
            if isinstance(top, ast.FunctionDef | ast.ClassDef):
                self._importing([s for s in ast.walk(top) if isinstance(s, IMPORTS)])
        need(self.needs <= before, "an import in a call")

    def _module(self, alias: ast.alias) -> None:
        need(alias.name in LIBRARIES or "." not in alias.name, f"import {alias.name}")
        called = alias.asname or alias.name.partition(".")[0]
        means = alias.name if alias.asname else called
        need(self.modules.setdefault(called, means) == means, f"{called} is two modules")
        self._called(called, means)

    def _from(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        need(not node.level, "a relative import")
        for alias in node.names:
            called, inner = alias.asname or alias.name, f"{module}.{alias.name}"
            self._called(called, module)
            if inner in LIBRARIES:
                need(self.modules.setdefault(called, inner) == inner, f"{called} is two modules")
            elif module == "__future__":
                need(not alias.asname, "a feature by another name")
            else:
                need(alias.name != "*", "import *")
                self.origins.setdefault(called, []).append((module, alias.name))

    def _called(self, name: str, module: str) -> None:
        need(not name.startswith("__"), name)
        if module not in LIBRARIES:
            need(module.isidentifier(), f"import {module}")
            self.needs.add(module)

    def _defined(self, node: ast.stmt) -> None:
        """Add what a statement defines; a class, or what is imported, has its name for itself."""
        for name in _names(node):
            known = self.offers.get(name)
            twice = known is not None and (isinstance(node, ast.ClassDef) or known != "value")
            need(not twice, f"{name} is defined twice")
            self.offers[name] = "value"
        if isinstance(node, ast.ClassDef):
            named = any(self._is_named_tuple(base) for base in node.bases)
            self.offers[node.name] = "tuple" if named else "class"

    def _is_named_tuple(self, base: ast.expr) -> bool:
        if isinstance(base, ast.Attribute) and isinstance(base.value, ast.Name):
            return (self.modules.get(base.value.id), base.attr) == NAMED_TUPLE
        return isinstance(base, ast.Name) and NAMED_TUPLE in self.origins.get(base.id, ())


def _names(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            yield from (n.id for n in ast.walk(target) if isinstance(n, ast.Name))
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id


def is_import(node: ast.stmt) -> bool:
    """Whether it only imports, maybe with `suppress`, or with `try`, around it."""
    if isinstance(node, ast.With):
        return all(map(is_import, node.body))
    if isinstance(node, ast.Try):
        within = [*node.body, *(s for each in node.handlers for s in each.body)]
        return not node.orelse and not node.finalbody and all(map(is_import, within))
    return isinstance(node, ast.Import | ast.ImportFrom | ast.Pass)
