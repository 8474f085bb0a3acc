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
    catches: Iterable[Sequence[str]],
    needed: Iterable[str],
) -> list[Vacuous]:
    """Name each test that proves nothing, for the first reason that holds.

    `tests` are an exercise's; `catches` says for each mutant, generic ones too, which tests caught
    it; `needed` tests are there for the sake of a right variant.
    """
    passed, calls, wanted = set(passed_on_starter), set(called), set(needed)
    caught: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    for by in catches:
        caught.update(by)
        alone.update(by if len(by) == 1 else ())
    found = []
    for exercise, names in tests.items():
        for test in names:
            why = None
            if test not in calls:
                why = Emptiness.NEVER_CALLS
            elif test in passed:
                why = Emptiness.PASSES_STARTER
            elif not caught[test] and test not in wanted:
                why = Emptiness.CATCHES_NOTHING
            elif not alone[test] and test not in wanted:
                why = Emptiness.CATCHES_NOTHING_ALONE
            if why is not None:
                found.append(Vacuous(test=test, exercise=exercise, why=why))
    return found


def findings(vacuous: Iterable[Vacuous], *, hints: bool) -> Iterator[Finding]:
    """The hints, or everything else."""
    for each in vacuous:
        if (each.why in HINTS) is hints:
            yield Finding(check=Check.VACUITY, what=f"{each.test} ({each.exercise}) {each.why}")
