"""A class as CSV: every name comes back, and none is computed."""

import csv
import io

from exports import AWKWARD, judged, report, said
from reports import graded, ungraded

from autograder.assignment import Assignment
from autograder.export.formats import class_csv
from autograder.feedback.spreadsheet import plain
from autograder.report import TestStatus


def rows(text: str) -> list[dict[str, str]]:
    """Read the table."""
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_a_row_a_student(mini_course: Assignment) -> None:
    """With the score, and a column for each exercise."""
    (row,) = rows(class_csv.render(mini_course, [graded().report]))
    assert row == {
        "student": "ann",
        "status": "graded",
        "score": "100.0",
        "max_score": "100.0",
        "message": "",
        "double": "40.0",
        "softmax_loss": "60.0",
    }


def test_who_has_no_verdicts(mini_course: Assignment) -> None:
    """What was refused has nothing, and what failed through our fault has no score."""
    refused, lost = ungraded("rejected", "no zip"), ungraded("error", "lost", "bob")
    first, second = rows(class_csv.render(mini_course, [refused.report, lost.report]))
    assert (first["score"], first["double"], first["message"]) == ("0.0", "", "no zip")
    assert (second["status"], second["score"]) == ("error", "")


def test_names_come_back(mini_course: Assignment) -> None:
    """Commas, quotes, lines, formulas, emoji and other scripts; and no cell is a formula."""
    everybody = [said(text, student=text) for text in AWKWARD]
    read = rows(class_csv.render(mini_course, everybody))
    assert [plain(row["student"]) for row in read] == AWKWARD
    assert [plain(row["message"]) for row in read] == AWKWARD
    assert not [row for row in read if row["student"].lstrip()[:1] in {*"=+-@"}]


def test_an_exercise_of_an_older_suite(mini_course: Assignment) -> None:
    """Has a column, too: no points are lost."""
    old = report(judged("halve", TestStatus.PASSED))
    (row,) = rows(class_csv.render(mini_course, [old]))
    assert (row["halve"], row["double"]) == ("40.0", "")
