"""Syntax trees: from a node to the code within it."""

import ast

# Fields that hold no code: words, numbers, and signs such as `+`, which stand for themselves.
_BARE = {
    *("arg", "asname", "attr", "conversion", "ctx", "id", "is_async", "kind", "kwd_attrs"),
    *("level", "module", "op", "ops", "simple", "tag", "type_comment"),
}
_FIELDS = {
    kind: tuple(field for field in kind._fields if field not in _BARE)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
} | {ast.Constant: ()}


def children(node: ast.AST) -> list[ast.AST]:
    """Return the nodes directly within a node, but no operators and contexts.

    Otherwise the same as `ast.iter_child_nodes`, in a third of the time.
    """
    found: list[ast.AST] = []
    for field in _FIELDS[type(node)]:
        value = getattr(node, field, None)
        if isinstance(value, ast.AST):
            found.append(value)
        elif value and isinstance(value, list):
            found += [each for each in value if isinstance(each, ast.AST)]
    return found
