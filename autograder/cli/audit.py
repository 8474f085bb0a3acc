"""The verb `audit`: a hidden suite on trial."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from autograder.assignment import Assignment
from autograder.cli import choose
from autograder.cli.progress import watched
from autograder.errors import UsageError
from autograder.release import starter as starter_code

if TYPE_CHECKING:  # an audit needs POSIX, and this module is imported for every command
    from autograder.audit.model import Audit
    from autograder.audit.plan import Effort

AsJson = Annotated[
    Path | None, typer.Option("--json", metavar="FILE", help="Write everything as JSON.")
]
AsHtml = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write the report as a web page.")
]
Seeds = Annotated[int, typer.Option(min=1, help="Sets of data for right implementations.")]
Sample = Annotated[int, typer.Option(min=0, help="Generic mutations to try, at most.")]


def audit(
    slug: choose.AnySlug = None,
    as_json: AsJson = None,
    as_html: AsHtml = None,
    seeds: Seeds = 50,
    sample: Sample = 600,
) -> int:
    """Put the hidden suite on trial: exit 1 when it lets a mistake through or a right answer fail.

    It must give the reference and every right variant full marks, the starter none, and catch every
    mutant. Without SLUG, all assignments are audited.
    """
    from autograder.audit import page
    from autograder.audit.plan import Effort
    from autograder.cli import trials

    _check_places(as_json, as_html)
    console = Console(markup=False, emoji=False, highlight=False)
    audits = []
    for assignment in choose.some(slug):
        found = _try(assignment, Effort(seeds, sample))
        for part in trials.of(found):
            console.print(part, soft_wrap=isinstance(part, Text))
        audits.append(found)
    if as_json is not None:
        said = {"version": 1, "audits": [json.loads(found.dump()) for found in audits]}
        as_json.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
    if as_html is not None:
        as_html.write_text(page.render(audits), encoding="utf-8")
    return 0 if all(found.passed for found in audits) else 1


def _check_places(*places: Path | None) -> None:
    """Say at once, and not after a minute, that a file cannot be written there."""
    for place in places:
        if place is not None and not place.resolve().parent.is_dir():
            raise UsageError(f"no such folder: {place.resolve().parent}")


def _try(assignment: Assignment, effort: "Effort") -> "Audit":
    from autograder.audit.trial import audit as put_on_trial

    starter = starter_code.generate(assignment)
    with watched(f"{assignment.slug}: tried") as show:
        return put_on_trial(assignment, starter, effort, lambda done, total, _: show(done, total))
