"""Every handout runs: with the solution from top to bottom, with starter code up to a check."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from autograder import assignment
from autograder.assignment import Assignment
from autograder.release import bundle

REPO = Path(__file__).parents[2]
LIMIT_S = 120  # for one cell, on a slow machine
# In the place of the release's own, so that pytest starts once and not for each exercise.
CHECKS = '''
"""Writes down which checks the notebook asks for."""

from pathlib import Path


def check(*names):
    """Keep the names for later."""
    with Path(__file__).with_name("asked.txt").open("a", encoding="utf-8") as asked:
        asked.writelines(f"{name}\\n" for name in names)
'''


@dataclass(frozen=True)
class Handout:
    """An assignment, a folder with its release, and the release's notebook."""

    course: Assignment
    folder: Path
    book: Any

    @property
    def outputs(self) -> list[Any]:
        """Everything that the code cells have shown."""
        return [each for cell in self.book.cells for each in cell.get("outputs", ())]

    @property
    def checks(self) -> list[str]:
        """The code of the cells that run checks."""
        code = [cell.source for cell in self.book.cells if cell.cell_type == "code"]
        return [source for source in code if source.endswith("\n)") and "\ncheck(\n" in source]


@pytest.fixture(scope="module", params=assignment.slugs(REPO))
def files(request: pytest.FixtureRequest) -> tuple[Assignment, dict[str, bytes]]:
    """Each assignment and the files of its release, made once."""
    course = assignment.load(request.param, REPO)
    return course, bundle.build(course)


@pytest.fixture
def handout(
    files: tuple[Assignment, dict[str, bytes]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Handout:
    """A release in a fresh folder, where no settings of IPython are."""
    course, release = files
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.delenv("MPLBACKEND", raising=False)
    folder = tmp_path / "release"
    for name, content in release.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    text = release[f"{course.slug}.ipynb"].decode()
    return Handout(course, folder, nbformat.reads(text, as_version=4))


def run(handout: Handout) -> None:
    """Run the notebook where it lies; an error in a cell is shown with the cell."""
    where = {"metadata": {"path": str(handout.folder)}}
    NotebookClient(handout.book, timeout=LIMIT_S, kernel_name="python3", resources=where).execute()


def python(handout: Handout, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the release's folder."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=handout.folder, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip


def test_the_solution_runs_from_top_to_bottom(handout: Handout) -> None:
    """No cell raises or warns, there are pictures, and all checks that are asked for pass."""
    for name in handout.course.files:
        shutil.copy(handout.course.solutions / name, handout.folder)
    (handout.folder / "checks.py").write_text(CHECKS, "utf-8")
    run(handout)
    assert [each.text for each in handout.outputs if "Warning: " in each.get("text", "")] == []
    assert [each for each in handout.outputs if "image/png" in each.get("data", ())]
    asked = (handout.folder / "asked.txt").read_text("utf-8").splitlines()
    done = python(handout, "-m", "pytest", "-q", *asked)
    assert done.returncode == 0, done.stdout
    assert len(handout.checks) == len(handout.course.exercises)


def test_starter_code_fails_the_first_check(handout: Handout) -> None:
    """The first check cell says that nothing is written yet, and not anything stranger."""
    done = python(handout, "-c", handout.checks[0])
    assert "NotImplementedError: " in done.stdout
    assert done.stderr.strip().split("\n")[-1].startswith("AssertionError: not all of these checks")
