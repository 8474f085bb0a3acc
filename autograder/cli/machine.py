"""The verb about this machine: `doctor`."""

import json
import platform
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.assignment import find_root

if TYPE_CHECKING:  # the sandbox needs POSIX, and this module is imported for every command
    from autograder.sandbox.doctor import Finding

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def doctor(as_json: AsJson = False) -> int:
    """Try what the sandbox stops on this machine: exit 1 when something gets through."""
    from autograder.sandbox.doctor import examine
    from autograder.sandbox.process import ProcessBackend

    root = find_root()
    backend = ProcessBackend(root)
    try:
        findings = examine(backend, root)
        held_by = backend.confinement()
    finally:
        backend.shutdown()
    if as_json:
        tried = [asdict(finding) for finding in findings]
        told = {"backend": backend.name, "confinement": held_by, "tried": tried}
        print(json.dumps(told, indent=2))
    else:
        _print(held_by, findings)
    return 0 if all(finding.stopped for finding in findings) else 1


def _print(held_by: list[str], findings: "list[Finding]") -> None:
    console = Console(markup=False, emoji=False, highlight=False)
    console.print(f"Python {platform.python_version()} on {platform.system()}")
    console.print(f"process sandbox: {', '.join(held_by)}")
    table = Table("student code tries", "", "how, or what to do", box=box.SIMPLE_HEAD)
    for finding in findings:
        word = Text("stopped", "green") if finding.stopped else Text("GETS THROUGH", "bold red")
        table.add_row(finding.title, word, finding.how)
    console.print(table)
