"""An audit as one web page: no script, nothing loaded, readable in the light and in the dark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from autograder.audit.model import Audit, Headroom, Outcome, Trial
from autograder.audit.summary import lines

CELL, GAP = 15, 2  # pixels
LABEL, WIDE = 300, 60  # a label's width; how many squares stand in a row
DECADE, REACH = 9, 8  # pixels a decade; how many decades are drawn either side


@dataclass(frozen=True)
class Block:
    """One exercise of the page: its mutants, gaps first, and their picture."""

    name: str
    trials: tuple[Trial, ...]
    picture: Markup

    @property
    def wrong(self) -> int:
        """How many mutants there are to catch."""
        return sum(trial.outcome is not Outcome.EQUIVALENT for trial in self.trials)

    @property
    def caught(self) -> int:
        """How many of them are caught."""
        return sum(trial.outcome is Outcome.CAUGHT for trial in self.trials)

    @property
    def gaps(self) -> int:
        """How many are not as they should be."""
        return sum(trial.outcome in (Outcome.SURVIVED, Outcome.DIFFERENT) for trial in self.trials)


def render(audits: Sequence[Audit]) -> str:
    """The page of one or several audits."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    tools = {"lines": lines, "glance": glance, "exercises": blocks, "decades": decades}
    return environment.get_template("page.html.j2").render(audits=audits, **tools)


def blocks(audit: Audit) -> list[Block]:
    """The exercises that have mutants; those with gaps first."""
    found = []
    for name, tests in audit.tests.items():
        trials = tuple(sorted((t for t in audit.trials if t.exercise == name), key=_rank))
        if trials:
            found.append(Block(name, trials, matrix(trials, tests)))
    return sorted(found, key=lambda block: not block.gaps)


def glance(audit: Audit) -> Markup:
    """All mutants of all exercises, a square each."""
    parts: list[Markup] = []
    top = 0
    for block in blocks(audit):
        parts.append(_text(0, top, block.name))
        for number, trial in enumerate(block.trials):
            row, column = divmod(number, WIDE)
            said = f"{trial.name}: {trial.wrong}"
            parts.append(_square(LABEL + column * CELL, top + row * CELL, trial.outcome, said))
        top += CELL * (1 + (len(block.trials) - 1) // WIDE) + GAP
    return _svg(LABEL + WIDE * CELL, top, parts, "mutants of each exercise")


def matrix(trials: Sequence[Trial], tests: Sequence[str]) -> Markup:
    """Tests by mutants: filled where the test catches the mutant."""
    parts: list[Markup] = []
    for row, test in enumerate(tests):
        parts.append(_text(0, row * CELL, test.partition("::")[2].removeprefix("test_")))
        for column, trial in enumerate(trials):
            caught = test in trial.caught_by
            kind = trial.outcome if caught or trial.outcome is not Outcome.CAUGHT else "missed"
            said = f"{trial.name}: {'caught' if caught else 'not caught'} here. {trial.wrong}"
            parts.append(_square(LABEL + column * CELL, row * CELL, kind, said))
    return _svg(LABEL + len(trials) * CELL, len(tests) * CELL, parts, "which test catches which")


def decades(room: Headroom) -> Markup:
    """A bar from the right error to the wrong one, the tolerance in the middle."""
    middle = REACH * DECADE
    left = middle - DECADE * min(max(room.above_right, 0), REACH)
    wrong = REACH if room.below_wrong is None else min(max(room.below_wrong, 0), REACH)
    kind = "bar-room" if room.below_wrong is None else "bar-wrong"
    parts = [
        _rect(left, 4, middle - left, 6, "bar-right"),
        _rect(middle, 4, DECADE * wrong, 6, kind),
        _rect(middle - 1, 0, 2, CELL, "k-survived" if room.tight else "bar-right"),
    ]
    return _svg(2 * middle, CELL, parts, "decades either side of the tolerance")


def _rank(trial: Trial) -> int:
    gaps = (Outcome.SURVIVED, Outcome.DIFFERENT)
    return 0 if trial.outcome in gaps else 2 if trial.outcome is Outcome.EQUIVALENT else 1


def _text(x: int, y: int, said: str) -> Markup:
    shown = said if len(said) <= 44 else said[:43] + "…"
    return Markup('<text x="{}" y="{}">{}</text>').format(x, y + 11, shown)


def _square(x: int, y: int, kind: str, title: str) -> Markup:
    inner = Markup("<title>{}</title>").format(title)
    return _rect(x, y, CELL - GAP, CELL - GAP, f"k-{kind}", inner)


def _rect(x: float, y: float, width: float, height: float, kind: str, inner: str = "") -> Markup:
    rect = '<rect x="{:g}" y="{:g}" width="{:g}" height="{:g}" class="{}">{}</rect>'
    return Markup(rect).format(x, y, width, height, kind, inner)


def _svg(width: int, height: int, parts: Sequence[Markup], what: str) -> Markup:
    svg = (
        '<svg width="{0}" height="{1}" viewBox="0 0 {0} {1}" role="img" aria-label="{2}">{3}</svg>'
    )
    return Markup(svg).format(width, height, what, Markup("").join(parts))
