"""Stability and headroom: right implementations under many seeds, and how close a call it is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from autograder.audit.lanes import BLAS_THREADS
from autograder.audit.model import Check, FalseFailure, Finding, Headroom, Stability
from autograder.audit.tasks import Held, Shown

SINGLE = "float32"
# Errors up to here are rounding, whoever makes them.
ROUNDING = {"float16": 1e-3, SINGLE: 1e-6}
TINY = 1e-15
NOISE = 10.0  # a mutant that shows no more than this times the right ones' error is right there

Comparison = tuple[str, str]  # test and output


def stability(held: Mapping[int, Held], threads: Mapping[int, int], rights: int) -> Stability:
    """Every false failure, by seed."""
    failures = [
        FalseFailure(
            implementation=failure.by,
            exercise=failure.exercise,
            test=failure.test,
            seed=str(seed),
            threads=threads[seed],
            message=failure.message,
        )
        for seed, answer in held.items()
        for failure in answer.failures
    ]
    compared = worst(shown for answer in held.values() for shown in answer.shown)
    return Stability(
        seeds=len(held),
        threads=BLAS_THREADS,
        implementations=rights,
        runs=sum(answer.runs for answer in held.values()),
        comparisons=len(compared),
        in_float32=sum(shown.dtype == SINGLE for shown in compared.values()),
        failures=tuple(failures),
    )


def stability_gaps(stability: Stability) -> Iterator[Finding]:
    """One finding for each implementation and test, whatever the number of seeds."""
    seeds: dict[tuple[str, str, str], int] = {}
    for failure in stability.failures:
        key = (failure.implementation, failure.test, failure.message)
        seeds[key] = seeds.get(key, 0) + 1
    for (by, test, message), count in seeds.items():
        said = f"{by} is right and fails {test} for {count} of {stability.seeds} seeds: {message}"
        yield Finding(check=Check.STABILITY, what=said)


def headroom(
    right: Iterable[Shown], wrong: Iterable[Shown], survivors: Collection[str] = ()
) -> list[Headroom]:
    """For each comparison, the worst right error and the best wrong one; the narrowest first.

    A mutant counts where this comparison catches it, or where nothing does though it differs here.
    """
    largest = worst(right)
    smallest: dict[Comparison, Shown] = {}
    for shown in wrong:
        key = (shown.test, shown.output)
        if key not in largest or not _counts(shown, largest[key], survivors):
            continue
        if key not in smallest or shown.used < smallest[key].used:
            smallest[key] = shown
    rooms = [_room(shown, smallest.get(key)) for key, shown in largest.items() if shown.tolerance]
    return sorted(rooms, key=lambda room: room.narrowest)


def headroom_warnings(rooms: Sequence[Headroom]) -> Iterator[Finding]:
    """Tolerances with less than two decades on either side."""
    for room in rooms:
        if not room.tight:
            continue
        place = f"{room.test}, {room.output}: tolerance {room.tolerance:.0e}"
        if room.above_right < 2:
            said = f"is {room.above_right} decades above the error of {room.right_by}"
            yield Finding(check=Check.HEADROOM, what=f"{place} {said}")
        if room.below_wrong is not None and room.below_wrong < 2:
            said = f"is {room.below_wrong} decades below the error of {room.wrong_by}"
            yield Finding(check=Check.HEADROOM, what=f"{place} {said}")


def worst(shown: Iterable[Shown]) -> dict[Comparison, Shown]:
    """The error nearest to its tolerance, or farthest over it, of each comparison."""
    found: dict[Comparison, Shown] = {}
    for each in shown:
        known = found.get((each.test, each.output))
        if known is None or known.used < each.used:
            found[each.test, each.output] = each
    return found


def _counts(shown: Shown, right: Shown, survivors: Collection[str]) -> bool:
    if shown.by in survivors:
        return shown.error > NOISE * max(right.error, ROUNDING.get(shown.dtype, TINY))
    return shown.used > 1


def _room(right: Shown, wrong: Shown | None) -> Headroom:
    """Errors are told at the tolerance that they came nearest to."""
    return Headroom(
        test=right.test,
        output=right.output,
        dtype=right.dtype,
        tolerance=right.tolerance,
        right=right.error,
        right_by=right.by,
        wrong=None if wrong is None else wrong.used * right.tolerance,
        wrong_by="" if wrong is None else wrong.by,
    )
