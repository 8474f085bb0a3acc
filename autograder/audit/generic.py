"""Generic mutations of the reference: an independent number for how much a suite notices.

A mutation is known by its function and what it changes, in a form that line shifts and new
formatting leave alone, so that tests/mutants/<slug>/generic_equivalents.toml can list those that no
test can tell from the solution, each with the reason.
"""

import ast
import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from autograder.assignment import Assignment, Exercise
from autograder.audit.mutants import GENERIC_EQUIVALENTS
from autograder.audit.operators import OPERATORS
from autograder.errors import StaffError

KEYS = {"function", "change", "reason"}
Function = ast.FunctionDef | ast.AsyncFunctionDef
Span = tuple[int, int]


@dataclass(frozen=True)
class Mutation:
    """One slip in one place: the bytes of `file` at `span` become `text`."""

    function: str  # module and qualified name: "losses.softmax_loss"
    change: str
    exercises: tuple[str, ...]  # whose tests should notice
    file: str
    span: Span
    text: str

    @property
    def id(self) -> str:
        """What names it, whatever else changes in the file."""
        return f"{self.function}: {self.change}"

    def apply(self, sources: Mapping[str, bytes]) -> dict[str, bytes]:
        """Return the sources with this mutation in them."""
        source, (begin, end) = sources[self.file], self.span
        return {**sources, self.file: source[:begin] + self.text.encode() + source[end:]}


def mutations(assignment: Assignment, sources: Mapping[str, bytes]) -> list[Mutation]:
    """All generic mutations of the functions that students write, helpers included."""
    return [m for file in assignment.files for m in _of_file(assignment, file, sources[file])]


def sample(all_of_them: Iterable[Mutation], size: int, seed: str = "0") -> list[Mutation]:
    """At most `size` of them: always the same ones, and mostly so after the source has changed."""

    def lot(mutation: Mutation) -> bytes:
        return hashlib.sha256(f"{seed} {mutation.id}".encode()).digest()

    return sorted(all_of_them, key=lot)[:size]


def equivalents(assignment: Assignment) -> dict[str, str]:
    """The listed equivalents: id -> reason; a StaffError names the entry that is wrong."""
    path = assignment.mutants / GENERIC_EQUIVALENTS
    if not path.is_file():
        return {}
    where = path.relative_to(assignment.root).as_posix()
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("equivalent", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StaffError(str(error), where) from None
    listed: dict[str, str] = {}
    for number, entry in enumerate(entries, start=1):
        if entry.keys() != KEYS or not all(entry[key] for key in KEYS):
            raise StaffError(f"entry {number}: needs exactly {', '.join(sorted(KEYS))}", where)
        name = f"{entry['function']}: {entry['change']}"
        if name in listed:
            raise StaffError(f"entry {number}: stands there twice: {name}", where)
        listed[name] = entry["reason"]
    return listed


def _of_file(assignment: Assignment, file: str, source: bytes) -> Iterator[Mutation]:
    starts = _line_starts(source)
    exercises = [exercise for exercise in assignment.exercises if exercise.file == file]
    seen: Counter[str] = Counter()
    for name, function in _functions(ast.parse(source)):
        graded = _graded(name, exercises)
        for change, node, text in _slips(function) if graded else ():
            label = f"{file.removesuffix('.py')}.{name}"
            seen[f"{label}: {change}"] += 1
            times = seen[f"{label}: {change}"]
            told = change if times == 1 else f"{change} (number {times})"
            yield Mutation(label, told, graded, file, _span(node, starts), text)


def _graded(name: str, exercises: list[Exercise]) -> tuple[str, ...]:
    """The exercises that judge a function: those that name it, or all that may use a helper."""
    naming = [
        exercise.name
        for exercise in exercises
        if any(name == told or name.startswith(f"{told}.") for told in exercise.functions)
    ]
    last = name.rpartition(".")[2]
    if not naming and last.startswith("_") and not last.startswith("__"):
        return tuple(exercise.name for exercise in exercises)
    return tuple(naming)


def _functions(node: ast.AST, outer: str = "") -> Iterator[tuple[str, Function]]:
    """Every function and method with its qualified name; those inside a function belong to it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function):
            yield f"{outer}{child.name}", child
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{outer}{child.name}.")


def _slips(function: Function) -> Iterator[tuple[str, ast.AST, str]]:
    """(what changes, the node, the text that stands there instead)."""
    for statement in _statements(function.body):
        head = ast.unparse(statement).partition("\n")[0]
        for node in _own_nodes(statement):
            for operator in OPERATORS:
                for slip in operator(node):
                    before, after = ast.unparse(node), ast.unparse(slip)
                    if isinstance(node, ast.stmt):
                        yield f"`{before}` -> `{after}`", node, after
                    elif isinstance(node, ast.Slice):
                        yield f"`{before}` -> `{after}` in `{head}`", node, after
                    else:
                        yield f"`{before}` -> `{after}` in `{head}`", node, f"({after})"


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """All statements, also inside others; not the docstring, and nothing of a `raise`."""
    for statement in body:
        if isinstance(statement, ast.Raise) or _is_text(statement):
            continue
        yield statement
        for field in ("body", "orelse", "finalbody"):
            yield from _statements(getattr(statement, field, []))
        for handler in getattr(statement, "handlers", []):
            yield from _statements(handler.body)


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _own_nodes(statement: ast.stmt) -> Iterator[ast.AST]:
    """The statement's nodes outside of the statements that it holds, and of formatted texts."""
    yield statement
    waiting = [c for c in ast.iter_child_nodes(statement) if not isinstance(c, ast.stmt)]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.JoinedStr | ast.excepthandler | ast.arguments):
            continue
        yield node
        waiting += [c for c in ast.iter_child_nodes(node) if not isinstance(c, ast.stmt)]


def _line_starts(source: bytes) -> list[int]:
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts


def _span(node: ast.AST, starts: list[int]) -> Span:
    place = node
    assert isinstance(place, ast.expr | ast.stmt)
    begin = starts[place.lineno - 1] + place.col_offset
    return begin, starts[(place.end_lineno or 0) - 1] + (place.end_col_offset or 0)
