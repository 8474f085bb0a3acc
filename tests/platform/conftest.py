"""What every test of the platform may use: a miniature course and a way to hand in."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from misbehaving import ORDER, available

from autograder import assignment
from autograder.assignment import Assignment
from autograder.errors import SandboxError
from autograder.sandbox import backends, choice
from autograder.sandbox.backend import Backend
from autograder.sandbox.choice import Sandbox
from autograder.sandbox.container.plan import Plan
from autograder.sandbox.process import ProcessBackend

# Its suites are data for the tests, not tests of the platform.
collect_ignore = ["mini_course"]

# Set where a test that needs containers must not be skipped, as in CI.
NEEDS_DOCKER = "AUTOGRADER_TESTS_NEED_DOCKER"
REUSE = 100  # more than any test hands in
CONTAINERS = ["docker fresh", "docker reused"]
MINI = Path(__file__).parent / "mini_course"
HandIn = Callable[..., Path]


@pytest.fixture(autouse=True)
def _no_course_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own AUTOGRADER_ROOT does not reach the tests."""
    monkeypatch.delenv(assignment.ROOT_VARIABLE, raising=False)


@pytest.fixture
def repo() -> Path:
    """The checkout that these tests belong to."""
    return Path(__file__).parents[2]


@pytest.fixture
def mini_course(tmp_path: Path) -> Assignment:
    """A fresh course with one assignment, `mini`: `double` (40) and `softmax_loss` (60).

    It has solutions, hidden and visible tests, mutants and variants, and no starter code yet.
    `mini_course.root` is the course's folder. A test may change anything in it.
    """
    root = tmp_path / "course"
    shutil.copytree(MINI, root, ignore=shutil.ignore_patterns("__pycache__"))
    return assignment.load("mini", root)


@pytest.fixture
def hand_in(mini_course: Assignment, tmp_path: Path) -> HandIn:
    """`hand_in("ann")` writes ann's folder with the solution and returns it.

    `hand_in("bob", {"basics.py": "..."})` replaces files; None as a text leaves the file out.
    """

    def write(student: str, changes: Mapping[str, str | None] | None = None) -> Path:
        folder = tmp_path / "class" / student
        folder.mkdir(parents=True)
        solution = {p.name: p.read_text("utf-8") for p in mini_course.solutions.glob("*.py")}
        for name, text in (solution | dict(changes or {})).items():
            if text is not None:
                (folder / name).write_text(text, "utf-8")
        return folder

    return write


@pytest.fixture(scope="session")
def _prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course folder of nbgrader's that knows `mini`; made once, since that takes seconds."""
    from autograder.feedback import course_folder

    place = tmp_path_factory.mktemp("prepared")
    shutil.copytree(MINI, place / "root", ignore=shutil.ignore_patterns("__pycache__"))
    course_folder.prepare(assignment.load("mini", place / "root"), place / "course")
    return place / "course"


@pytest.fixture
def course(_prepared: Path, tmp_path: Path) -> Path:
    """A fresh course folder of nbgrader's that knows `mini`, with nobody in its gradebook."""
    place = tmp_path / "nbgrader"
    shutil.copytree(_prepared, place)
    return place


def _plan(runtime: str) -> Plan:
    try:
        plan, _ = choice.plan(Sandbox.DOCKER, runtime)
    except SandboxError as error:
        if os.environ.get(NEEDS_DOCKER):
            raise
        pytest.skip(str(error))
    assert plan is not None
    return plan


@pytest.fixture(scope="session")
def containers() -> Plan:
    """How containers are used, fresh for each submission; skipped where there are none."""
    return _plan("numpy")


@pytest.fixture(scope="session")
def torch_containers() -> Plan:
    """The same with PyTorch in them."""
    return _plan("torch")


@pytest.fixture(scope="module", params=[*ORDER, *CONTAINERS], ids=str)
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """Each sandbox that this machine lets us build."""
    if request.param in CONTAINERS:
        plan = request.getfixturevalue("containers")
        reuse = 1 if request.param == CONTAINERS[0] else REUSE
        made = backends.of_plan(replace(plan, reuse=reuse), MINI, "numpy")
    elif not available(request.param):
        pytest.skip(f"this machine does not offer {request.param}")
    else:
        made = ProcessBackend(Path(__file__).parents[2], walls=request.param)
    yield made
    made.shutdown()


@pytest.fixture(scope="module", params=["process", "docker reused"])
def strong_backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """The process sandbox behind its strongest walls, and a container."""
    plan = None
    if request.param != "process":
        plan = replace(request.getfixturevalue("containers"), reuse=REUSE)
    made = backends.of_plan(plan, Path(__file__).parents[2], "numpy")
    yield made
    made.shutdown()
