"""Downloads of a class as four systems pack them, and what becomes of them."""

import zipfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from autograder.assignment import Assignment
from autograder.export.downloads import collect, placing
from autograder.export.downloads import packed as downloads
from autograder.export.downloads.collect import Class, System
from autograder.export.downloads.groups import Groups
from autograder.feedback.rows import Student

Files = Mapping[str, str | bytes]
CODE = "def double(x):\n    return 2 * x\n"


def packed(place: Path, files: Files) -> Path:
    """A zip file."""
    with zipfile.ZipFile(place, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return place


def unpacked(place: Path, files: Files) -> Path:
    """The same as a folder."""
    for name, data in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    return place


def collected(
    mini: Assignment,
    *files: Files | Path,
    system: str | None = None,
    roster: Mapping[str, Student] | None = None,
    force: bool = False,
    groups: Groups = collect.NO_GROUPS,
) -> Class:
    """Collect downloads into the folder `class` of the course."""
    places = [
        each if isinstance(each, Path) else packed(mini.root / f"{at}.zip", each)
        for at, each in enumerate(files)
    ]
    with ExitStack() as stack:
        opened = [downloads.opened(place, stack) for place in places]
        got = collect.collect(
            mini, opened, System(system) if system else None, roster or {}, groups
        )
        out = mini.root / "class"
        got.odd += placing.write(got.students, out, force=force, step=lambda: None)
    return got


def there(mini: Assignment) -> dict[str, str]:
    """Every file of the class by its path."""
    out = mini.root / "class"
    files = (path for path in sorted(out.rglob("*")) if path.is_file())
    return {path.relative_to(out).as_posix(): path.read_text() for path in files}


CANVAS = {
    "ashann_101_5001_basics.py": CODE,
    "ashann_101_5002_losses-3.py": "x = 3\n",
    "bobob_LATE_102_5003_my work.zip": "zip",
}
MOODLE = {
    "Ann Ash_501_assignsubmission_file_/basics.py": CODE,
    "Ann Ash_501_assignsubmission_file_/more/losses.py": "x = 3\n",
    "Bob Bo_502_assignsubmission_file_/work.zip": "zip",
}
METADATA = """---
submission_17:
  :submitters:
  - :name: Ann Ash
    :sid: '1815'
    :email: ann@uni.example
  - :name: Bob Bo
    :sid:
    :email: bob@uni.example
  :created_at: 2026-11-30 15:00:00.123456789 Z
  :score: 5.0
  :results:
    tests: [{name: ":submitters:", output: "- :name: Eve"}]
  :history:
  - :id: 12
    :created_at: 2026-11-01 15:00:00.000000000 Z
"""
GRADESCOPE = {
    "assignment_9_export/submission_metadata.yml": METADATA,
    "assignment_9_export/submission_17/basics.py": CODE,
}
NBGRADER = {
    "ps1_ann_attempt_2026-11-30-15-00-00_basics.py": CODE,
    "ps1_bob_attempt_2026-11-30-16-00-00.zip": "zip",
}
