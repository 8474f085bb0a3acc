"""Lists of students that another system wrote, with our scores put in."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.errors import UsageError
from autograder.export.people import keys, listed, match
from autograder.export.scores import Scores
from autograder.export.sheet import Row, Sheet
from autograder.feedback.spreadsheet import harmless


@dataclass(frozen=True)
class Wanted:
    """How a person wants it."""

    column: str = ""  # the one to fill; else the assignment's own
    by: str = ""  # the only one to find students by; else all that can be
    partial: bool = False  # leave out students whom the other system does not have


@dataclass
class Filled:
    """What became of a list: its bytes, and what a person should know."""

    content: bytes = b""
    column: str = ""
    written: list[str] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)  # a line, and why it is as it was
    notes: list[str] = field(default_factory=list)

    def say_scale(self, most: float, here: float) -> None:
        """Say that points are converted, where they are."""
        if abs(most - here) > 1e-9:
            self.notes.append(f"{most:g} points of ours are {here:g} there: scores are converted")


def identifiers(
    sheet: Sheet, wanted: Wanted, known: Sequence[str]
) -> Callable[[Row], frozenset[str]]:
    """Return what gives a line's keys; UsageError where --by names no column for that."""
    columns = [name for name in known if sheet.column(name) is not None]
    if wanted.by:
        if wanted.by.casefold() not in {name.casefold() for name in columns}:
            said = f"students cannot be found by {wanted.by!r} here; --by takes: "
            raise UsageError(f"{sheet.path}: {said}{', '.join(columns) or 'nothing'}")
        columns = [wanted.by]
    places = [place for name in columns if (place := sheet.column(name)) is not None]
    return lambda row: keys(*(row[place] for place in places))


def find(
    sheet: Sheet,
    scores: Scores,
    wanted: Wanted,
    lines: Sequence[Collection[str]],
    shown: Sequence[str],
) -> dict[str, int]:
    """Return student -> place of the line; UsageError for anybody who has none, or may have two."""
    own = {name: scores.keys[name] for name in scores.graded}
    found = match(own, lines, [f"{sheet.path}: {each}" for each in shown])
    if found.strangers and not wanted.partial:
        who = listed([repr(name) for name in found.strangers])
        advice = "give their email or lms_user_id in the course's roster.csv, or leave them out: --partial"
        raise UsageError(f"{sheet.path}: no line is about {who}; {advice}")
    return dict(found.lines)


def rest(
    done: Filled,
    scores: Scores,
    lines: Mapping[int, str],
    found: Mapping[str, int],
) -> None:
    """List who is in one of the two only: lines without a score, scores without a line."""
    places = set(found.values())
    done.left += [(shown, "no report") for place, shown in lines.items() if place not in places]
    if strangers := [name for name in scores.graded if name not in found]:
        done.notes.append(f"left out, since no line is about them: {listed(strangers)}")
    if scores.ungraded:
        done.notes.append(f"left alone, since they have no score: {listed(scores.ungraded)}")
    done.notes += scores.notes


def disarm(sheet: Sheet, rows: Iterable[Row], columns: Collection[int], done: Filled) -> None:
    """Keep spreadsheets from running what somebody is called."""
    changed = 0
    for row in rows:
        for column in columns:
            if column < len(row.raw) and harmless(row[column]) != row[column]:
                sheet.put(row, column, harmless(row[column]))
                changed += 1
    if changed:
        done.notes.append(f"{changed} cells begin as formulas do and have an apostrophe before them")
