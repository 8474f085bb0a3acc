"""Syntax trees are walked as Python's own tools walk them."""

import ast
from pathlib import Path

from autograder.submission.trees import children

PACKAGE = Path(__file__).parents[2] / "autograder"
SIGNS = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
EVERYTHING = """
@d
async def f(a: int = 1, /, b=2, *c, d, e=3, **g) -> None:
    global x, y
    async with a as b, c: await d
    async for i in j: yield
    match a:
        case {"k": 1, **rest} | A(1, b=2) | [*_, None]: pass
    try: raise E from e
    except* (A, B) as e: del x[1:2, ...], y.z
    return lambda: (yield from z), {**m, 1: not 2}, f"{a!r:>{w}}", *b
"""


def test_children_are_all_nodes_but_signs() -> None:
    """They are those of `ast.iter_child_nodes`, without operators and contexts."""
    texts = [EVERYTHING, *(path.read_text("utf-8") for path in PACKAGE.rglob("*.py"))]
    for node in (node for text in texts for node in ast.walk(ast.parse(text))):
        assert children(node) == [
            child for child in ast.iter_child_nodes(node) if not isinstance(child, SIGNS)
        ]
