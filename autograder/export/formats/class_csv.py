"""A class as CSV: a row a student, a column an exercise."""

import csv
import io
from collections.abc import Sequence

from autograder.assignment import Assignment
from autograder.feedback.spreadsheet import guarded
from autograder.report import Report

COLUMNS = ("student", "status", "score", "max_score", "message")


def render(assignment: Assignment, reports: Sequence[Report]) -> str:
    """Return the table; a score is empty where there is none.

    Texts are quoted, so that commas, quotes and new lines stay in their cell, and no spreadsheet
    takes one for a formula.
    """
    names = {each.name: None for each in assignment.exercises}
    names |= {each.name: None for report in reports for each in report.exercises}
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow([*COLUMNS, *names])
    for report in reports:
        scores = {each.name: each.score for each in report.exercises}
        about = guarded(report.submission.student), str(report.status), report.score
        writer.writerow(
            [*about, report.max_score, guarded(report.message)] + [scores.get(n) for n in names]
        )
    return text.getvalue()
