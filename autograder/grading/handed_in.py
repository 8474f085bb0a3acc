"""What was graded, kept beside its report: the student's files and answers, as a zip.

Feedback shows them, and people read them. The zip can be graded again as it is: answers are in a
notebook, where intake looks for them.
"""

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.errors import StaffError
from autograder.submission import Submission

NAME = "submission.zip"
ANSWERS = "answers.ipynb"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_LEVEL = 1  # the next ones take up to twice as long, for a tenth less
# What a zip that was cut, changed or made by something else may raise.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    ValueError,
    LookupError,
    TypeError,
    EOFError,
    RuntimeError,
)


@dataclass(frozen=True)
class HandedIn:
    """The files of a submission by name, also those that cannot be used, and its answers."""

    files: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)


def of(submission: Submission) -> HandedIn:
    """Return what is kept of a submission."""
    return HandedIn({**submission.files, **submission.damaged}, submission.answers)


def packed(content: HandedIn) -> bytes:
    """Return the zip: the same bytes for the same content."""
    files = dict(content.files)
    if content.answers:
        files[ANSWERS] = _notebook(content.answers)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            info = zipfile.ZipInfo(name, _EPOCH)
            archive.writestr(info, data, zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)
    return buffer.getvalue()


def unpack(folder: Path) -> HandedIn:
    """Return what `folder` keeps of a submission; nothing where it was refused as a whole."""
    place = folder / NAME
    if not place.is_file():
        return HandedIn()
    try:
        with zipfile.ZipFile(place) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        answers = _answers(files.pop(ANSWERS)) if ANSWERS in files else {}
    except _DAMAGED as error:
        raise StaffError(f"damaged: {error}; grade the submission again", place) from None
    return HandedIn(files, answers)


def _notebook(answers: Mapping[str, str]) -> bytes:
    cells = [
        {"cell_type": "markdown", "metadata": {"nbgrader": {"grade_id": name}}, "source": text}
        for name, text in answers.items()
    ]
    book = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    return (json.dumps(book, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def _answers(notebook: bytes) -> dict[str, str]:
    cells = json.loads(notebook)["cells"]
    return {str(cell["metadata"]["nbgrader"]["grade_id"]): str(cell["source"]) for cell in cells}
