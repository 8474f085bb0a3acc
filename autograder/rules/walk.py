"""A walk over code that runs in calls: it raises where it meets something that nobody here knows.

Classes are never values, so that nobody can hand a method something else than an object of its
class: its first parameter, `own`, is one, and nothing else has its attributes set.
"""

import ast
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from autograder.rules.allowed import LIBRARIES, OUTWARD, SPECIAL, UNSAFE, harmless_format, library
from autograder.rules.calls import check_use, check_where
from autograder.rules.imported import Imported, need

CONSTANT = (
    ast.Constant, ast.Tuple, ast.UnaryOp, ast.BinOp, ast.Name, ast.Attribute, ast.operator,
    ast.unaryop, ast.expr_context,
)  # fmt: skip
ANNOTATION = (
    ast.Constant, ast.Tuple, ast.List, ast.BinOp, ast.BitOr, ast.Name, ast.Attribute,
    ast.Subscript, ast.Load,
)  # fmt: skip
NOT_VALUES = {"isinstance", "issubclass", "super", "type"}
# What holds nothing but other nodes, and where; what is neither here nor in KNOWN is refused.
PARTS: dict[type, tuple[str, ...]] = {
    each: tuple(f for f in each._fields if f not in ("ctx", "op", "type_comment"))
    for each in (
        ast.Assert, ast.Assign, ast.AugAssign, ast.BinOp, ast.BoolOp, ast.Delete, ast.Dict,
        ast.DictComp, ast.Expr, ast.For, ast.GeneratorExp, ast.If, ast.IfExp, ast.JoinedStr,
        ast.List, ast.ListComp, ast.Match, ast.MatchOr, ast.MatchSequence, ast.MatchValue,
        ast.NamedExpr, ast.Raise, ast.Return, ast.Set, ast.SetComp, ast.Slice, ast.Starred,
        ast.Try, ast.TryStar, ast.Tuple, ast.UnaryOp, ast.While, ast.Yield, ast.YieldFrom,
        ast.match_case,
    )
}  # fmt: skip
PARTS |= {ast.comprehension: ("target", "iter", "ifs"), ast.keyword: ("value",)}
PARTS |= dict.fromkeys((ast.Break, ast.Continue, ast.Pass, ast.Nonlocal, type(None)), ())
PARTS |= dict.fromkeys((ast.Constant, ast.MatchSingleton), ())


