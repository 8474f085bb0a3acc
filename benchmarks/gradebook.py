"""Gradebook and feedback for a class, beside nbgrader's own commands on the same cells.

Ours: `autograder gradebook import` and `autograder feedback`, from reports that are there. The
rival: `nbgrader autograde` and `nbgrader generate_feedback` on notebooks with the same graded cells
in which every cell of code says `pass`: what is measured is nbgrader's own work and the start of a
kernel, and nothing that a student wrote. Both write the same number of grades and pages. All are
commands, timed from start to end, one after the other in one run.
"""

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from machine import machine

from autograder import assignment as assignments
from autograder.assignment import Assignment
from autograder.demo import write_class
from autograder.feedback.autograded import Form
from autograder.grading import handed_in
from autograder.release.course import course_api, generate_assignment
from autograder.report import Report, ReportStatus

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
RIVAL = 100


def main() -> None:
    """Measure, print and write the result."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--rival", type=int, default=RIVAL, help="submissions for nbgrader")
    parser.add_argument("--slug", default="a1_linear")
    parser.add_argument("--out", type=Path, default=HERE / "gradebook.json")
    told = parser.parse_args()
    assignment = assignments.load(told.slug, assignments.find_root())
    with tempfile.TemporaryDirectory() as scratch:
        result = measure(assignment, Path(scratch), told.sizes, told.rival)
    told.out.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


def measure(assignment: Assignment, scratch: Path, sizes: list[int], rival: int) -> dict:
    """Time both sides."""
    models = _models(assignment, scratch)
    ours = {size: _ours(assignment, scratch / f"ours-{size}", models, size) for size in sizes}
    theirs = _theirs(assignment, scratch / "theirs", rival)
    few, many = min(sizes), max(sizes)
    exponent = math.log(_whole(ours[many]) / _whole(ours[few])) / math.log(many / few)
    return {
        "machine": machine(),
        "assignment": assignment.slug,
        "exercises": len(assignment.exercises),
        "ours_s": ours,
        "nbgrader_s": {rival: theirs},
        "ours_as_a_part_of_nbgrader": round(_whole(ours[rival]) / _whole(theirs), 3),
        "exponent": round(exponent, 2),
    }


def _whole(times: dict[str, float]) -> float:
    return sum(times.values())


def _models(assignment: Assignment, scratch: Path) -> list[Path]:
    """Grade the demo class; the folders of those who have a report with exercises."""
    write_class(assignment, scratch / "class")
    run(scratch, "autograder", "grade", assignment.slug, "class", "--out", "graded")
    folders = [path.parent for path in sorted((scratch / "graded").glob("*/report.json"))]
    return [f for f in folders if _report(f).status is ReportStatus.GRADED]


def _report(folder: Path) -> Report:
    return Report.load((folder / "report.json").read_bytes())


def _ours(assignment: Assignment, folder: Path, models: list[Path], size: int) -> dict[str, float]:
    for number in range(size):
        model, name = models[number % len(models)], f"student{number:04}"
        place = folder / "graded" / name
        place.mkdir(parents=True)
        shutil.copyfile(model / handed_in.NAME, place / handed_in.NAME)
        report = _report(model)
        submission = report.submission.model_copy(update={"student": name})
        (place / "report.json").write_text(
            report.model_copy(update={"submission": submission}).dump(), encoding="utf-8"
        )
    slug = assignment.slug
    run(folder, "autograder", "gradebook", "prepare", slug)
    return {
        "gradebook": run(folder, "autograder", "gradebook", "import", slug, "graded"),
        "feedback": run(folder, "autograder", "feedback", slug, "graded"),
    }


def _theirs(assignment: Assignment, folder: Path, size: int) -> dict[str, float]:
    slug, name = assignment.slug, f"{assignment.slug}.ipynb"
    source = folder / "source" / slug / name
    source.parent.mkdir(parents=True)
    source.write_text(_idle(assignment), encoding="utf-8")
    generate_assignment(slug, course_api(folder))
    for number in range(size):
        place = folder / "submitted" / f"student{number:04}" / slug
        place.mkdir(parents=True)
        shutil.copyfile(folder / "release" / slug / name, place / name)
    return {
        "autograde": run(folder, "nbgrader", "autograde", slug),
        "generate_feedback": run(folder, "nbgrader", "generate_feedback", slug),
    }


def _idle(assignment: Assignment) -> str:
    """The graded cells of the handout, with code that does nothing, and no others."""
    from nbformat import writes
    from nbformat.v4 import new_notebook

    handout = Form(assignment).blank()
    cells = [cell for cell in handout.cells if "nbgrader" in cell.metadata]
    for cell in cells:
        if cell.cell_type == "code":
            cell.source = "pass"
    info = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return str(writes(new_notebook(cells=cells, metadata=info)))


def run(folder: Path, program: str, *arguments: str) -> float:
    """Run one command in a folder; the seconds that it took."""
    path = os.pathsep.join([str(BIN), os.environ["PATH"]])
    environment = os.environ | {"PATH": path, "PYTHONWARNINGS": "ignore"}
    began = time.perf_counter()
    done = subprocess.run(
        [str(BIN / program), *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{program} {' '.join(arguments)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return round(time.perf_counter() - began, 1)


if __name__ == "__main__":
    main()
