"""Submissions that attack the grader: tests/hostile/*.py, each with the verdict it must get.

A file with a `file` header is appended to the solution's file of that name; one with an `upload`
header defines `content(solution)`, which makes the bytes that are handed in under that name. The
header says what it tries and what becomes of which exercises. All others must pass.

    # threat: endless code
    # tries: hold up the class with a loop that no exception ends
    # file: losses.py
    # expect: softmax_loss = timeout

An upload that intake refuses has `expect: rejected`. Where the process sandbox cannot stop an
attack that the Docker sandbox stops, `process` lines give the verdicts there and `gap` says why.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from autograder.assignment import Assignment
from autograder.errors import StaffError
from autograder.report import ExerciseStatus

Verdicts = Mapping[str, ExerciseStatus]

REJECTED = "rejected"
_HEADER = re.compile(r"# (threat|tries|file|upload|expect|process|gap): (.+)")


class Threat(StrEnum):
    """What an attack is after; `docs/security.md` says what stops each."""

    EXPECTED_VALUES = "reading expected values"
    LYING_OBJECTS = "lying objects"
    PATCHED_LIBRARIES = "patched libraries"
    EARLY_EXIT = "early exit"
    FORGED_RESULTS = "forged results"
    SHADOW_MODULES = "shadow modules"
    BROKEN_PROTOCOL = "broken protocol"
    LOOSE_COMPARISON = "loose comparison"
    CHANGED_INPUTS = "changed inputs"
    SHARED_MEMORY = "shared memory"
    SPECIAL_CASES = "special cases"
    REMEMBERED_ANSWERS = "remembered answers"
    CONSISTENT_FAKES = "consistent fakes"
    FORBIDDEN_HELP = "forbidden help"
    RANDOM_LUCK = "random luck"
    TIME_BOMBS = "time bombs"
    ENDLESS_CODE = "endless code"
    PROCESS_BOMBS = "process bombs"
    MEMORY_BOMBS = "memory and disk bombs"
    OUTPUT_FLOODS = "output floods"
    ESCAPES = "escapes"
    LEAKED_INPUTS = "leaked inputs"
    MARKUP = "markup in feedback"
    NOTEBOOKS = "notebook tampering"
    ARCHIVES = "archive tricks"
    ATTACKED_WORKER = "attacked worker"
    SYSTEM_CALLS = "odd system calls"
    CRASHED_GRADER = "crashed grader"


@dataclass(frozen=True)
class Hostile:
    """One attack: what it tries, how it is handed in, and the verdicts that it must get."""

    name: str
    threat: Threat
    tries: str
    file: str  # of the solution, that it is appended to; empty for an upload
    upload: str  # the name under which it is handed in; empty for a file
    expect: Verdicts
    in_process: Verdicts  # differs from `expect` where there is a gap
    rejected: bool
    gap: str  # why the process sandbox cannot stop it
    source: bytes

    def applied(self, solution: Mapping[str, bytes]) -> dict[str, bytes]:
        """The solution's files with the attack in them."""
        return {**solution, self.file: solution[self.file] + b"\n\n" + self.source}

    def hand_in(self, folder: Path, solution: Mapping[str, bytes]) -> Path:
        """Write the submission below `folder`; where it is."""
        if self.upload:
            place = folder / self.name / self.upload
            place.parent.mkdir(parents=True)
            place.write_bytes(self._content(solution))
            return place
        place = folder / self.name
        place.mkdir(parents=True)
        for name, content in self.applied(solution).items():
            (place / name).write_bytes(content)
        return place

    def _content(self, solution: Mapping[str, bytes]) -> bytes:
        namespace: dict[str, object] = {}
        exec(compile(self.source, self.name, "exec"), namespace)
        content = namespace["content"](solution)  # type: ignore[operator]
        assert isinstance(content, bytes)
        return content


def load(assignment: Assignment, room: str = "") -> list[Hostile]:
    """All attacks, sorted by name; StaffError names the file that is not well formed.

    Those that need a GPU are in the room `gpu`.
    """
    folder = assignment.root / "tests" / "hostile" / room
    return [_read(path, assignment) for path in sorted(folder.glob("*.py"))]


def _read(path: Path, assignment: Assignment) -> Hostile:
    text = path.read_text(encoding="utf-8")
    where = path.relative_to(assignment.root).as_posix()
    said = _header(text)
    for problem in _problems(said, assignment):
        raise StaffError(problem, where=where)
    verdicts = [line for line in said["expect"] if line != REJECTED]
    expect = dict(_verdict(line, assignment, where) for line in verdicts)
    in_process = dict(_verdict(line, assignment, where) for line in said["process"])
    return Hostile(
        name=path.stem,
        threat=Threat(said["threat"][0]),
        tries=said["tries"][0],
        file="".join(said["file"]),
        upload="".join(said["upload"]),
        expect=expect,
        in_process=in_process if said["gap"] else expect,
        rejected=REJECTED in said["expect"],
        gap="".join(said["gap"]),
        source=text.encode(),
    )


def _header(text: str) -> dict[str, list[str]]:
    keys = ("threat", "tries", "file", "upload", "expect", "process", "gap")
    said: dict[str, list[str]] = {key: [] for key in keys}
    for line in text.splitlines():
        if (match := _HEADER.fullmatch(line)) is None:
            break
        said[match[1]].append(match[2])
    return said


def _problems(said: Mapping[str, list[str]], assignment: Assignment) -> list[str]:
    ways = said["file"] + said["upload"]
    rules = {
        "its header needs one `threat` and one `tries`": [len(said["threat"]), len(said["tries"])]
        == [1, 1],
        "its header needs a `file` of the assignment, or an `upload`": len(ways) == 1
        and set(said["file"]) <= set(assignment.files),
        f"there is no threat {''.join(said['threat'])!r}": set(said["threat"]) <= set(Threat),
        "what holds only in the process sandbox needs one `gap` that says why": len(said["gap"])
        == bool(said["process"] or said["gap"]),
    }
    return [problem for problem, holds in rules.items() if not holds]


def _verdict(line: str, assignment: Assignment, where: str) -> tuple[str, ExerciseStatus]:
    exercise, _, status = (part.strip() for part in line.partition("="))
    try:
        return assignment.exercise(exercise).name, ExerciseStatus(status)
    except ValueError:
        raise StaffError(f"{status!r} is no status of an exercise", where=where) from None
