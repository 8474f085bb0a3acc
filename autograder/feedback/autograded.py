"""The autograded notebook: the handout with a student's answers, files and verdicts in it.

Formgrader shows it to the people who grade by hand, and feedback pages are made of it. It starts
from our own handout, so whatever a student did to the notebook does no harm: only the text of
answers is taken over.
"""

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from autograder import rules
from autograder.assignment import Assignment, Exercise
from autograder.grading.handed_in import HandedIn
from autograder.release import visible
from autograder.release.handout import source_notebook
from autograder.report import ExerciseResult, ExerciseStatus, Report, ReportStatus, TestStatus

KEY = "autograder"  # of the metadata that only we read
UNREADABLE = "# This file is not text."
# Where a space more keeps Markdown from becoming a tag, an entity, an image or a link.
_ACTIVE = re.compile(r"<(?=[A-Za-z/!?])|&(?=[#\w])|!(?=\[)|\](?=[(\[:])")

Notebook = Any  # nbformat's, which has no types
Lines = Mapping[str, Mapping[str, str]]  # file -> line -> what the rules say about it


@dataclass(frozen=True)
class Graded:
    """One student's report, and what it is about."""

    report: Report
    handed_in: HandedIn

    @property
    def student(self) -> str:
        """Whose it is."""
        return self.report.submission.student


class Form:
    """The handout of an assignment, to be filled in for each student."""

    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        self._source = source_notebook(assignment, visible.checks_of(assignment))

    def blank(self) -> Notebook:
        """Return a new copy of the handout."""
        return deepcopy(self._source)

    def text(self, graded: Graded) -> bytes:
        """Return one student's autograded notebook as a file."""
        from nbformat import writes

        return (str(writes(self.fill(graded))) + "\n").encode("utf-8", "replace")

    def fill(self, graded: Graded) -> Notebook:
        """Return one student's autograded notebook."""
        from nbformat import NotebookNode

        # Cells that stay as they are can be everybody's: copying costs more than all the rest.
        cells = [deepcopy(cell) if _is_filled(cell) else cell for cell in self._source.cells]
        book = NotebookNode(self._source, cells=cells, metadata=deepcopy(self._source.metadata))
        mark(book, self.assignment, graded)
        offer_comments(book)
        return book


def outline(assignment: Assignment) -> dict[str, Any]:
    """Return what a page needs to know about an assignment."""
    wanted = {"name", "file", "points", "summary", "functions"}
    exercises = [each.model_dump(mode="json", include=wanted) for each in assignment.exercises]
    return {"slug": assignment.slug, "title": assignment.title, "exercises": exercises}


def mark(book: Notebook, assignment: Assignment, graded: Graded) -> None:
    """Write answers and verdicts into the graded cells of a handout, and the files at its end."""
    report = graded.report
    _answer(book, graded.handed_in.answers)
    exercises = {each.name: each for each in assignment.exercises}
    for cell in book.cells:
        exercise = exercises.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
        if cell.cell_type == "code" and exercise is not None:
            _verdict(cell, exercise, report)
    book.metadata[KEY] = {
        "report": report.model_dump(mode="json"),
        "assignment": outline(assignment),
    }
    forbidden = any(each.status is ExerciseStatus.FORBIDDEN for each in report.exercises)
    broken = broken_lines(assignment, graded.handed_in) if forbidden else {}
    book.cells += _files(graded.handed_in, broken)


def offer_comments(book: Notebook) -> None:
    """Let people comment on exercises: nbgrader offers that for cells of solutions only."""
    for cell in book.cells:
        if told := cell.metadata.get("nbgrader"):
            told["solution"] = True


def score_of(report: Report, exercise: str) -> float:
    """Return the points of one exercise; none where the submission was refused as a whole."""
    return next((each.score for each in report.exercises if each.name == exercise), 0.0)


def comment_of(report: Report, exercise: str) -> str:
    """Return what is said about one exercise; empty when all its tests passed."""
    if report.status is not ReportStatus.GRADED:
        return report.message
    result = next((each for each in report.exercises if each.name == exercise), None)
    return _said(result) if result else ""


def broken_lines(assignment: Assignment, handed_in: HandedIn) -> Lines:
    """Return the lines that the rules complain about, and why."""
    files = {name: data for name, data in handed_in.files.items() if name in assignment.files}
    broken: dict[str, dict[str, str]] = {}
    for violations in rules.check(files, assignment).values():
        for each in violations:
            broken.setdefault(each.file, {})[str(each.line)] = each.message
    return broken


def _said(result: ExerciseResult) -> str:
    lost = [test for test in result.tests if test.status is not TestStatus.PASSED]
    reasons = dict.fromkeys(test.diagnosis.message for test in lost if test.diagnosis)
    return "\n".join(reasons) or result.message


def _is_filled(cell: Any) -> bool:
    return cell.cell_type == "markdown" or "nbgrader" in cell.metadata


def _answer(book: Notebook, answers: Mapping[str, str]) -> None:
    asked = None
    for cell in book.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if cell.cell_type == "markdown" and name:
            if asked is not None:
                asked.metadata[KEY] = {"question": name}
            text = answers.get(name, "")
            if text:  # as it was released, nbgrader knows that nobody answered
                cell.source = _harmless(text)
            cell.metadata[KEY] = {"answer": name, "graded": False, "text": text}
        asked = cell if cell.cell_type == "markdown" and not name else None


def _harmless(text: str) -> str:
    """Keep an answer from acting in a page: formgrader renders Markdown, tags and links as told."""
    return _ACTIVE.sub(r"\g<0> ", text)


def _verdict(cell: Any, exercise: Exercise, report: Report) -> None:
    from nbformat import from_dict

    score = score_of(report, exercise.name)
    said = comment_of(report, exercise.name)
    words = f"{score:g} of {exercise.points:g} points" + (f"\n{said}" if said else "")
    said_so = {"output_type": "stream", "name": "stdout", "text": words + "\n"}
    # nbgrader takes the score from here: a number from 0 to the points, and nothing else.
    shown = {"data": {"text/plain": repr(score)}, "execution_count": 1, "metadata": {}}
    cell.outputs = from_dict([said_so, {"output_type": "execute_result", **shown}])
    cell.execution_count = 1
    cell.metadata[KEY] = {"exercise": exercise.name, "auto_score": score}


def _files(handed_in: HandedIn, broken: Lines) -> Sequence[Any]:
    from nbformat import from_dict

    cells = []
    for number, (name, data) in enumerate(sorted(handed_in.files.items()), start=1):
        told = {KEY: {"file": name, "lines": dict(broken.get(name, {}))}}
        shown = {"id": f"file-{number}", "source": _text(data), "metadata": told}
        cells.append({"cell_type": "code", "execution_count": None, "outputs": [], **shown})
    filled: Sequence[Any] = from_dict(cells)
    return filled


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return UNREADABLE
