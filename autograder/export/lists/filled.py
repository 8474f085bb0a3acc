"""Lists of students that another system wrote, with our scores put in."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.errors import UsageError
from autograder.export.lists.harmless import harmless
from autograder.export.lists.people import Kind, Kinds, keys, listed, match, of_kinds
from autograder.export.lists.scores import Score, Scores
from autograder.export.lists.sheet import Row, Sheet


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

    def say_who_is_missing(self, scores: Scores, found: Collection[str]) -> None:
        """Say whose score is not in the list, and what is to be said of all scores."""
        if strangers := [name for name in scores.graded if name not in found]:
            self.notes.append(f"left out, since they are unknown there: {listed(strangers)}")
        if scores.ungraded:
            self.notes.append(f"left alone, since they have no score: {listed(scores.ungraded)}")
        self.notes += scores.notes


@dataclass(frozen=True)
class Form:
    """A list that is to be filled: its lines about students, and what there is to know of each."""

    sheet: Sheet
    rows: Sequence[Row]
    shown: Sequence[str]  # how a person finds the line
    labels: Sequence[frozenset[str]]  # how `collect` calls the student
    identifiers: Mapping[str, Kinds]  # columns that tell students apart, and what is in them
    column: int  # of the scores
    most: float  # the score there for full marks
    kept: Mapping[int, str]  # lines that stay as they are, and why
    texts: Collection[int]  # columns with words of students


def fill(
    form: Form,
    scores: Scores,
    wanted: Wanted,
    put_more: Callable[[Row, Score], None] = lambda *_: None,
) -> Filled:
    """Return the list with everybody's score; UsageError where anybody is unsure."""
    sheet = form.sheet
    found = _find(form, scores, wanted)
    done = Filled(column=sheet.head[form.column])
    done.say_scale(scores.most, form.most)
    for student, at in found.items():
        if at in form.kept:
            done.left.append((form.shown[at], form.kept[at]))
            continue
        row, score = form.rows[at], scores.everyone[student]
        sheet.put(row, form.column, sheet.number(score.out_of(scores.most, form.most)))
        put_more(row, score)
        done.written.append(student)
    places = set(found.values())
    unknown = [shown for at, shown in enumerate(form.shown) if at not in places]
    done.left += [(shown, "no report") for shown in unknown]
    done.say_who_is_missing(scores, found)
    _disarm(form, done)
    done.content = sheet.dump()
    return done


def _find(form: Form, scores: Scores, wanted: Wanted) -> Mapping[str, int]:
    """Return student -> place of the line; UsageError for who has none, or may have two."""
    path, columns = form.sheet.path, _columns(form, wanted)
    lines = []
    for row, label in zip(form.rows, form.labels, strict=True):
        held = {each for at, kinds in columns.items() for each in of_kinds(kinds, keys(row[at]))}
        lines.append(held if wanted.by else held | of_kinds((Kind.NAME,), label))
    own = {name: scores.keys[name] for name in scores.graded}
    found = match(own, lines, [f"{path} {each}" for each in form.shown])
    if found.strangers and not wanted.partial:
        who = listed([repr(name) for name in found.strangers])
        advice = (
            "put email or lms_user_id into the course's roster.csv, or leave them out: --partial"
        )
        raise UsageError(f"{path}: no line is about {who}; {advice}")
    return found.lines


def _columns(form: Form, wanted: Wanted) -> dict[int, Kinds]:
    """Return the columns that tell students apart; UsageError where --by names none of them.

    In a column that a person names may be whatever they say it is.
    """
    named = ((name, form.sheet.column(name)) for name in form.identifiers)
    places = {name: place for name, place in named if place is not None}
    if not wanted.by:
        return {place: form.identifiers[name] for name, place in places.items()}
    same = wanted.by.casefold()
    chosen = {place: tuple(Kind) for name, place in places.items() if name.casefold() == same}
    if not chosen:
        said = f"students cannot be found by {wanted.by!r} here"
        advice = f"--by takes one of: {', '.join(places) or 'nothing'}"
        raise UsageError(f"{form.sheet.path}: {said}; {advice}")
    return chosen


def _disarm(form: Form, done: Filled) -> None:
    """Keep spreadsheets from running what somebody is called."""
    changed = 0
    for row in form.rows:
        for column in form.texts:
            text = row[column]
            if harmless(text) != text:
                form.sheet.put(row, column, harmless(text))
                changed += 1
    if changed:
        done.notes.append(f"an apostrophe is before what begins as formulas do: {changed} times")
