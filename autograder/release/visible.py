"""Which visible checks belong to which exercise: found out by running them on the solution.

A check belongs to the last exercise, in the assignment's order, whose functions it enters: it may
use earlier ones on its way. Exercises that share such a function share the check.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.assignment import Assignment, Exercise
from autograder.errors import StaffError

LIMIT_S = 300.0
SETTINGS = Path(__file__).parent / "kit" / "pytest.ini"
_ALONE = {  # whoever makes a release, with their own habits
    "PYTEST_ADDOPTS": "",
    "PYTEST_PLUGINS": "",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}


@dataclass(frozen=True)
class Check:
    """One visible check: its pytest id inside a release, and what its docstring says."""

    id: str
    title: str


@dataclass(frozen=True)
class _Ran:
    check: Check
    passed: bool
    entered: frozenset[tuple[str, str]]  # file and qualified name of each function


def files(assignment: Assignment) -> dict[str, bytes]:
    """Return the visible checks as a release holds them: `tests/<name>` -> bytes."""
    found = sorted(assignment.visible.glob("*.py"))
    if not any(path.match("test_*.py") for path in found):
        raise StaffError("there are no visible checks", _where(assignment))
    return {f"tests/{path.name}": path.read_bytes() for path in found}


def checks_of(assignment: Assignment) -> dict[str, list[Check]]:
    """Return the visible checks of each exercise; StaffError when the solution fails one."""
    owned: dict[str, list[_Ran]] = {exercise.name: [] for exercise in assignment.exercises}
    ran = _run(assignment)
    for each in ran:
        if not each.passed:
            raise StaffError(f"the solution fails {each.check.id}", _where(assignment))
        for owner in _owners(each, assignment.exercises):
            owned[owner].append(each)
    return {name: _merged(mine, ran) for name, mine in owned.items()}


def _where(assignment: Assignment) -> str:
    return f"tests/visible/{assignment.slug}"


def _owners(ran: _Ran, exercises: Sequence[Exercise]) -> list[str]:
    entered = {each.name: _entered(each, ran) for each in exercises}
    last = next((names for names in reversed(entered.values()) if names), set())
    return [name for name, names in entered.items() if names & last]


def _entered(exercise: Exercise, ran: _Ran) -> set[str]:
    """Return the functions of an exercise that a check has entered; for a class, its methods."""
    names = {name for file, name in ran.entered if file == exercise.file}
    wanted = exercise.functions
    return {n for n in names if any(n == w or n.startswith(f"{w}.") for w in wanted)}


def _merged(mine: Sequence[_Ran], everything: Sequence[_Ran]) -> list[Check]:
    """Name a parametrised check once where all its cases belong to the same exercise."""
    total = _cases(everything)
    merged = {}
    for name, cases in _cases(mine).items():
        if len(cases) == len(total[name]):
            merged[name] = Check(name, cases[0].title)
        else:
            merged |= {case.id: case for case in cases}
    return list(merged.values())


def _cases(ran: Sequence[_Ran]) -> Mapping[str, list[Check]]:
    cases: dict[str, list[Check]] = {}
    for each in ran:
        cases.setdefault(each.check.id.partition("[")[0], []).append(each.check)
    return cases


def _run(assignment: Assignment) -> list[_Ran]:
    """Run the checks on the solution in a process of its own."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        _lay_out(assignment, folder)
        command = [sys.executable, "-P", "-m", "autograder.release.tracing", str(folder)]
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env=os.environ | _ALONE,
                capture_output=True,
                timeout=LIMIT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise StaffError(f"they take longer than {LIMIT_S:g} s", _where(assignment)) from None
        result = folder / "ran.json"
        if done.returncode not in (0, 1) or not result.is_file():
            said = " ".join((done.stdout + done.stderr).decode("utf-8", "replace").split())[-500:]
            raise StaffError(f"pytest cannot run them: {said}", _where(assignment))
        return list(_read(result.read_text(encoding="utf-8")))


def _lay_out(assignment: Assignment, folder: Path) -> None:
    for name in assignment.files:
        _copy(assignment.solutions / name, folder, assignment)
    for name in assignment.data:
        _copy(assignment.data_dir / name, folder, assignment)
    shutil.copyfile(SETTINGS, folder / SETTINGS.name)
    (folder / "tests").mkdir()
    for name, content in files(assignment).items():
        (folder / name).write_bytes(content)


def _copy(path: Path, folder: Path, assignment: Assignment) -> None:
    if not path.is_file():
        raise StaffError("no such file", path.relative_to(assignment.root).as_posix())
    shutil.copyfile(path, folder / path.name)


def _read(text: str) -> Iterator[_Ran]:
    for each in json.loads(text):
        entered = frozenset((file, name) for file, name in each["entered"])
        yield _Ran(Check(each["id"], each["title"]), each["passed"], entered)
