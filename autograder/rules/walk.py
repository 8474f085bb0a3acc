"""A walk over code that runs in calls: it raises where it meets something unknown."""

import ast
from collections.abc import Callable, Collection, Iterable
from typing import Any

from autograder.rules.allowed import harmless_format
from autograder.rules.calls import check_where
from autograder.rules.imported import ImportInCallError, need
from autograder.rules.values import NOT_VALUES, Values, is_type

CONSTANT = (
    ast.Constant, ast.Tuple, ast.UnaryOp, ast.BinOp, ast.Name, ast.Attribute, ast.operator,
    ast.unaryop, ast.expr_context,
)  # fmt: skip
# What holds nothing but other nodes, and where; what is neither here nor in KNOWN is refused.
PARTS: dict[type, tuple[str, ...]] = {
    each: tuple(f for f in each._fields if f not in ("ctx", "op", "type_comment"))
    for each in (
        ast.Assert, ast.Assign, ast.AugAssign, ast.BinOp, ast.BoolOp, ast.Delete, ast.Dict,
        ast.DictComp, ast.Expr, ast.For, ast.GeneratorExp, ast.If, ast.IfExp, ast.JoinedStr,
        ast.List, ast.ListComp, ast.Match, ast.MatchOr, ast.MatchSequence, ast.MatchValue,
        ast.NamedExpr, ast.Return, ast.Set, ast.SetComp, ast.Slice, ast.Starred,
        ast.Try, ast.TryStar, ast.Tuple, ast.UnaryOp, ast.While, ast.Yield, ast.YieldFrom,
        ast.match_case,
    )
}  # fmt: skip
PARTS |= {ast.comprehension: ("target", "iter", "ifs"), ast.keyword: ("value",)}
PARTS |= dict.fromkeys((ast.Break, ast.Continue, ast.Pass, ast.Nonlocal, type(None)), ())
PARTS |= dict.fromkeys((ast.Constant, ast.MatchSingleton), ())


