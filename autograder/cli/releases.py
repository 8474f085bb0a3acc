"""The verbs about what students get: `release` and `gate`."""

import hashlib
import json
import sys
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.assignment import Assignment
from autograder.cli import choose
from autograder.errors import UsageError
from autograder.files import write_whole

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
    files = _built(assignment)
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
    write_whole(place, data)
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

    _tell(f"{assignment.slug}: reading the release for leaks")
    found = gate.inspect(assignment, files)
    _tell(f"{assignment.slug}: running the hidden tests on the release and on the solution")
    return found + gate.run(assignment, files)


def _built(assignment: Assignment) -> dict[str, bytes]:
    from autograder.release import bundle

    _tell(f"{assignment.slug}: running the visible checks and making the notebook")
    return bundle.build(assignment)


def _files(assignment: Assignment, path: Path | None) -> dict[str, bytes]:
    if path is None:
        return _built(assignment)
    try:
        files = _folder(path) if path.is_dir() else _zip(path)
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file or folder") from None
    except (zipfile.BadZipFile, zlib.error, RuntimeError) as error:  # RuntimeError: encrypted
        said = str(error).rstrip(".")
        raise UsageError(f"{path}: neither a folder nor a zip that can be read: {said}") from None
    if not files:
        raise UsageError(f"{path}: holds no file")
    return _unwrapped(files)


def _folder(path: Path) -> dict[str, bytes]:
    found = sorted(each for each in path.rglob("*") if each.is_file())
    return {each.relative_to(path).as_posix(): each.read_bytes() for each in found}


def _zip(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        members = [each for each in archive.infolist() if not each.is_dir()]
        files = {each.filename: archive.read(each) for each in members}
    if len(files) < len(members):  # which of them a student gets depends on the program
        raise UsageError(f"{path}: holds a file twice")
    return files


def _unwrapped(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files without the one folder that a release is packed in."""
    tops = {name.partition("/")[0] for name in files}
    if len(tops) > 1 or not all("/" in name for name in files):
        return dict(files)
    return {name.partition("/")[2]: data for name, data in files.items()}


def _print(leaks: "Sequence[Leak]") -> None:
    for leak in leaks:
        print(leak)
    count = "1 leak" if len(leaks) == 1 else f"{len(leaks)} leaks"
    print(count if leaks else "no leak found")


def _tell(doing: str) -> None:
    """Say on stderr what takes a while."""
    print(doing, file=sys.stderr, flush=True)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
