"""A class's feedback pages: one for each student, and the instructor's."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from autograder.assignment import Assignment
from autograder.feedback import class_page, pages
from autograder.feedback.autograded import KEY, Form, Graded
from autograder.feedback.rows import Marks
from autograder.files import write_whole
from autograder.grading import handed_in, written
from autograder.report import Report

CLASS = "class.html"
LINK = "{student}/{slug}/{slug}.html"
FEW = 25  # so many pages are made before another process has started

Progress = Callable[[], None]


def load(assignment: Assignment, reports: Path) -> list[Graded]:
    """Read a class's reports on an assignment, with what was handed in, by student."""
    everybody = written.read(assignment, reports)
    return [Graded(each.report, handed_in.unpack(each.folder)) for each in everybody]


def publish(
    assignment: Assignment,
    graded: Sequence[Graded],
    marks: Mapping[str, Marks],
    out: Path,
    jobs: int,
    progress: Progress | None = None,
) -> None:
    """Write OUT/<student>/<slug>/<slug>.html for everybody, and OUT/<slug>.class.html."""
    work = [(each, marks.get(each.student)) for each in graded]
    for student, page in _made(assignment, work, jobs):
        write_whole(out / student / assignment.slug / f"{assignment.slug}.html", page)
        if progress is not None:
            progress()
    write_whole(out / f"{assignment.slug}.{CLASS}", _class_page(assignment, work))


def _class_page(assignment: Assignment, work: Sequence[tuple[Graded, Marks | None]]) -> str:
    questions = max(
        (len(mine.grades) - len(assignment.exercises) for _, mine in work if mine), default=0
    )
    return class_page.render(
        assignment,
        [each.report for each, _ in work],
        scores={each.student: final(mine, each.report) for each, mine in work},
        max_score=assignment.max_score + questions * assignment.question_points,
        link=LINK,
    )


def final(marks: Marks | None, report: Report) -> float:
    """Return the score that counts: the gradebook's, less the late penalty, else the report's."""
    if marks is None:
        return report.score or 0.0
    return max(0.0, round(sum(m.score for m in marks.grades.values()) - marks.penalty, 4))


def _made(
    assignment: Assignment, work: Sequence[tuple[Graded, Marks | None]], jobs: int
) -> Iterator[tuple[str, str]]:
    if jobs == 1 or len(work) <= FEW:
        yield from map(_Maker(assignment).page, work)
        return
    context = get_context("spawn")  # a fork would take threads of libraries along
    with ProcessPoolExecutor(jobs, context, _start, (assignment,)) as pool:
        yield from pool.map(_page, work, chunksize=8)


class _Maker:
    """Makes pages of one assignment, with the template compiled once."""

    def __init__(self, assignment: Assignment) -> None:
        self._form = Form(assignment)
        self._exporter = pages.exporter()

    def page(self, work: tuple[Graded, Marks | None]) -> tuple[str, str]:
        graded, marks = work
        book = self._form.fill(graded)
        resources = marked(book, graded.report, marks)
        return graded.student, pages.render(self._exporter, book, resources)


def marked(book: Any, report: Report, marks: Marks | None) -> dict[str, Any]:
    """Put the gradebook's marks where nbgrader's GetGrades puts them; return its resources."""
    most = 0.0
    for cell in book.cells:
        told = cell.metadata.get("nbgrader")
        if not told:
            continue
        most += told["points"]
        mark = marks.grades.get(told["grade_id"]) if marks else None
        auto = cell.metadata[KEY].get("auto_score", 0.0)
        told["score"] = mark.score if mark else auto
        told["comment"] = marks.comments.get(told["grade_id"]) if marks else None
        if "answer" in cell.metadata[KEY]:
            cell.metadata[KEY]["graded"] = mark is not None and not mark.waits
    student, slug = report.submission.student, report.assignment
    told = {"student": student, "assignment": slug, "notebook": slug, "max_score": most}
    penalty = marks.penalty if marks else 0.0
    return {"nbgrader": {**told, "score": final(marks, report), "late_penalty": penalty}}


_own: dict[str, _Maker] = {}  # of a process that only makes pages


def _start(assignment: Assignment) -> None:
    _own["maker"] = _Maker(assignment)


def _page(work: tuple[Graded, Marks | None]) -> tuple[str, str]:
    return _own["maker"].page(work)
