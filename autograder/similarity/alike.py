"""What two works have in common: compare50's matches, less those that say nothing new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import eq
from typing import Any

from autograder.similarity.own import K, Words

MOST = 200  # matches of a pair
REPEATS = 200_000  # ways to lay runs of one file onto the same runs of another

Found = tuple[str, int, int, str, int, int]  # file and stretch of the one, and of the other
Files = Mapping[str, Words]


@dataclass(frozen=True)
class Chosen:
    """The matches that are shown, and how many words they cover.

    With each stands how many words it has, how many of them are names, and how many of these agree.
    """

    matches: list[tuple[Found, int, int, int]]
    covered: tuple[int, int]


def repeats(a: Files, b: Files) -> int:
    """Count the ways in which runs of K words of one work lie on the same runs of the other."""
    mine, others = (_counted(files) for files in (a, b))
    return sum(times * others[run] for run, times in mine.items() if run in others)


def _counted(files: Files) -> Counter[int]:
    """Count the runs of a work; by their hashes, which take less room."""
    return Counter(
        hash(run)
        for words in files.values()
        for run in zip(*(words.values[offset:] for offset in range(K)), strict=False)
    )


def found(comparison: Any) -> list[Found]:
    """Return compare50's matches as plain values, the same ones in the same order every time."""
    return sorted(
        (str(a.file.name), a.start, a.end, str(b.file.name), b.start, b.end)
        for a, b in comparison.span_matches
    )


def choose(matches: Sequence[Found], a: Files, b: Files) -> Chosen:
    """Keep the matches that cover a word which no longer one covers; in the order of `a`."""
    marks = [{name: bytearray(len(w.starts)) for name, w in files.items()} for files in (a, b)]
    kept: list[tuple[Found, int, int, int]] = []
    for match in sorted(matches, key=lambda match: -_length(match, a)):
        if len(kept) == MOST:
            break
        sides = [
            (marks[0][match[0]], _range(match[:3], a)),
            (marks[1][match[3]], _range(match[3:], b)),
        ]
        if any(0 in mark[place.start : place.stop] for mark, place in sides):
            kept.append((match, len(sides[0][1]), *_agreeing(match, a, b)))
            for mark, place in sides:
                mark[place.start : place.stop] = b"\1" * len(place)
    covered = [sum(sum(mark) for mark in side.values()) for side in marks]
    return Chosen(sorted(kept), (covered[0], covered[1]))


def _agreeing(match: Found, a: Files, b: Files) -> tuple[int, int]:
    """Count the names of a match, and those that are the same on both sides."""
    mine = a[match[0]].names(_range(match[:3], a))
    others = b[match[3]].names(_range(match[3:], b))
    return len(mine), sum(map(eq, mine, others))


def _length(match: Found, files: Files) -> int:
    return len(_range(match[:3], files))


def _range(stretch: tuple[str, int, int], files: Files) -> range:
    name, start, end = stretch
    return files[name].within(start, end)


def by_work(scores: Sequence[Any]) -> Iterator[tuple[int, int, float]]:
    """Return compare50's scores as plain values: two works' places, the smaller first."""
    for each in scores:
        a, b = sorted((int(each.sub_a.path.name), int(each.sub_b.path.name)))
        yield a, b, round(float(each.score), 4)
