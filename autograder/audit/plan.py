"""What an audit will try: every implementation, and whom it may touch."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from autograder.assignment import Assignment, Exercise
from autograder.audit import generic, mutants
from autograder.audit.generic import Mutation
from autograder.audit.lanes import BLAS_THREADS
from autograder.audit.mutants import Lineup, Mutant
from autograder.audit.tasks import Ask, Files, Grade, Right, Setup, Slip, Steady, Try
from autograder.errors import StaffError

REFERENCE, STARTER = "reference", "starter"
GRADING_SEED, OTHER_SEED = "audit", "audit again"

Sources = Mapping[str, bytes]


@dataclass(frozen=True)
class Effort:
    """How much an audit tries."""

    seeds: int = 50
    sample: int = 600  # generic mutations


@dataclass(frozen=True)
class Plan:
    """All tasks of an audit, and what their answers will be about."""

    assignment: Assignment
    lineup: Lineup
    slips: tuple[Mutation, ...]  # those that are tried
    made: frozenset[str]  # ids of all generic mutations
    equivalents: Mapping[str, str]
    seeds: int
    setup: Setup
    asks: tuple[Ask, ...]


def make(assignment: Assignment, starter: Mapping[str, str], effort: Effort) -> Plan:
    """Read mutants and variants, make the generic mutations, and list all tasks."""
    sources = _sources(assignment)
    lineup = mutants.load(assignment)
    made = generic.mutations(assignment, sources)
    slips = tuple(generic.sample(made, effort.sample))
    setup = Setup(
        slug=assignment.slug,
        root=str(assignment.root),
        seed=GRADING_SEED,
        other_seed=OTHER_SEED,
        rights=tuple(_rights(assignment, lineup, sources)),
    )
    graded = [Grade(id=STARTER, files=dict(starter))] if starter else []
    asks: list[Ask] = [Grade(id=REFERENCE, files={}), *graded]
    asks += _tries(assignment, lineup, sources)
    asks += [
        Slip(id=slip.id, files=_difference(slip.apply(sources), sources), exercises=slip.exercises)
        for slip in slips
    ]
    asks += _seeds(effort.seeds)
    listed = generic.equivalents(assignment)
    ids = frozenset(mutation.id for mutation in made)
    return Plan(assignment, lineup, slips, ids, listed, effort.seeds, setup, tuple(asks))


def steady_id(seed: int) -> str:
    """The id of the task that tries a seed."""
    return f"seed/{seed}"


def threads_of(seed: int) -> int:
    """With how many BLAS threads a seed is tried: they take turns."""
    return BLAS_THREADS[seed % len(BLAS_THREADS)]


def dependents(assignment: Assignment, exercise: str) -> set[str]:
    """The exercises that may lose points with this one: those that require it, however far."""
    found: set[str] = set()
    for later in assignment.exercises:
        if {exercise, *found} & set(later.requires):
            found.add(later.name)
    return found


def _sources(assignment: Assignment) -> dict[str, bytes]:
    sources = {}
    for name in assignment.files:
        path = assignment.solutions / name
        if not path.is_file():
            raise StaffError("no such file", path.relative_to(assignment.root).as_posix())
        sources[name] = path.read_bytes()
    return sources


def _rights(assignment: Assignment, lineup: Lineup, sources: Sources) -> Iterator[Right]:
    names = tuple(exercise.name for exercise in assignment.exercises)
    yield Right(name=REFERENCE, exercises=names, files={})
    for variant in lineup.variants:
        files = _difference(mutants.apply(variant, sources), sources)
        yield Right(name=variant.id, exercises=(variant.exercise,), files=files)


def _tries(assignment: Assignment, lineup: Lineup, sources: Sources) -> Iterator[Try]:
    """A mutant may cost points in the exercises that require its own; a variant nowhere."""
    near = {e.name: _near(assignment, e, sources) for e in assignment.exercises}
    for change in (*lineup.mutants, *lineup.variants):
        name = change.exercise
        may_lose = dependents(assignment, name) if isinstance(change, Mutant) else set()
        yield Try(
            id=change.id,
            files=_difference(mutants.apply(change, sources), sources),
            exercise=name,
            others=tuple(other for other in near[name] if other not in may_lose),
        )


def _near(assignment: Assignment, exercise: Exercise, sources: Sources) -> list[str]:
    """The other exercises that a change could touch: of its file, and of the file's importers."""
    files = {exercise.file}
    while more := {name for name in sources if files & _imported(sources[name])} - files:
        files |= more
    return [e.name for e in assignment.exercises if e.file in files and e.name != exercise.name]


def _imported(source: bytes) -> set[str]:
    """The files beside it that a file may import."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return {f"{name}.py" for name in names}


def _seeds(count: int) -> Iterator[Steady]:
    for seed in range(count):
        yield Steady(id=steady_id(seed), seed=str(seed), threads=threads_of(seed))


def _difference(changed: Sources, sources: Sources) -> Files:
    return {name: text.decode() for name, text in changed.items() if text != sources[name]}
