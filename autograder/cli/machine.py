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
from autograder.cli import choose
from autograder.errors import SandboxError

if TYPE_CHECKING:  # the sandbox needs POSIX, and this module is imported for every command
    from autograder.sandbox.doctor import Examined

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
RUNTIME = "numpy"


def doctor(engine_runtime: choose.EngineRuntime = "", as_json: AsJson = False) -> int:
    """Try what the sandboxes of this machine stop.

    Ends with 1 when something gets through the one that `grade` would use.
    """
    from autograder.sandbox.choice import Sandbox, backend, plan
    from autograder.sandbox.doctor import examined

    root = find_root()
    tried = [examined(backend(None, root, RUNTIME), root)]
    containers, unavailable = None, ""
    try:
        containers, _ = plan(Sandbox.DOCKER, RUNTIME, engine_runtime=engine_runtime)
    except SandboxError as error:
        unavailable = str(error)
    if containers is not None:
        tried.append(examined(backend(containers, root, RUNTIME), root))
    if as_json:
        told = {"sandboxes": [asdict(each) for each in tried], "docker_unavailable": unavailable}
        print(json.dumps(told, indent=2))
    else:
        _print(tried, unavailable)
    return 0 if all(finding.stopped for finding in tried[-1].findings) else 1


def _print(tried: "list[Examined]", unavailable: str) -> None:
    console = Console(markup=False, emoji=False, highlight=False)
    console.print(f"Python {platform.python_version()} on {platform.system()}")
    for each in tried:
        console.print(f"{each.backend} sandbox: {', '.join(each.confinement)}")
    if unavailable:
        console.print(f"docker sandbox: not to be had: {unavailable}")
    table = Table("student code tries", box=box.SIMPLE_HEAD)
    for each in tried:
        table.add_column(each.backend)
    table.add_column("how, or what to do")
    for findings in zip(*(each.findings for each in tried), strict=True):
        words = [_word(finding.stopped) for finding in findings]
        notes = dict.fromkeys(f.how for f in findings if not f.stopped) or {findings[-1].how: None}
        table.add_row(findings[0].title, *words, "; ".join(notes))
    console.print(table)


def _word(stopped: bool) -> Text:
    return Text("stopped", "green") if stopped else Text("GETS THROUGH", "bold red")
