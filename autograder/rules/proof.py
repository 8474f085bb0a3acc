"""One file's proof: what stands at its top and in its classes, and what its functions do."""

import ast
import builtins
from collections.abc import Collection, Mapping

from autograder.rules.allowed import DECORATORS, PRIVATE, SPECIAL
from autograder.rules.imported import ImportInCallError, is_import, need
from autograder.rules.walk import Walk

MAIN = ast.dump(ast.parse("__name__ == '__main__'", mode="eval").body)
SAID = {"__all__", "__author__", "__version__"}  # of a module, and never asked for
BASES = {"object"} | {
    name
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, BaseException)
}


def prove(tree: ast.Module, given: Mapping[str, str] | None = None) -> "Proof":
    """Return the proof; raises UnknownError."""
    try:
        return Proof(tree, given)
    except ImportInCallError:
        return Proof(tree, given, in_calls=True)


class Proof(Walk):
    """What a file that keeps and sees nothing has to do with others; raises UnknownError."""

    def __init__(
        self, tree: ast.Module, given: Mapping[str, str] | None = None, *, in_calls: bool = False
    ) -> None:
        """`given` are modules that are there without being imported."""
        super().__init__(tree, given or {}, in_calls=in_calls)
        self.methods: set[str] = set()  # what classes hold that takes an object of theirs
        for statement in tree.body:
            self._at_the_top(statement)
        need(self.private_asked <= self.private - PRIVATE, "an attribute with an underscore")

    def _at_the_top(self, node: ast.stmt) -> None:
        """A definition, a constant, or what runs only as a program."""
        if isinstance(node, ast.FunctionDef):
            self.walk([node])
        elif isinstance(node, ast.ClassDef):
            self._class(node)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            self._constant(node)
        elif is_import(node):
            self._guards(node)
        elif isinstance(node, ast.Expr):
            need(isinstance(node.value, ast.Constant), "a call at the top")
        else:
            main = isinstance(node, ast.If) and ast.dump(node.test) == MAIN and not node.orelse
            need(main, f"{type(node).__name__} at the top")

    def _guards(self, node: ast.stmt) -> None:
        """What stands around imports: `with suppress(...)`, `except ...`."""
        for item in getattr(node, "items", ()):
            self.entered(item)
        for handler in getattr(node, "handlers", ()):
            self.bind(handler.name)
            self.classes(handler.type or ast.Constant(None))
        self.walk(())
        within = [s for each in getattr(node, "handlers", ()) for s in each.body]
        for statement in [*getattr(node, "body", ()), *within]:
            self._guards(statement)

    def _constant(self, node: ast.Assign | ast.AnnAssign, methods: Collection[str] = ()) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if isinstance(node, ast.AnnAssign):
            self.annotation(node.annotation)
        for target in targets:
            for each in target.elts if isinstance(target, ast.Tuple) else [target]:
                need(isinstance(each, ast.Name), "a target at the top")
                self._says_or_binds(getattr(each, "id", ""), node.value)
        if isinstance(node.value, ast.Lambda):
            self.walk([node.value])
        elif node.value is not None and not isinstance(node.value, ast.List):
            self.immutable(node.value, methods)
            self.walk(())

    def _says_or_binds(self, name: str, value: ast.expr | None) -> None:
        texts = value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
        said = name in SAID and all(isinstance(each, ast.Constant) for each in texts)
        need(said or not isinstance(value, ast.List), "a list for a constant")
        if not said:
            self.bind(name)

    # Classes

    def _class(self, node: ast.ClassDef) -> None:
        need(not (node.decorator_list or node.keywords), "a class with a decorator or keywords")
        need(not getattr(node, "type_params", None), "type parameters")
        self.bind(node.name)
        for base in node.bases:
            self._base(base)
        methods = {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
        special = SPECIAL if self.names.offers[node.name] == "class" else frozenset[str]()
        for each in node.body:
            if isinstance(each, ast.FunctionDef):
                self._method(each, methods, special)
            elif isinstance(each, ast.Assign | ast.AnnAssign):
                self._held(each, methods)
            elif not isinstance(each, ast.Pass):
                text = isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)
                need(text, f"{type(each).__name__} in a class")

    def _base(self, node: ast.expr) -> None:
        """A class whose methods are known; one of a library's might be left with settings on."""
        names = self.names
        if isinstance(node, ast.Name) and node.id not in names.origins:
            known = names.offers.get(node.id) == "class"
            need(known or (node.id in BASES and node.id not in names.offers), f"base {node.id}")
        elif isinstance(node, ast.Name):
            self.use(node.id, "base")
        else:
            start = node.value if isinstance(node, ast.Attribute) else None
            need(isinstance(start, ast.Name) and start.id in names.modules, "a base")
            self.attribute(node, "base")  # type: ignore[arg-type]
            self.walk(())

    def _held(self, node: ast.Assign | ast.AnnAssign, methods: Collection[str]) -> None:
        """What a class holds for all its objects; a function would be a method of theirs."""
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [getattr(target, "id", "") for target in targets]
        if names == ["__slots__"]:
            for part in ast.walk(node.value or ast.Constant(None)):
                plain = isinstance(part, ast.Tuple | ast.Constant | ast.Load)
                need(plain and "__" not in str(getattr(part, "value", "")), "__slots__")
            return
        self._constant(node, methods)
        need(not isinstance(node.value, ast.Lambda), "a lambda in a class")
        self.private.update(names)
        self.methods.update(names)

    def _method(
        self, node: ast.FunctionDef, methods: Collection[str], special: Collection[str]
    ) -> None:
        hidden = node.name.startswith("__") and node.name.endswith("__")
        need(not hidden or node.name in special, node.name)
        decorators = [getattr(each, "id", "") for each in node.decorator_list]
        need(not decorators or (len(decorators) == 1 and decorators[0] in DECORATORS), "decorators")
        need(not getattr(node, "type_params", None), "type parameters")
        self.private.add(node.name)
        self.signature(node, methods)
        self.walk(())
        given = [*node.args.posonlyargs, *node.args.args]
        first = given[0].arg if given else None
        if decorators == ["classmethod"]:
            self.type = first
        elif decorators != ["staticmethod"]:
            self.own = first
            self.methods.add(node.name)
        self.walk(node.body)
        self.own = self.type = None
