"""What every student was given: what is like it is nobody's own."""

import re

from autograder.assignment import Assignment
from autograder.errors import StaffError
from autograder.release import starter, visible
from autograder.release.bundle import KIT
from autograder.similarity.model import Files
from autograder.similarity.works import text_of

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})[^`]*")


def given(assignment: Assignment) -> Files:
    """Return the starter code, the visible checks and the code of the handout, by place."""
    found = {f"starter/{name}": text for name, text in starter.generate(assignment).items()}
    for path in sorted(assignment.starter.glob("*.py")):  # as it was handed out, if that differs
        found[f"handed_out/{path.name}"] = text_of(path.read_bytes())
    for name, data in _checks(assignment).items():
        found[f"checks/{name}"] = text_of(data)
    found["checks/checks.py"] = text_of((KIT / "checks.py").read_bytes())
    if assignment.handout.is_file():
        found["handout.py"] = fenced(text_of(assignment.handout.read_bytes()))
    return found


def _checks(assignment: Assignment) -> dict[str, bytes]:
    try:
        return {name.rpartition("/")[2]: data for name, data in visible.files(assignment).items()}
    except StaffError:  # an assignment without any can be compared all the same
        return {}


def fenced(markdown: str) -> str:
    r"""Return the fenced blocks of Markdown.

    >>> fenced("Try:\n```python\nx = 1\n```\nDone.")
    'x = 1\n'
    """
    kept, fence = [], ""
    for line in markdown.split("\n"):
        bar = _FENCE.fullmatch(line)
        if not fence:
            fence = bar[1] if bar else ""
        elif line.strip().startswith(fence) and not line.strip().strip(fence[0]):
            fence = ""
        else:
            kept.append(f"{line}\n")
    return "".join(kept)
