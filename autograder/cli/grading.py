"""The verbs that grade: `grade` a file, a folder or a class, and `demo` a made-up one."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console, Group

from autograder.assignment import Assignment
from autograder.cli import choose, tables
from autograder.cli.choose import CORES
from autograder.cli.nbgrader import into_gradebook
from autograder.cli.progress import shown
from autograder.errors import UsageError
from autograder.report import Report, ReportStatus
from autograder.submission import Entry, discover

if TYPE_CHECKING:  # grading needs POSIX, and this module is imported for every command
    from autograder.grading import Outcome, Settings

Paths = Annotated[
    list[Path],
    typer.Argument(metavar="PATH...", help="A file, a folder, or a class: a folder of entries."),
]
Out = Annotated[Path | None, typer.Option(help="Where reports go.  [default: graded/SLUG]")]
Jobs = Annotated[int, typer.Option(min=1, help="Lanes in parallel.  [default: the cores]")]
Where = Annotated[str, typer.Option("--sandbox", help="auto, process or docker.")]
Reuse = Annotated[int, typer.Option(min=1, help="Submissions that one container serves in turn.")]
Device = Annotated[str, typer.Option("--device", help="cpu, cuda or auto; docs/gpu.md.")]
GpuJobs = Annotated[int, typer.Option(min=1, help="Lanes that may share one GPU.")]
Force = Annotated[bool, typer.Option("--force", help="Grade anew what has a finished report.")]
Course = Annotated[
    Path | None,
    typer.Option("--gradebook", metavar="DIR", help="Also write them into nbgrader's gradebook."),
]
Profile = Annotated[bool, typer.Option("--profile", help="Also say where the time went.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print class.json instead of the tables.")]


def grade(  # noqa: PLR0913, PLR0917 - each is an option of the command
    slug: choose.Slug,
    paths: Paths,
    out: Out = None,
    jobs: Jobs = CORES,
    sandbox: Where = "auto",
    reuse: Reuse = 1,
    engine_runtime: choose.EngineRuntime = "",
    device: Device = "cpu",
    gpu_jobs: GpuJobs = 1,
    force: Force = False,
    course: Course = None,
    profile: Profile = False,
    as_json: AsJson = False,
) -> int:
    """Grade submissions: DIR/<student>/report.json each, DIR/class.json, and a table.

    Student code runs in Docker containers where an engine answers and has the image, else in
    confined processes; --sandbox asks for one of the two. PyTorch computes on the CPU unless
    --device says otherwise.

    What has a finished report of the same submission and suite is not graded again.
    """
    from autograder.grading import Settings

    assignment, folder = choose.one(slug), out or Path("graded", slug)
    used, notes = choose.sandboxes(sandbox, device, gpu_jobs, assignment, reuse, engine_runtime)
    settings = Settings(slug, str(assignment.root), str(folder.resolve()), force, profile, *used)
    outcome = _graded(assignment, _entries(assignment, paths), settings, jobs, quiet=as_json)
    _print(assignment, outcome, folder, notes, as_json=as_json)
    if course:
        into_gradebook(assignment, folder, course, quiet=as_json)
    return _status(outcome.reports)


def _graded(
    assignment: Assignment,
    entries: Sequence[Entry],
    settings: "Settings",
    jobs: int,
    *,
    quiet: bool,
) -> "Outcome":
    from autograder.grading import grade_class

    lanes = min(jobs, settings.gpu.lanes) if settings.gpu else jobs
    with shown("graded", len(entries), quiet=quiet) as step:
        return grade_class(assignment, entries, settings, lanes, lambda *_: step())


def demo(out: Out = None, jobs: Jobs = CORES) -> int:
    """Make a demo class of perfect, mistaken and hostile students, and grade it."""
    from autograder.demo import SLUG, write_class

    folder = out if out is not None else Path("demo")
    names = write_class(choose.one(SLUG), folder / "class")
    print(f"{len(names)} submissions of {SLUG} are in {folder / 'class'}")
    return grade(SLUG, [folder / "class"], folder / "graded", jobs)


def _entries(assignment: Assignment, paths: Sequence[Path]) -> list[Entry]:
    entries = [entry for path in paths for entry in discover(path, assignment)]
    if not entries:
        raise UsageError(f"there is no submission in {', '.join(map(str, paths))}")
    names = [entry.student for entry in entries]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UsageError(f"two submissions are called {twice[0]!r}: rename one of them")
    return entries


def _print(
    assignment: Assignment,
    outcome: "Outcome",
    folder: Path,
    notes: Sequence[str],
    *,
    as_json: bool,
) -> None:
    from autograder.grading import class_json

    graded = len(outcome.reports) - outcome.kept
    if outcome.seconds:
        Console(stderr=True).print(tables.of_time(outcome.seconds, graded))
    if as_json:
        print(class_json(assignment, outcome.reports), end="")
        return
    console = Console(markup=False, emoji=False, highlight=False)
    console.print(Group(*tables.of_class(assignment, outcome.reports)))
    kept = f", {outcome.kept} kept from before" if outcome.kept else ""
    for note in notes:
        console.print(note)
    console.print(f"{graded} graded{kept}. Reports: {folder}/<student>/report.json, class.json")


def _status(reports: Sequence[Report]) -> int:
    """2 where the infrastructure failed someone: the same command tries those again."""
    lost = [r.submission.student for r in reports if r.status is ReportStatus.ERROR]
    if lost:
        who = ", ".join(lost[:5]) + (" and others" if len(lost) > 5 else "")
        print(f"autograder: not graded: {who}; run the command again", file=sys.stderr)
    return 2 if lost else 0
