"""The release: everything that a student gets, as files, and as one zip."""

import io
import json
import zipfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from autograder.assignment import Assignment
from autograder.errors import StaffError
from autograder.release import starter, visible
from autograder.release.notebook import release_notebook

KIT = Path(__file__).parent / "kit"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say


def build(assignment: Assignment) -> dict[str, bytes]:
    """Return the files of a release, sorted by path; the same bytes every time."""
    notebook = release_notebook(assignment)
    files = {**companions(assignment, notebook), f"{assignment.slug}.ipynb": notebook}
    return dict(sorted(files.items()))


def companions(assignment: Assignment, notebook: bytes) -> dict[str, bytes]:
    """Return everything that lies beside the notebook in a release."""
    return {
        **{name: text.encode() for name, text in starter.generate(assignment).items()},
        **visible.files(assignment),
        **_data(assignment),
        "checks.py": (KIT / "checks.py").read_bytes(),
        "pytest.ini": (KIT / "pytest.ini").read_bytes(),
        "requirements.txt": _rendered("requirements.txt.j2", runtime=assignment.runtime),
        "README.md": _readme(assignment, notebook),
    }


def name_of(assignment: Assignment) -> str:
    """Return the name of a release: slug and version."""
    return f"{assignment.slug}-{assignment.version}"


def packed(files: Mapping[str, bytes], folder: str) -> bytes:
    """Return a zip of the files in one folder; stored, as a packer's version would show."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path, content in sorted(files.items()):
            info = zipfile.ZipInfo(f"{folder}/{path}", _EPOCH)
            info.create_system = 3  # Unix, wherever it is made
            info.external_attr = 0o100644 << 16
            archive.writestr(info, content)
    return buffer.getvalue()


def due_text(due: datetime) -> str:
    """Say when something is due.

    >>> due_text(datetime.fromisoformat("2026-12-01T23:59:00+01:00"))
    'Tuesday, 1 December 2026, 23:59 (UTC+01:00)'
    """
    offset = due.strftime("%z")
    zone = f"UTC{offset[:3]}:{offset[3:]}" if due.utcoffset() != timedelta(0) else "UTC"
    return f"{due:%A}, {due.day} {due:%B %Y}, {due:%H:%M} ({zone})"


def _data(assignment: Assignment) -> dict[str, bytes]:
    """The data, and what its folder says about where it comes from."""
    files = {}
    for name in assignment.data:
        path = assignment.data_dir / name
        if not path.is_file():
            raise StaffError("no such file", f"assignments/{assignment.slug}/data/{name}")
        files[name] = path.read_bytes()
    notes = {"README.md": "DATA.md", "SHA256SUMS": "SHA256SUMS"}
    for name, given in notes.items():
        if (path := assignment.data_dir / name).is_file():
            files[given] = path.read_bytes()
    return files


def _readme(assignment: Assignment, notebook: bytes) -> bytes:
    cells = json.loads(notebook)["cells"]
    graded = [cell["metadata"].get("nbgrader", {}) for cell in cells]
    names = [f"`{name}`" for name in assignment.files]
    return _rendered(
        "README.md.j2",
        title=assignment.title,
        slug=assignment.slug,
        version=assignment.version,
        due=due_text(assignment.due) if assignment.due else "",
        files=assignment.files,
        data=assignment.data,
        first_test=min(path.name for path in assignment.visible.glob("test_*.py")),
        exercises=assignment.exercises,
        questions=sum(cell.get("grade", False) and cell["solution"] for cell in graded),
        question_points=assignment.question_points,
        forbidden=", ".join(f"`{name}`" for name in assignment.rules.forbid_imports),
        handed=", ".join(names),
    )


def _rendered(template: str, **values: object) -> bytes:
    environment = Environment(
        loader=FileSystemLoader(KIT),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # Markdown and plain text, from the course's own words
    )
    return environment.get_template(template).render(**values).encode()
