"""What must not leave: solutions, hidden tests, mutants; and what of it is public anyway."""

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.assignment import Assignment
from autograder.release import starter
from autograder.release.gate import runs, trees
from autograder.release.gate.model import Kind
from autograder.release.gate.passages import Passage, clean, unfold
from autograder.submission.source import parse_anew

_LONG_SOLUTION = 45  # letters of one line of a solution; more than any formula of a handout
_NAME = 16  # letters of a test's name that nobody else comes up with


@dataclass(frozen=True)
class Origin:
    """Where a secret comes from."""

    kind: Kind
    path: str
    line: int = 1
    name: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" + (f" ({self.name})" if self.name else "")


@dataclass(frozen=True)
class Text:
    """A hidden text, or one block of it; `line` is the number of its first line."""

    kind: Kind
    path: str
    line: int
    lines: tuple[str, ...]

    def origin(self, index: int) -> Origin:
        """The place of a line, counted from 0."""
        return Origin(self.kind, self.path, self.line + index)


@dataclass(frozen=True)
class Vault:
    """The secrets of an assignment, ready to be looked for."""

    texts: tuple[Text, ...]
    solutions: runs.Index
    hidden: runs.Index
    modules: Mapping[str, str]
    names: Mapping[str, Origin]  # of hidden tests
    functions: dict[str, Origin] = field(default_factory=dict)
    windows: dict[str, Origin] = field(default_factory=dict)


def of(assignment: Assignment) -> Vault:
    """Read all that is hidden, and take away what students get in any case."""
    public = _public(assignment)
    blocks, others = list(_blocks(assignment)), list(_hidden(assignment))
    vault = Vault(
        texts=(*blocks, *others),
        solutions=runs.Index([text.lines for text in blocks], public, _LONG_SOLUTION),
        hidden=runs.Index([text.lines for text in others], public),
        modules=_modules(assignment),
        names=_names(assignment),
    )
    for origin, tree, lines in _trees(assignment):
        modules = trees.modules_of(tree) or vault.modules
        _keep(vault.functions, trees.functions(tree, modules), origin, lines)
        _keep(vault.windows, trees.windows(tree, modules), origin, lines)
    for shown in public.values():
        _forget(vault, Passage("", shown, code=True))
    return vault


def _forget(vault: Vault, shown: Passage) -> None:
    """Take away what a public text holds, be it in its docstrings."""
    modules = trees.modules_of(shown.tree) or vault.modules
    for passage in unfold(shown):
        for piece in trees.functions(passage.tree, modules):
            vault.functions.pop(piece.shape, None)
        for piece in trees.windows(passage.tree, modules):
            vault.windows.pop(piece.shape, None)


def solution_blocks(text: str) -> list[tuple[int, int]]:
    """Return the lines of the markers of each block, counted from 1."""
    marks = [n for n, line in enumerate(text.splitlines(), start=1) if line.strip() in _MARKERS]
    return list(zip(marks[::2], marks[1::2], strict=True))


_MARKERS = (starter.BEGIN, starter.END)


def _public(assignment: Assignment) -> dict[str, str]:
    """Starter code, and the helpers of visible checks: their tests are not to be hidden ones."""
    texts = starter.generate(assignment)
    for path in sorted(assignment.visible.glob("*.py")):
        tree = parse_anew(text := path.read_text("utf-8"))
        lines = text.splitlines()
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
                begin = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                lines[begin - 1 : node.end_lineno] = [""] * ((node.end_lineno or 0) - begin + 1)
        texts[f"tests/{path.name}"] = "\n".join(lines)
    return texts


def _blocks(assignment: Assignment) -> Iterator[Text]:
    for name in assignment.files:
        text = (assignment.solutions / name).read_text("utf-8")
        lines = tuple(clean(text).splitlines())
        for begin, end in solution_blocks(text):
            path = f"solutions/{assignment.slug}/{name}"
            yield Text(Kind.SOLUTION, path, begin + 1, lines[begin : end - 1])


def _hidden(assignment: Assignment) -> Iterator[Text]:
    rooms = ((Kind.HIDDEN, assignment.hidden, "*.py"), (Kind.MUTANT, assignment.mutants, "*.toml"))
    for kind, folder, pattern in rooms:
        for path in sorted(folder.rglob(pattern)):
            lines = clean(path.read_text("utf-8")).splitlines()
            yield Text(kind, _shown(path, assignment), 1, tuple(lines))


def _shown(path: Path, assignment: Assignment) -> str:
    return path.relative_to(assignment.root).as_posix()


def _modules(assignment: Assignment) -> dict[str, str]:
    """What the solutions' imports stand for, where a text shows none of its own."""
    found: dict[str, str] = {}
    for name in assignment.files:
        found |= trees.modules_of(parse_anew((assignment.solutions / name).read_bytes()))
    return found


def _names(assignment: Assignment) -> dict[str, Origin]:
    """Return the names of hidden tests that say something, and that no visible check has."""
    visible = "\n".join(path.read_text("utf-8") for path in assignment.visible.glob("*.py"))
    taken = set(re.findall(r"\btest_\w+", visible))
    found = {}
    for text in _hidden(assignment):
        for number, line in enumerate(text.lines):
            name = re.match(r"def (test_\w+)\(", line) if text.kind is Kind.HIDDEN else None
            if name and len(name[1]) >= _NAME and name[1] not in taken:
                found[name[1]] = text.origin(number)
    return found


def _trees(assignment: Assignment) -> Iterator[tuple[Origin, ast.Module, list[tuple[int, int]]]]:
    """Yield where hidden code comes from, its tree, and which of its lines are hidden."""
    for name in assignment.files:
        solution = (assignment.solutions / name).read_text("utf-8")
        origin = Origin(Kind.SOLUTION, f"solutions/{assignment.slug}/{name}")
        yield origin, parse_anew(solution), solution_blocks(solution)
    for text in _hidden(assignment):
        whole = "\n".join(text.lines)
        if text.kind is Kind.HIDDEN:
            yield text.origin(0), parse_anew(whole), [(0, len(text.lines) + 1)]
        else:
            yield from _changes(text, whole)


def _changes(text: Text, toml: str) -> Iterator[tuple[Origin, ast.Module, list[tuple[int, int]]]]:
    said = tomllib.loads(toml)
    for entry in (*said.get("mutant", ()), *said.get("variant", ())):
        code = entry.get("code", "")
        place = toml.find(code) if code else -1
        if place >= 0:
            line = toml.count("\n", 0, place)
            yield text.origin(line), parse_anew(code), [(0, code.count("\n") + 2)]


def _keep(
    found: dict[str, Origin],
    pieces: Iterator[trees.Piece],
    origin: Origin,
    hidden: list[tuple[int, int]],
) -> None:
    """Keep the pieces that are in hidden lines or have such lines in them."""
    for piece in pieces:
        if any(begin <= piece.end and piece.line <= end for begin, end in hidden):
            where = Origin(origin.kind, origin.path, origin.line + piece.line - 1, piece.name)
            found.setdefault(piece.shape, where)
