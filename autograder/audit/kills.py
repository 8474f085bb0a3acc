"""The kill matrix: which test catches which mutant, and what right variants lose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from autograder.assignment import Assignment
from autograder.audit.feedback import naming
from autograder.audit.model import Check, Finding, Outcome, Reading, Trial, VariantTrial
from autograder.audit.mutants import Kind, Mutant, Variant
from autograder.audit.tasks import Judged
from autograder.report import TestResult, TestStatus


def trial(mutant: Mutant, judged: Judged) -> Trial:
    """What the suite made of a mutant."""
    readings = tuple(_readings(judged.result.tests))
    caught = bool(readings)
    if mutant.kind is Kind.EQUIVALENT:
        outcome = Outcome.DIFFERENT if caught else Outcome.EQUIVALENT
    else:
        outcome = Outcome.CAUGHT if caught else Outcome.SURVIVED
    return Trial(
        exercise=mutant.exercise,
        name=mutant.name,
        wrong=mutant.wrong,
        kind=mutant.kind,
        note=mutant.pinned or mutant.reason or "",
        outcome=outcome,
        caught_by=tuple(reading.test for reading in readings),
        by_luck=caught and judged.again is not None and not any(_readings(judged.again)),
        spills=judged.spills,
        readings=readings,
        named_by=naming(mutant.cause, readings),
    )


def variant_trial(variant: Variant, judged: Judged) -> VariantTrial:
    """What a right variant has lost, with either data."""
    lost = [*_readings(judged.result.tests), *_readings(judged.again or ())]
    return VariantTrial(
        exercise=variant.exercise,
        name=variant.name,
        how=variant.how,
        lost=tuple(lost),
        spills=judged.spills,
    )


def gaps(
    assignment: Assignment, trials: Sequence[Trial], variants: Sequence[VariantTrial]
) -> Iterator[Finding]:
    """Survivors first; then what is caught by luck, listed wrongly, spills over, or is missing."""
    for trial in trials:
        if trial.outcome is Outcome.SURVIVED:
            yield _gap(trial, f"gets full marks: {trial.wrong}")
    for trial in trials:
        yield from _flaws(trial)
    for variant in variants:
        yield from _losses(variant)
    tried = {trial.exercise for trial in trials}
    for exercise in assignment.exercises:
        if exercise.name not in tried:
            yield Finding(check=Check.MUTANTS, what=f"{exercise.name} has no mutant")


def _flaws(trial: Trial) -> Iterator[Finding]:
    if trial.outcome is Outcome.DIFFERENT:
        yield _gap(trial, f"is listed as equivalent, and {trial.caught_by[0]} catches it")
    elif trial.by_luck:
        yield _gap(trial, "is caught by luck: with other data it gets full marks")
    if trial.spills:
        yield _gap(trial, f"loses points in {', '.join(trial.spills)}, which do not require it")


def _losses(variant: VariantTrial) -> Iterator[Finding]:
    if variant.lost:
        first = variant.lost[0]
        yield _gap(variant, f"is right, and fails {first.test}: {first.message}")
    if variant.spills:
        yield _gap(variant, f"is right, and loses points in {', '.join(variant.spills)}")


def _gap(about: Trial | VariantTrial, said: str) -> Finding:
    check = Check.MUTANTS if isinstance(about, Trial) else Check.VARIANTS
    return Finding(check=check, what=f"{about.id} {said}")


def warnings(assignment: Assignment, variants: Sequence[VariantTrial]) -> Iterator[Finding]:
    """Exercises whose fairness nobody has tried."""
    tried = {each.exercise for each in variants}
    for exercise in assignment.exercises:
        if exercise.name not in tried:
            yield Finding(check=Check.VARIANTS, what=f"{exercise.name} has no right variant")


def _readings(tests: Iterable[TestResult]) -> Iterator[Reading]:
    for test in tests:
        if test.status is not TestStatus.PASSED:
            why = test.diagnosis
            yield Reading(
                test=test.id,
                code=why.code if why else str(test.status),
                output=why.output if why else None,
                message=why.message if why else "",
            )
