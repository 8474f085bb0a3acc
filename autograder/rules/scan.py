"""One walk over a file: which function refers to what, by its full name, and where it loops."""

import ast
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from autograder.rules.banned import ESCAPE_ATTRIBUTES
from autograder.rules.names import IMPORTERS, Kind, Names
from autograder.submission.scopes import FUNCTIONS, Function, body, bound, outside, parameters
from autograder.submission.text import printable
from autograder.submission.trees import children

_LOOPS: dict[type[ast.AST], str] = {
    ast.For: "a `for` loop",
    ast.AsyncFor: "a `for` loop",
    ast.While: "a `while` loop",
    ast.ListComp: "a list comprehension",
    ast.SetComp: "a set comprehension",
    ast.DictComp: "a dict comprehension",
    ast.GeneratorExp: "a generator expression",
}


@dataclass(frozen=True)
class Mention:
    """Something that stands in the code, by its full name."""

    name: str
    node: ast.expr | ast.stmt

    @property
    def line(self) -> int:
        """The line that it stands in."""
        return self.node.lineno

    @property
    def shown(self) -> str:
        """How the student wrote it, or its name where that is long."""
        node = self.node
        long = node.end_lineno != node.lineno or (node.end_col_offset or 0) - node.col_offset > 200
        return printable(self.name if long else ast.unparse(node), 60)


@dataclass
class Unit:
    """A function, a method or a top-level statement, and what it refers to."""

    name: str
    file: str
    mentions: list[Mention] = field(default_factory=list)
    loops: list[tuple[str, int]] = field(default_factory=list)  # which kind, which line
    attributes: set[str] = field(default_factory=set)  # of objects whose class cannot be told


@dataclass
class Scanned:
    """Everything that the rules want to know about one file."""

    file: str
    units: dict[str, list[Unit]] = field(default_factory=dict)
    bases: dict[str, list[str]] = field(default_factory=dict)  # of each class
    imports: list[Mention] = field(default_factory=list)
    escapes: list[Mention] = field(default_factory=list)  # attributes that lead anywhere
    top: dict[str, str | None] = field(default_factory=dict)  # what the top level binds

    @property
    def everything(self) -> list[Unit]:
        """Every unit of the file, once."""
        return list({id(unit): unit for units in self.units.values() for unit in units}.values())


def scan(file: str, tree: ast.Module, own_modules: Iterable[str]) -> Scanned:
    """Walk a file's tree once. RecursionError comes from a tree that is too deep."""
    scanner = _Scanner(file, frozenset(own_modules))
    scanner.run(tree)
    return scanner.result


