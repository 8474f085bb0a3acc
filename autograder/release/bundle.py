"""The release: everything that a student gets, as files, and as one zip."""

import io
import json
import textwrap
import zipfile
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from autograder.assignment import Assignment
from autograder.errors import StaffError
from autograder.release import starter, visible
from autograder.release.notebook import release_notebook

KIT = Path(__file__).parent / "kit"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say
_NOTES = {"README.md": "DATA.md", "SHA256SUMS": "SHA256SUMS"}  # beside the data -> in a release
_WIDTH = 120
# In the locale of the machine, one release would not be like another.
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_MONTHS = [
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
]  # fmt: skip


def build(assignment: Assignment) -> dict[str, bytes]:
    """Return the files of a release, sorted by path; the same bytes every time."""
    notebook = release_notebook(assignment)
    notebooks = {f"{assignment.slug}.ipynb": notebook}
    files = _distinct(assignment, notebooks, companions(assignment, notebook))
    return dict(sorted(files.items()))


def companions(assignment: Assignment, notebook: bytes) -> dict[str, bytes]:
    """Return everything that lies beside the notebook in a release."""
    tests, data = visible.files(assignment), _data(assignment)
    code = {name: text.encode() for name, text in starter.generate(assignment).items()}
    kit = {
        "checks.py": (KIT / "checks.py").read_bytes(),
        "pytest.ini": (KIT / "pytest.ini").read_bytes(),
        "requirements.txt": _rendered("requirements.txt.j2", runtime=assignment.runtime),
        "README.md": _readme(assignment, notebook, has_notes="DATA.md" in data),
    }
    return _distinct(assignment, kit, code, tests, data)


def name_of(assignment: Assignment) -> str:
    """Return the name of a release: slug and version."""
    return f"{assignment.slug}-{assignment.version}"


def packed(
    files: Mapping[str, bytes], folder: str = "", programs: Collection[str] = frozenset()
) -> bytes:
    """Return a zip of the files, in one folder if it is named; `programs` can be executed.

    They are stored, as a packer's version would show.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path, content in sorted(files.items()):
            info = zipfile.ZipInfo(f"{folder}/{path}" if folder else path, _EPOCH)
            info.create_system = 3  # Unix, wherever it is made
            info.external_attr = (0o100755 if path in programs else 0o100644) << 16
            archive.writestr(info, content)
    return buffer.getvalue()


def due_text(due: datetime) -> str:
    """Say when something is due.

    >>> due_text(datetime.fromisoformat("2026-12-01T23:59:00+01:00"))
    'Tuesday, 1 December 2026, 23:59 (UTC+01:00)'
    """
    offset = due.strftime("%z")
    zone = f"UTC{offset[:3]}:{offset[3:]}" if due.utcoffset() != timedelta(0) else "UTC"
    day = f"{_DAYS[due.weekday()]}, {due.day} {_MONTHS[due.month - 1]} {due.year}"
    return f"{day}, {due:%H:%M} ({zone})"


def _data(assignment: Assignment) -> dict[str, bytes]:
    """The data, and what its folder says about where it comes from."""
    files = {}
    for name in assignment.data:
        path = assignment.data_dir / name
        if not path.is_file():
            raise StaffError("no such file", f"assignments/{assignment.slug}/data/{name}")
        files[name] = path.read_bytes()
    notes = {given: assignment.data_dir / name for name, given in _NOTES.items()}
    given = {name: path.read_bytes() for name, path in notes.items() if path.is_file()}
    return _distinct(assignment, files, given)


def _distinct(assignment: Assignment, *parts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Put files together; two of a name, in upper or lower case, would overwrite each other."""
    files: dict[str, bytes] = {}
    for part in parts:
        taken = {name.lower() for name in files}
        if twice := [name for name in part if name.lower() in taken]:
            said = f"{min(twice)!r} is the name of another file of the release, too"
            raise StaffError(said, f"assignments/{assignment.slug}/assignment.toml")
        files |= part
    return files


def _readme(assignment: Assignment, notebook: bytes, *, has_notes: bool) -> bytes:
    cells = json.loads(notebook)["cells"]
    graded = [cell["metadata"].get("nbgrader", {}) for cell in cells]
    return _rendered(
        "README.md.j2",
        title=assignment.title,
        slug=assignment.slug,
        version=assignment.version,
        due=due_text(assignment.due) if assignment.due else "",
        files=assignment.files,
        data=assignment.data,
        has_notes=has_notes,
        first_test=min(path.name for path in assignment.visible.glob("test_*.py")),
        exercises=assignment.exercises,
        questions=sum(cell.get("grade", False) and cell["solution"] for cell in graded),
        question_points=assignment.question_points,
        forbidden=", ".join(f"`{name}`" for name in assignment.rules.forbid_imports),
        handed=", ".join(f"`{name}`" for name in assignment.files),
    )


def _rendered(template: str, **values: object) -> bytes:
    environment = Environment(
        loader=FileSystemLoader(KIT),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # Markdown and plain text, from the course's own words
    )
    environment.filters["paragraph"] = _paragraph
    environment.filters["entry"] = _entry
    return environment.get_template(template).render(**values).encode()


def _paragraph(text: str) -> str:
    """Return a paragraph in lines that fit on a screen."""
    return textwrap.fill(
        " ".join(text.split()), _WIDTH, break_long_words=False, break_on_hyphens=False
    )


def _entry(text: str) -> str:
    """Return a text that may stand in a table."""
    return " ".join(text.split()).replace("|", r"\|")
