"""Advice on files that can be graded: names that are gone, functions that are not there."""

import ast
import re
from collections.abc import Iterator
from contextlib import suppress

from autograder.assignment import Assignment, Exercise
from autograder.submission.scopes import bound, bound_by
from autograder.submission.source import parse
from autograder.submission.text import near_miss, printable

_NOTES = 20
_PYTHON_2 = {
    "xrange": "range",
    "raw_input": "input",
    "unicode": "str",
    "basestring": "str",
    "unichr": "chr",
    "reduce": "functools.reduce",
}
_NUMPY = {
    "float": "float",
    "int": "int",
    "complex": "complex",
    "object": "object",
    "str": "str",
    "unicode": "str",
    "float_": "np.float64",
    "complex_": "np.complex128",
    "Inf": "np.inf",
    "Infinity": "np.inf",
    "NaN": "np.nan",
    "NAN": "np.nan",
    "product": "np.prod",
    "cumproduct": "np.cumprod",
    "alltrue": "np.all",
    "sometrue": "np.any",
    "row_stack": "np.vstack",
}
# Texts are searched for a `.` and for plain words first, which takes a third of the time.
_READ = r"\b(?!\s*=[^=])"
_OF_NUMPY = re.compile(rf"\.(?:(?<=\bnp\.)|(?<=\bnumpy\.))(?:{'|'.join(_NUMPY)}){_READ}".encode())
_OF_PYTHON_2 = re.compile(rf"\b(?:{'|'.join(_PYTHON_2)}){_READ}".encode())
_WORDS = [word.encode() for word in _PYTHON_2]
_DEFINED = re.compile(rb"\n(?:def|class) +(\w+)")


def advice(files: dict[str, bytes], assignment: Assignment) -> tuple[str, ...]:
    """Return sentences that help with what will fail later; they never cost anything."""
    notes: list[str] = []
    for name, data in files.items():
        with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            if _is_suspect(data):
                notes += [f"{name} line {line}: {said}" for line, said in _gone(parse(data))]
            notes += _absent(name, data, assignment)
    return tuple(notes[:_NOTES])


def _is_suspect(data: bytes) -> bool:
    is_old = any(word in data for word in _WORDS) and _OF_PYTHON_2.search(data)
    return bool(is_old or _OF_NUMPY.search(data))


def _gone(tree: ast.Module) -> Iterator[tuple[int, str]]:
    nodes = list(ast.walk(tree))
    own = bound_by(nodes)
    for node in nodes:
        if isinstance(node, ast.Name) and node.id in _PYTHON_2 and node.id not in own:
            instead = _PYTHON_2[node.id]
            yield node.lineno, f"`{node.id}` is Python 2; write `{instead}`."
        elif (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in {"np", "numpy"}
            and node.attr in _NUMPY
        ):
            gone = f"{node.value.id}.{node.attr}"
            yield node.lineno, f"`{gone}` is gone from NumPy; write `{_NUMPY[node.attr]}`."


def _absent(name: str, data: bytes, assignment: Assignment) -> Iterator[str]:
    """Name the functions that the exercises of this file ask for and that nothing binds."""
    exercises = [exercise for exercise in assignment.exercises if exercise.file == name]
    wanted = list(dict.fromkeys(_top_level(exercises)))
    defined = set(_DEFINED.findall(b"\n" + data))
    missing = [w for w in wanted if w.encode() not in defined]
    if not missing:
        return
    tree = parse(data)
    names = bound(list(tree.body))
    if "*" in names:
        return
    for absent in missing:
        if absent not in names:
            meant = near_miss(absent, names - set(wanted))
            hint = f" Found {printable(meant)}: did you mean {absent}?" if meant else ""
            yield f"{_signature(absent, name, assignment)} not found in {name}.{hint}"


def _top_level(exercises: list[Exercise]) -> Iterator[str]:
    for exercise in exercises:
        for function in exercise.functions:
            yield function.partition(".")[0]


def _signature(function: str, name: str, assignment: Assignment) -> str:
    """Return the name with the parameters that the starter code gives it, where there is one."""
    with suppress(OSError, SyntaxError, ValueError):
        for node in parse((assignment.starter / name).read_bytes()).body:
            if isinstance(node, ast.FunctionDef) and node.name == function:
                return f"{function}({ast.unparse(node.args)})"
    return function