class _Scanner:
    def __init__(self, file: str, own_modules: frozenset[str]) -> None:
        self.result = Scanned(file)
        self._own = own_modules
        self._names = Names()
        self._path = [file.removesuffix(".py")]  # the definitions around the visited code
        self._functions: list[str] = []  # those of them that are functions
        self._unit = Unit(f"{self._path[0]}.<top>", file)

    def run(self, tree: ast.Module) -> None:
        self._names.open(Kind.MODULE, self._path[0], tree.body)
        self.result.top = self._names.top
        with self._as_unit([self._unit.name]):
            for statement in tree.body:
                self.visit(statement)

    @contextmanager
    def _as_unit(self, names: list[str]) -> Iterator[None]:
        """Make a unit of what is visited meanwhile; inside a function it belongs to that."""
        around = self._unit
        if not self._functions and names:
            self._unit = Unit(names[0], self.result.file)
            for name in names:
                self.result.units.setdefault(name, []).append(self._unit)
        yield
        self._unit = around

    def visit(self, node: ast.AST) -> None:
        _VISITS.get(type(node), _Scanner.inner)(self, node)

    def inner(self, node: ast.AST) -> None:
        for child in children(node):
            self.visit(child)

    def _within(self, name: str) -> str:
        return ".".join([*self._path, name])

    # What is referred to

    def _mention(self, name: str, node: ast.expr | ast.stmt) -> None:
        mention = Mention(name, node)
        self._unit.mentions.append(mention)
        if name in self._functions and name != self._unit.name:  # a nested function calls itself
            self._unit.loops.append(("recursion", node.lineno))
        parts = name.split(".")
        foreign = parts[0] not in self._own
        if not ESCAPE_ATTRIBUTES.isdisjoint(parts) or (foreign and "__dict__" in parts):
            self.result.escapes.append(mention)

    def name(self, node: ast.Name) -> None:
        name = self._names.meaning(node.id)
        if name is None and node.id in ESCAPE_ATTRIBUTES:
            name = f"builtins.{node.id}"
        if name and isinstance(node.ctx, ast.Load):
            self._mention(name, node)

    def attribute(self, node: ast.Attribute) -> None:
        name = self._names.full(node)
        if not name or name.partition(".")[0] in self._own:
            self._unit.attributes.add(node.attr)
        if name:
            self._mention(name, node)
        else:
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else ""
            self._mention(f"?.{owner}.{node.attr}", node)
        root: ast.expr = node
        while isinstance(root, ast.Attribute) and (name or root is node):
            root = root.value
        if not (name and isinstance(root, ast.Name)):
            self.visit(root)

    def call(self, node: ast.Call) -> None:
        function = self._names.full(node.func)
        if function in IMPORTERS and (module := self._names.full(node)):
            self.result.imports.append(Mention(module, node))
        if function == "builtins.getattr" and self._is_plain_getattr(node):
            for argument in node.args:
                self.visit(argument)
        else:
            self.inner(node)

    def _is_plain_getattr(self, node: ast.Call) -> bool:
        """Tell whether an attribute is asked for by its literal name, or of one's own things."""
        if len(node.args) < 2:
            return False
        asked = node.args[1]
        if isinstance(asked, ast.Constant) and isinstance(asked.value, str):
            self._unit.attributes.add(asked.value)
            self._mention(self._names.full(node) or f"?.{asked.value}", node)
            return True
        owner = self._names.full(node.args[0])
        return owner in self._own or owner in self._names.classes

    def import_(self, node: ast.Import) -> None:
        self.result.imports.extend(Mention(alias.name, node) for alias in node.names)

    def import_from(self, node: ast.ImportFrom) -> None:
        names = (f"{node.module or ''}.{alias.name}" for alias in node.names)
        self.result.imports.extend(Mention(name, node) for name in names)

    # Loops

    def loop(self, node: ast.expr | ast.stmt) -> None:
        if self._functions:  # a table made once, at the top level, is no loop over data
            self._unit.loops.append((_LOOPS[type(node)], node.lineno))
        self.inner(node)

    # Definitions

    def function(self, node: Function) -> None:
        name = self._within(getattr(node, "name", "<lambda>"))
        with self._as_unit([] if isinstance(node, ast.Lambda) else [name]):
            for part in outside(node):
                self.visit(part)
            self._names.open(Kind.FUNCTION, name, body(node), self._given(node))
            self._functions.append(name)
            self._inside(name, body(node))
            self._functions.pop()

    def _given(self, node: Function) -> dict[str, str | None]:
        """Name the parameters: by their defaults, and the first of a method by its class."""
        given: dict[str, str | None] = {arg.arg: None for arg in parameters(node)}
        plain = [*node.args.posonlyargs, *node.args.args]
        defaults = node.args.defaults
        for arg, default in zip(plain[len(plain) - len(defaults) :], defaults, strict=True):
            given[arg.arg] = self._names.full(default)
        for arg, kw_default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
            given[arg.arg] = self._names.full(kw_default) if kw_default else None
        if plain and ".".join(self._path) in self._names.classes:
            given[plain[0].arg] = ".".join(self._path)
        return given

    def class_(self, node: ast.ClassDef) -> None:
        name = self._within(node.name)
        self.result.bases[name] = [full for b in node.bases if (full := self._names.full(b))]
        with self._as_unit([name]):
            for part in outside(node):
                self.visit(part)
            self._names.open(Kind.CLASS, name, node.body)
            self._inside(name, body(node))

    def _inside(self, name: str, nodes: list[ast.AST]) -> None:
        self._path.append(name.rpartition(".")[2])
        for node in nodes:
            self.visit(node)
        self._path.pop()
        self._names.close()

    def assignment(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> None:
        with self._as_unit([] if self._functions else self._assigned(node)):
            self.inner(node)

    def _assigned(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> list[str]:
        """Name what an assignment outside of functions makes or changes."""
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [self._within(name) for name in sorted(bound(list(targets)))]
        return names + [
            full for t in targets if isinstance(t, ast.Attribute) and (full := self._names.full(t))
        ]


# What to do with a node; the others are only looked into. `ast.NodeVisitor` takes twice as long.
_VISITS: dict[type[ast.AST], Callable[[_Scanner, Any], None]] = {
    ast.Name: _Scanner.name,
    ast.Attribute: _Scanner.attribute,
    ast.Call: _Scanner.call,
    ast.Import: _Scanner.import_,
    ast.ImportFrom: _Scanner.import_from,
    ast.ClassDef: _Scanner.class_,
    **dict.fromkeys(_LOOPS, _Scanner.loop),
    **dict.fromkeys(FUNCTIONS, _Scanner.function),
    **dict.fromkeys((ast.Assign, ast.AnnAssign, ast.AugAssign), _Scanner.assignment),
}
