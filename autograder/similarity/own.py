"""The words of a file that are a student's own: compare50's, less what everybody was given."""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import compare50

K = compare50.passes.structure.comparator.k  # so many words alike are no chance
NAME = "v"  # what compare50 makes of every name
Span = tuple[int, int]


@dataclass(frozen=True)
class Words:
    """A file's own words, packed: where each begins and ends, and what it is without its name.

    A word that nothing equals stands wherever others were taken out.
    """

    text: str
    starts: array[int]
    ends: array[int]
    values: list[str]
    given: tuple[Span, ...]

    def __len__(self) -> int:
        return sum(start < end for start, end in zip(self.starts, self.ends, strict=True))

    def names(self, places: Iterable[int]) -> list[str]:
        """The names among the words at these places, as they were written."""
        return [
            self.text[self.starts[place] : self.ends[place]]
            for place in places
            if self.values[place] == NAME
        ]

    def tokens(self) -> list[Any]:
        """The words as compare50 takes them."""
        packed = zip(self.starts, self.ends, self.values, strict=True)
        return [compare50.Token(start, end, None, value) for start, end, value in packed]

    def within(self, start: int, end: int) -> range:
        """The places of the words that stand in a stretch."""
        return range(bisect_left(self.starts, start), bisect_left(self.starts, end))


NONE = Words("", array("I"), array("I"), [], ())


def submission(folder: Path, names: Sequence[str]) -> Any:
    """Return compare50's view of a work; these are numbered in the order in which they are made."""
    return compare50.Submission(folder, list(names), preprocessor=_structure)


def lexed(file: Any) -> list[Any]:
    """Return a file's words: no spaces and comments; names, numbers and texts all the same."""
    return list(_structure(file.unprocessed_tokens()))


def _structure(tokens: Iterable[Any]) -> Iterable[Any]:
    for step in compare50.passes.structure.preprocessors:
        tokens = step(tokens)
    return tokens


def fingerprints(tokens: Sequence[Any]) -> set[tuple[str, ...]]:
    """Return every run of K words."""
    return set(_runs(tokens))


def own(
    text: str, tokens: Sequence[Any], given: set[tuple[str, ...]], unique: Iterator[int]
) -> Words:
    """Return the words that are in no run that was given, where there are K of them in a row."""
    taken = bytearray(len(tokens))
    for place, run in enumerate(_runs(tokens)):
        if run in given:
            taken[place : place + K] = b"\1" * K
    kept: list[tuple[int, int, str]] = []
    cut: list[Span] = []
    for was_given, group in groupby(zip(taken, tokens, strict=True), key=lambda each: each[0]):
        stretch = [token for _, token in group]
        if was_given:
            cut.append((stretch[0].start, stretch[-1].end))
        if was_given or len(stretch) < K:
            kept.append((stretch[0].start, stretch[0].start, f"\0{next(unique)}"))
        else:
            kept += ((token.start, token.end, sys.intern(token.val)) for token in stretch)
    starts, ends = [each[0] for each in kept], [each[1] for each in kept]
    return Words(text, array("I", starts), array("I", ends), [each[2] for each in kept], tuple(cut))


def _runs(tokens: Sequence[Any]) -> Iterator[tuple[str, ...]]:
    values = [sys.intern(token.val) for token in tokens]
    return zip(*(values[offset:] for offset in range(K)), strict=False)
