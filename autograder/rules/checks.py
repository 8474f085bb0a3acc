"""The rules of an assignment against a submission: which exercise breaks which, and where."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from autograder.assignment import Assignment, Exercise
from autograder.rules.banned import (
    ESCAPE_MODULES,
    ESCAPES,
    LOOPS,
    canonical,
    covers,
    instead_of,
)
from autograder.rules.reach import Reach
from autograder.rules.scan import Mention, Scanned, Unit, scan
from autograder.submission.source import parse

_SHOWN = 5  # violations of one exercise
_OBJECTS = {"ndarray", "Tensor", "Module"}  # torch.Tensor.cuda: a method of any object


@dataclass(frozen=True, order=True)
class Violation:
    """One broken rule; the message says the place and what to write instead."""

    file: str
    line: int
    message: str


def check(files: Mapping[str, bytes], assignment: Assignment) -> dict[str, tuple[Violation, ...]]:
    """Return the violations of each exercise that has any, in the order of the lines."""
    scanned: dict[str, Scanned] = {}
    wide: dict[str, list[Violation]] = {}
    own = [name.removesuffix(".py") for name in assignment.files]
    for name, data in files.items():
        try:
            scanned[name] = scan(name, parse(data), own)
            wide[name] = list(_file_wide(scanned[name], assignment))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            wide[name] = [_violation(name, 1, "too deeply nested to be checked; split it up")]
    reach = Reach(list(scanned.values()))
    result = {}
    for exercise in assignment.exercises:
        found = set(wide.get(exercise.file, ()))
        if exercise.file in scanned:
            found |= {*_calls(exercise, reach), *_loops(exercise, reach)}
        if found:
            result[exercise.name] = tuple(sorted(found)[:_SHOWN])
    return result


def _violation(file: str, line: int, said: str) -> Violation:
    return Violation(file, line, f"{file} line {line}: {said}")


def _named(mention: Mention) -> str:
    """Show what the student wrote, and its full name where that is another one."""
    written = mention.shown.replace("np.", "numpy.", 1)
    plain = mention.name in {written, f"builtins.{written}"}
    known = not mention.name.startswith("?")
    return f"`{mention.shown}`" + (f" ({mention.name})" if known and not plain else "")


# Rules for a whole file


def _file_wide(scanned: Scanned, assignment: Assignment) -> Iterator[Violation]:
    for mention in scanned.imports:
        if covers(assignment.rules.forbid_imports, mention.name):
            library = {"numpy": "NumPy", "torch": "PyTorch"}[assignment.runtime]
            said = f"`{mention.shown}` is not allowed in this assignment; write it with {library}."
            yield _violation(scanned.file, mention.line, said)
    if assignment.runtime == "numpy":
        yield from _escapes(scanned)


def _escapes(scanned: Scanned) -> Iterator[Violation]:
    """Ways to hide from the other rules; projects with torch may have good reasons for them."""
    mentions = [m for unit in scanned.everything for m in unit.mentions]
    for mention in [*scanned.imports, *mentions]:
        if entry := covers(ESCAPES, mention.name):
            yield _escape(scanned.file, mention, ESCAPES[entry])
    for mention in scanned.imports:
        module = covers(ESCAPE_MODULES, mention.name)
        if module and not (module == "builtins" and "." in mention.name):
            yield _escape(scanned.file, mention, ESCAPE_MODULES[module])
    for mention in scanned.escapes:
        yield _escape(scanned.file, mention, "call functions by their names")


def _escape(file: str, mention: Mention, advice: str) -> Violation:
    said = f"`{mention.shown}` is not allowed in this assignment; {advice}."
    return _violation(file, mention.line, said)


# Rules for an exercise


def _calls(exercise: Exercise, reach: Reach) -> Iterator[Violation]:
    forbidden = [_full(entry) for entry in exercise.forbid_calls]
    if not forbidden:
        return
    starts = [s for function in exercise.functions for s in reach.starts(exercise.file, function)]
    for unit in (unit for units in reach.units(starts).values() for unit in units):
        for mention in unit.mentions:
            if entry := _forbidden(mention.name, forbidden):
                allowed = f"(allowed instead: {instead_of(entry, forbidden)})"
                said = f"{_named(mention)} is not allowed in this exercise {allowed}."
                yield _violation(unit.file, mention.line, said)


def _full(entry: str) -> str:
    """Read an entry of forbid_calls: `np.dot` and `numpy.dot` are the same, `sorted` a builtin."""
    if "." not in entry:
        return f"builtins.{entry}"
    return f"numpy.{entry.removeprefix('np.')}" if entry.startswith("np.") else entry


def _forbidden(name: str, forbidden: Sequence[str]) -> str | None:
    """Return the entry that a name falls under: a library's name, or any object's method."""
    if entry := covers(forbidden, canonical(name)):
        return entry
    _, owner, method = name.rsplit(".", 2) if name.count(".") > 1 else ("", "", "")
    for entry in forbidden:
        library, kind, called = entry.rsplit(".", 2) if entry.count(".") > 1 else ("", "", "")
        fits = kind in _OBJECTS or (kind == owner and name.startswith("?"))
        if fits and called == method and not name.startswith(f"{library}."):
            return entry
    return None


def _loops(exercise: Exercise, reach: Reach) -> Iterator[Violation]:
    for function in exercise.loop_free:
        starts = reach.starts(exercise.file, function)
        found = reach.units(starts)
        looping = [
            (u, what, line) for units in found.values() for u in units for what, line in _in(u)
        ]
        if again := reach.recursion(found):
            looping.append((again[0], "recursion", again[1].line))
        for unit, what, line in looping:
            inside = "" if unit.name in starts else f" in `{unit.name.partition('.')[2]}`"
            via = f", which `{function}` uses" if inside else ""
            said = f"{what}{inside}{via}; this exercise asks for array operations."
            yield _violation(unit.file, line, said)


def _in(unit: Unit) -> Iterator[tuple[str, int]]:
    """Return the loops of one unit: which kind, which line."""
    yield from unit.loops
    for mention in unit.mentions:
        if covers(LOOPS, canonical(mention.name)):
            yield f"`{mention.shown}` is a loop", mention.line
