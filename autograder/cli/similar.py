"""The verb `similar`: which submissions of a class are more alike than the task explains."""

import json
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

if TYPE_CHECKING:  # limits need POSIX, and this module is imported for every command
    from autograder.similarity.model import Comparison

LISTED = 20  # pairs on a terminal; the pages have them all
Class = Annotated[
    Path, typer.Argument(metavar="PATH", help="A class, as `grade` takes it, or one submission.")
]
Out = Annotated[Path | None, typer.Option(help="Where pages go.  [default: similar/SLUG]")]
Archives = Annotated[
    list[Path] | None,
    typer.Option("--archive", metavar="PATH", help="An earlier year's class; may be repeated."),
]
Top = Annotated[int, typer.Option(min=1, max=1000, help="Pairs to show.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of the table.")]


def similar(
    slug: choose.Slug,
    path: Class,
    out: Out = None,
    archive: Archives = None,
    top: Top = 50,
    as_json: AsJson = False,
) -> int:
    """Compare submissions: DIR/index.html with the pairs that are most alike, and a page for each.

    What everybody was given does not count, nor do names, comments, numbers and the order of
    functions. Archives are compared with the class and not with each other. For staff only:
    alike is not copied.
    """
    from autograder.similarity import pages, rows

    assignment = choose.one(slug)
    comparison = _compared(assignment, path, archive or [], top, quiet=as_json)
    folder = out or Path("similar", slug)
    pages.write(assignment, comparison, folder)
    if as_json:
        print(json.dumps(rows.as_json(assignment, comparison), indent=2))
    else:
        _print(comparison, folder / "index.html")
    return 0


def _compared(
    assignment: Assignment, path: Path, archives: list[Path], top: int, *, quiet: bool
) -> "Comparison":
    from autograder.similarity import analysis, works
    from autograder.similarity.given import given

    analysis.available()
    found = works.entries(assignment, path, archives)
    with shown("read", len(found), quiet=quiet) as step:
        read, skipped = works.gather(assignment, found, step)
    with shown("compared", analysis.steps(read, top), quiet=quiet) as step:
        return analysis.compare(read, skipped, given(assignment), top, step)


def _print(comparison: "Comparison", page: Path) -> None:
    from autograder.feedback.words import count

    console = Console(markup=False, emoji=False, highlight=False)
    for each in comparison.skipped:
        console.print(f"not compared: {each.who}: {each.why}", soft_wrap=True)
    if comparison.pairs:
        console.print(_table(comparison))
    console.print(f"{count(len(comparison.pairs), 'pair')}: {page}", soft_wrap=True)


def _table(comparison: "Comparison") -> Table:
    from autograder.similarity import rows

    table = Table(box=box.SIMPLE_HEAD)
    for head in ("#", "pair", "score", "of 1st", "of 2nd", "names"):
        table.add_column(head, justify="left" if head == "pair" else "right")
    for row in rows.rows(comparison)[:LISTED]:
        names = Text(f"{row.a} and {row.b}")
        shares = (f"{share} %" for share in (row.share_a, row.share_b, row.names))
        table.add_row(str(row.rank), names, f"{row.score:.1f}", *shares)
    return table
