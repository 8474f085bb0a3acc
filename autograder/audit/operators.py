"""Generic mistakes: what one small slip makes of one expression or statement.

Each operator takes a syntax node and yields what could stand there by mistake. They know nothing of
the course, so that their number is independent of what staff thought of.
"""

import ast
import copy
from collections.abc import Callable, Iterator
from typing import TypeVar

Node = TypeVar("Node", bound=ast.AST)
Operator = Callable[[ast.AST], Iterator[ast.AST]]

ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
}
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
PAIRS = (
    ("max", "min"), ("argmax", "argmin"), ("maximum", "minimum"), ("amax", "amin"),
    ("sum", "mean"), ("zeros", "ones"), ("zeros_like", "ones_like"), ("any", "all"),
    ("floor", "ceil"), ("hstack", "vstack"), ("sin", "cos"), ("var", "std"),
)  # fmt: skip
SIBLINGS = dict(PAIRS) | {right: left for left, right in PAIRS}
# Calls that could be forgotten: their first argument, or their object, stands in their place.
FORGOTTEN = frozenset({
    "abs", "sqrt", "exp", "log", "square", "clip", "copy", "reshape", "ravel", "astype", "round",
    "float", "int", "sorted", "reversed", "mean", "transpose",
})  # fmt: skip
SYMMETRIC = frozenset({
    "maximum", "minimum", "max", "min", "add", "multiply", "array_equal", "isclose", "hypot",
    "logical_and", "logical_or", "isinstance", "getattr", "setattr",
})  # fmt: skip


def arithmetic(node: ast.AST) -> Iterator[ast.AST]:
    """Another operator; `@` keeps its own and swaps its sides."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        yield ast.BinOp(node.right, node.op, node.left)
    elif isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in ARITHMETIC:
        yield _with(node, op=ARITHMETIC[type(node.op)]())


def signs(node: ast.AST) -> Iterator[ast.AST]:
    """A minus, a `not` or a `~` is forgotten."""
    if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.UAdd):
        yield node.operand


def comparisons(node: ast.AST) -> Iterator[ast.AST]:
    """The border belongs to the other side, or the sides are swapped."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in COMPARISONS[type(node.ops[0])]:
            yield _with(node, ops=[other()])


def logic(node: ast.AST) -> Iterator[ast.AST]:
    """`and` for `or`; a condition turned round."""
    if isinstance(node, ast.BoolOp):
        yield _with(node, op=ast.And() if isinstance(node.op, ast.Or) else ast.Or())
    elif isinstance(node, ast.IfExp):
        yield _with(node, body=node.orelse, orelse=node.body)


def constants(node: ast.AST) -> Iterator[ast.AST]:
    """Numbers off by one, factors of two, flags the other way round."""
    if not isinstance(node, ast.Constant):
        return
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
        yield ast.Constant(value - 1)
    elif isinstance(value, float):
        yield ast.Constant(2 * value if value else 1.0)


def names(node: ast.AST) -> Iterator[ast.AST]:
    """A function's sibling: max for min, sum for mean."""
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr in SIBLINGS:
            yield _with(node, func=_with(node.func, attr=SIBLINGS[node.func.attr]))
        elif isinstance(node.func, ast.Name) and node.func.id in SIBLINGS:
            yield _with(node, func=ast.Name(SIBLINGS[node.func.id], ast.Load()))


def calls(node: ast.AST) -> Iterator[ast.AST]:
    """Arguments swapped, an axis left out, a call forgotten."""
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield node.value
    if not isinstance(node, ast.Call):
        return
    name = called(node)
    if len(node.args) >= 2 and name not in SYMMETRIC and not _starred(node):
        yield _with(node, args=[node.args[1], node.args[0], *node.args[2:]])
    for number, keyword in enumerate(node.keywords):
        if keyword.arg in {"axis", "keepdims", "dtype", "minlength"}:
            yield _with(node, keywords=node.keywords[:number] + node.keywords[number + 1 :])
    if name in FORGOTTEN:
        yield from _forgotten(node)


def loops(node: ast.AST) -> Iterator[ast.AST]:
    """A range that starts one late or ends one early."""
    if isinstance(node, ast.Call) and called(node) == "range" and len(node.args) == 1:
        stop = node.args[0]
        yield _with(node, args=[ast.Constant(1), stop])
        yield _with(node, args=[ast.BinOp(stop, ast.Sub(), ast.Constant(1))])


def slices(node: ast.AST) -> Iterator[ast.AST]:
    """A slice that forgets where it starts or where it stops."""
    if isinstance(node, ast.Slice):
        if node.lower is not None:
            yield _with(node, lower=None)
        if node.upper is not None:
            yield _with(node, upper=None)


def lines(node: ast.AST) -> Iterator[ast.AST]:
    """A line that is left out, where the code still runs without it."""
    if isinstance(node, ast.Assign):
        can_go = not isinstance(node.targets[0], ast.Name | ast.Tuple)
    elif isinstance(node, ast.Expr):
        can_go = isinstance(node.value, ast.Call)
    else:
        can_go = isinstance(node, ast.AugAssign | ast.Break | ast.Continue)
    if can_go:
        yield ast.Pass()


OPERATORS: tuple[Operator, ...] = (
    arithmetic, signs, comparisons, logic, constants, names, calls, loops, slices, lines,
)  # fmt: skip


def called(node: ast.Call) -> str:
    """The last part of what is called."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _forgotten(node: ast.Call) -> Iterator[ast.AST]:
    method = isinstance(node.func, ast.Attribute) and not _is_numpy(node.func.value)
    if method and isinstance(node.func, ast.Attribute):
        yield node.func.value
    elif node.args and not _starred(node):
        yield node.args[0]


def _is_numpy(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in {"np", "numpy", "torch"}


def _starred(node: ast.Call) -> bool:
    return any(isinstance(argument, ast.Starred) for argument in node.args)


def _with(node: Node, **changes: object) -> Node:
    changed = copy.copy(node)
    for name, value in changes.items():
        setattr(changed, name, value)
    return changed
