"""From an upload to a Submission: a folder, a zip, a tar, a notebook or a Python file."""

from pathlib import Path

from autograder.assignment import Assignment
from autograder.errors import Rejected
from autograder.submission.advice import advice
from autograder.submission.answers import answers_of
from autograder.submission.archive import zip_entries
from autograder.submission.folder import folder_entries, load
from autograder.submission.model import (
    NOTEBOOK_BYTES,
    SOURCE_BYTES,
    UPLOAD_BYTES,
    Fault,
    Found,
    Sources,
    Submission,
    digest,
    limited,
)
from autograder.submission.notebook import extract
from autograder.submission.selection import Selection, has_candidates, select
from autograder.submission.sniff import Kind, archive, foreign, kind
from autograder.submission.source import problem
from autograder.submission.tarball import gzip_entries, tar_entries
from autograder.submission.text import megabytes, printable

_UNPACK = {Kind.ZIP: zip_entries, Kind.TAR: tar_entries, Kind.GZIP: gzip_entries}
_PACKED = {".zip": "a zip file", ".tar": "a tar file", ".gz": "a gzip file", ".tgz": "a tar file"}


def read(path: Path, assignment: Assignment, student: str) -> Submission:
    """Read what one student handed in; Rejected, and nothing else, when it cannot be graded."""
    try:
        chosen = select(_contents(path, assignment), assignment.files, assignment.slug)
        if chosen.notebook is not None:
            got = _from_notebook(chosen.notebook, assignment)
        else:
            got = _from_files(chosen)
        return _submission(student, assignment, chosen, got)
    except (OSError, ValueError, RecursionError, MemoryError, OverflowError) as error:
        raise Rejected(f"The upload cannot be read ({type(error).__name__}).") from error


def _contents(path: Path, assignment: Assignment) -> list[Found]:
    if not path.is_symlink() and path.is_dir():
        return _in_folder(path, assignment)
    return _in_file(path, assignment)


def _in_folder(path: Path, assignment: Assignment) -> list[Found]:
    """List a folder; a folder whose only file is an archive stands for that archive."""
    found = folder_entries(path)
    single = [entry for entry in found if not entry.folder]
    if len(single) == 1 and not has_candidates(found, assignment.files, assignment.slug):
        data = single[0].load(UPLOAD_BYTES)
        if isinstance(data, bytes) and archive(data):
            return _unpacked(single[0].name, data)
    return found


def _in_file(path: Path, assignment: Assignment) -> list[Found]:
    data = load(path, NOTEBOOK_BYTES)
    if isinstance(data, Fault) and not data.size:
        raise Rejected(f"Upload {data.message}. Hand in the file itself.")
    size = data.size if isinstance(data, Fault) else len(data)
    if isinstance(data, Fault) or (size > UPLOAD_BYTES and kind(data) is not Kind.NOTEBOOK):
        limit = NOTEBOOK_BYTES if path.suffix == ".ipynb" else UPLOAD_BYTES
        raise Rejected(
            f"Upload is {megabytes(size)}; the limit is {limit // 1_000_000} MB."
            " Remove data sets and checkpoints."
        )
    name = path.name
    if len(assignment.files) == 1 and path.suffix == ".py":
        name = assignment.files[0]  # the only file may have any name
    return _unpacked(name, data)


def _unpacked(name: str, data: bytes) -> list[Found]:
    what = kind(data)
    if what in _UNPACK:
        return _UNPACK[what](data)
    looks = foreign(data) or (f"a {what}" if what else "binary data")
    shown, suffix = printable(name), Path(name).suffix.lower()
    if suffix in _PACKED:
        looks = "text" if what is Kind.TEXT else looks
        said = f"it looks like {looks}" if data else "it is empty"
        raise Rejected(f"{shown} is not {_PACKED[suffix]} ({said}). Please use zip.")
    if not data and suffix != ".py":
        raise Rejected(f"{shown} is empty.")
    if what is None and suffix != ".py":
        raise Rejected(f"{shown} looks like {looks}. Hand in .py files, a notebook or a zip.")
    if what is Kind.NOTEBOOK:
        name = f"{Path(name).stem}.ipynb"
    return [Found(name, lambda limit: limited(data, limit))]


def _from_files(selection: Selection) -> Sources:
    files: dict[str, bytes] = {}
    damaged: dict[str, bytes] = {}
    problems: dict[str, str] = {}
    for name, entry in selection.files.items():
        data = entry if isinstance(entry, Fault) else entry.load(SOURCE_BYTES)
        said = f"{name} {data.message}." if isinstance(data, Fault) else problem(name, data)
        if said:
            problems[name] = said
        if isinstance(data, bytes):
            (damaged if said else files)[name] = data
    book = selection.answers.load(NOTEBOOK_BYTES) if selection.answers else b""
    answers = answers_of(book) if isinstance(book, bytes) else {}
    return Sources(files, problems, damaged=damaged, answers=answers)


def _from_notebook(entry: Found, assignment: Assignment) -> Sources:
    data = entry.load(NOTEBOOK_BYTES)
    if isinstance(data, Fault):
        raise Rejected(f"{printable(entry.name)} {data.message}.")
    sources = extract(data, assignment)
    if not sources.files and not sources.problems:
        raise Rejected("The notebook defines none of the functions that the exercises ask for.")
    return sources


def _submission(
    student: str, assignment: Assignment, chosen: Selection, got: Sources
) -> Submission:
    files = dict(sorted(got.files.items()))
    missing = tuple(n for n in assignment.files if n not in files and n not in got.problems)
    problems = chosen.hints | got.problems
    return Submission(
        student=student,
        files=files,
        sha256=digest(files, missing, problems),
        missing=missing,
        ignored=chosen.ignored,
        problems=problems,
        notes=(*got.notes, *advice(files, assignment)),
        damaged=got.damaged,
        answers=got.answers,
    )
