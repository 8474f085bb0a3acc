"""What reports say about lines of the students' own files, and where these files lie."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from autograder.assignment import Assignment
from autograder.feedback.listing import placed
from autograder.grading import handed_in
from autograder.grading.written import Written
from autograder.report import ExerciseResult, ExerciseStatus, ReportStatus
from autograder.submission import discover

# No line of these is wrong: they are not written yet, or wait for another exercise.
_NOTHING_WRONG = {ExerciseStatus.PASSED, ExerciseStatus.NOT_ATTEMPTED, ExerciseStatus.BLOCKED}


@dataclass(frozen=True)
class Remark:
    """A sentence about a line; about the submission as a whole where there is no file."""

    student: str
    exercises: tuple[str, ...]
    status: ExerciseStatus
    lost: float  # points
    message: str
    file: str = ""
    line: int = 1

    @property
    def about(self) -> str:
        """Which exercises it is about, in a few words."""
        first, *others = self.exercises or ("the submission",)
        return f"{first} and {len(others)} more" if others else first


def remarks(assignment: Assignment, written: Written) -> list[Remark]:
    """Return what a report says about lines, what lost most points first.

    A sentence without a line is about the line where the exercise's function begins. What is said
    about several exercises is said once.
    """
    report = written.report
    if report.status is not ReportStatus.GRADED:
        status, lost = ExerciseStatus.FAILED, report.max_score
        return [Remark(written.student, (), status, lost, report.message)]
    sources = {
        name: data.decode("utf-8", "replace")
        for name, data in handed_in.unpack(written.folder).files.items()
    }
    found: dict[tuple[str, int, str], list[ExerciseResult]] = {}
    for result in report.exercises:
        if result.status not in _NOTHING_WRONG:
            for place in dict.fromkeys(_said(assignment, result, sources)):
                found.setdefault(place, []).append(result)
    made = [_remark(written.student, place, about) for place, about in found.items()]
    return sorted(made, key=lambda remark: -remark.lost)


def _remark(student: str, place: tuple[str, int, str], about: list[ExerciseResult]) -> Remark:
    file, line, message = place
    names = tuple(result.name for result in about)
    lost = sum(result.points - result.score for result in about)
    return Remark(student, names, about[0].status, lost, message, file, line)


def _said(
    assignment: Assignment, result: ExerciseResult, sources: Mapping[str, str]
) -> Iterator[tuple[str, int, str]]:
    """Each sentence about an exercise, with its file and line."""
    exercise = next((each for each in assignment.exercises if each.name == result.name), None)
    file, function = (exercise.file, exercise.functions[0]) if exercise else ("", result.name)
    beginning = _line(sources.get(file, ""), function)
    for text in _texts(result):
        there = [(file, max(1, line), message) for file, line, message in placed(text)]
        yield from there or [(file, beginning, text)]


def _texts(result: ExerciseResult) -> Iterator[str]:
    """What its tests say, but for those that wait for something else."""
    for test in result.tests:
        if test.diagnosis and ExerciseStatus(test.status) not in _NOTHING_WRONG:
            yield test.diagnosis.message


def _line(source: str, function: str) -> int:
    """Where a function begins, or as much of `Class.method` as there is; else the first line."""
    begins = 0
    for name in function.split("."):
        pattern = re.compile(rf"^[ \t]*(?:def|class)[ \t]+{re.escape(name)}\b", re.MULTILINE)
        if (found := pattern.search(source, begins)) is None:
            break
        begins = found.start()
    return source.count("\n", 0, begins) + 1


@dataclass(frozen=True)
class Sources:
    """Where students' files lie, as paths that a repository has."""

    folder: Path
    entries: Mapping[str, PurePosixPath] = field(default_factory=dict)  # below the folder

    @classmethod
    def of(cls, folder: Path, assignment: Assignment) -> Sources:
        """Look where `grade` looks; UsageError where nothing is there."""
        base = folder.resolve()
        found = discover(folder, assignment)
        return cls(
            folder,
            {each.student: PurePosixPath(each.path.relative_to(base)) for each in found},
        )

    def entry(self, student: str) -> str:
        """What a student handed in; empty where it is not there."""
        below = self._below(student)
        return "" if below is None else _shown(self.folder / below)

    def file(self, student: str, name: str) -> str:
        """One of a student's files; empty where it is not there as a file of its own."""
        below = self._below(student)
        if below is None or not name:
            return ""
        entry = self.folder / below
        if entry.is_file():
            return self.entry(student) if entry.name == name else ""
        inner = [each / name for each in sorted(entry.iterdir()) if not each.is_symlink()]
        there = [place for place in (entry / name, *inner) if _is_ordinary(place)]
        return _shown(there[0]) if there else ""

    def _below(self, student: str) -> PurePosixPath | None:
        alone = self.entries.values() if len(self.entries) == 1 else ()
        whole = next((each for each in alone if each == PurePosixPath()), None)
        return whole if whole is not None else self.entries.get(student)


def _is_ordinary(place: Path) -> bool:
    return place.is_file() and not place.is_symlink()


def _shown(place: Path) -> str:
    """A path as text, also one whose bytes are none."""
    return os.fsencode(place.as_posix()).decode("utf-8", "replace")
