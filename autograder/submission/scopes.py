"""Python's scopes, as far as they are needed: what a scope binds, what a piece of code reads."""

import ast
from collections.abc import Iterable

from autograder.submission.trees import children

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_PATTERNS = (ast.MatchAs, ast.MatchStar, ast.MatchMapping)
_DECLARED = (ast.Global, ast.Nonlocal)
_BIND = {*_NAMED, *_PATTERNS, *_DECLARED, ast.alias, ast.ExceptHandler}
_LEAVES = {ast.Name, ast.Constant}
_SCOPES = (*FUNCTIONS, ast.ClassDef)


def parameters(node: Function) -> list[ast.arg]:
    """Return every parameter of a function or lambda."""
    said = node.args
    stars = [star for star in (said.vararg, said.kwarg) if star]
    return [*said.posonlyargs, *said.args, *said.kwonlyargs, *stars]


def body(node: ast.AST) -> list[ast.AST]:
    """Return what is run inside the scope that a node opens."""
    inside = getattr(node, "body", [])
    return list(inside) if isinstance(inside, list) else [inside]


def outside(node: Function | ast.ClassDef) -> list[ast.AST]:
    """Return what a definition evaluates in the scope around it."""
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *node.keywords]
    defaults = [*node.args.defaults, *(d for d in node.args.kw_defaults if d)]
    notes = [arg.annotation for arg in parameters(node) if arg.annotation]
    if isinstance(node, ast.Lambda):
        return list(defaults)
    return [*node.decorator_list, *defaults, *notes, *([node.returns] if node.returns else [])]


def bound(nodes: list[ast.AST]) -> set[str]:
    """Return the names that these statements bind in their own scope."""
    return bound_by(own_nodes(nodes))


def bound_by(own: Iterable[ast.AST]) -> set[str]:
    """Return the names that the nodes of one scope bind in it."""
    names: set[str] = set()
    declared: set[str] = set()
    for node in own:
        if type(node) is ast.Name:
            if type(node.ctx) is not ast.Load:
                names.add(node.id)
        elif type(node) in _BIND:
            if isinstance(node, _DECLARED):
                declared.update(node.names)
            else:
                names.update(_binds(node))
    return names - declared


def own_nodes(nodes: Iterable[ast.AST]) -> list[ast.AST]:
    """Return the nodes of one scope: those of the scopes that it opens are left out."""
    found = list(nodes)
    for node in found:  # grows while it is walked
        if type(node) in _LEAVES:
            continue
        # A walrus inside a comprehension binds outside it, so those are entered.
        found += outside(node) if isinstance(node, _SCOPES) else children(node)
    return found


def _binds(node: ast.AST) -> list[str]:
    if isinstance(node, _NAMED):
        return [node.name]
    if isinstance(node, ast.alias):
        return [node.asname or node.name.partition(".")[0]]
    if isinstance(node, ast.MatchMapping):
        return [node.rest] if node.rest else []
    name = getattr(node, "name", None)  # except ... as name, case ... as name
    return [name] if name else []


def free_names(node: ast.AST) -> set[str]:
    """Return the names that a piece of code reads from around it."""
    reader = _Reader()
    reader.visit(node)
    return reader.free


class _Reader(ast.NodeVisitor):
    """Collects reads of names that no scope inside the visited code binds."""

    def __init__(self) -> None:
        self.free: set[str] = set()
        self._scopes: list[set[str]] = []

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load) and not any(node.id in s for s in self._scopes):
            self.free.add(node.id)

    def _inside(self, names: set[str], nodes: list[ast.AST]) -> None:
        self._scopes.append(names)
        for node in nodes:
            self.visit(node)
        self._scopes.pop()

    def _function(self, node: Function) -> None:
        for part in outside(node):
            self.visit(part)
        names = {arg.arg for arg in parameters(node)}
        self._inside(names | bound(body(node)), body(node))

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = _function

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Names of a class body are not seen by its methods, so they hide nothing there."""
        for part in outside(node):
            self.visit(part)
        methods = [part for part in body(node) if isinstance(part, FUNCTIONS)]
        for method in methods:
            self.visit(method)
        others = [part for part in body(node) if part not in methods]
        self._inside(bound(body(node)), others)

    def _comprehension(self, node: Comprehension) -> None:
        self.visit(node.generators[0].iter)
        targets = bound([generator.target for generator in node.generators])
        self._inside(targets, list(ast.iter_child_nodes(node)))

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension
