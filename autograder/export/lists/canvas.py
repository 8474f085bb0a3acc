"""Canvas' gradebook: an export of theirs comes in, and goes back with one column filled.

    Student, ID, SIS User ID, SIS Login ID, Section, <Assignment (id)>..., <read-only columns>...

Below the header may stand a line about manual posting; then comes `Points Possible`, then a line
for each student, last `Student, Test`. Canvas knows its students by ID. It takes an unknown column
for a new assignment and overwrites a score with what it is given.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from autograder.assignment import Assignment
from autograder.errors import UsageError
from autograder.export.lists import filled
from autograder.export.lists import sheet as sheets
from autograder.export.lists.filled import Filled, Form, Wanted
from autograder.export.lists.people import Kind, canvas_label, keys
from autograder.export.lists.scores import Scores
from autograder.export.lists.sheet import Row, Sheet, parsed
from autograder.submission.text import printable

_IDENTIFIERS = {
    "ID": (Kind.NUMBER,),
    **dict.fromkeys(("SIS User ID", "SIS Login ID", "Integration ID"), (Kind.NAME,)),
}
_WHAT = "a gradebook that Canvas exported"
_NAMES = ("Student", "LastName", "FirstName")
_POSSIBLE = "Points Possible"
_TITLED = re.compile(r"(.*\S)\s*\(\d+\)", re.DOTALL)
_POSTING = re.compile(r"\s*(?:Muted|Manual Posting.*)?\s*", re.IGNORECASE)
_KEPT = {"N/A": "the assignment is not theirs", "EX": "excused"}


def fill(path: Path, assignment: Assignment, scores: Scores, wanted: Wanted) -> Filled:
    """Return the export with the assignment's column filled; UsageError where anybody is unsure."""
    sheet = sheets.read(path, _is_header, _WHAT)
    column = _column(sheet, assignment, wanted)
    rows = [row for row in sheet.rows if _is_student(sheet, row)]
    values = {at: row[column].strip() for at, row in enumerate(rows)}
    form = Form(
        sheet,
        rows,
        shown=[_shown(sheet, row) for row in rows],
        labels=[_label(sheet, row) for row in rows],
        identifiers=_IDENTIFIERS,
        column=column,
        most=_points_possible(sheet, column),
        kept={at: f"{_KEPT[v.upper()]} ({v})" for at, v in values.items() if v.upper() in _KEPT},
        texts=[place for name in _NAMES if (place := sheet.column(name)) is not None],
    )
    return filled.fill(form, scores, wanted)


def _is_header(values: Sequence[str]) -> bool:
    names = values[:1] == ["Student"] or values[:2] == ["LastName", "FirstName"]
    return names and "ID" in values[1:3] and "Section" in values


def _column(sheet: Sheet, assignment: Assignment, wanted: Wanted) -> int:
    """Return the column to fill: the one that --column names, or the assignment's own title."""
    section = sheet.column("Section")
    assert section is not None, "the header has it"
    titles = {
        place: value.strip()
        for place, value in enumerate(sheet.head.values)
        if place > section and _TITLED.fullmatch(value.strip())
    }
    own = {assignment.title.casefold(), assignment.slug.casefold()}
    if wanted.column:
        fitting = [p for p, title in titles.items() if title == wanted.column.strip()]
        said = f"there is no column {wanted.column!r}"
    else:
        fitting = [p for p, title in titles.items() if _untitled(title).casefold() in own]
        said = f"no column or more than one is called {assignment.title!r} or {assignment.slug!r}"
    if len(fitting) != 1:
        known = ", ".join(repr(title) for title in titles.values()) or "no assignment's"
        raise UsageError(f"{sheet.path}: {said}; --column takes one of: {known}")
    return fitting[0]


def _untitled(title: str) -> str:
    match = _TITLED.fullmatch(title)
    return match[1] if match else title


def _points_possible(sheet: Sheet, place: int) -> float:
    lines = [row for row in sheet.rows if _is_about_points(sheet, row)]
    if len(lines) != 1:
        said = f"{len(lines)} lines say {_POSSIBLE!r}, and one should"
        raise UsageError(f"{sheet.path}: {said}; export the gradebook again")
    text, name = lines[0][place].strip(), sheet.head[place]
    if "read only" in text:
        raise UsageError(
            f"{sheet.path}: column {name!r} is read-only; choose another with --column"
        )
    possible = parsed(text)
    if possible is None or not 0 < possible < float("inf"):
        said = f"column {name!r} has {text!r} points possible"
        raise UsageError(
            f"{sheet.path}: {said}; give the assignment points in Canvas and export again"
        )
    return possible


def _is_student(sheet: Sheet, row: Row) -> bool:
    """Tell students from what else Canvas has in its lines."""
    if _is_about_points(sheet, row) or all(_POSTING.fullmatch(each) for each in row.values):
        return False
    return _name(sheet, row) != "Student, Test"


def _is_about_points(sheet: Sheet, row: Row) -> bool:
    """Tell that line from a student who is called so, and has an ID."""
    place = sheet.column("ID")
    return row[0].strip() == _POSSIBLE and place is not None and not row[place].strip()


def _name(sheet: Sheet, row: Row) -> str:
    """Return a student's sortable name."""
    together = sheet.column("Student")
    if together is not None:
        return row[together].strip()
    return f"{row[0].strip()}, {row[1].strip()}"


def _label(sheet: Sheet, row: Row) -> frozenset[str]:
    place = sheet.column("ID")
    assert place is not None, "the header has it"
    user = row[place].strip()
    return keys(canvas_label(_name(sheet, row), user)) if user else frozenset()


def _shown(sheet: Sheet, row: Row) -> str:
    place = sheet.column("ID")
    assert place is not None, "the header has it"
    who, user = printable(_name(sheet, row)), printable(row[place].strip())
    return f"line {row.number} ({who}, ID {user or 'missing'})"
