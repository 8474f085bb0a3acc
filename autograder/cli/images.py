"""The verbs about images: `image build` and `image list`."""

import json
import sys
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from autograder.assignment import find_root
from autograder.sandbox.images.profiles import BASE, PROFILES, profile_of

app = typer.Typer(help="The images that sandboxes and graders run from.", no_args_is_help=True)
Profiles = Annotated[
    list[str] | None,
    typer.Argument(metavar="PROFILE...", help="Which ones.  [default: numpy torch]"),
]
OneProfile = Annotated[str | None, typer.Argument(metavar="PROFILE", help="Only this one.")]
Base = Annotated[str, typer.Option(help="The image that they are built on.")]
Wheelhouse = Annotated[
    Path | None,
    typer.Option(help="Where wheels are kept.  [default: build/wheelhouse of the course]"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


@app.command()
def build(profiles: Profiles = None, base: Base = BASE, wheelhouse: Wheelhouse = None) -> int:
    """Build images; one whose content is the same is left alone.

    The wheels are collected over the network once; the build itself needs none.
    """
    from autograder.sandbox.container.engine import connect
    from autograder.sandbox.images import build as images

    wanted = [profile_of(name) for name in profiles or ("numpy", "torch")]
    wheels = wheelhouse or find_root() / "build" / "wheelhouse"
    with closing(connect()) as client:
        for profile in wanted:
            built, anew = images.build(client, profile, wheels, base, _say)
            done = "built" if anew else "is up to date"
            print(f"{profile.tag} {done}: {built.id}, {built.megabytes} MB")
    return 0


@app.command("list")
def list_(profile: OneProfile = None, as_json: AsJson = False) -> int:
    """The images that there are, and whether they hold today's code."""
    from autograder.sandbox.container.engine import connect
    from autograder.sandbox.images import build as images

    wanted = [profile_of(profile)] if profile else list(PROFILES.values())
    with closing(connect()) as client:
        found = [each for each in images.listing(client) if each.profile in wanted]
    if as_json:
        print(json.dumps([asdict(each) | {"tag": each.profile.tag} for each in found], indent=2))
        return 0
    table = Table("image", "state", "MB", "built", "for", box=box.SIMPLE_HEAD)
    table.columns[0].no_wrap = True
    for each in found:
        state = "not built" if not each.id else "up to date" if each.current else "out of date"
        size = str(each.megabytes) if each.id else ""
        table.add_row(each.profile.tag, state, size, each.created[:10], each.profile.purpose)
    Console(markup=False, emoji=False, highlight=False).print(table)
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr)
