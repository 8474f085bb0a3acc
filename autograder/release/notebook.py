"""The release notebook: nbgrader's `generate_assignment` on the source notebook."""

import tempfile
from pathlib import Path

from autograder.assignment import Assignment
from autograder.release import visible
from autograder.release.course import course_api, generate_assignment
from autograder.release.handout import source_notebook


def source_text(assignment: Assignment) -> str:
    """Return the source notebook as nbgrader reads it: the same text every time."""
    from nbformat import writes

    return str(writes(source_notebook(assignment, visible.checks_of(assignment)))) + "\n"


def release_notebook(assignment: Assignment) -> bytes:
    """Return what students get, made in a course folder of its own: the same bytes every time."""
    with tempfile.TemporaryDirectory() as scratch:
        folder, name = Path(scratch), f"{assignment.slug}.ipynb"
        place = folder / "source" / assignment.slug / name
        place.parent.mkdir(parents=True)
        place.write_text(source_text(assignment), encoding="utf-8")
        generate_assignment(assignment.slug, course_api(folder))
        return (folder / "release" / assignment.slug / name).read_bytes()
