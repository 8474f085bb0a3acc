"""Writes the pages of a comparison into a folder, and takes away those of the last one."""

import re
from pathlib import Path

from autograder.assignment import Assignment
from autograder.files import write_whole
from autograder.similarity.model import Comparison
from autograder.similarity.page import render

_OURS = re.compile(r"[1-9]\d*\.html")


def write(assignment: Assignment, comparison: Comparison, folder: Path) -> None:
    """Write FOLDER/index.html and FOLDER/pairs/<rank>.html; old pages of pairs go."""
    made = dict(render(assignment, comparison))
    for name, html in made.items():
        write_whole(folder / name, html)
    for old in sorted((folder / "pairs").glob("*.html")):
        if _OURS.fullmatch(old.name) and f"pairs/{old.name}" not in made:
            old.unlink()
