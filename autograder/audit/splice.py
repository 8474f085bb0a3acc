"""Replacing whole functions of a source by others of the same name."""

import ast
import textwrap

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def splice(source: str, code: str, target: str | None = None) -> str:
    """Return the source with each definition of `code` in the place of the one of its name.

    `target` is the dotted name that the definition of its last part replaces: "Knn.predict" for a
    method, written at column 0. Whatever else `code` holds (helpers, imports) goes in front of the
    first definition of the source that is replaced. Raises ValueError when nothing is replaced.
    """
    places = dict(_definitions(ast.parse(source)))
    lines, code = source.splitlines(keepends=True), textwrap.dedent(code)
    edits: list[tuple[int, int, str]] = []
    extra: list[str] = []
    for node in ast.parse(code).body:
        text = _text(code, node)
        name = _name(node, target)
        if name not in places:
            extra.append(text)
            continue
        begin, end, indent = places[name]
        edits.append((begin, end, textwrap.indent(text, indent)))
    if not edits or (target is not None and target not in places):
        raise ValueError(f"no definition in it replaces {target or 'one of the file'}")
    for begin, end, text in sorted(edits, reverse=True):
        lines[begin:end] = [text]
    return "".join(_with_extra(lines, extra, places, min(begin for begin, _, _ in edits)))


def _name(node: ast.stmt, target: str | None) -> str:
    """The dotted name of what the statement replaces; empty when it is no definition."""
    if not isinstance(node, Definition):
        return ""
    if target is not None and node.name == target.rpartition(".")[2]:
        return target
    return node.name


def _definitions(node: ast.AST, outer: str = "") -> list[tuple[str, tuple[int, int, str]]]:
    """Every function, class and method: its dotted name, first line, end and indent."""
    found = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Definition):
            place = (_first_line(child), child.end_lineno or 0, " " * child.col_offset)
            found.append((f"{outer}{child.name}", place))
        if isinstance(child, ast.ClassDef):
            found += _definitions(child, f"{outer}{child.name}.")
    return found


def _first_line(node: ast.stmt) -> int:
    """The index of a statement's first line, decorators included."""
    decorators = node.decorator_list if isinstance(node, Definition) else []
    return min([node.lineno, *(decorator.lineno for decorator in decorators)]) - 1


def _text(code: str, node: ast.stmt) -> str:
    lines = code.splitlines()[_first_line(node) : node.end_lineno]
    return "\n".join(lines) + "\n"


def _with_extra(
    lines: list[str], extra: list[str], places: dict[str, tuple[int, int, str]], first: int
) -> list[str]:
    """Put helpers at module level in front of the outermost definition around line `first`."""
    at = min(
        (b for b, e, indent in places.values() if b <= first < e and not indent), default=first
    )
    return [*lines[:at], *(f"{text}\n\n" for text in extra), *lines[at:]]
