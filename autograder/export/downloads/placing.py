"""A class folder on disk: everybody in it or nobody, and nothing that was there is lost."""

import filecmp
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from autograder.errors import UsageError
from autograder.export.downloads import packed as downloads
from autograder.export.downloads.collect import Collected
from autograder.export.downloads.packed import Odd
from autograder.export.lists.people import listed
from autograder.submission.model import Fault
from autograder.submission.text import megabytes, printable

STUDENT_BYTES = 200_000_000
TOTAL_BYTES = 4_000_000_000


def write(
    students: Sequence[Collected], out: Path, *, force: bool, step: Callable[[], None]
) -> list[Odd]:
    """Write OUT/<student>/<files>, and return what could not be read.

    UsageError, and nothing is changed, where a student's folder is there and differs; `force`
    replaces it. Folders of others stay.
    """
    place = out.resolve()
    if place.exists() and not place.is_dir():
        raise UsageError(f"{out}: this is a file; --out takes a folder")
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".collect-", dir=place.parent) as stage:
        new, old = Path(stage, "new"), Path(stage, "old")
        odd = _stage(students, new, step)
        if not place.exists():
            new.rename(place)
            return odd
        names = [each.name for each in new.iterdir() if not _same(each, place / each.name)]
        differing = sorted(name for name in names if os.path.lexists(place / name))
        if differing and not force:
            said = f"{listed(differing)} would be overwritten"
            raise UsageError(f"{out}: {said}; give another --out, or --force to replace them")
        old.mkdir()
        _swap(new, place, old, names)
    return odd


def _stage(students: Sequence[Collected], new: Path, step: Callable[[], None]) -> list[Odd]:
    odd: list[Odd] = []
    new.mkdir()
    total = 0
    for each in students:
        (new / each.student).mkdir()
        total += _write_files(each, new / each.student, odd)
        if total > TOTAL_BYTES:
            raise UsageError(f"more than {megabytes(TOTAL_BYTES)} in all; collect in parts")
        step()
    return odd


def _write_files(student: Collected, folder: Path, odd: list[Odd]) -> int:
    """Write what one student handed in, list what cannot be, and return its size."""
    size = 0
    for path, found in student.files.items():
        data = found.load(downloads.FILE_BYTES)
        if isinstance(data, bytes) and size + len(data) > STUDENT_BYTES:
            data = Fault(f"is beyond {megabytes(STUDENT_BYTES)} of one student")
        if isinstance(data, Fault):
            odd.append(Odd(printable(found.path, 200), data.message))
            continue
        try:
            _write(folder / path, data)
            size += len(data)
        except (FileExistsError, NotADirectoryError):
            odd.append(Odd(printable(found.path, 200), "another file is in its place"))
    return size


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as stream:
        stream.write(data)


def _same(new: Path, there: Path) -> bool:
    """Tell whether a student's folder is there already, with the same files."""
    if there.is_symlink() or not there.is_dir():
        return False
    files, others = (_files(each) for each in (new, there))
    if files.keys() != others.keys():
        return False
    return all(filecmp.cmp(path, others[name], shallow=False) for name, path in files.items())


def _files(folder: Path) -> dict[str, Path]:
    """Return everything that is no folder; a link never equals anything."""
    return {
        f"{path.relative_to(folder)}{'@' if path.is_symlink() else ''}": path
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }


def _swap(new: Path, place: Path, old: Path, names: Sequence[str]) -> None:
    """Move the new folders in and the old ones out; after a failure all are where they were."""
    done: list[tuple[Path, Path]] = []
    try:
        for name in names:
            for source, target in ((place / name, old / name), (new / name, place / name)):
                if os.path.lexists(source):
                    source.rename(target)
                    done.append((source, target))
    except BaseException:
        for source, target in reversed(done):
            target.rename(source)
        raise
