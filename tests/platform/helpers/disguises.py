"""Classes for the tests of similarity: honest work of several hands, and copies in disguise."""

import ast
import io
import tokenize
from collections.abc import Callable
from contextlib import suppress

from autograder.assignment import Assignment
from autograder.audit import mutants
from autograder.errors import StaffError
from autograder.release import starter

Files = dict[str, str]
HANDS = ("ada", "ben", "cleo", "dan")


def honest(assignment: Assignment) -> dict[str, Files]:
    """The solution, and up to three students who wrote every exercise in another right way."""
    solution = {name: (assignment.solutions / name).read_bytes() for name in assignment.files}
    variants = mutants.load(assignment).variants
    found = {HANDS[0]: solution}
    for place, name in enumerate(HANDS[1:]):
        files = solution
        for exercise in assignment.exercises:
            mine = [each for each in variants if each.exercise == exercise.name]
            for variant in mine[place : place + 1]:
                with suppress(StaffError):  # two that change the same lines do not go together
                    files = mutants.apply(variant, files)
        found[name] = files
    return {name: _unmarked(files) for name, files in found.items()}


def untouched(assignment: Assignment) -> Files:
    """The starter code as it was handed out."""
    return starter.generate(assignment)


def disguised(files: Files) -> Files:
    """A copy: other names of variables, functions in another order, other comments and spaces."""
    return {name: respaced(reordered(renamed(recommented(text)))) for name, text in files.items()}


def renamed(text: str) -> str:
    """Other names for all local variables."""
    tree = ast.parse(text)
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    kept = {n.arg for n in ast.walk(tree) if isinstance(n, ast.keyword | ast.arg)}
    kept |= {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    local = {
        name.id
        for function in functions
        for name in ast.walk(function)
        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
    }
    others = {name: f"my_{number}" for number, name in enumerate(sorted(local - kept))}
    return _with(text, lambda token: others.get(token.string, token.string))


def recommented(text: str) -> str:
    """Another text in every comment, and one comment more."""
    said = _with(text, lambda t: "# as I see it" if t.type == tokenize.COMMENT else t.string)
    return f"# All of this is mine.\n{said}"


def reordered(text: str) -> str:
    """The functions and classes of a module from the last to the first."""
    lines, tree = text.splitlines(keepends=True), ast.parse(text)
    blocks = [n for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    cut = [
        (min([n.lineno, *(d.lineno for d in n.decorator_list)]) - 1, n.end_lineno) for n in blocks
    ]
    inside = {number for start, end in cut for number in range(start, end or 0)}
    rest = "".join(line for number, line in enumerate(lines) if number not in inside)
    return "\n\n".join([rest, *("".join(lines[start:end]) for start, end in reversed(cut))])


def respaced(text: str) -> str:
    """An empty line after every other line that ends a statement."""
    ends = {n.end_lineno for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Assign)}
    lines = text.splitlines(keepends=True)
    return "".join(f"{line}\n" if n in ends else line for n, line in enumerate(lines, start=1))


def _unmarked(files: dict[str, bytes]) -> Files:
    return {
        name: "".join(
            line
            for line in data.decode().splitlines(keepends=True)
            if line.strip() not in (starter.BEGIN, starter.END)
        )
        for name, data in files.items()
    }


def _with(text: str, change: Callable[[tokenize.TokenInfo], str]) -> str:
    """Replace tokens in place, from the last to the first."""
    lines = text.splitlines(keepends=True)
    for token in reversed(list(tokenize.generate_tokens(io.StringIO(text).readline))):
        if token.type in (tokenize.NAME, tokenize.COMMENT):
            row, start, end = token.start[0] - 1, token.start[1], token.end[1]
            lines[row] = lines[row][:start] + change(token) + lines[row][end:]
    return "".join(lines)