class Walk:
    """What code has to do with its surroundings, gathered on the way."""

    def __init__(self, tree: ast.Module, given: Mapping[str, str]) -> None:
        self.names = Imported(tree, given)
        self.asked: set[str] = set()  # attributes that classes are asked for
        self.wants: set[tuple[str, str, str]] = set()  # module, name and use, of other files
        self.private: set[str] = set()  # attributes with an underscore that its objects have,
        self.private_asked: set[str] = set()  # and those that it asks any value for
        self.own: str | None = None  # what a method calls its object
        self.type: str | None = None  # what a class method calls its class
        self._waiting: list[Any] = []

    def walk(self, nodes: Iterable[ast.AST]) -> None:
        """Judge the nodes and all below them."""
        waiting = self._waiting
        waiting += nodes
        while waiting:
            part = waiting.pop()
            kind = type(part)
            if (known := KNOWN.get(kind)) is not None:
                known(self, part)
                continue
            fields = PARTS.get(kind)
            if fields is None:
                need(False, kind.__name__)
            for field in fields or ():
                child = getattr(part, field)
                if type(child) is list:
                    waiting += child
                else:
                    waiting.append(child)

    # Names

    def bind(self, name: str | None) -> None:
        """Something gets this name."""
        if name is not None:
            free = name not in self.names.fixed and name != self.own and name != self.type
            need(free and not name.startswith("__"), f"another {name}")

    def _name(self, node: ast.Name) -> None:
        if type(node.ctx) is ast.Load:
            self.use(node.id, "value")
        else:
            self.bind(node.id)

    def use(self, name: str, use: str, node: ast.expr | None = None) -> None:
        """A name stands somewhere, in `node` if that is a call or asks for an item."""
        names = self.names
        known = not (name in UNSAFE or name in names.modules or name.startswith("__"))
        need(known, name)
        if name == self.type or name in names.classes:
            need(use not in ("value", "items"), f"the class {name} as a value")
        elif name in names.origins:
            for module, inner in names.origins[name]:
                self._from(module, inner, use, node)
        else:
            need(use != "entered", f"with {name}")
            need(use in ("call", "class") or name not in NOT_VALUES, f"{name} as a value")

    def _from(self, module: str, name: str, use: str, node: ast.expr | None) -> None:
        if module in LIBRARIES:
            check_use(f"{module}.{name}", library(module, name), use, node)
        else:
            need(not name.startswith("__"), name)
            self.wants.add((module, name, use))

    def classes(self, node: ast.expr) -> None:
        """What is compared with a type: classes may stand here."""
        if isinstance(node, ast.Name):
            self.use(node.id, "class")
        elif isinstance(node, ast.Attribute):
            self._attribute(node, "class")
        elif isinstance(node, ast.Tuple | ast.List):
            for each in node.elts:
                self.classes(each)
        elif isinstance(node, ast.BinOp):
            self.classes(node.left)
            self.classes(node.right)
        elif is_type(node):
            self._waiting += node.args  # type: ignore[attr-defined]
        else:
            self._waiting.append(node)

    def annotation(self, node: ast.expr | None) -> None:
        """Some of them run where the function is defined."""
        for part in ast.walk(node) if node else ():
            need(isinstance(part, ANNOTATION), f"{type(part).__name__} in an annotation")
        while isinstance(node, ast.Subscript):
            self.classes(node.value)
            self.annotation(node.slice)
            return
        if isinstance(node, ast.Tuple | ast.List):
            for each in node.elts:
                self.annotation(each)
        elif isinstance(node, ast.BinOp):
            self.annotation(node.left)
            self.annotation(node.right)
        elif node:
            self.classes(node)

    # Attributes

    def _attribute(
        self, node: ast.Attribute, use: str = "value", inside: ast.expr | None = None
    ) -> None:
        """All of `a.b.c`: only the whole says what `a` is good for."""
        steps: list[str] = []
        start: ast.expr = node
        while type(start) is ast.Attribute:
            steps.append(start.attr)
            start = start.value
        steps.reverse()
        if type(node.ctx) is not ast.Load:
            is_own = type(start) is ast.Name and start.id == self.own and len(steps) == 1
            need(is_own, f"an attribute {node.attr} that is set")
            self.private.add(node.attr)
        if type(start) is ast.Name:
            steps = self._begins(start.id, steps, use, inside)
        elif is_type(start):
            self.asked.add(steps[0])
            self._waiting += start.args  # type: ignore[attr-defined]
        elif isinstance(start, ast.Call) and getattr(start.func, "id", "") == "super":
            self._parent(start, steps)
        else:
            self._waiting.append(start)
        for step in steps:
            self.step(step)

    def step(self, name: str) -> None:
        """An attribute that any value is asked for."""
        if name[0] == "_" and name != "__name__":
            need(not name.startswith("__"), name)
            self.private_asked.add(name)
        need(name not in OUTWARD, name)

    def _begins(self, name: str, steps: list[str], use: str, inside: ast.expr | None) -> list[str]:
        """Judge the name, and those steps that say what it is; the others."""
        if name == self.own:
            return self._of_own(steps, use)
        module = self.names.modules.get(name)
        if module is None:
            self.use(name, "attribute")
            own = any(m not in LIBRARIES for m, _ in self.names.origins.get(name, ()))
            if own or name == self.type or name in self.names.classes:
                self.asked.add(steps[0])
            return steps
        while f"{module}.{steps[0]}" in LIBRARIES:
            module, *steps = f"{module}.{steps[0]}", *steps[1:]
            need(steps, module)
        self._from(module, steps[0], use if len(steps) == 1 else "attribute", inside)
        if module not in LIBRARIES:
            self.asked.update(steps[1:2])
        return steps[1:]

    def _of_own(self, steps: list[str], use: str) -> list[str]:
        """Its class is asked for something, or called; else anything it has set itself."""
        if steps[0] == "__class__":
            need(len(steps) > 1 or use in ("call", "class"), "__class__")
            self.asked.update(steps[1:2])
        else:
            need(not (steps[0].startswith("__") and steps[0].endswith("__")), steps[0])
        return steps[1:]

    def _parent(self, node: ast.Call, steps: list[str]) -> None:
        """`super().__init__`: of its own object, whose methods those of its parents are, too."""
        named = [each.id if isinstance(each, ast.Name) else "" for each in node.args]
        fits = not named or (len(named) == 2 and named[1] == self.own)
        need(self.own and fits and not node.keywords, "super()")
        if named:
            self.use(named[0], "class")
        if steps[0] in SPECIAL:
            del steps[0]

    # Calls and items

    def _call(self, node: ast.Call) -> None:
        self._called(node, "call")

    def _called(self, node: ast.Call, use: str) -> None:
        func, args = node.func, node.args
        name = func.id if isinstance(func, ast.Name) else ""
        if name in ("isinstance", "issubclass"):
            need(len(args) == 2 and not node.keywords, name)
            self.classes(args[1])
            args = args[:1]
        elif name:
            need(name not in NOT_VALUES, f"{name}() as a value")
            self.use(name, use, node)
        elif isinstance(func, ast.Attribute):
            text = func.value.value if isinstance(func.value, ast.Constant) else None
            if func.attr != "format" or not harmless_format(text):
                self._attribute(func, use, node)
        elif is_type(func):  # of its own object, one of its classes
            own = func.args[0]  # type: ignore[attr-defined]
            need(isinstance(own, ast.Name) and own.id == self.own, "type(x)()")
        else:
            need(use == "call", "with")
            self._waiting.append(func)
        self._waiting += args
        if node.keywords:
            check_where(node, self.names.modules)
            self._waiting += node.keywords

    def _subscript(self, node: ast.Subscript) -> None:
        if isinstance(node.value, ast.Name):
            self.use(node.value.id, "items", node)
        elif isinstance(node.value, ast.Attribute):
            self._attribute(node.value, "items", node)
        else:
            self._waiting.append(node.value)
        self._waiting.append(node.slice)

    def _compare(self, node: ast.Compare) -> None:
        parts = [node.left, *node.comparators]
        if any(map(is_type, parts)):
            for part in parts:
                self.classes(part)
        else:
            self._waiting += parts

    def _formatted(self, node: ast.FormattedValue) -> None:
        self._waiting += node.value.args if is_type(node.value) else [node.value]  # type: ignore[attr-defined]
        self._waiting.append(node.format_spec)

    # Statements

    def _with(self, node: ast.With) -> None:
        """What is entered is left again before anything else runs."""
        stays = any(isinstance(each, ast.Yield | ast.YieldFrom) for each in ast.walk(node))
        need(not stays, "yield within with")
        for item in node.items:
            self.entered(item)
        self._waiting += node.body

    def entered(self, item: ast.withitem) -> None:
        """Settings that end with the block, or an object of the file's own."""
        call = item.context_expr
        if isinstance(call, ast.Call):
            func = call.func.value if isinstance(call.func, ast.Attribute) else call.func
            need(isinstance(func, ast.Name) and func.id != self.own, "with a value")
            of_module = isinstance(func, ast.Name) and func.id in self.names.modules
            need(of_module or func is call.func, "with a value")
            self._called(call, "entered")
        else:
            need(isinstance(call, ast.Name) and call.id == self.own, "with a value")
        self._waiting.append(item.optional_vars)

    def _handler(self, node: ast.ExceptHandler) -> None:
        self.classes(node.type or ast.Constant(None))
        self.bind(node.name)
        self._waiting += node.body

    def _annotated(self, node: ast.AnnAssign) -> None:
        self.annotation(node.annotation)
        self._waiting += [node.target, node.value]

    def function(self, node: ast.FunctionDef) -> None:
        """A function within another one, or at the top."""
        need(not (node.decorator_list or getattr(node, "type_params", None)), "a decorator")
        self.bind(node.name)
        self.signature(node)
        self._waiting += node.body

    def signature(self, node: ast.FunctionDef | ast.Lambda, methods: Collection[str] = ()) -> None:
        """Parameters, and what runs where a function is defined."""
        args = node.args
        every = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
        for each in every:
            if each is not None:
                self.annotation(each.annotation)
                self.bind(each.arg)
        self.annotation(getattr(node, "returns", None))
        for default in (*args.defaults, *args.kw_defaults):
            if default is not None:
                self.immutable(default, methods)

    def _lambda(self, node: ast.Lambda) -> None:
        self.signature(node)
        self._waiting.append(node.body)

    def immutable(self, value: ast.expr, methods: Collection[str] = ()) -> None:
        """A constant, which in a class is none of its methods."""
        if type(value) is not ast.Constant:
            for part in ast.walk(value):
                need(isinstance(part, CONSTANT), f"{type(part).__name__} for a constant")
                need(not isinstance(part, ast.Name) or part.id not in methods, "a method as value")
            self._waiting.append(value)

    def _bound(self, node: ast.MatchAs | ast.MatchStar) -> None:
        self.bind(node.name)
        self._waiting.append(getattr(node, "pattern", None))

    def _matched_items(self, node: ast.MatchMapping) -> None:
        self.bind(node.rest)
        self._waiting += [*node.keys, *node.patterns]

    def _matched_class(self, node: ast.MatchClass) -> None:
        self.classes(node.cls)
        for name in node.kwd_attrs:
            self.step(name)
        self._waiting += [*node.patterns, *node.kwd_patterns]


def is_type(node: ast.AST) -> bool:
    """Whether it is `type(x)`, which is no value: it is compared, named, or shown."""
    if not (type(node) is ast.Call and type(node.func) is ast.Name and node.func.id == "type"):
        return False
    one = len(node.args) == 1 and not isinstance(node.args[0], ast.Starred)
    return one and not node.keywords


KNOWN: dict[type, Callable[[Walk, Any], None]] = {
    ast.AnnAssign: Walk._annotated,
    ast.Attribute: Walk._attribute,
    ast.Call: Walk._call,
    ast.Compare: Walk._compare,
    ast.ExceptHandler: Walk._handler,
    ast.FormattedValue: Walk._formatted,
    ast.FunctionDef: Walk.function,
    ast.Lambda: Walk._lambda,
    ast.MatchAs: Walk._bound,
    ast.MatchClass: Walk._matched_class,
    ast.MatchMapping: Walk._matched_items,
    ast.MatchStar: Walk._bound,
    ast.Name: Walk._name,
    ast.Subscript: Walk._subscript,
    ast.With: Walk._with,
}
