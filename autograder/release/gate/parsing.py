"""The Python in any text: a file, a notebook's cell, or a paragraph that may hold some lines."""

import ast
import re
import textwrap
from collections.abc import Iterator, Sequence

from autograder.submission.source import parse_anew

_MAGIC = re.compile(r"^(\s*)(?:[\w, ]+=\s*)?(?:[!%?].*|[\w.]+\?{1,2}\s*$)")  # IPython's own lines
_PROMPT = re.compile(r"^(\s*)(?:>>>|\.\.\.|In \[\d*\]:|\s{3}\.\.\.:) ?")
_LONGEST = 400  # lines of a paragraph; a table of data may have many more
_UNPARSABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


def python_of(text: str, *, code: bool) -> ast.Module:
    """Return all statements of the text that can be read, with their lines; often none."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if code:
        for attempt in (lines, [_MAGIC.sub(r"\1pass", line) for line in lines]):
            if tree := _parsed(attempt):
                return tree
    lines = [_PROMPT.sub(r"\1", line) for line in lines]
    statements = [s for begin, part in _paragraphs(lines) for s in _salvaged(part, begin)]
    return ast.Module(statements, [])


def _parsed(lines: Sequence[str]) -> ast.Module | None:
    try:
        return parse_anew("\n".join(lines))
    except _UNPARSABLE:
        return None


def _paragraphs(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Cut at empty lines, but not inside what is indented below a paragraph's first line."""
    part: list[str] = []
    begin, gap = 0, False
    for number, line in enumerate(lines):
        if not line.strip():
            gap = True
        elif part and ((gap and _indent(line) <= _indent(part[0])) or len(part) > _LONGEST):
            yield begin, part
            part, begin, gap = [line], number, False
            continue
        else:
            gap = False
        if part or line.strip():
            begin = begin if part else number
            part.append(line)
    if part:
        yield begin, part


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _salvaged(lines: list[str], begin: int) -> Iterator[ast.stmt]:
    """The statements before, between and after the lines that are no Python."""
    while lines:
        bad = 0
        tree: ast.Module | None
        try:
            tree = parse_anew(_dedented(lines))
        except SyntaxError as error:
            bad = min(max(error.lineno or 1, 1), len(lines))
            tree = _parsed(_dedented(lines[: bad - 1]).split("\n"))
        except _UNPARSABLE:
            return
        if tree:
            yield from ast.increment_lineno(tree, begin).body
        if not bad:
            return
        lines, begin = lines[bad:], begin + bad


def _dedented(lines: Sequence[str]) -> str:
    text = "\n".join(lines)
    return textwrap.dedent(text) if text[:1].isspace() else text
