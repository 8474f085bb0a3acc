"""Which files keep nothing from one call to the next, as far as their syntax tree proves it.

Exercises on such files may share a process: none can tell what ran before it. The proof is an
allow-list, so that whatever it does not know, harmless or not, counts as keeping something. Two
things need no proof, since each exercise starts them anew: random numbers without a generator, and
objects that no file holds. Who hands a method something else than an object can fool the proof,
and gains nothing: what he then remembers are questions that he has answered.
"""

import ast
import builtins
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from autograder.submission.scopes import FUNCTIONS, parameters
from autograder.submission.source import parse

MODULES = {
    "__future__", "collections", "contextlib", "copy", "functools", "itertools", "math", "numbers",
    "operator", "random", "typing",
}  # fmt: skip
BUILTINS = {
    "abs", "all", "any", "bool", "callable", "complex", "dict", "divmod", "enumerate", "filter",
    "float", "format", "frozenset", "hasattr", "int", "isinstance", "issubclass", "iter",
    "len", "list", "map", "max", "min", "next", "object", "pow", "print", "property", "range",
    "repr", "reversed", "round", "set", "slice", "sorted", "str", "sum", "super", "tuple", "type",
    "zip",
}  # fmt: skip
UNSAFE = {
    name
    for name, value in vars(builtins).items()
    if name not in BUILTINS and not (isinstance(value, type) and issubclass(value, BaseException))
}
DECORATORS = {"staticmethod", "classmethod", "property"}
# What of numpy sets something for the whole process, or has to do with files.
SETTING = ("set", "save", "load", "from", "gen", "memmap", "print", "get_include", "test", "busday")
UNFILLED = {"empty", "empty_like", "ndarray"}  # holds what lay in memory before
FILES = {"tofile", "dump", "dumps", "memmap", "DataSource"}
# Objects, of which only items are used.
INDEXING = {"c_", "index_exp", "mgrid", "ogrid", "r_", "s_"}
HOOKS = {  # methods that run when nobody calls them
    "__class_getitem__", "__del__", "__getattribute__", "__init_subclass__", "__new__",
    "__set_name__",
}  # fmt: skip
MAIN = ast.dump(ast.parse("__name__ == '__main__'", mode="eval").body)
CONSTANT = (ast.Constant, ast.Tuple, ast.UnaryOp, ast.BinOp, ast.Name, ast.Attribute)
REFUSED = {
    ast.ClassDef, ast.AsyncFunctionDef, ast.Global, ast.Await, ast.Import, ast.ImportFrom,
}  # fmt: skip
LEAVES = {ast.Load, ast.Store, ast.Del, ast.Constant}
PARTS = (ast.operator, ast.unaryop, ast.expr_context)


class _KeepsError(Exception):
    """Something that may keep a state, or that nobody here knows."""


def stateless(files: Mapping[str, bytes]) -> frozenset[str]:
    """Return the modules that keep nothing, and that import only such modules."""
    imported: dict[str, set[str]] = {}
    for name, data in files.items():
        if name.endswith(".py"):
            try:
                imported[name.removesuffix(".py")] = _Proof(parse(data)).imported
            except (_KeepsError, SyntaxError, ValueError, RecursionError, MemoryError):
                continue
    while unproven := [name for name, needs in imported.items() if not needs <= imported.keys()]:
        for name in unproven:
            del imported[name]
    return frozenset(imported)


@lru_cache(maxsize=1000)
def is_stateless(source: str) -> bool:
    """Whether a file with this text alone keeps nothing."""
    return bool(stateless({"file.py": source.encode()}))


