"""The generic number: how many of the mutations that nobody chose the suite notices."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from autograder.audit.model import Check, Finding, GenericTrial

ENOUGH = 90.0  # percent that should be caught, not counting equivalents


def judge(
    noticed: Mapping[str, Sequence[str]], made: Collection[str], equivalents: Collection[str]
) -> GenericTrial:
    """Count: `noticed` says for each mutation that was tried which tests caught it."""
    survivors = [name for name, by in noticed.items() if not by and name not in equivalents]
    caught = [name for name, by in noticed.items() if by]
    return GenericTrial(
        made=len(made),
        tried=len(noticed),
        caught=len(caught),
        equivalent=len(noticed) - len(caught) - len(survivors),
        survivors=tuple(survivors),
        wrongly_listed=tuple(name for name in caught if name in equivalents),
        stale=tuple(name for name in equivalents if name not in made),
    )


def gaps(trial: GenericTrial) -> Iterator[Finding]:
    """Too low a share, and a list of equivalents that is not true."""
    if trial.tried and trial.score < ENOUGH:
        said = f"{trial.score}% of the generic mutations are caught, less than {ENOUGH:g}%"
        yield Finding(check=Check.GENERIC, what=said)
    for name in trial.wrongly_listed:
        yield Finding(check=Check.GENERIC, what=f"listed as equivalent, and caught: {name}")
    for name in trial.stale:
        yield Finding(check=Check.GENERIC, what=f"listed as equivalent, and never made: {name}")


def warnings(trial: GenericTrial) -> Iterator[Finding]:
    """Survivors that a high enough share leaves."""
    for name in trial.survivors:
        yield Finding(check=Check.GENERIC, what=f"survives: {name}")
