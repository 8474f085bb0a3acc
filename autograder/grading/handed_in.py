"""What was graded, kept beside its report: the student's files and answers, as a zip.

Feedback shows them, and people read them; the zip can be graded again as it is.
"""

import io
import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from autograder.errors import StaffError
from autograder.submission import Submission

NAME = "submission.zip"
ANSWERS = "answers.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)


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
        said = json.dumps(content.answers, indent=2, ensure_ascii=False) + "\n"
        files[ANSWERS] = said.encode("utf-8", "replace")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def unpack(folder: Path) -> HandedIn:
    """Return what `folder` keeps of a submission; nothing where it was refused as a whole."""
    place = folder / NAME
    if not place.is_file():
        return HandedIn()
    try:
        with zipfile.ZipFile(place) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        answers = json.loads(files.pop(ANSWERS, b"{}"))
    except (zipfile.BadZipFile, ValueError) as error:
        raise StaffError(f"damaged: {error}; grade the submission again", place) from None
    return HandedIn(files, answers)
