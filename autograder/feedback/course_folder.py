"""nbgrader's course folder: what is released, who handed in what, and how it was graded.

source/ release/       made from the handout; nbgrader gives out what is in release/
submitted/ autograded/ a folder for each student and assignment
feedback/              the pages
gradebook.db           the grades
nbgrader_config.py     lets nbgrader's own commands work with ours
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from autograder.assignment import Assignment
from autograder.errors import StaffError
from autograder.feedback import gradebook
from autograder.feedback.autograded import KEY, Form, Graded
from autograder.files import write_whole
from autograder.grading import handed_in
from autograder.release import bundle, gate
from autograder.release.course import course_api, generate_assignment
from autograder.release.notebook import source_text
from autograder.report import ReportStatus

CONFIG = "nbgrader_config.py"
_CONFIG = '''"""nbgrader's commands here, with autograder's sandbox and pages. Yours to change."""

import os

from autograder.feedback import door

# Where assignments/ and solutions/ are.
os.environ.setdefault("AUTOGRADER_ROOT", {root!r})
door.configure(get_config())  # noqa: F821
'''


def prepare(assignment: Assignment, folder: Path) -> bool:
    """Bring an assignment's part of the folder up to date; whether there was anything to do.

    StaffError, and nothing is touched, where cells of submissions would come or go.
    """
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / CONFIG
    if not config.exists():
        config.write_text(_CONFIG.format(root=str(assignment.root)), encoding="utf-8")
    source, released = (folder / step / assignment.slug for step in ("source", "release"))
    text = source_text(assignment).encode()
    points, known = _points(text), gradebook.known(folder, assignment.slug)
    _check_cells(assignment, points, known)
    wanted = {f"{assignment.slug}.ipynb": text, **bundle.companions(assignment, text)}
    changed = _write(source, wanted)
    is_released = (released / f"{assignment.slug}.ipynb").is_file()
    if is_released and not changed and known is not None and known.points == points:
        return False
    generate_assignment(assignment.slug, course_api(folder))
    _pass_gate(assignment, released)
    return True


def write_autograded(
    assignment: Assignment,
    folder: Path,
    graded: Sequence[Graded],
    times: Mapping[str, datetime],
) -> None:
    """Write what was handed in and how it was graded, for formgrader and for people."""
    form = Form(assignment)
    for each in graded:
        if each.report.status is ReportStatus.ERROR:
            continue
        student = each.student
        came = times.get(student)
        stamp = f"{came:%Y-%m-%d %H:%M:%S.%f} UTC".encode() if came else None
        _write_submitted(folder / "submitted" / student / assignment.slug, each, stamp)
        book = folder / "autograded" / student / assignment.slug
        files = {f"{assignment.slug}.ipynb": form.text(each)}
        _write(book, files | ({"timestamp.txt": stamp} if stamp else {}))


def _write_submitted(place: Path, graded: Graded, stamp: bytes | None) -> None:
    """Keep what was handed in, unless nbgrader has collected it here itself."""
    if place.exists() and not (place / handed_in.NAME).exists():
        return
    files = {handed_in.NAME: handed_in.packed(graded.handed_in)}
    _write(place, files | ({"timestamp.txt": stamp} if stamp else {}))


def seen_answers(assignment: Assignment, folder: Path) -> dict[str, dict[str, str]]:
    """Return the answers in the autograded notebooks: student -> question -> text."""
    found = {}
    for path in (folder / "autograded").glob(f"*/{assignment.slug}/{assignment.slug}.ipynb"):
        try:
            cells = json.loads(path.read_bytes())["cells"]
            told = [cell["metadata"].get(KEY, {}) for cell in cells]
        except (ValueError, LookupError, TypeError, AttributeError):
            continue  # nobody has seen it, then
        found[path.parts[-3]] = {each["answer"]: each["text"] for each in told if "answer" in each}
    return found


def _points(source: bytes) -> dict[str, float]:
    told = [cell["metadata"].get("nbgrader") for cell in json.loads(source)["cells"]]
    return {each["grade_id"]: float(each["points"]) for each in told if each}


def _check_cells(
    assignment: Assignment, points: Mapping[str, float], known: gradebook.Known | None
) -> None:
    if known is None or not known.submissions or known.points.keys() == points.keys():
        return
    changed = ", ".join(sorted(known.points.keys() ^ points.keys()))
    said = f"{changed} came or went when submissions were graded already ({known.submissions})"
    advice = "take that back, or grade with a new gradebook or slug"
    raise StaffError(f"{said}; {advice}", f"assignments/{assignment.slug}")


def _pass_gate(assignment: Assignment, released: Path) -> None:
    """Nothing stays in release/ that would leak: nbgrader gives out whatever is there."""
    paths = [path for path in released.rglob("*") if path.is_file()]
    files = {path.relative_to(released).as_posix(): path.read_bytes() for path in paths}
    if leaks := gate.inspect(assignment, files):
        for path in paths:
            path.unlink()
        raise StaffError(f"the release would leak: {leaks[0]}", f"assignments/{assignment.slug}")


def _write(folder: Path, files: Mapping[str, bytes]) -> bool:
    """Write the files that differ, each as a whole; whether there were any."""
    changed = False
    for name, content in files.items():
        path = folder / name
        if path.is_file() and path.read_bytes() == content:
            continue
        write_whole(path, content)
        changed = True
    return changed
