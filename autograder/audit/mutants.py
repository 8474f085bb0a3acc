"""Wrong and other right implementations as data: tests/mutants/<slug>/<exercise>.toml.

A mutant is a difference from the solution, and never a copy of its file. `load` reads an
assignment's files and checks what they say; `apply` makes the difference. `docs/audit.md` explains
every key.
"""

import ast
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from autograder.assignment import Assignment, Exercise, Identifier, QualName
from autograder.audit.splice import splice
from autograder.errors import StaffError
from autograder.sandbox import faults
from autograder.suite.diagnosis import Code

GENERIC_EQUIVALENTS = "generic_equivalents.toml"
WORDS = "~"  # a cause that starts with it is words of the sentence, and not a code
Sentence = Annotated[str, Field(min_length=1)]


class Kind(StrEnum):
    """What a mutant is wrong about."""

    BUG = "bug"  # wrong whatever the docstring says
    CONVENTION = "convention"  # wrong only because the docstring pins the rule
    EQUIVALENT = "equivalent"  # no test can tell it from the solution; listed to be honest


class Change(BaseModel):
    """A difference from the solution of one exercise: a text replaced, or whole functions."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Identifier
    find: Sentence | None = None
    replace: str | None = None
    code: Sentence | None = None
    target: QualName | None = None
    exercise: str = ""
    file: str = ""  # of the solution
    where: str = ""  # the TOML file

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.find is None) == (self.code is None):
            raise ValueError("give either find and replace, or code")
        if (self.find is None) != (self.replace is None):
            raise ValueError("find and replace go together")
        if self.target is not None and self.code is None:
            raise ValueError("target says what code replaces: there is no code")
        return self

    @property
    def id(self) -> str:
        """The exercise and the name: unique within the assignment."""
        return f"{self.exercise}/{self.name}"


class Mutant(Change):
    """A wrong implementation, or one that looks wrong and is not."""

    wrong: Sentence
    kind: Kind
    pinned: Sentence | None = None
    reason: Sentence | None = None
    cause: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.kind is Kind.CONVENTION) != (self.pinned is not None):
            raise ValueError("a convention, and nothing else, has the `pinned` sentence it breaks")
        if (self.kind is Kind.EQUIVALENT) != (self.reason is not None):
            raise ValueError("an equivalent, and nothing else, has a `reason` why no test can tell")
        for cause in self.cause:
            if cause not in CODES and not (cause.startswith(WORDS) and cause[1:].strip()):
                raise ValueError(f"cause: {cause!r} is neither a diagnosis code nor ~words")
        return self


class Variant(Change):
    """Another right implementation; `needs` names tests that are there to be fair to it."""

    how: Sentence
    needs: tuple[str, ...] = ()


Entry = TypeVar("Entry", Mutant, Variant)


@dataclass(frozen=True)
class Lineup:
    """All that an assignment's suite is tried with."""

    mutants: tuple[Mutant, ...] = ()
    variants: tuple[Variant, ...] = ()


def load(assignment: Assignment) -> Lineup:
    """Read all mutants and variants; a StaffError names the file and the mutant."""
    mutants: list[Mutant] = []
    variants: list[Variant] = []
    for path in sorted(assignment.mutants.glob("*.toml")):
        if path.name != GENERIC_EQUIVALENTS:
            lineup = _read(path, assignment)
            mutants += lineup.mutants
            variants += lineup.variants
    return Lineup(tuple(mutants), tuple(variants))


def apply(change: Change, sources: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the sources with the change made in its file."""
    source = sources[change.file].decode()
    try:
        changed = _changed(change, source)
        ast.parse(changed)
    except ValueError as error:
        raise _blame(change, str(error)) from None
    except SyntaxError as error:
        raise _blame(change, f"line {error.lineno} of the changed file: {error.msg}") from None
    if changed == source:
        raise _blame(change, "changes nothing")
    return {**sources, change.file: changed.encode()}


def _changed(change: Change, source: str) -> str:
    if change.code is not None:
        return splice(source, change.code, change.target)
    assert change.find is not None
    if (times := source.count(change.find)) != 1:
        raise ValueError(f"`find` occurs {times} times in {change.file}, not once")
    return source.replace(change.find, change.replace or "")


def _read(path: Path, assignment: Assignment) -> Lineup:
    where = path.relative_to(assignment.root).as_posix()
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StaffError(str(error), where) from None
    if path.stem not in {exercise.name for exercise in assignment.exercises}:
        raise StaffError(f"there is no exercise {path.stem!r}", where)
    if unknown := said.keys() - {"mutant", "variant"}:
        raise StaffError(f"{min(unknown)}: unknown key", where)
    exercise = assignment.exercise(path.stem)
    place = {"exercise": exercise.name, "file": exercise.file, "where": where}
    mutants = tuple(_entries(Mutant, said.get("mutant", []), place))
    variants = tuple(_entries(Variant, said.get("variant", []), place))
    _check_names([*mutants, *variants])
    _check_pinned(mutants, exercise, assignment)
    return Lineup(mutants, variants)


def _entries(kind: type[Entry], said: Any, place: dict[str, str]) -> Iterator[Entry]:
    if not isinstance(said, list):
        raise StaffError(f"write [[{kind.__name__.lower()}]] with two brackets", place["where"])
    for number, entry in enumerate(said, start=1):
        name = entry.get("name", f"number {number}")
        label = f"{kind.__name__.lower()} {name}"
        if taken := place.keys() & entry.keys():
            raise StaffError(f"{label}: {min(taken)}: unknown key", place["where"])
        try:
            yield kind.model_validate(entry | place)
        except ValidationError as error:
            raise StaffError(f"{label}: {_first(error)}", place["where"]) from None


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    key = ".".join(str(step) for step in first["loc"])
    unknown = first["type"] == "extra_forbidden"
    said = "unknown key" if unknown else first["msg"].removeprefix("Value error, ")
    return f"{key}: {said}" if key else said


def _check_names(changes: list[Change]) -> None:
    seen: set[str] = set()
    for change in changes:
        if change.name in seen:
            raise _blame(change, "the name stands there twice")
        seen.add(change.name)


def _check_pinned(mutants: tuple[Mutant, ...], exercise: Exercise, assignment: Assignment) -> None:
    pinned = [mutant for mutant in mutants if mutant.pinned is not None]
    if not pinned:
        return
    tree = ast.parse((assignment.solutions / exercise.file).read_bytes())
    specification = " ".join(_docstrings(tree, exercise))
    for mutant in pinned:
        if " ".join((mutant.pinned or "").split()) not in specification:
            raise _blame(mutant, f"pinned: not in the docstring of {exercise.name}")


def _docstrings(tree: ast.Module, exercise: Exercise) -> Iterator[str]:
    """The docstrings that specify the exercise: of its functions, their classes, the module."""
    owners = {name.partition(".")[0] for name in exercise.functions}
    nodes: list[ast.AST] = [tree]
    for top in tree.body:
        if isinstance(top, ast.FunctionDef | ast.ClassDef) and top.name in owners:
            nodes += ast.walk(top)
    for node in nodes:
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            yield " ".join((ast.get_docstring(node) or "").split())


def _blame(change: Change, problem: str) -> StaffError:
    return StaffError(f"{type(change).__name__.lower()} {change.name}: {problem}", change.where)


def _fault_codes(kind: type[faults.StudentFault]) -> set[str]:
    return {kind.code}.union(*(_fault_codes(below) for below in kind.__subclasses__()))


CODES = frozenset(
    {code.value for code in Code} | _fault_codes(faults.StudentFault) | {"signature", "forbidden"}
)
