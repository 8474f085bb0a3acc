"""What each check of an audit has to say, in one line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.audit.model import (
    Audit,
    Check,
    Feedback,
    GenericTrial,
    Headroom,
    Outcome,
    Stability,
)
from autograder.audit.vacuity import HINTS


@dataclass(frozen=True)
class Line:
    """One check's line; `gaps` and `warnings` count its findings."""

    check: Check
    said: str
    gaps: int
    warnings: int


def lines(audit: Audit) -> list[Line]:
    """A line for every check that was made."""
    return [
        Line(
            check,
            said,
            sum(finding.check is check for finding in audit.gaps),
            sum(finding.check is check for finding in audit.warnings),
        )
        for check, said in _said(audit)
    ]


def _said(audit: Audit) -> Iterator[tuple[Check, str]]:
    yield Check.REFERENCE, f"{audit.reference:g} of 100 points"
    if audit.starter is not None:
        yield Check.STARTER, f"{audit.starter:g} of 100 points"
    if audit.stability is None or audit.generic is None or audit.feedback is None:
        return  # the reference fails: nothing else was judged
    yield Check.VARIANTS, _variants(audit)
    yield Check.MUTANTS, _mutants(audit)
    yield Check.GENERIC, _generic(audit.generic)
    yield Check.STABILITY, _stability(audit.stability)
    yield Check.HEADROOM, _headroom(audit.headroom)
    yield Check.VACUITY, _vacuity(audit)
    yield Check.FEEDBACK, _feedback(audit.feedback)


def _variants(audit: Audit) -> str:
    fair = sum(not variant.lost and not variant.spills for variant in audit.variants)
    return f"{fair} of {len(audit.variants)} right variants get full marks"


def _mutants(audit: Audit) -> str:
    caught = sum(trial.outcome is Outcome.CAUGHT for trial in audit.trials)
    same = sum(trial.outcome is Outcome.EQUIVALENT for trial in audit.trials)
    return f"{caught} of {len(audit.trials) - same} caught; {same} more are equivalent"


def _generic(generic: GenericTrial) -> str:
    counted = generic.tried - generic.equivalent
    return f"{generic.score}% of {counted} caught; {generic.equivalent} more are equivalent"


def _stability(held: Stability) -> str:
    threads = " and ".join(str(number) for number in held.threads)
    tried = (
        f"{held.implementations} right implementations, {held.seeds} seeds, {threads} BLAS threads"
    )
    return f"{len(held.failures)} false failures in {held.runs} runs: {tried}"


def _headroom(rooms: Sequence[Headroom]) -> str:
    if not rooms:
        return "nothing is compared"
    single = sum(room.dtype == "float32" for room in rooms)
    above = min(room.above_right for room in rooms)
    below = min((room.below_wrong for room in rooms if room.below_wrong is not None), default=None)
    wrong = "no mutant is" if below is None else f"wrong ones {below}"
    said = f"right errors are at least {above} decades inside the tolerance, {wrong} outside"
    return f"{len(rooms)} comparisons ({single} in float32): {said}"


def _vacuity(audit: Audit) -> str:
    empty = sum(each.why not in HINTS for each in audit.vacuity)
    return f"{empty} tests prove nothing; {len(audit.vacuity) - empty} catch nothing alone"


def _feedback(told: Feedback) -> str:
    named = f"{told.named}% of {told.bugs} bugs"
    conventions = f"{told.conventions_named} of {told.conventions} conventions"
    vague = f"{len(told.only_differs)} are only told that something differs"
    return f"{named} and {conventions} diagnosed by cause; {vague}; {len(told.leaks)} leaks"
