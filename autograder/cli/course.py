"""The verbs about the course itself: `list`, `starter`."""

import json
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from autograder.assignment import Assignment
from autograder.cli import choose
from autograder.release import starter as starter_code

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Check = Annotated[bool, typer.Option("--check", help="Only compare: exit 1 when stale.")]


_NONE = "No assignments yet: each one is a folder assignments/SLUG/."


def list_(as_json: AsJson = False) -> None:
    """Show the assignments, their exercises and points."""
    assignments = choose.some(None)
    if as_json:
        print(json.dumps([_as_json(each) for each in assignments], indent=2))
        return
    console = Console(markup=False, emoji=False, highlight=False)
    for each in assignments:
        console.print(_table(each))
    if not assignments:
        console.print(_NONE)


def starter(slug: choose.AnySlug = None, check: Check = False) -> int:
    """Write starter_code/ from solutions/, without what stands between the markers."""
    assignments = choose.some(slug)
    if check:
        problems = [line for each in assignments for line in starter_code.check(each)]
        print("\n".join(problems) or "starter_code/ is current")
        return 1 if problems else 0
    for each in assignments:
        changed = starter_code.write(each)
        print(f"starter_code/{each.slug}:", ", ".join(changed) or "is current")
    if not assignments:
        print(_NONE)
    return 0


def _as_json(assignment: Assignment) -> dict[str, Any]:
    exercises = [
        {"name": e.name, "file": e.file, "points": e.points, "summary": e.summary}
        for e in assignment.exercises
    ]
    return {
        "slug": assignment.slug,
        "title": assignment.title,
        "runtime": assignment.runtime,
        "max_score": assignment.max_score,
        "exercises": exercises,
    }


def _table(assignment: Assignment) -> Table:
    title = f"{assignment.slug}: {assignment.title}"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, show_footer=True)
    table.add_column("exercise", "total", no_wrap=True)
    table.add_column("file", no_wrap=True)
    table.add_column("points", f"{assignment.max_score:g}", justify="right")
    table.add_column("asks for")
    for exercise in assignment.exercises:
        table.add_row(exercise.name, exercise.file, f"{exercise.points:g}", exercise.summary)
    return table