class Walk(Values):
    """Judges every kind of node; unknown ones are refused."""

    def walk(self, nodes: Iterable[ast.AST]) -> None:
        """Judge the nodes and all below them."""
        waiting = self.waiting
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

    # Calls and items

    def call(self, node: ast.Call) -> None:
        """A call of something that is no context."""
        self.called(node, "call")

    def called(self, node: ast.Call, use: str) -> None:
        """Judge what is called, or entered, and with what."""
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
                self.attribute(func, use, node)
        elif is_type(func):  # of its own object, one of its classes
            own = func.args[0]  # type: ignore[attr-defined]
            need(isinstance(own, ast.Name) and own.id == self.own, "type(x)()")
        else:
            need(use == "call", "with")
            self.waiting.append(func)
        self.waiting += args
        if node.keywords:
            check_where(node, self.names.modules)
            self.waiting += node.keywords

    def subscript(self, node: ast.Subscript) -> None:
        """An item: of some of numpy's names only that."""
        if isinstance(node.value, ast.Name):
            self.use(node.value.id, "items", node)
        elif isinstance(node.value, ast.Attribute):
            self.attribute(node.value, "items", node)
        else:
            self.waiting.append(node.value)
        self.waiting.append(node.slice)

    def compare(self, node: ast.Compare) -> None:
        """A comparison, maybe of types."""
        parts = [node.left, *node.comparators]
        if any(map(is_type, parts)):
            for part in parts:
                self.classes(part)
        else:
            self.waiting += parts

    def formatted(self, node: ast.FormattedValue) -> None:
        """A value in a text, maybe a type."""
        self.waiting += node.value.args if is_type(node.value) else [node.value]  # type: ignore[attr-defined]
        self.waiting.append(node.format_spec)

    # Statements

    def within(self, node: ast.With) -> None:
        """What is entered is left again before anything else runs."""
        stays = any(isinstance(each, ast.Yield | ast.YieldFrom) for each in ast.walk(node))
        need(not stays, "yield within with")
        for item in node.items:
            self.entered(item)
        self.waiting += node.body

    def entered(self, item: ast.withitem) -> None:
        """Settings that end with the block, or an object of the file's own."""
        call = item.context_expr
        if isinstance(call, ast.Call):
            func = call.func.value if isinstance(call.func, ast.Attribute) else call.func
            need(isinstance(func, ast.Name) and func.id != self.own, "with a value")
            of_module = isinstance(func, ast.Name) and func.id in self.names.modules
            need(of_module or func is call.func, "with a value")
            self.called(call, "entered")
        else:
            need(isinstance(call, ast.Name) and call.id == self.own, "with a value")
        self.waiting.append(item.optional_vars)

    def handler(self, node: ast.ExceptHandler) -> None:
        """`except`, whose classes are no values."""
        self.classes(node.type or ast.Constant(None))
        self.bind(node.name)
        self.waiting += node.body

    def raised(self, node: ast.Raise) -> None:
        """An error, or its class, which makes one."""
        for each in (node.exc, node.cause):
            self.classes(each or ast.Constant(None))

    def annotated(self, node: ast.AnnAssign) -> None:
        """A variable with an annotation."""
        self.annotation(node.annotation)
        self.waiting += [node.target, node.value]

    def function(self, node: ast.FunctionDef) -> None:
        """A function within another one, or at the top."""
        need(not (node.decorator_list or getattr(node, "type_params", None)), "a decorator")
        self.bind(node.name)
        self.signature(node)
        self.waiting += node.body

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

    def short_function(self, node: ast.Lambda) -> None:
        """A lambda."""
        self.signature(node)
        self.waiting.append(node.body)

    def immutable(self, value: ast.expr, methods: Collection[str] = ()) -> None:
        """A constant, which in a class is none of its methods."""
        if type(value) is not ast.Constant:
            for part in ast.walk(value):
                need(isinstance(part, CONSTANT), f"{type(part).__name__} for a constant")
                need(not isinstance(part, ast.Name) or part.id not in methods, "a method as value")
            self.waiting.append(value)

    def import_in_call(self, _node: ast.Import | ast.ImportFrom) -> None:
        """One that is known; there are few, and so they are looked for only then."""
        if not self.looked_for_imports:
            raise ImportInCallError

    def bound(self, node: ast.MatchAs | ast.MatchStar) -> None:
        """A pattern that gives what it meets a name."""
        self.bind(node.name)
        self.waiting.append(getattr(node, "pattern", None))

    def matched_items(self, node: ast.MatchMapping) -> None:
        """A pattern for a dict."""
        self.bind(node.rest)
        self.waiting += [*node.keys, *node.patterns]

    def matched_class(self, node: ast.MatchClass) -> None:
        """A pattern that asks for attributes."""
        self.classes(node.cls)
        for name in node.kwd_attrs:
            self.step(name)
        self.waiting += [*node.patterns, *node.kwd_patterns]


KNOWN: dict[type, Callable[[Walk, Any], None]] = {
    ast.AnnAssign: Walk.annotated,
    ast.Attribute: Walk.attribute,
    ast.Call: Walk.call,
    ast.Compare: Walk.compare,
    ast.ExceptHandler: Walk.handler,
    ast.FormattedValue: Walk.formatted,
    ast.FunctionDef: Walk.function,
    ast.Import: Walk.import_in_call,
    ast.ImportFrom: Walk.import_in_call,
    ast.Lambda: Walk.short_function,
    ast.MatchAs: Walk.bound,
    ast.MatchClass: Walk.matched_class,
    ast.MatchMapping: Walk.matched_items,
    ast.MatchStar: Walk.bound,
    ast.Name: Walk.name,
    ast.Raise: Walk.raised,
    ast.Subscript: Walk.subscript,
    ast.With: Walk.within,
}
