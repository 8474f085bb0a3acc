"""The verb that students use: `check`, plain pytest on the visible checks."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from autograder.assignment import Assignment
from autograder.cli import choose
from autograder.errors import StaffError, UsageError

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Where your files are.")]
_OPTIONS = (
    "-q", "--no-header", "--tb=short", "-ra", "--continue-on-collection-errors",
    "--import-mode=importlib", "-p", "no:cacheprovider",
)  # fmt: skip


def check(slug: choose.Slug, folder: Folder = Path()) -> int:
    """Run the visible checks on your own files: exit 0 when all pass, 1 when some do not."""
    assignment = choose.one(slug)
    there = _files(assignment, folder)
    if not assignment.visible.is_dir():
        raise StaffError("there are no visible checks", f"tests/visible/{slug}")
    print(f"Checking {', '.join(there)} with the visible checks of {slug}.")
    for line in _notes(assignment, folder):
        print(line)
    sys.stdout.flush()
    status = _pytest(assignment.visible, folder.resolve())
    if status in (0, 1):
        return status
    raise StaffError(f"pytest could not run the checks (its status {status})", assignment.visible)


def _files(assignment: Assignment, folder: Path) -> list[str]:
    if not folder.is_dir():
        raise UsageError(f"no such folder: {folder}")
    there = [name for name in assignment.files if (folder / name).is_file()]
    if not there:
        wanted = ", ".join(assignment.files)
        raise UsageError(f"{folder.resolve()} has no file of {assignment.slug} ({wanted})")
    return there


def _notes(assignment: Assignment, folder: Path) -> list[str]:
    """Say what is missing before pytest says it at length."""
    files = [name for name in assignment.files if not (folder / name).is_file()]
    data = [name for name in assignment.data if not (folder / name).is_file()]
    return [
        *(f"{name} is not there: its checks fail." for name in files),
        *(f"{name} is not there: copy it from {assignment.data_dir}." for name in data),
    ]


def _pytest(suite: Path, folder: Path) -> int:
    """Run pytest in the student's folder, away from anybody's own pytest settings."""
    environment = os.environ | {
        "PYTHONPATH": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_ADDOPTS": "",
    }
    with tempfile.TemporaryDirectory() as scratch:
        settings = Path(scratch, "pytest.ini")
        settings.write_text("[pytest]\n", encoding="utf-8")
        command = [sys.executable, "-m", "pytest", *_OPTIONS, "-c", str(settings)]
        command += ["--rootdir", str(suite), str(suite)]
        return subprocess.run(command, cwd=folder, env=environment, check=False).returncode
