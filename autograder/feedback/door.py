"""The other door: a course that lives in nbgrader grades with our sandbox and suites.

nbgrader_config.py of such a course says

    from autograder.feedback import door
    door.configure(get_config())

and then `nbgrader autograde a1_linear` runs the hidden suite outside the notebook, on what lies in
`submitted/`, and `nbgrader generate_feedback a1_linear` makes our pages. Assignments that have no
`assignment.toml` are executed as nbgrader always did.
"""

import atexit
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from nbgrader.converters import Autograde
from nbgrader.preprocessors import Execute, NbGraderPreprocessor

from autograder import assignment as assignments
from autograder.errors import SandboxError
from autograder.feedback import gradebook
from autograder.feedback.autograded import Form, Graded, mark
from autograder.feedback.pages import FeedbackExporter
from autograder.grading import Lanes, Settings, handed_in
from autograder.release.cells import with_comments
from autograder.report import ReportStatus
from autograder.sandbox import choice
from autograder.submission import Entry

SANDBOX_VARIABLE = "AUTOGRADER_SANDBOX"  # auto, process or docker


class GradeInSandbox(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """Stands where Execute stood: nothing of the notebook runs, its grade cells get our scores."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Grade what the student handed in; an error of ours is raised and touches no grade."""
        told = resources["nbgrader"]
        if told["assignment"] not in assignments.slugs(assignments.find_root()):
            plain: tuple[Any, Any] = Execute(parent=self.parent).preprocess(nb, resources)
            return plain
        desk = _desk(told["assignment"])
        graded = desk.grade(told["student"], self._submitted(told, resources))
        _restore(nb, desk.form)
        mark(nb, desk.assignment, graded)
        gradebook.comment(told["db_url"], desk.assignment, graded)
        return nb, resources

    def _submitted(self, told: Any, resources: Any) -> Path:
        """Where the upload lies: nbgrader has put its own files over the copy that it works on."""
        course = getattr(getattr(self.parent, "parent", None), "coursedir", None)
        if course is None:
            return Path(resources["metadata"]["path"])
        where = course.format_path(course.submitted_directory, told["student"], told["assignment"])
        return Path(where)


def configure(config: Any) -> None:
    """Set everything that nbgrader needs to grade with us, in place of its own execution."""
    steps = Autograde.autograde_preprocessors.default()
    config.Autograde.autograde_preprocessors = [
        GradeInSandbox if step is Execute else step for step in steps
    ]
    with_comments(config)
    root = assignments.find_root()
    known = [assignments.load(slug, root) for slug in assignments.slugs(root)]
    config.Autograde.exclude_overwriting = {each.slug: list(each.files) for each in known}
    config.GenerateFeedback.exporter_class = FeedbackExporter


class _Desk:
    """Grades submissions of one assignment, one after the other, in a lane that stays."""

    def __init__(self, slug: str) -> None:
        root = assignments.find_root()
        self.assignment = assignments.load(slug, root)
        self.form = Form(self.assignment)
        self._out = tempfile.TemporaryDirectory(prefix="autograder-")
        where = choice.Sandbox(os.environ.get(SANDBOX_VARIABLE, choice.Sandbox.AUTO))
        containers, _ = choice.plan(where, self.assignment.runtime)
        settings = Settings(slug, str(root), self._out.name, True, containers)
        self._lanes = Lanes(self.assignment, settings)

    def grade(self, student: str, path: Path) -> Graded:
        """Return the report; SandboxError where the infrastructure failed."""
        report, _ = self._lanes.grade(Entry(student, path))
        if report.status is ReportStatus.ERROR:
            raise SandboxError(report.message)
        return Graded(report, handed_in.unpack(Path(self._out.name, student)))

    def close(self) -> None:
        """End the lane."""
        self._lanes.close()
        self._out.cleanup()


@cache
def _desk(slug: str) -> _Desk:
    """One for each assignment of a run: nbgrader makes its preprocessors anew for each student."""
    desk = _Desk(slug)
    atexit.register(desk.close)
    return desk


def _restore(nb: Any, form: Form) -> None:
    """Put back the grade cells that a student deleted, or whose metadata is lost."""
    there = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in nb.cells}
    nb.cells += [
        cell for cell in form.grade_cells() if cell.metadata.nbgrader.grade_id not in there
    ]
