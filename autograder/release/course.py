"""nbgrader's course folder: its own interface, called from here, quietly."""

import logging
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from autograder.errors import StaffError

_RAISED = re.compile(r"^\s*([\w.]*(?:Error|Exception|Invalid|Missing)\w*: .*)$", re.MULTILINE)


def course_api(folder: Path) -> Any:
    """Return nbgrader's interface to a course folder (an NbGraderAPI)."""
    from nbgrader.apps.api import NbGraderAPI
    from traitlets.config import Config

    from autograder.release.cells import with_comments

    config = Config()
    config.CourseDirectory.root = str(folder)
    with_comments(config)
    return NbGraderAPI(config=config)


def generate_assignment(slug: str, api: Any) -> None:
    """Make the release version and the gradebook's cells; StaffError when nbgrader refuses."""
    logging.getLogger("traitlets").setLevel(logging.ERROR)
    with own_programs():
        result = api.generate_assignment(slug, force=True, create=True)
    if not result["success"]:
        log = f"{result.get('error', '')}\n{result.get('log', '')}"
        raised = _RAISED.findall(log) or log.split("\n")
        said = f"nbgrader cannot generate it: {raised[-1].strip()}"
        raise StaffError(said, f"assignments/{slug}/handout.md")


@contextmanager
def own_programs() -> Iterator[None]:
    """Let nbgrader find `alembic` beside our Python: it calls it by name for a new gradebook."""
    before = os.environ.get("PATH", os.defpath)
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before
