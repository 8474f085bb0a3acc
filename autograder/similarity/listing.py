"""A file as lines of HTML in which stretches are coloured: those that match, and those given."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup, escape

from autograder.feedback.listing import MOST_COLUMNS, MOST_LINES, spelled
from autograder.feedback.words import count
from autograder.similarity.model import Span

COLOURS = 6
GIVEN = 0  # the number of what everybody was given; matches count from 1
_NOTHING = -1


@dataclass(frozen=True)
class Line:
    """One line: its number, its HTML, and the matches that begin in it."""

    number: int
    html: Markup
    begins: tuple[int, ...] = ()


@dataclass(frozen=True)
class Listing:
    """One file; `cut` says what is not shown, `late` are matches that begin there."""

    name: str
    lines: tuple[Line, ...]
    cut: str = ""
    late: tuple[int, ...] = ()


def listing(name: str, text: str, marked: Sequence[tuple[int, Span]]) -> Listing:
    """Return a file's lines; of two numbers for one character, the first counts."""
    owner = _owners(text, marked)
    begins = _begins(text, owner, marked)
    lines, start = [], 0
    raw = text.removesuffix("\n").split("\n")
    for number, line in enumerate(raw[:MOST_LINES], start=1):
        html = Markup("").join(_runs(line, owner[start : start + len(line)]))
        lines.append(Line(number, html, tuple(begins.get(number, ()))))
        start += len(line) + 1
    over = len(raw) - len(lines)
    late = [n for line, numbers in sorted(begins.items()) if line > len(lines) for n in numbers]
    return Listing(
        name, tuple(lines), f"{count(over, 'more line')} not shown" if over else "", tuple(late)
    )


def colour_of(number: int) -> int:
    """Which of the colours a match has."""
    return (number - 1) % COLOURS


def _owners(text: str, marked: Sequence[tuple[int, Span]]) -> array[int]:
    owner = array("i", [_NOTHING]) * len(text)
    for number, span in reversed(marked):
        size = max(0, min(span.end, len(text)) - span.start)
        owner[span.start : span.start + size] = array("i", [number]) * size
    return owner


def _begins(
    text: str, owner: array[int], marked: Sequence[tuple[int, Span]]
) -> dict[int, list[int]]:
    """Return the matches of which the first coloured character is in each line."""
    begins: dict[int, list[int]] = {}
    for number, span in marked:
        if number != GIVEN:
            hidden = number not in owner[span.start : span.end]
            place = span.start if hidden else owner.index(number, span.start)
            begins.setdefault(text.count("\n", 0, place) + 1, []).append(number)
    return begins


def _runs(line: str, owner: Sequence[int]) -> Iterator[Markup]:
    """Cut a line where its colour changes; its indentation has none, and its far end is cut."""
    indent = len(line) - len(line.lstrip())
    owners = [_NOTHING] * indent + list(owner[indent:MOST_COLUMNS])
    start = 0
    for number, run in groupby(owners):
        end = start + len(list(run))
        yield _run(number, line[start:end])
        start = end
    if len(line) > MOST_COLUMNS:
        yield escape(f" … {len(line) - MOST_COLUMNS} more characters")


def _run(number: int, text: str) -> Markup:
    shown = Markup(spelled(str(escape(text))))
    if number == _NOTHING:
        return shown
    kind = "g" if number == GIVEN else f"m m{colour_of(number)}"
    return Markup('<span class="{}">{}</span>').format(kind, shown)
