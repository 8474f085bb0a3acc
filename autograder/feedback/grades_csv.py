"""`nbgrader export` with our scores to the last decimal.

nbgrader's own CSV prints what sums of floating-point numbers give, 21.333399999999997, and does not
quote names. This writes the same columns, rounded to the four decimals that scores have, as CSV in
which no name is a formula.
"""

import csv
from pathlib import Path
from typing import Any

from nbgrader.plugins import ExportPlugin

from autograder.feedback.spreadsheet import guarded

COLUMNS = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email",
    "raw_score", "late_submission_penalty", "score", "max_score",
)  # fmt: skip
DECIMALS = 4


class CsvOfScores(ExportPlugin):  # type: ignore[misc]  # nbgrader has no types
    """Writes grades.csv, or the file that `--to` names."""

    def export(self, gradebook: Any) -> None:
        """Write a line for each assignment and student; those who handed in nothing have 0."""
        assignments, students = set(map(str, self.assignment)), set(map(str, self.student))
        with Path(self.to or "grades.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(
                file, COLUMNS, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC
            )
            writer.writeheader()
            for assignment in gradebook.assignments:
                if assignments and assignment.name not in assignments:
                    continue
                came = {each.student_id: each for each in assignment.submissions}
                for student in gradebook.students:
                    if not students or student.id in students:
                        writer.writerow(_row(assignment, student, came.get(student.id)))


def _row(assignment: Any, student: Any, submission: Any) -> dict[str, Any]:
    raw = _rounded(submission.score) if submission else 0.0
    penalty = _rounded(submission.late_submission_penalty) if submission else 0.0
    return {
        "assignment": assignment.name,
        "duedate": assignment.duedate,
        "timestamp": submission.timestamp if submission else None,
        "student_id": guarded(student.id or ""),
        "last_name": guarded(student.last_name or ""),
        "first_name": guarded(student.first_name or ""),
        "email": guarded(student.email or ""),
        "raw_score": raw,
        "late_submission_penalty": penalty,
        "score": max(0.0, _rounded(raw - penalty)),
        "max_score": _rounded(assignment.max_score),
    }


def _rounded(score: float | None) -> float:
    return round(score or 0.0, DECIMALS)
