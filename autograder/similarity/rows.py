"""What the pages show of a comparison, as plain values: a row for each pair."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.assignment import Assignment
from autograder.similarity.model import Comparison, Files, Match, Pair, Span


@dataclass(frozen=True)
class Row:
    """A pair as people read it; shares are whole percents of a student's own code."""

    rank: int
    a: str
    b: str
    score: float
    height: float  # of the highest score
    share_a: int
    share_b: int
    names: int  # percent of the names in what matches that are the same
    lines: int  # of the first work, at least partly alike
    note: str = ""


def rows(comparison: Comparison) -> list[Row]:
    """Return a row for each pair, in order."""
    highest = max((pair.score for pair in comparison.pairs), default=0.0) or 1.0
    return [_row(n, comparison, p, highest) for n, p in enumerate(comparison.pairs, start=1)]


def _row(rank: int, comparison: Comparison, pair: Pair, highest: float) -> Row:
    works, own = comparison.works, comparison.own
    return Row(
        rank=rank,
        a=works[pair.a].name,
        b=works[pair.b].name,
        score=pair.score,
        height=pair.score / highest,
        share_a=percent(pair.covered_a, own[pair.a].tokens),
        share_b=percent(pair.covered_b, own[pair.b].tokens),
        names=percent(sum(m.same for m in pair.matches), sum(m.names for m in pair.matches)),
        lines=len(set(_lines(works[pair.a].files, [each.a for each in pair.matches]))),
        note=pair.note,
    )


def percent(part: float, whole: float) -> int:
    """Return a share in whole percents; 100 only where nothing is missing.

    >>> percent(999, 1000), percent(1000, 1000), percent(0, 0)
    (99, 100, 0)
    """
    return min(100, int(100 * part / whole)) if whole else 0


def _lines(files: Files, spans: Sequence[Span]) -> Iterator[tuple[str, int]]:
    for span in spans:
        text = files[span.file]
        first = text.count("\n", 0, span.start)
        for line in range(first, first + text.count("\n", span.start, span.end) + 1):
            yield span.file, line


def as_json(assignment: Assignment, comparison: Comparison) -> dict[str, Any]:
    """Return everything that the pages say but the code, for machines."""
    works = [
        {"student": work.student, "archive": work.year, "own_tokens": own.tokens}
        for work, own in zip(comparison.works, comparison.own, strict=True)
    ]
    shown = zip(rows(comparison), comparison.pairs, strict=True)
    skipped = [{"who": each.who, "why": each.why} for each in comparison.skipped]
    return {
        "version": 1,
        "assignment": assignment.slug,
        "students": works,
        "pairs": [_pair(row, pair) for row, pair in shown],
        "skipped": skipped,
        "same_person": comparison.same_person,
    }


def _pair(row: Row, pair: Pair) -> dict[str, Any]:
    return {
        "rank": row.rank,
        "students": [pair.a, pair.b],
        "names": [row.a, row.b],
        "score": row.score,
        "shares": [row.share_a, row.share_b],
        "same_names": row.names,
        "lines": row.lines,
        "matches": [_match(each) for each in pair.matches],
        "note": row.note,
    }


def _match(match: Match) -> dict[str, Any]:
    spans = [[span.file, span.start, span.end] for span in (match.a, match.b)]
    return {"spans": spans, "tokens": match.tokens, "names": match.names, "same": match.same}
