"""Moodle: a CSV file for its grade import, or its offline grading worksheet filled.

The worksheet of an assignment is

    Identifier, Full name, ID number, Email address, Status, ..., Grade, Maximum grade,
    Grade can be changed, ..., Last modified (grade), ..., Feedback comments

where `Identifier` is "Participant 123" and what stands at the dots depends on the site. Moodle
finds students by it, takes grades and feedback, and passes over lines that are locked or out of
range. Feedback is HTML in both.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from autograder.assignment import Assignment
from autograder.errors import UsageError
from autograder.export.lists import filled
from autograder.export.lists import sheet as sheets
from autograder.export.lists.filled import Filled, Form, Wanted
from autograder.export.lists.harmless import harmless
from autograder.export.lists.people import Kind, keys, listed, moodle_label
from autograder.export.lists.scores import Score, Scores, feedback
from autograder.export.lists.sheet import Row, Sheet, parsed, plain
from autograder.submission.text import printable

IDENTIFIERS = ("Email address", "ID number", "Username")
_WHAT = "an offline grading worksheet of Moodle in English"
_GRADE, _FEEDBACK, _MOST = "Grade", "Feedback comments", "Maximum grade"
_NEEDED = ("Identifier", _GRADE, "Last modified (grade)")
_OPEN = "Grade can be changed"
_OURS = {"identifier", "grade", "last modified (grade)", "feedback comments"}
_PARTICIPANT = re.compile(r"(?:.*\D)?(\d+)")


def grades(assignment: Assignment, scores: Scores, wanted: Wanted, most: float | None) -> Filled:
    """Return a file for Moodle's grade import: who, grade, feedback.

    `wanted.by` is one of IDENTIFIERS; `most` is the grade that Moodle has for full marks.
    """
    by = next((name for name in IDENTIFIERS if name.casefold() == wanted.by.casefold()), None)
    if by is None:
        raise UsageError(f"--by {wanted.by!r}: it takes one of: {', '.join(IDENTIFIERS)}")
    known = {"Email address": scores.emails, "ID number": scores.numbers}.get(by)
    here = scores.most if most is None else most
    names = _names(scores, known, by, wanted)
    done = Filled(column=assignment.title, written=list(names))
    done.say_scale(scores.most, here)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([by, assignment.title, f"{assignment.title} (feedback)"])
    for student, name in names.items():
        score = scores.everyone[student]
        points, said = score.out_of(scores.most, here), feedback(score, scores.most, here)
        writer.writerow([harmless(name), plain(points), harmless(said)])
    done.say_who_is_missing(scores, names)
    done.content = text.getvalue().encode()
    return done


def _names(
    scores: Scores, known: Mapping[str, str] | None, by: str, wanted: Wanted
) -> dict[str, str]:
    """Return student -> what Moodle knows them by; UsageError where two would be one."""
    names = {each: each if known is None else known.get(each, "") for each in scores.graded}
    if missing := [repr(each) for each, name in names.items() if not name]:
        if not wanted.partial:
            said = f"the course's roster.csv has no {by} of {listed(missing)}"
            raise UsageError(f"{said}; add it, or leave them out: --partial")
        names = {each: name for each, name in names.items() if name}
    owners: dict[str, str] = {}
    for student, name in names.items():
        if (other := owners.setdefault(name.casefold(), student)) != student:
            raise UsageError(f"{other!r} and {student!r} have the same {by} in roster.csv: {name}")
    return names


def worksheet(path: Path, scores: Scores, wanted: Wanted) -> Filled:
    """Return the worksheet with grades and feedback; UsageError where anybody is unsure."""
    sheet = sheets.read(path, _is_header, _WHAT)
    form, comments = _form(sheet), sheet.column(_FEEDBACK)

    def tell(row: Row, score: Score) -> None:
        if comments is not None:
            sheet.put(row, comments, harmless(feedback(score, scores.most, form.most)))

    done = filled.fill(form, scores, wanted, tell)
    got = {each: scores.everyone[each].out_of(scores.most, form.most) for each in done.written}
    if high := [each for each, points in got.items() if points > form.most]:
        done.notes.append(f"more than {plain(form.most)}, which Moodle passes over: {listed(high)}")
    return done


def _form(sheet: Sheet) -> Form:
    grade = sheet.column(_GRADE)
    assert grade is not None, "the header has it"
    head = [name.strip().casefold() for name in sheet.head.values]
    return Form(
        sheet,
        sheet.rows,
        shown=[_shown(sheet, row) for row in sheet.rows],
        labels=[_label(sheet, row) for row in sheet.rows],
        identifiers=dict.fromkeys(IDENTIFIERS, (Kind.NAME,)) | {"ID number": tuple(Kind)},
        column=grade,
        most=_most(sheet),
        kept=dict.fromkeys(_locked(sheet), "the grade cannot be changed"),
        texts=[place for place, name in enumerate(head) if name not in _OURS],
    )


def _is_header(values: Sequence[str]) -> bool:
    return {name.casefold() for name in _NEEDED} <= {value.casefold() for value in values}


def _most(sheet: Sheet) -> float:
    """Return the grade for full marks: the same in all lines."""
    column = sheet.column(_MOST)
    said = {row[column].strip() for row in sheet.rows} if column is not None else set()
    most = parsed(said.pop()) if len(said) == 1 else None
    if most is None or not 0 < most < float("inf"):
        advice = "let Moodle grade the assignment by points, and download the worksheet again"
        raise UsageError(f"{sheet.path}: there is no one {_MOST!r} in numbers; {advice}")
    return most


def _locked(sheet: Sheet) -> set[int]:
    column = sheet.column(_OPEN)
    if column is None:
        return set()
    return {at for at, row in enumerate(sheet.rows) if row[column].strip().casefold() == "no"}


def _label(sheet: Sheet, row: Row) -> frozenset[str]:
    """Return how `collect` calls this participant: by name, or unnamed where marking is blind."""
    number = _participant(sheet, row)
    column = sheet.column("Full name")
    named = row[column].strip() if column is not None else "Participant"
    return keys(moodle_label(named, number)) if number else frozenset()


def _participant(sheet: Sheet, row: Row) -> str:
    column = sheet.column("Identifier")
    assert column is not None, "the header has it"
    match = _PARTICIPANT.fullmatch(row[column].strip())
    return match[1] if match else ""


def _shown(sheet: Sheet, row: Row) -> str:
    column = sheet.column("Full name")
    who = row[column].strip() if column is not None else "no name"
    return (
        f"line {row.number} ({printable(who)}, participant {_participant(sheet, row) or 'missing'})"
    )
