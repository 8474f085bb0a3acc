"""Calls and items whose arguments say what happens: what lay in memory before, names by text."""

import ast
from collections.abc import Mapping

from autograder.rules.allowed import Kind
from autograder.rules.imported import need

_USES = {  # where a name of each kind may stand, see proof.py
    Kind.VALUE: {"value", "call", "class", "items", "attribute"},
    Kind.MADE: {"call", "class"},
    Kind.CLASS: {"class"},
    Kind.ENTERED: {"entered"},
    Kind.BASE: {"base"},
    Kind.ITEMS: {"items"},
    Kind.CHECKED: {"call"},
}
_FRESH = {"array", "copy", "full", "full_like", "ones", "ones_like", "zeros", "zeros_like"}
_FILLED = {  # whatever `where` leaves out
    f"numpy.{name}" for name in ("all", "any", "max", "mean", "min", "prod", "std", "sum", "var")
}
_STEPS = {"c_index", "external_loop", "f_index", "multi_index", "zerosize_ok"}  # of np.nditer
_OPERANDS = {"readonly", "readwrite"}  # one without either is made where it is not there


def check_use(path: str, kind: Kind | None, use: str, node: ast.expr | None) -> None:
    """Raise unless a library's name may be used so in this call, or these items."""
    need(kind is not None and use in _USES[kind], f"{path} as {use}")
    if isinstance(node, ast.Call):
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        filled = path in _FILLED or not path.startswith(("numpy", "functools"))
        need(None not in given or filled, f"**keywords for {path}")
        if path == "numpy.pad":
            _pad(node, given)
        elif path == "numpy.nditer":
            _nditer(node, given)
    elif isinstance(node, ast.Subscript) and path in {"numpy.r_", "numpy.c_"}:
        # A text alone would name variables of whoever calls.
        need(isinstance(node.slice, ast.Tuple | ast.Slice), f"{path}[text]")


def _pad(node: ast.Call, given: dict[str | None, ast.expr]) -> None:
    """The mode "empty" leaves what lay in memory before."""
    need(not any(isinstance(each, ast.Starred) for each in node.args), "np.pad(*)")
    mode = node.args[2] if len(node.args) > 2 else given.get("mode", ast.Constant("constant"))
    need(isinstance(mode, ast.Constant) and mode.value != "empty", "a mode of np.pad")


def _nditer(node: ast.Call, given: dict[str | None, ast.expr]) -> None:
    """Buffers, and operands that it makes, hold what lay in memory before."""
    need(len(node.args) == 1 and given.keys() <= {"flags", "op_flags"}, "np.nditer")
    need("op_flags" in given, "np.nditer without op_flags")
    for name, known in (("flags", _STEPS), ("op_flags", _OPERANDS)):
        for part in ast.walk(given.get(name, ast.Constant("readonly"))):
            text = isinstance(part, ast.Constant) and part.value in known | {"readonly"}
            plain = isinstance(part, ast.List | ast.Tuple | ast.expr_context)
            need(text or plain, f"np.nditer with {name}")


def check_where(node: ast.Call, modules: Mapping[str, str]) -> None:
    """`np.divide(a, b, where=b > 0)` leaves the rest as it lay in memory before."""
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    if "where" in given:
        out = given.get("out")
        made = out.func if isinstance(out, ast.Call) else None
        fresh = isinstance(made, ast.Attribute) and made.attr in _FRESH
        owner = made.value if isinstance(made, ast.Attribute) else None
        of_numpy = isinstance(owner, ast.Name) and modules.get(owner.id) == "numpy"
        need(fresh and of_numpy, "where without an out that is made there")
