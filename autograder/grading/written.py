"""What `grade` wrote, read back: a class's reports, or one."""

from dataclasses import dataclass
from pathlib import Path

from autograder.assignment import Assignment
from autograder.errors import StaffError, UsageError
from autograder.report import Report

NAME = "report.json"


@dataclass(frozen=True)
class Written:
    """A report, and the folder that it lies in."""

    report: Report
    folder: Path

    @property
    def student(self) -> str:
        """Whose it is."""
        return self.report.submission.student


def read(assignment: Assignment, path: Path) -> list[Written]:
    """Read the reports in a class's folder, in one student's, or the one file, by folder.

    UsageError where there are none, two about one student, or one about another assignment;
    StaffError where one cannot be read.
    """
    seen: dict[str, Path] = {}
    written = []
    for place in _places(path):
        each = Written(_report(assignment, place), place.parent)
        if each.student in seen:
            both = f"{each.folder} and {seen[each.student]}"
            raise UsageError(f"{both} are both about {each.student!r}")
        seen[each.student] = each.folder
        written.append(each)
    return written


def is_one(path: Path) -> bool:
    """Whether this names one report, and not a class, however small."""
    return path.is_file() or (path / NAME).is_file()


def _places(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if (path / NAME).is_file():
        return [path / NAME]
    places = sorted(path.glob(f"*/{NAME}"), key=lambda place: place.parent)
    if not places:
        raise UsageError(f"{path}: no reports (<student>/{NAME}) are there")
    return places


def _report(assignment: Assignment, place: Path) -> Report:
    try:
        report = Report.load(place.read_bytes())
    except StaffError as error:
        raise StaffError(f"{error.message}; grade the submission again", place) from None
    if report.assignment != assignment.slug:
        said = f"this report is about {report.assignment}, not about {assignment.slug}"
        raise UsageError(f"{place}: {said}")
    return report