class _Proof:
    """A walk over one file; raises where the file may keep something."""

    def __init__(self, tree: ast.Module) -> None:
        self.imported: set[str] = set()  # modules that have to be proven, too
        self._arrays: set[str] = set()  # what numpy is called
        self._importing(tree.body)
        for statement in tree.body:
            self._at_the_top(statement)

    def _importing(self, statements: Sequence[ast.stmt]) -> None:
        """Imports at the top, which come before any call; in calls there are none."""
        for node in statements:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.name == "numpy":
                        self._arrays.add(alias.asname or alias.name)
                    else:
                        self._needs(alias.name)
            elif isinstance(node, ast.ImportFrom):
                self._from(node)
            elif isinstance(node, ast.With | ast.Try) and _is_import(node):
                handlers = getattr(node, "handlers", [])
                self._importing([*node.body, *(s for each in handlers for s in each.body)])

    def _from(self, node: ast.ImportFrom) -> None:
        names = [alias.name for alias in node.names]
        if node.level or "*" in names:
            raise _KeepsError
        if node.module == "numpy":
            for name in names:
                _of_numpy([name])  # and so `linalg`, as a value, is a module like any other
        elif node.module != "numpy.linalg":
            self._needs(node.module or "")

    def _needs(self, module: str) -> None:
        if module not in MODULES:
            self.imported.add(module)

    def _at_the_top(self, node: ast.stmt) -> None:
        """A definition, a constant, or what runs only as a program."""
        if isinstance(node, ast.If) and ast.dump(node.test) == MAIN and not node.orelse:
            return
        if isinstance(node, ast.Assign | ast.AnnAssign):
            self._constant(node)
        elif isinstance(node, ast.Expr):
            if not isinstance(node.value, ast.Constant):
                raise _KeepsError
        elif isinstance(node, ast.ClassDef):
            self._class(node)
        elif isinstance(node, ast.FunctionDef):
            self._function(node, None)
        elif not _is_import(node):
            raise _KeepsError

    def _constant(self, node: ast.Assign | ast.AnnAssign) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if not all(isinstance(target, ast.Name) for target in targets):
            raise _KeepsError
        if node.value is not None:
            self._immutable(node.value)

    def _immutable(self, value: ast.expr) -> None:
        for part in ast.walk(value):
            if not isinstance(part, CONSTANT + PARTS):
                raise _KeepsError
        self._inside(value, None)

    def _class(self, node: ast.ClassDef) -> None:
        if node.decorator_list or node.keywords:
            raise _KeepsError
        for base in node.bases:
            if not _chain(base):
                raise _KeepsError
            self._inside(base, None)
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef):
                self._method(statement)
            elif isinstance(statement, ast.Assign | ast.AnnAssign):
                self._constant(statement)
            elif not _is_docstring(statement):
                raise _KeepsError

    def _method(self, node: ast.FunctionDef) -> None:
        if node.name in HOOKS:
            raise _KeepsError
        decorators = {each.id for each in node.decorator_list if isinstance(each, ast.Name)}
        if len(decorators) != len(node.decorator_list) or not decorators <= DECORATORS:
            raise _KeepsError
        given = parameters(node)
        plain = given and not decorators & {"staticmethod", "classmethod"}
        self._function(node, given[0].arg if plain else None, decorators)

    def _function(
        self, node: ast.FunctionDef, own: str | None, decorators: set[str] | None = None
    ) -> None:
        """`own` is what a method calls its object, whose attributes it may set."""
        if node.decorator_list and not decorators:
            raise _KeepsError
        self._defaults(node.args)
        for statement in node.body:
            self._inside(statement, own)

    def _defaults(self, args: ast.arguments) -> None:
        for default in [*args.defaults, *args.kw_defaults]:
            if default is not None:
                self._immutable(default)

    def _inside(self, node: ast.AST, own: str | None) -> None:
        """Code that runs in calls."""
        waiting = [node]
        while waiting:
            part = waiting.pop()
            kind = type(part)
            if kind in REFUSED:
                raise _KeepsError
            if kind is ast.Name:
                self._name(part)  # type: ignore[arg-type]
            elif kind is ast.Attribute and self._attribute(part, own):  # type: ignore[arg-type]
                continue  # of `np.linalg.norm` only the whole says what `np` is good for
            elif kind in FUNCTIONS:
                self._nested(part)  # type: ignore[arg-type]
            elif kind is ast.Call:
                self._call(part)  # type: ignore[arg-type]
            for field in part._fields:
                child = getattr(part, field, None)
                if isinstance(child, list):
                    waiting += [each for each in child if isinstance(each, ast.AST)]
                elif isinstance(child, ast.AST) and type(child) not in LEAVES:
                    waiting.append(child)

    def _call(self, node: ast.Call) -> None:
        """`np.divide(a, b, where=b > 0)` leaves the rest as it lay in memory before."""
        given = {keyword.arg for keyword in node.keywords}
        if "where" in given and "out" not in given:
            raise _KeepsError

    def _nested(self, node: ast.FunctionDef | ast.Lambda) -> None:
        if getattr(node, "decorator_list", None):
            raise _KeepsError
        self._defaults(node.args)

    def _attribute(self, node: ast.Attribute, own: str | None) -> list[str]:
        """The names of `a.b.c`, none of which keeps anything; none where another value begins."""
        chain = _chain(node)
        if chain and chain[0] in self._arrays:
            _of_numpy(chain[1:])
        steps = chain[1:] or [node.attr]
        hidden = any(step.startswith("__") for step in steps) and not _is_parent(node)
        if hidden or not FILES.isdisjoint(steps):
            raise _KeepsError
        if type(node.ctx) is not ast.Load and not (chain and chain[:-1] == [own]):
            raise _KeepsError
        return chain

    def _name(self, node: ast.Name) -> None:
        numpy_itself = node.id in self._arrays  # as a value, of which anything might be asked
        if numpy_itself or node.id in UNSAFE or node.id.startswith("__"):
            raise _KeepsError


def _chain(node: ast.expr) -> list[str]:
    """The names of `a.b.c`; none where it does not begin with a name."""
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return [node.id, *reversed(names)] if isinstance(node, ast.Name) else []


def _of_numpy(names: Sequence[str]) -> None:
    """Raise unless what numpy calls so computes something and sets nothing."""
    if any(name.startswith("_") for name in names) or FILES & set(names):
        raise _KeepsError
    if names[0] in {"linalg", "random"} or names[:2] == ["lib", "stride_tricks"]:
        return
    known = getattr(np, names[0], None)
    is_plain = known is None or isinstance(known, float | bool) or callable(known)
    unfit = names[0].startswith(SETTING) or names[0] in UNFILLED
    if unfit or not (is_plain or names[0] in INDEXING):
        raise _KeepsError


def _is_parent(node: ast.Attribute) -> bool:
    """Whether it is `super().__init__`."""
    called = node.value.func if isinstance(node.value, ast.Call) else None
    return node.attr == "__init__" and isinstance(called, ast.Name) and called.id == "super"


def _is_import(node: ast.stmt) -> bool:
    """Whether it only imports, maybe with `suppress`, or with `try`, around it."""
    if isinstance(node, ast.With):
        items = [each.context_expr for each in node.items]
        calls = [each.func for each in items if isinstance(each, ast.Call)]
        named = [each.id for each in calls if isinstance(each, ast.Name)]
        return named == ["suppress"] * len(items) and all(map(_is_import, node.body))
    if isinstance(node, ast.Try):
        within = [*node.body, *(s for each in node.handlers for s in each.body)]
        return not node.orelse and not node.finalbody and all(map(_is_import, within))
    return isinstance(node, ast.Import | ast.ImportFrom | ast.Pass)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Pass) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    )
