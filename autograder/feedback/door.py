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

from nbconvert.exporters import HTMLExporter
from nbgrader.converters import Autograde
from nbgrader.preprocessors import AssignLatePenalties, Execute, NbGraderPreprocessor
from nbgrader.utils import compute_checksum

from autograder import assignment as assignments
from autograder.assignment import Assignment, suite_hash
from autograder.errors import SandboxError
from autograder.feedback import gradebook, lateness, roster
from autograder.feedback.autograded import KEY, Form, Graded, mark, offer_comments
from autograder.feedback.grades_csv import CsvOfScores
from autograder.feedback.pages import FeedbackExporter
from autograder.grading import Lanes, Settings, handed_in
from autograder.release.cells import with_comments
from autograder.report import ReportStatus
from autograder.sandbox import choice
from autograder.submission import Entry

SANDBOX_VARIABLE = "AUTOGRADER_SANDBOX"  # auto, process or docker


class StartFromHandout(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """Stands first: the student's notebook is read by intake, and no cell of it gets further.

    So whatever was done to its cells and their metadata does no harm, and nbgrader does not end a
    run over it.
    """

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Put the handout in place of the notebook."""
        slug = resources["nbgrader"]["assignment"]
        return (_desk(slug).form.blank() if _is_ours(slug) else nb), resources


class GradeInSandbox(NbGraderPreprocessor):  # type: ignore[misc]
    """Stands where Execute stood: nothing of the notebook runs, its grade cells get our scores."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Grade what the student handed in; an error of ours is raised and touches no grade."""
        told = resources["nbgrader"]
        if not _is_ours(told["assignment"]):
            return _plain(Execute, self, nb, resources)
        desk = _desk(told["assignment"])
        graded = desk.grade(told["student"], self._submitted(told, resources))
        mark(nb, desk.assignment, graded)
        _leave_unanswered(nb)
        gradebook.comment(told["db_url"], desk.assignment, graded)
        return nb, resources

    def _submitted(self, told: Any, resources: Any) -> Path:
        """Where the upload lies: nbgrader has put its own files over the copy that it works on."""
        course = _course_of(self)
        if course is None:
            return Path(resources["metadata"]["path"])
        where = course.format_path(course.submitted_directory, told["student"], told["assignment"])
        return Path(where)


class ChargeLateness(NbGraderPreprocessor):  # type: ignore[misc]
    """Stands where AssignLatePenalties stood: the course's policy, after scores are saved."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Work out the student's penalties, and let people comment on exercises from here on."""
        told = resources["nbgrader"]
        if not _is_ours(told["assignment"]):
            return _plain(AssignLatePenalties, self, nb, resources)
        course = _course_of(self)
        own = roster.grace_days(Path(course.root)) if course is not None else {}
        late = lateness.load(assignments.find_root())
        gradebook.update_penalty(told["db_url"], told["student"], late, own)
        offer_comments(nb)
        return nb, resources


class PageExporter(FeedbackExporter):
    """Makes our pages of what we graded, and nbgrader's own of all other assignments."""

    def from_notebook_node(
        self, nb: Any, resources: Any = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Make the page of one autograded notebook."""
        if _is_ours(resources["nbgrader"]["assignment"]):
            return super().from_notebook_node(nb, resources, **kw)
        plain = HTMLExporter(parent=self.parent)
        for step in self._preprocessors:
            plain.register_preprocessor(step)
        made: tuple[str, dict[str, Any]] = plain.from_notebook_node(nb, resources, **kw)
        return made


def configure(config: Any) -> None:
    """Set everything that nbgrader needs to grade with us, in place of its own execution."""
    ours = {Execute: GradeInSandbox, AssignLatePenalties: ChargeLateness}
    steps = Autograde.autograde_preprocessors.default()
    config.Autograde.autograde_preprocessors = [ours.get(step, step) for step in steps]
    cleaning = Autograde.sanitize_preprocessors.default()
    config.Autograde.sanitize_preprocessors = [StartFromHandout, *cleaning]
    with_comments(config)
    root = assignments.find_root()
    known = [assignments.load(slug, root) for slug in assignments.slugs(root)]
    config.Autograde.exclude_overwriting = {each.slug: list(each.files) for each in known}
    config.GenerateFeedback.exporter_class = PageExporter
    config.ExportApp.plugin_class = CsvOfScores


def _is_ours(slug: str) -> bool:
    return slug in assignments.slugs(assignments.find_root())


def _leave_unanswered(nb: Any) -> None:
    """Let nbgrader see which questions nobody answered: it compares a cell with what it was."""
    for cell in nb.cells:
        if cell.metadata.get(KEY, {}).get("text") == "":
            cell.metadata.nbgrader["checksum"] = compute_checksum(cell)


def _plain(step: Any, instead: Any, nb: Any, resources: Any) -> tuple[Any, Any]:
    """Do what nbgrader itself does."""
    done: tuple[Any, Any] = step(parent=instead.parent).preprocess(nb, resources)
    return done


def _course_of(step: Any) -> Any:
    return getattr(getattr(step.parent, "parent", None), "coursedir", None)


class _Desk:
    """Grades submissions of one assignment, one after the other, in a lane that stays."""

    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        slug, root = assignment.slug, assignment.root
        self.form = Form(self.assignment)
        self._out = tempfile.TemporaryDirectory(prefix="autograder-")
        where = choice.Sandbox(os.environ.get(SANDBOX_VARIABLE, choice.Sandbox.AUTO))
        containers, _ = choice.plan(where, self.assignment.runtime)
        out = self._out.name
        settings = Settings(slug, str(root), out, force=True, containers=containers)
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


def _desk(slug: str) -> _Desk:
    """One for each assignment of a run: nbgrader makes its preprocessors anew for each student.

    Formgrader grades in a server that runs for weeks, so another suite has another desk.
    """
    assignment = assignments.load(slug, assignments.find_root())
    return _desk_of(assignment, suite_hash(assignment))


@cache
def _desk_of(assignment: Assignment, _suite: str) -> _Desk:
    desk = _Desk(assignment)
    atexit.register(desk.close)
    return desk
