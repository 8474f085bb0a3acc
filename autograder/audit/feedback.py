"""Feedback on trial: whether a diagnosis names the cause, and keeps the data to itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from autograder import sandbox, suite
from autograder.audit.model import Check, Feedback, Finding, Leak, Outcome, Reading, Trial
from autograder.audit.mutants import WORDS, Kind
from autograder.report import TestResult
from autograder.suite.diagnosis import Code

ENOUGH = 60.0  # percent of the bugs that should be diagnosed by cause
# Codes that say no more than that something is wrong: only words of the sentence can name a cause.
VAGUE = frozenset({Code.DIFFERS, Code.PARTLY, Code.VALUE, Code.PROPERTY})
ONLY_DIFFERS = frozenset({Code.DIFFERS, Code.PARTLY, Code.VALUE})
LONG = 8  # characters of a sentence's part that nobody writes by chance
# Digits that do not come from hidden data: shapes, places in the student's file, limits, powers of
# ten, shares in tens, names.
EXPLAINED = re.compile(
    r"\((?:\d+, ?)*\d*\)|\bline \d+|\bthan \d+(?:\.\d+)? s\b|\bcode \d+|\boutput \d+|\b\d+ items\b"
    r"|\b\de[+-]\d+|\b\d*0%|\b1/(?=[A-Za-z(])|\b[A-Za-z_]\w*(?:\[\d+\])*"
)
NUMBER = re.compile(r"\d+(?:\.\d+)?|\.\d+")


def naming(cause: Iterable[str], readings: Sequence[Reading]) -> int | None:
    """Which reading names the cause: by a code that says something, or by words of its sentence."""
    for number, reading in enumerate(readings):
        said = reading.message.replace(reading.output or "\0", " ").lower()
        for told in cause:
            words = told.removeprefix(WORDS).lower() if told.startswith(WORDS) else ""
            if (words and words in said) or (told == reading.code and told not in VAGUE):
                return number
    return None


def judge(
    trials: Sequence[Trial], again: Mapping[str, Iterable[TestResult]], hidden: Path
) -> Feedback:
    """Count who is told the cause, and look for digits of hidden data.

    `again` are the verdicts on the same mutants with other data.
    """
    caught = [trial for trial in trials if trial.outcome is Outcome.CAUGHT]
    bugs = [trial for trial in caught if trial.kind is Kind.BUG]
    conventions = [trial for trial in caught if trial.kind is Kind.CONVENTION]
    return Feedback(
        bugs=len(bugs),
        bugs_named=sum(trial.named_by is not None for trial in bugs),
        conventions=len(conventions),
        conventions_named=sum(trial.named_by is not None for trial in conventions),
        only_differs=tuple(
            trial.id
            for trial in caught
            if all(reading.code in ONLY_DIFFERS for reading in trial.readings)
        ),
        leaks=tuple(_leaks(trials, again, hidden)),
    )


def gaps(feedback: Feedback) -> Iterator[Finding]:
    """Too few causes named, or digits that nothing explains."""
    if feedback.bugs and feedback.named < ENOUGH:
        said = f"{feedback.named}% of the bugs are diagnosed by cause, less than {ENOUGH:g}%"
        yield Finding(check=Check.FEEDBACK, what=said)
    for leak in feedback.leaks:
        said = f"{leak.mutant}, {leak.test}: {leak.digits} may be hidden data: {leak.message}"
        yield Finding(check=Check.FEEDBACK, what=said)


def unexplained(text: str, sentences: Iterable[str]) -> list[str]:
    """The numbers of a text that stand in none of the sentences and match no pattern of ours.

    `sentences` are texts that were written down before any data existed.
    """
    known = {place for match in EXPLAINED.finditer(text) for place in range(*match.span())}
    for sentence in sentences:
        for match in re.finditer(re.escape(sentence), text) if sentence in text else ():
            known |= set(range(*match.span()))
    rest = "".join(" " if place in known else letter for place, letter in enumerate(text))
    return NUMBER.findall(rest)


def leaked(text: str, other: str | None, sentences: Collection[str]) -> list[str]:
    """Which unexplained numbers may be data: long ones, and those that change with the data.

    `other` is what the same test says about the same mutant with other data.
    """
    numbers = unexplained(text, sentences)
    long = [number for number in numbers if "." in number or len(number.strip("0")) >= 3]
    if long or not numbers or other is None or NUMBER.sub("#", text) != NUMBER.sub("#", other):
        return long
    return numbers if numbers != unexplained(other, sentences) else []


def written(folders: Iterable[Path]) -> set[str]:
    """The texts with digits in the folders' Python files."""
    found: set[str] = set()
    for folder in folders:
        for path in folder.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_bytes())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value)
    return {text for text in found if len(text) >= LONG and re.search(r"\d", text)}


@cache
def ours() -> set[str]:
    """The sentences of the platform's own diagnoses."""
    return written(Path(folder) for room in (suite, sandbox) for folder in room.__path__)


def _leaks(
    trials: Iterable[Trial], again: Mapping[str, Iterable[TestResult]], hidden: Path
) -> Iterator[Leak]:
    sentences = written([hidden]) | ours()
    for trial in trials:
        others = {test.id: test.diagnosis for test in again.get(trial.id, ())}
        for reading in trial.readings:
            said, other = f"{reading.message} {reading.output or ''}", others.get(reading.test)
            then = f"{other.message} {other.output or ''}" if other else None
            if numbers := leaked(said, then, sentences):
                yield Leak(
                    mutant=trial.id,
                    test=reading.test,
                    digits=" ".join(numbers),
                    message=reading.message,
                )
