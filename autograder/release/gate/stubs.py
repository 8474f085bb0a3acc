"""Starter code in the bundle: it is what the solutions give, and every stub raises."""

import ast
from collections.abc import Iterator, Mapping
from itertools import zip_longest

from autograder.assignment import Assignment
from autograder.release import starter
from autograder.release.gate.model import Kind, Leak
from autograder.release.gate.vault import solution_blocks
from autograder.submission.source import parse_anew

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def check(assignment: Assignment, files: Mapping[str, bytes]) -> Iterator[Leak]:
    """Yield a finding for each file that is not the starter code, and each stub that returns."""
    for name, wanted in starter.generate(assignment).items():
        if name in files:
            yield from _difference(name, files[name], wanted)
            yield from _stubs(assignment, name, files[name])


def _difference(name: str, data: bytes, wanted: str) -> Iterator[Leak]:
    found = data.decode("utf-8", "replace").replace("\r\n", "\n")
    pairs = zip_longest(found.split("\n"), wanted.split("\n"))
    for number, (line, other) in enumerate(pairs, start=1):
        if line != other:
            shown = "the file goes on" if other is None else f"expected {other.strip()!r}"
            said = f"not the starter code that the solution gives: {shown}"
            yield Leak(Kind.STUB, name, number, None, said)
            return


def _stubs(assignment: Assignment, name: str, data: bytes) -> Iterator[Leak]:
    text = (assignment.solutions / name).read_text("utf-8")
    try:
        given = dict(_functions(parse_anew(data)))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        yield Leak(Kind.STUB, name, getattr(error, "lineno", None), None, f"no Python: {error}")
        return
    for qualname in _owners(text):
        function = given.get(qualname)
        if function and not _raises(function.body):
            said = f"{qualname} has a solution and does not end in raise NotImplementedError"
            yield Leak(Kind.STUB, name, function.lineno, None, said)


def _owners(text: str) -> Iterator[str]:
    """The innermost function around each block, if there is one."""
    functions = list(_functions(parse_anew(text)))
    for begin, end in solution_blocks(text):
        around = [
            name for name, f in functions if f.lineno < begin and (f.end_lineno or 0) >= end - 1
        ]
        yield from around[-1:]


def _functions(node: ast.AST, outer: str = "") -> Iterator[tuple[str, _Function]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _Function):
            yield f"{outer}{child.name}", child
        if isinstance(child, _Function | ast.ClassDef):
            yield from _functions(child, f"{outer}{child.name}.")
        else:
            yield from _functions(child, outer)


def _raises(body: list[ast.stmt]) -> bool:
    """Whether some way through the body ends in the exception, and none before it returns."""
    for statement in body:
        if isinstance(statement, ast.Return):
            return False
        if isinstance(statement, ast.Raise):
            raised = statement.exc
            raised = raised.func if isinstance(raised, ast.Call) else raised
            return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
        inner = (getattr(statement, key, []) for key in ("body", "orelse", "finalbody"))
        if not isinstance(statement, _Function | ast.ClassDef) and any(map(_raises, inner)):
            return True
    return False
