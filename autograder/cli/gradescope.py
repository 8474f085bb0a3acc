"""The verb `export gradescope`: the zip that becomes an autograder there."""

import hashlib
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from typing import Annotated

import typer

from autograder.cli import choose
from autograder.errors import UsageError
from autograder.files import write_whole

Out = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Where the zip goes.  [default: dist/SLUG-gradescope.zip]"),
]
Pythons = Annotated[
    list[str] | None,
    typer.Option(
        "--python",
        metavar="VERSION",
        help="A Python to bring wheels for; more than once for several.  [default: 3.11]",
    ),
]
Wheelhouse = Annotated[
    Path | None,
    typer.Option(help="Where wheels are kept.  [default: build/wheelhouse of the course]"),
]
Leaderboard = Annotated[bool, typer.Option("--leaderboard", help="Also fill a leaderboard.")]
PYTHON = "3.11"
_NEW_ENOUGH = re.compile(r"3\.(1[1-9]|[2-9]\d)")


def gradescope(
    slug: choose.Slug,
    out: Out = None,
    pythons: Pythons = None,
    wheelhouse: Wheelhouse = None,
    leaderboard: Leaderboard = False,
) -> int:
    """Make the autograder zip for Gradescope: grader, hidden suite, secret, and wheels to install.

    The wheels are collected over the network once; what they are installed in needs none.
    """
    from autograder.export.gradescope import bundle
    from autograder.export.gradescope.settings import Settings, limit_s

    versions, place = _versions(pythons), _place(out, slug)
    assignment = choose.one(slug)
    bundle.check_runtime(assignment)
    print(f"collecting wheels for Python {', '.join(versions)}", file=sys.stderr)
    folders = bundle.wheels(versions, wheelhouse or assignment.root / "build" / "wheelhouse")
    data = bundle.build_zip(assignment, Settings(slug, leaderboard), folders)
    with _private():
        write_whole(place, data)
    size, digest = len(data) // 1_000_000, hashlib.sha256(data).hexdigest()
    print(f"{place}: {size} MB, sha256 {digest}")
    print("It holds the hidden tests and the course's secret: for Gradescope and nobody else.")
    print(f"Give it at least {ceil(limit_s(assignment) / 60)} minutes for a submission there.")
    return 0


def _versions(told: list[str] | None) -> list[str]:
    versions = sorted(set(told or [PYTHON]), key=lambda each: (len(each), each))
    for each in versions:
        if not _NEW_ENOUGH.fullmatch(each):
            raise UsageError(f"--python {each!r} is no version from 3.11 on, such as 3.12")
    return versions


def _place(out: Path | None, slug: str) -> Path:
    place = out or Path("dist", f"{slug}-gradescope.zip")
    if place.is_dir() or place.suffix != ".zip":
        raise UsageError(f"--out {place} is not the name of a zip: end it with .zip")
    return place


@contextmanager
def _private() -> Iterator[None]:
    """What is written meanwhile can be read by this user only."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
