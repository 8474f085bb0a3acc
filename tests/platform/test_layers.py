"""How the package is built: imports go one way, rooms stay small."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "autograder"
LAYERS = [
    "errors", "timing", "files", "assignment", "submission", "rules", "report", "sandbox", "suite",
    "grading", "audit", "release", "feedback", "export", "similarity", "hostile", "demo", "cli",
]  # fmt: skip
OUTSIDE = {"autograder", "autograder.__main__"}  # the version, and the door
MODULES = sorted(PACKAGE.rglob("*.py"))
MAX_MODULE, MAX_FUNCTION = 300, 25


def name_of(path: Path) -> str:
    """Return a module's dotted name."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {name_of(path) for path in MODULES}


def layer_of(name: str) -> int:
    """Return how high a module stands; StopIteration for a room that nobody planned."""
    return LAYERS.index(name.split(".")[1])


def imports(path: Path) -> Iterator[str]:
    """Return the modules of the package that a module imports, wherever it does so."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in NAMES)
        elif isinstance(node, ast.ImportFrom):
            base = absolute(path, node)
            deeper = [f"{base}.{alias.name}" for alias in node.names]
            yield from (name if name in NAMES else base for name in deeper if base in NAMES)


def absolute(path: Path, node: ast.ImportFrom) -> str:
    """Return the module that `from ... import` names, dots resolved."""
    if not node.level:
        return node.module or ""
    package = path.relative_to(PACKAGE.parent).parent.parts
    base = package[: len(package) - node.level + 1]
    return ".".join([*base, *([node.module] if node.module else [])])


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_up_the_list(path: Path) -> None:
    """A module imports only what stands above its own room, or beside it in the same room."""
    name = name_of(path)
    if name in OUTSIDE:
        return
    for imported in imports(path):
        if imported != "autograder":
            assert layer_of(imported) <= layer_of(name), f"{name} imports {imported}"


def test_there_are_no_cycles() -> None:
    """Following imports never leads back to the start, inside a room either."""
    graph = {name_of(path): set(imports(path)) - {name_of(path)} for path in MODULES}
    while leaves := {name for name, needs in graph.items() if not needs & graph.keys()}:
        graph = {name: needs for name, needs in graph.items() if name not in leaves}
    assert graph == {}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_rooms_stay_small(path: Path) -> None:
    """A module has at most 300 lines, a function at most 25 without its docstring."""
    text = path.read_text("utf-8")
    assert text.count("\n") <= MAX_MODULE
    long = {f.name: length(f) for f in functions(text) if length(f) > MAX_FUNCTION}
    assert long == {}


def functions(text: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return all functions and methods of a module."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count a function's lines from `def` on, without the docstring."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    first = function.body[0]
    documented = ast.get_docstring(function) is not None
    return lines - ((first.end_lineno or 0) - first.lineno + 1 if documented else 0)
