"""The verbs about what students get: `release` and `gate`."""

import hashlib
import json
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.assignment import Assignment
from autograder.cli import choose
from autograder.errors import UsageError

if TYPE_CHECKING:  # the gate grades, which needs POSIX; this module is imported for every command
    from autograder.release.gate import Leak

Out = Annotated[Path, typer.Option(help="Where the zip goes.")]
Force = Annotated[bool, typer.Option("--force", help="Replace another release of this version.")]
Bundle = Annotated[
    Path | None,
    typer.Argument(metavar="PATH", help="A release, as a zip or a folder; left out: a new one."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")]


def release(slug: choose.Slug, out: Out = Path("dist"), force: Force = False) -> int:
    """Make what students get, DIR/SLUG-VERSION.zip, and let it pass the leak gate.

    Exit 1 when something would leak; nothing is written then.
    """
    from autograder.release import bundle

    assignment = choose.one(slug)
    files = bundle.build(assignment)
    if leaks := _leaks(assignment, files):
        _print(leaks)
        return 1
    name = bundle.name_of(assignment)
    data, place = bundle.packed(files, name), out / f"{name}.zip"
    if place.exists() and place.read_bytes() != data and not force:
        raise UsageError(
            f"{place} is another release of version {assignment.version}: raise `version` in"
            f" assignments/{slug}/assignment.toml, or say --force"
        )
    out.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
    print(f"{place}: {len(files)} files, {len(data) // 1000} KB, sha256 {_digest(data)}")
    return 0


def gate(slug: choose.Slug, bundle: Bundle = None, as_json: AsJson = False) -> int:
    """Look for leaks in a release: exit 1, and a line for each, when there are any."""
    assignment = choose.one(slug)
    leaks = _leaks(assignment, _files(assignment, bundle))
    if as_json:
        print(json.dumps([asdict(leak) for leak in leaks], indent=2))
    else:
        _print(leaks)
    return 1 if leaks else 0


def _leaks(assignment: Assignment, files: Mapping[str, bytes]) -> "list[Leak]":
    from autograder.release import gate

    found = gate.inspect(assignment, files)
    print("reading is done; now the hidden tests are run on it", file=sys.stderr)
    return found + gate.run(assignment, files)


def _files(assignment: Assignment, path: Path | None) -> dict[str, bytes]:
    if path is None:
        from autograder.release import bundle

        return bundle.build(assignment)
    if path.is_dir():
        found = sorted(each for each in path.rglob("*") if each.is_file())
        return {each.relative_to(path).as_posix(): each.read_bytes() for each in found}
    try:
        with zipfile.ZipFile(path) as archive:
            members = [each for each in archive.infolist() if not each.is_dir()]
            return {_inside(each.filename): archive.read(each) for each in members}
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file or folder") from None
    except zipfile.BadZipFile:
        raise UsageError(f"{path}: neither a folder nor a zip file") from None


def _inside(name: str) -> str:
    """Return a path without the folder that a release is packed in."""
    return name.partition("/")[2] or name


def _print(leaks: "Sequence[Leak]") -> None:
    for leak in leaks:
        print(leak)
    print(f"{len(leaks)} leaks" if leaks else "no leak found")


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
