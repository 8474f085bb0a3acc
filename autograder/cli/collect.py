"""The verb `collect`: from downloads of other systems to a class that can be graded."""

import json
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.assignment import Assignment
from autograder.cli import choose
from autograder.cli.progress import shown
from autograder.errors import UsageError
from autograder.submission.text import printable

if TYPE_CHECKING:
    from autograder.export.downloads.collect import Class, Collected, System
    from autograder.export.downloads.groups import Groups
    from autograder.export.downloads.packed import Odd
    from autograder.feedback.rows import Student

Downloads = Annotated[
    list[Path], typer.Argument(metavar="DOWNLOAD...", help="Zip files, or their unpacked folders.")
]
From = Annotated[
    str,
    typer.Option("--from", metavar="SYSTEM", help="canvas, moodle, gradescope, nbgrader or auto."),
]
Out = Annotated[Path, typer.Option(metavar="DIR", help="The class: a folder for each student.")]
Course = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Know students by its roster.csv, and write hand-in times."),
]
Members = Annotated[
    Path | None, typer.Option(metavar="CSV", help="Who is in which group: group, student.")
]
Force = Annotated[bool, typer.Option("--force", help="Replace folders and times that differ.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of the tables.")]
AUTO = "auto"


def collect(  # noqa: PLR0913, PLR0917 - each is an option of the command
    slug: choose.Slug,
    downloads: Downloads,
    out: Out,
    system: From = AUTO,
    course: Course = None,
    groups: Members = None,
    force: Force = False,
    as_json: AsJson = False,
) -> int:
    """Make a class folder of what Canvas, Moodle, Gradescope or nbgrader packed of a class.

    Everybody's latest attempt is taken; of a group, everybody has the same. Exit 1 when something
    was not taken: it is listed with the reason.
    """
    from autograder.export.downloads import collect as lms
    from autograder.export.downloads import packed, placing

    assignment = choose.one(slug)
    roster, members = _roster(course, slug), _groups(groups)
    with ExitStack() as stack:
        opened = [packed.opened(place, stack) for place in downloads]
        got = lms.collect(assignment, opened, _system(system), roster, members)
        times = _times(got, course, slug, force=force)
        with shown("collected", len(got.students), quiet=as_json) as step:
            got.odd += placing.write(got.students, out, force=force, step=step)
    _write_times(course, slug, times)
    _print(assignment, got, out, with_roster=bool(roster), as_json=as_json)
    return 1 if got.odd else 0


def _system(name: str) -> "System | None":
    from autograder.export.downloads.collect import System

    if name == AUTO:
        return None
    if name not in list(System):
        raise UsageError(f"no system {name!r}; there are: {AUTO}, {', '.join(System)}")
    return System(name)


def _roster(course: Path | None, slug: str) -> "Mapping[str, Student]":
    if course is None:
        return {}
    if not course.is_dir():
        raise UsageError(f"{course}: no such folder; --course takes the one with roster.csv")
    from autograder.feedback import roster

    return roster.read(course, slug).students


def _groups(path: Path | None) -> "Groups":
    from autograder.export.downloads import groups
    from autograder.export.downloads.collect import NO_GROUPS

    return groups.read(path) if path is not None else NO_GROUPS


def _times(got: "Class", course: Path | None, slug: str, *, force: bool) -> bytes | None:
    """Return what hand_ins/SLUG.csv is to be; None where there is nothing to write."""
    came = {each.student: each.came for each in got.students if each.came is not None}
    if course is None or not came:
        return None
    from autograder.export.downloads import arrivals

    return arrivals.prepare(course, slug, came, force=force)


def _write_times(course: Path | None, slug: str, times: bytes | None) -> None:
    if course is not None and times is not None:
        from autograder.export.downloads import arrivals

        arrivals.write(course, slug, times)


def _print(
    assignment: Assignment, got: "Class", out: Path, *, with_roster: bool, as_json: bool
) -> None:
    if as_json:
        print(json.dumps(_as_json(got), indent=2, ensure_ascii=False))
        return
    console = Console(markup=False, emoji=False, highlight=False)
    console.print(_table(got, with_roster=with_roster))
    if got.odd:
        console.print(_left_out(got.odd))
    for note in _notes(got, with_roster=with_roster):
        print(note, file=sys.stderr)
    from autograder.feedback.words import count

    # A class of one would look like one submission.
    path = out / got.students[0].student if len(got.students) == 1 else out
    print(f"{count(len(got.students), 'student')}: autograder grade {assignment.slug} '{path}'")


def _as_json(got: "Class") -> dict[str, object]:
    students = [
        {
            "student": each.student,
            "label": each.label,
            "known": each.known.value,
            "files": sorted(each.files),
            "came": each.came.isoformat() if each.came else None,
            "late": each.late,
        }
        for each in got.students
    ]
    left_out = [{"path": each.path, "reason": each.reason} for each in got.odd]
    return {"systems": list(got.systems), "students": students, "left_out": left_out}


def _table(got: "Class", *, with_roster: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for head in ("student", "there", "files", "handed in"):
        table.add_column(head, overflow="fold")
    for each in got.students:
        label = f"{each.label} ({each.known.value})" if with_roster else each.label
        files = ", ".join(each.files) if len(each.files) == 1 else f"{len(each.files)} files"
        cells = each.student, printable(label), printable(files), _when(each)
        table.add_row(*(Text(text) for text in cells))
    return table


def _when(each: "Collected") -> str:
    time = f"{each.came:%Y-%m-%d %H:%M} UTC" if each.came else ""
    return f"{time} late".strip() if each.late else time


def _left_out(odd: "list[Odd]") -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("not taken", overflow="fold")
    table.add_column("why", overflow="fold")
    for each in odd:
        table.add_row(Text(each.path), Text(each.reason))
    return table


def _notes(got: "Class", *, with_roster: bool) -> list[str]:
    from autograder.export.downloads.identity import Known

    strangers = sum(each.known is Known.NOT for each in got.students)
    notes = []
    if with_roster and strangers:
        notes.append(f"{strangers} of {len(got.students)} students are not on the roster")
    if not any(each.came for each in got.students):
        notes.append("nothing here says when anybody handed in, so no times were written")
    return notes
