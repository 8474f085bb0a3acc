"""Autograded notebooks and reports, built by hand for the tests of feedback."""

from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from typing import Any

from nbformat import NotebookNode, v4

from autograder.report import (
    Diagnosis,
    ExerciseResult,
    ExerciseStatus,
    Report,
    ReportStatus,
    SubmissionInfo,
    TestResult,
    TestStatus,
    exercise_status,
    score_exercise,
    total,
)

TITLE = "Losses and linear classifiers"
FILE = "losses.py"
CODE = "import numpy as np\n\n\ndef double(x):\n    return x + x\n"


def failed(title: str, message: str, status: str = "failed", code: str = "scaled") -> TestResult:
    """A test that did not pass."""
    why = Diagnosis(code=code, message=message)
    return TestResult(id=f"secret::{title}", title=title, status=TestStatus(status), diagnosis=why)


def passed(title: str) -> TestResult:
    """A test that passed."""
    return TestResult(id=f"secret::{title}", title=title, status=TestStatus.PASSED)


def exercise(name: str, points: float, *tests: TestResult) -> ExerciseResult:
    """An exercise whose score follows from its tests."""
    said = next((test.diagnosis.message for test in tests if test.diagnosis), "")
    return ExerciseResult(
        name=name,
        points=points,
        score=score_exercise(points, tests),
        status=exercise_status(tests),
        message=said,
        tests=tests,
    )


def with_status(status: ExerciseStatus) -> ExerciseResult:
    """An exercise of 40 points that has this status."""
    if status is ExerciseStatus.PASSED:
        return exercise("double", 40, passed("A matrix is doubled."))
    if status is ExerciseStatus.PARTIAL:
        return exercise("double", 40, passed("A matrix is doubled."), failed("Empty.", "is off"))
    return exercise("double", 40, failed("A matrix is doubled.", "is off", str(status)))


def report(*exercises: ExerciseResult, student: str = "ada", **submission: Any) -> Report:
    """A graded report."""
    return Report(
        assignment="a1_linear",
        suite="sha256:0123456789abcdef",
        submission=SubmissionInfo(student=student, sha256="sha256:1", **submission),
        status=ReportStatus.GRADED,
        score=total(exercises),
        max_score=sum(each.points for each in exercises) or 100,
        exercises=exercises,
    )


def ungraded(status: ReportStatus, message: str, student: str = "ada") -> Report:
    """A report without verdicts."""
    return Report(
        assignment="a1_linear",
        suite="sha256:0123456789abcdef",
        submission=SubmissionInfo(student=student, sha256=""),
        status=status,
        score=None if status is ReportStatus.ERROR else 0.0,
        max_score=100,
        message=message,
    )


RIGHT = report(
    exercise("double", 40, passed("A matrix is doubled.")),
    exercise("softmax_loss", 60, passed("The loss is a mean.")),
    files=(FILE,),
)


def notebook(
    about: Report = RIGHT,
    files: Mapping[str, str] | None = None,
    *,
    lines: Mapping[str, str] | None = None,
    grades: Mapping[str, tuple[float, str | None]] | None = None,
    answers: Sequence[NotebookNode] = (),
) -> NotebookNode:
    """An autograded notebook; `grades` are final scores and comments of exercises."""
    node = v4.new_notebook()
    named = [("double", 40.0), ("softmax_loss", 60.0)]
    described = [
        {"name": n, "file": FILE, "points": p, "summary": f"What {n} does.", "functions": [n]}
        for n, p in named
    ]
    node.metadata["autograder"] = {
        "report": about.model_dump(mode="json"),
        "assignment": {"title": TITLE, "slug": "a1_linear", "exercises": described},
    }
    auto = {each.name: each.score for each in about.exercises}
    for name, points in named:
        score, comment = (grades or {}).get(name, (auto.get(name, 0.0), None))
        cell = graded_cell(v4.new_code_cell("..."), name, points, score, comment)
        cell.metadata["autograder"] = {"exercise": name, "auto_score": auto.get(name, 0.0)}
        node.cells.append(cell)
    node.cells += answers
    for file, text in ({FILE: CODE} if files is None else files).items():
        cell = v4.new_code_cell(text)
        cell.metadata["autograder"] = {"file": file, "lines": dict(lines or {})}
        node.cells.append(cell)
    return node


def question(text: str, answer: str, score: float | None = None) -> list[NotebookNode]:
    """An inline question and its answer; without a score, nobody has read it yet."""
    asked = v4.new_markdown_cell(text)
    asked.metadata["autograder"] = {"question": "question_1"}
    cell = graded_cell(v4.new_markdown_cell(answer), "question_1", 2.0, score or 0.0, None)
    cell.metadata["autograder"] = {"answer": "question_1", "graded": score is not None}
    return [asked, cell]


def graded_cell(
    cell: NotebookNode, name: str, points: float, score: float, comment: str | None
) -> NotebookNode:
    """The cell with the metadata that nbgrader wants, and that its GetGrades adds."""
    cell.metadata["nbgrader"] = {
        "schema_version": 3, "grade": True, "solution": True, "locked": False, "task": False,
        "grade_id": name, "cell_type": cell.cell_type, "checksum": "0",
        "points": points, "score": score, "comment": comment,
    }  # fmt: skip
    return cell


def resources(node: NotebookNode, student: str = "ada", late: float = 0.0) -> dict[str, Any]:
    """What GetGrades leaves behind."""
    grades = [c.metadata["nbgrader"] for c in node.cells if "nbgrader" in c.metadata]
    return {
        "nbgrader": {
            "student": student,
            "assignment": "a1_linear",
            "notebook": "a1_linear",
            "score": sum(grade["score"] for grade in grades) - late,
            "max_score": sum(grade["points"] for grade in grades),
            "late_penalty": late,
        }
    }


class Parsed(HTMLParser):
    """A page as a browser reads it: its elements, their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.ids: list[str] = []
        self.text = ""
        self._style = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember an element."""
        self.tags.append(tag)
        self._style = tag == "style"
        self.attributes += [(name, value or "") for name, value in attrs]
        self.ids += [value or "" for name, value in attrs if name == "id"]

    def handle_endtag(self, tag: str) -> None:
        """Know where a style sheet ends."""
        self._style = self._style and tag != "style"

    def handle_data(self, data: str) -> None:
        """Gather the text."""
        self.text += "" if self._style else data

    @property
    def words(self) -> str:
        """The text with single spaces."""
        return " ".join(self.text.split())

    @property
    def links(self) -> list[str]:
        """Where the page links to."""
        return [value for name, value in self.attributes if name in {"href", "src", "action"}]

    @property
    def headings(self) -> list[int]:
        """The levels of its headings, in order."""
        return [int(tag[1]) for tag in self.tags if tag in {"h1", "h2", "h3", "h4"}]
