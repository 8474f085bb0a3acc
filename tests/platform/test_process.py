"""The process sandbox against submissions that misbehave, behind each of the walls."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from misbehaving import LIMITS, ORDER, STUDENT, Student, available, check_next

from autograder.errors import SandboxError
from autograder.sandbox import faults
from autograder.sandbox.imports import Load
from autograder.sandbox.process import ProcessBackend, Walls
from autograder.sandbox.processes import living


@pytest.fixture(scope="module", params=ORDER, ids=str)
def backend(request: pytest.FixtureRequest) -> Iterator[ProcessBackend]:
    """A sandbox behind each of the walls that this machine lets us build."""
    if not available(request.param):
        pytest.skip(f"this machine does not offer {request.param}")
    backend = ProcessBackend(Path(__file__).parents[2], walls=request.param)
    yield backend
    backend.shutdown()


@pytest.fixture(scope="module")
def strongest() -> Iterator[ProcessBackend]:
    """A sandbox behind the strongest walls alone, where these make no difference."""
    backend = ProcessBackend(Path(__file__).parents[2])
    yield backend
    backend.shutdown()


Begin = Callable[..., Student]


@pytest.fixture
def student(backend: ProcessBackend) -> Iterator[Student]:
    """The hostile student, behind each of the walls."""
    student = Student(backend)
    yield student
    student.session.close()


@pytest.fixture
def begin(strongest: ProcessBackend) -> Iterator[Begin]:
    """`begin(source, limit=...)` begins a session behind the strongest walls."""
    students: list[Student] = []

    def begin(source: str = STUDENT, **limits: Any) -> Student:
        students.append(Student(strongest, source, **limits))
        return students[-1]

    yield begin
    for each in students:
        each.session.close()


@pytest.mark.parametrize("function", ["bomb_for_ever", "daemon"])
def test_processes_left_behind_are_gone_for_the_next(student: Student, function: str) -> None:
    """Fork bombs and daemons end with their submission, and the next one is served."""
    idle = len(_idle(student.backend))
    student.call("works")
    if os.geteuid() == 0 and "own user" not in student.backend.describe().confinement:
        pytest.skip("the kernel does not limit root's processes, and there is no other user")
    with suppress(faults.TimedOut, faults.Crashed):
        student.call(function)
    student.session.close()
    check_next(student.backend)
    assert len(_idle(student.backend)) == idle
    assert _orphans() == []


def _below(root: int) -> set[int]:
    """Return the processes below one, orphans that it has adopted included."""
    parents = {process.pid: process.parent for process in living()}
    below = {root}
    for _ in parents:
        below |= {pid for pid, parent in parents.items() if parent in below}
    return below - {root}


def _idle(backend: ProcessBackend) -> set[int]:
    """Return all processes below this one when the last submission is cleared away."""
    backend._sound_keeper()
    return _below(os.getpid())


def _orphans() -> list[int]:
    """Return processes of keepers that nobody looks after."""
    lost = [process.pid for process in living() if process.parent == 1]
    return [pid for pid in lost if b"inside.keeper" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def _alive() -> set[int]:
    return {process.pid for process in living()}


def test_a_keeper_that_is_killed_is_no_fault_of_the_student(begin: Begin) -> None:
    """SIGKILL of the keeper during a call is ours; the next submission finds a new one."""
    student = begin(STUDENT, call_s=5)
    student.call("works")
    keeper = student.backend._keeper._process.pid
    killer = threading.Timer(0.3, os.kill, (keeper, signal.SIGKILL))
    killer.start()
    with pytest.raises(SandboxError):
        student.call("nap")
    killer.join()
    assert begin().call("works") == "fine"


def test_many_submissions_leak_nothing(strongest: ProcessBackend) -> None:
    """Open files and processes do not grow with the number of submissions."""

    def serve(count: int) -> tuple[int, int]:
        for _ in range(count):
            student = Student(strongest, "def works(): return 'fine'")
            assert student.call("works") == "fine"
            student.session.close()
        return len(list(Path("/proc/self/fd").iterdir())), len(_idle(strongest))

    assert serve(3) == serve(40)


LANE = """
import sys, time
from pathlib import Path
from autograder.assignment import Limits
from autograder.sandbox.process import ProcessBackend, Walls
from autograder.sandbox.imports import Load
from autograder.sandbox.session import Session
backend = ProcessBackend(Path(sys.argv[1]), walls=Walls(sys.argv[2]))
source = b"import time\\ndef nap(): time.sleep(100)"
session = Session(backend, Load({"m.py": source}, ["m"]), Limits(call_s=100))
session.begin("m")
print(backend._sound_keeper()._process.pid, flush=True)
session.request("call", (Ref(0, (("attr", "nap"),)), (), {}))
"""


@pytest.mark.parametrize(
    ("walls", "also_keeper"), [*((walls, False) for walls in ORDER), (Walls.NONE, True)]
)
def test_a_killed_grader_leaves_nothing(walls: Walls, also_keeper: bool, tmp_path: Path) -> None:
    """After SIGKILL no process of ours runs on, and no folder stays for longer than a run."""
    if not available(walls):
        pytest.skip(f"this machine does not offer {walls}")
    repo = Path(__file__).parents[2]
    paths = os.pathsep.join([str(repo), *sys.path])
    environment = os.environ | {"TMPDIR": str(tmp_path), "PYTHONPATH": paths}
    lane = subprocess.Popen(
        [sys.executable, "-c", LANE, str(repo), walls], stdout=subprocess.PIPE, env=environment
    )
    assert lane.stdout is not None
    keeper = int(lane.stdout.readline())
    time.sleep(0.5)
    ours = _below(lane.pid) | {lane.pid}
    lane.send_signal(signal.SIGKILL)
    if also_keeper:
        os.kill(keeper, signal.SIGKILL)
    lane.wait()
    lane.stdout.close()
    _wait_until(lambda: not ours & _alive())
    if not also_keeper:
        _wait_until(lambda: list(tmp_path.iterdir()) == [])


def _wait_until(condition: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_sandbox_that_does_not_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last line of what the keeper said is in the error."""
    backend = ProcessBackend(Path("/"), walls=Walls.NONE)
    monkeypatch.setattr("autograder.sandbox.process.BOOT", "raise OSError('no {preload} here')")
    with pytest.raises(SandboxError, match="no numpy here"):
        backend.open(Load({}, []), LIMITS)


OPEN = """
import os, sys, autograder, pytest
sys.exit(not os.access(os.path.realpath(sys._base_executable), os.X_OK))
"""
ORDINARY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def test_an_ordinary_user_is_served_as_well() -> None:
    """Without root, what counts most holds too: nothing hidden is found, nothing is left."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("only root can become another user, with setpriv")
    program = [*ORDINARY, sys.executable, "-B"]
    paths = os.pathsep.join([str(Path(__file__).parents[2]), *sys.path])
    environment = os.environ | {"PYTHONPATH": paths, "TMPDIR": "/tmp", "HOME": "/tmp"}
    trial = subprocess.run(
        [*program, "-c", OPEN], env=environment, capture_output=True, check=False
    )
    if trial.returncode:
        pytest.skip("this interpreter or this checkout is closed to other users")
    chosen = [
        f"{Path(__file__).with_name('test_backends.py')}::{name}"
        for name in (
            "test_nothing_hidden_can_be_found",
            "test_the_keeper_does_not_die_of_signals",
            "test_files_are_gone_for_the_next",
        )
    ]
    ended = subprocess.run(
        [*program, "-m", "pytest", "-q", "-pno:cacheprovider", *chosen],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout
