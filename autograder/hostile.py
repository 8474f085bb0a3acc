"""Submissions that attack the grader: tests/hostile/*.py, each with the verdict it must get.

A hostile file is appended to the solution's file that it names; its header says what it tries and
what becomes of which exercises. All others must pass.

    # tries: hold up the class with a loop that no exception ends
    # file: losses.py
    # expect: softmax_loss = timeout
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.assignment import Assignment
from autograder.errors import StaffError
from autograder.report import ExerciseStatus

_HEADER = re.compile(r"# (tries|file|expect): (.+)")


@dataclass(frozen=True)
class Hostile:
    """One attack: what it tries, the file it is appended to, and the verdicts that it must get."""

    name: str
    tries: str
    file: str
    expect: Mapping[str, ExerciseStatus]
    source: bytes

    def applied(self, solution: Mapping[str, bytes]) -> dict[str, bytes]:
        """The solution's files with the attack in them."""
        return {**solution, self.file: solution[self.file] + b"\n\n" + self.source}


def load(assignment: Assignment) -> list[Hostile]:
    """All attacks, sorted by name; StaffError names the file that is not well formed."""
    folder = assignment.root / "tests" / "hostile"
    return [_read(path, assignment) for path in sorted(folder.glob("*.py"))]


def _read(path: Path, assignment: Assignment) -> Hostile:
    text = path.read_text(encoding="utf-8")
    where = f"tests/hostile/{path.name}"
    said: dict[str, list[str]] = {"tries": [], "file": [], "expect": []}
    for line in text.splitlines():
        if (match := _HEADER.fullmatch(line)) is None:
            break
        said[match[1]].append(match[2])
    if [len(said["tries"]), len(said["file"])] != [1, 1] or said["file"][0] not in assignment.files:
        raise StaffError("its header needs one `tries` and a `file` of the assignment", where=where)
    expect = dict(_verdict(line, assignment, where) for line in said["expect"])
    return Hostile(path.stem, said["tries"][0], said["file"][0], expect, text.encode())


def _verdict(line: str, assignment: Assignment, where: str) -> tuple[str, ExerciseStatus]:
    exercise, _, status = (part.strip() for part in line.partition("="))
    try:
        return assignment.exercise(exercise).name, ExerciseStatus(status)
    except ValueError:
        raise StaffError(f"{status!r} is no status of an exercise", where=where) from None
