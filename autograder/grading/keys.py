"""What decides an exercise's verdict, as a digest: the same key and submission, the same result.

It covers the exercise and its limits, the test files that hold its tests, files that these share,
all solutions, the data, the course's secret, the platform's own code and the libraries' versions.
What was handed in and where it runs is told apart by the report.
"""

import hashlib
from functools import cache
from importlib import import_module
from pathlib import Path

from autograder.assignment import Exercise
from autograder.suite.plugin import Suite

PACKAGE = Path(__file__).parents[1]
# Rooms that have no say in a verdict.
SILENT = {
    "audit", "release", "feedback", "export", "similarity", "cli", "demo.py", "hostile.py",
    "__pycache__",
}  # fmt: skip


def keys_of(suite: Suite) -> dict[str, str]:
    """Return the key of each exercise; requirements count by what becomes of them, not here."""
    assignment = suite.assignment
    shared = hashlib.blake2b(_platform() + suite.fingerprint)
    settings = {"limits", "rules", "runtime", "files", "data"}
    shared.update(assignment.model_dump_json(include=settings).encode())
    for library in sorted({"numpy", assignment.runtime}):
        shared.update(f"{library} {import_module(library).__version__}\n".encode())
    holding_tests = {test.item.path for tests in suite.tests.values() for test in tests}
    for path in (
        *sorted(set(assignment.hidden.rglob("*.py")) - holding_tests),
        *(assignment.solutions / name for name in assignment.files),
        *(assignment.data_dir / name for name in assignment.data),
    ):
        shared.update(_content(path))
    return {each.name: _key(suite, each, shared.copy()) for each in assignment.exercises}


def _key(suite: Suite, exercise: Exercise, digest: "hashlib.blake2b") -> str:
    digest.update(exercise.model_dump_json(exclude={"summary"}).encode())
    for path in sorted({test.item.path for test in suite.tests[exercise.name]}):
        digest.update(_content(path))
    return digest.hexdigest()[:32]


def _content(path: Path) -> bytes:
    data = path.read_bytes()
    return f"{path.name} {len(data)}\n".encode() + data


@cache
def _platform() -> bytes:
    """Return a digest of our own code that decides verdicts."""
    digest = hashlib.blake2b()
    for path in sorted(PACKAGE.rglob("*")):
        inside = path.relative_to(PACKAGE)
        if path.is_file() and not SILENT.intersection(inside.parts):
            digest.update(inside.as_posix().encode() + _content(path))
    return digest.digest()
