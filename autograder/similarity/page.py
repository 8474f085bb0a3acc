"""A comparison as web pages: all pairs, and each one side by side; nothing is loaded.

The only script is ours, told to the browser by its hash: it lets the other column follow.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from autograder.assignment import Assignment
from autograder.feedback.class_page import TEMPLATES as SHARED
from autograder.feedback.words import prepare
from autograder.similarity.listing import GIVEN, Listing, colour_of, listing
from autograder.similarity.model import Comparison, Pair, Skipped, Span
from autograder.similarity.rows import Row, rows

TEMPLATES = Path(__file__).parent / "templates"
BINS, WIDE, HIGH = 20, 600, 120
_SIDES = "ab"


@dataclass(frozen=True)
class Overview:
    """What the first page shows."""

    assignment: Assignment
    works: int
    years: tuple[tuple[str, int], ...]
    rows: tuple[Row, ...]
    histogram: Markup
    empty: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    same_person: int


@dataclass(frozen=True)
class Pane:
    """One work of a pair; its matches lead to the other side."""

    side: str
    name: str
    files: tuple[Listing, ...]


def render(assignment: Assignment, comparison: Comparison) -> Iterator[tuple[str, str]]:
    """Yield every page: its path inside the folder, and its HTML."""
    environment = prepare(
        Environment(loader=FileSystemLoader([TEMPLATES, SHARED]), autoescape=True)
    )
    shown = rows(comparison)
    overview = _overview(assignment, comparison, shown)
    yield "index.html", environment.get_template("index.html.j2").render(shown=overview)
    template = environment.get_template("pair.html.j2")
    code = (TEMPLATES / "script.js").read_text(encoding="utf-8")
    fixed = {"code": Markup(code), "script": fingerprint(code), "last": len(shown), "badge": badge}
    for row, pair in zip(shown, comparison.pairs, strict=True):
        panes = [_pane(comparison, pair, side) for side in _SIDES]
        yield f"pairs/{row.rank}.html", template.render(row=row, panes=panes, **fixed)


def fingerprint(code: str) -> str:
    """Return a script's hash as a Content-Security-Policy names it."""
    digest = hashlib.sha256(code.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def badge(pane: Pane, number: int) -> Markup:
    """Return the number of a match, as a link to its counterpart."""
    other = _SIDES[pane.side == _SIDES[0]]
    link = '<a class="j m{}" id="{}{}" href="#{}{}">{}</a>'
    return Markup(link).format(colour_of(number), pane.side, number, other, number, number)


def _overview(assignment: Assignment, comparison: Comparison, shown: Sequence[Row]) -> Overview:
    years = Counter(work.year for work in comparison.works if work.year)
    both = zip(comparison.works, comparison.own, strict=True)
    return Overview(
        assignment=assignment,
        works=len(comparison.works),
        years=tuple(years.items()),
        rows=tuple(shown),
        histogram=histogram(comparison.closest),
        empty=tuple(work.name for work, own in both if not own.tokens),
        skipped=comparison.skipped,
        same_person=comparison.same_person,
    )


def _pane(comparison: Comparison, pair: Pair, side: str) -> Pane:
    index = pair.a if side == _SIDES[0] else pair.b
    work, own = comparison.works[index], comparison.own[index]
    spans = [each.a if side == _SIDES[0] else each.b for each in pair.matches]
    marked = [*enumerate(spans, start=1), *((GIVEN, span) for span in own.given)]
    files = [listing(name, text, _in(name, marked)) for name, text in work.files.items()]
    return Pane(side, work.name, tuple(files))


def _in(name: str, marked: Sequence[tuple[int, Span]]) -> list[tuple[int, Span]]:
    return [(number, span) for number, span in marked if span.file == name]


def histogram(scores: Sequence[float]) -> Markup:
    """Return how many students have a closest pair of which score, as a picture."""
    highest = max(scores, default=0.0) or 1.0
    bins = Counter(min(BINS - 1, int(BINS * score / highest)) for score in scores)
    most, step = max(bins.values(), default=1), WIDE / BINS
    parts = []
    for place, many in sorted(bins.items()):
        high = HIGH * many / most
        bar = '<rect x="{:g}" y="{:.1f}" width="{:g}" height="{:.1f}"><title>{}</title></rect>'
        said = f"{many} with a score from {highest * place / BINS:.1f}"
        parts.append(Markup(bar).format(place * step + 1, 20 + HIGH - high, step - 2, high, said))
        count = '<text x="{:g}" y="{:.1f}">{}</text>'
        parts.append(Markup(count).format((place + 0.5) * step, 15 + HIGH - high, many))
    for tick in range(5):
        label = '<text class="axis" x="{:g}" y="{}">{:.0f}</text>'
        at = min(max(WIDE * tick / 4, 12), WIDE - 12)
        parts.append(Markup(label).format(at, HIGH + 38, highest * tick / 4))
    svg = (
        '<svg class="histogram" viewBox="0 0 {} {}" role="img" aria-label="{}">{}'
        '<line x1="0" y1="{}" x2="{}" y2="{}"/></svg>'
    )
    said = f"scores of {len(scores)} closest pairs, up to {highest:.1f}"
    base = HIGH + 20
    return Markup(svg).format(WIDE, HIGH + 45, said, Markup("").join(parts), base, WIDE, base)
