"""Tests that prove nothing: they pass on the starter, never call, or catch nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from autograder.audit.model import Check, Emptiness, Finding, Vacuous

# What a test without a catch of its own is: a hint, for two good tests may catch the same.
HINTS = frozenset({Emptiness.CATCHES_NOTHING_ALONE})


def find(
    tests: Mapping[str, Sequence[str]],
    passed_on_starter: Iterable[str],
    called: Iterable[str],
    catches: Sequence[Sequence[str]],
    needed: Iterable[str],
) -> list[Vacuous]:
    """Name each test that proves nothing, for the first reason that holds.

    `tests` are an exercise's; `catches` says for each mutant, generic ones too, which tests caught
    it; `needed` tests are there for the sake of a right variant.
    """
    passed, calls, wanted = set(passed_on_starter), set(called), set(needed)
    caught = Counter(test for by in catches for test in by)
    alone = {by[0] for by in catches if len(by) == 1}

    def why(test: str) -> Emptiness | None:
        if test not in calls:
            return Emptiness.NEVER_CALLS
        if test in passed:
            return Emptiness.PASSES_STARTER
        if test in alone or test in wanted:
            return None
        return Emptiness.CATCHES_NOTHING_ALONE if caught[test] else Emptiness.CATCHES_NOTHING

    reasons = [(test, exercise, why(test)) for exercise, names in tests.items() for test in names]
    return [Vacuous(test=test, exercise=name, why=said) for test, name, said in reasons if said]


def findings(vacuous: Iterable[Vacuous], *, hints: bool) -> Iterator[Finding]:
    """The hints, or everything else."""
    for each in vacuous:
        if (each.why in HINTS) is hints:
            yield Finding(check=Check.VACUITY, what=f"{each.test} ({each.exercise}) {each.why}")
