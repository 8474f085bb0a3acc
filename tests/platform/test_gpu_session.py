"""How exercises start on a GPU, tried with a stand-in for CUDA: the processes and words are real.

The stand-in of `inside/cuda.py` says what the test wants; the device files are /dev/null.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_nvml import FIRST

from autograder import assignment as assignments
from autograder.assignment import Limits
from autograder.errors import SandboxError
from autograder.report import TestStatus
from autograder.sandbox import faults, walls
from autograder.sandbox.gpu import reach
from autograder.sandbox.gpu import session as gpu_session
from autograder.sandbox.gpu.lease import Lease
from autograder.sandbox.gpu.session import GpuSession, conversation
from autograder.sandbox.imports import Load
from autograder.sandbox.inside.servant import ROOT
from autograder.sandbox.inside.wire import Ref
from autograder.sandbox.process import ProcessBackend
from autograder.sandbox.session import Session
from autograder.sandbox.walls import Walls, strongest_walls
from autograder.suite.plugin import Suite, run_session

pytestmark = pytest.mark.skipif(
    strongest_walls() is not Walls.BUBBLEWRAP, reason="bubblewrap is not usable"
)
LIMITS = Limits(import_s=2, call_s=2, exercise_s=8, submission_s=60, processes=24)
WORKS = """
def start(memory_mb):
    return ""
"""
# `state` is set at import: an exercise on a GPU imports in its own process.
STUDENT = """
import os, time

state = os.getpid()

def same(): return state == os.getpid()
def one(): return 1
def leave(): os._exit(3)
def loop():
    while True: pass
def mark(): open("seen", "w").close()
def marked(): return os.path.exists("seen")
"""

A6 = assignments.load("a6_architectures", Path(__file__).parents[2])
Started = Callable[..., Session]


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Started]:
    """`started(source, cuda)` is a session on a stand-in GPU with this student's file.

    With `a6` it is one with the reference's files of A6, whose tensors stay on the CPU.
    """
    inside = tmp_path / "inside"
    shutil.copytree(walls.INSIDE, inside, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(walls, "INSIDE", inside)
    monkeypatch.setattr(reach, "NODES", ())
    monkeypatch.setattr(reach, "nodes", lambda _: ["/dev/null"])
    opened: list[tuple[Session, ProcessBackend]] = []

    def start(source: str = STUDENT, cuda: str = WORKS, *, a6: bool = False) -> Session:
        (inside / "cuda.py").write_text(cuda)
        runtime = "torch" if a6 else "numpy"
        backend = ProcessBackend(Path(__file__).parents[2], runtime, lease=Lease(FIRST))
        session = conversation(backend, Load({"one.py": source.encode()}, ["one"]), LIMITS)
        if a6:
            files = {name: (A6.solutions / name).read_bytes() for name in A6.files}
            modules = [name.removesuffix(".py") for name in files]
            session = GpuSession(backend, Load(files, modules), A6.limits, "cpu")
        opened.append((session, backend))
        return session

    yield start
    for session, backend in opened:
        session.close()
        backend.shutdown()


def call(session: Session, name: str) -> Any:
    """Call a function of the student's in an exercise of its own."""
    session.begin("one")
    return session.request("call", (Ref(ROOT, (("attr", name),)), (), {}))


def test_the_session_is_the_devices(started: Started) -> None:
    """On a GPU it says so, to the tests and in the report."""
    session = started()
    assert isinstance(session, GpuSession)
    assert session.device == session.backend.describe().device == "cuda"


def test_on_the_cpu_nothing_changes() -> None:
    """A backend without a lease has a plain session."""
    backend = ProcessBackend(Path(__file__).parents[2])
    session = conversation(backend, Load({}, []), LIMITS)
    assert (type(session), session.device) == (Session, "cpu")


def test_each_exercise_imports_for_itself(started: Started) -> None:
    """What the file knows at import is of the exercise's own process, every time."""
    session = started()
    assert [call(session, "same") for _ in range(3)] == [True] * 3
    assert session.opens == 1


def test_requests_of_one_exercise_share_a_process(started: Started) -> None:
    """Only the first request starts anything."""
    session = started()
    session.begin("one")
    for name in ("mark", "marked", "one"):
        session.request("call", (Ref(ROOT, (("attr", name),)), (), {}))
    assert call(session, "one") == 1


def test_an_exercise_that_ends_costs_itself(started: Started) -> None:
    """A crash and an endless loop are verdicts, and the next exercise is served."""
    session = started()
    with pytest.raises(faults.Crashed):
        call(session, "leave")
    assert call(session, "one") == 1
    with pytest.raises(faults.TimedOut):
        call(session, "loop")
    assert call(session, "one") == 1


IMPORTS = {
    "raising": ("1 / 0\n", faults.ImportFailed),
    "leaving": ("import os\nos._exit(0)\n", faults.Crashed),
    "leaving with an error": ("import os\nos._exit(5)\n", faults.Crashed),
    "killing itself": ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n", faults.Crashed),
    "endless": ("while True: pass\n", faults.TimedOut),
    "hogging": ("x = bytearray(10**10)\n", faults.OutOfMemory),
    "polite": ("raise SystemExit\n", faults.ImportFailed),
}


@pytest.mark.parametrize("kind", IMPORTS)
def test_import_faults_are_those_of_the_cpu(started: Started, kind: str) -> None:
    """A file that cannot be imported has the same verdict, word by word, on both devices."""
    source, fault = IMPORTS[kind]
    session = started(STUDENT + source)
    with pytest.raises(fault) as on_gpu:
        call(session, "one")
    backend = ProcessBackend(Path(__file__).parents[2])
    plain = conversation(backend, Load({"one.py": (STUDENT + source).encode()}, ["one"]), LIMITS)
    try:
        with pytest.raises(fault) as on_cpu:
            call(plain, "one")
    finally:
        plain.close()
        backend.shutdown()
    assert str(on_gpu.value) == str(on_cpu.value)


def test_only_the_second_import_hangs(started: Started) -> None:
    """It is the student's fault, and named as such."""
    source = "import os\nif os.path.exists('seen'):\n    while True: pass\nmark()\n"
    with pytest.raises(faults.TimedOut, match="importing the files took longer than 2 s"):
        call(started(STUDENT + source), "one")


def test_cuda_that_does_not_start_is_nobodys_fault(started: Started) -> None:
    """The reason is told, and no student code has run."""
    session = started(cuda="def start(memory_mb):\n    return f'no GPU for {memory_mb} MB'\n")
    with pytest.raises(SandboxError, match="no GPU for 4096 MB"):
        call(session, "one")


LOST_LATER = """
import os
def start(memory_mb):
    if not os.path.exists("started"):
        open("started", "w").close()
        return ""
    {then}
"""


def test_a_gpu_that_is_lost_later(started: Started) -> None:
    """Between the import and an exercise: tried once more, then an infrastructure fault."""
    session = started(cuda=LOST_LATER.format(then="return 'the GPU has fallen off the bus'"))
    with pytest.raises(SandboxError, match="fallen off the bus"):
        call(session, "one")
    assert session.opens == 2


def test_a_driver_that_crashes(started: Started) -> None:
    """The process that starts CUDA ends by a signal, which is no verdict either."""
    session = started(cuda=LOST_LATER.format(then="os.abort()"))
    with pytest.raises(SandboxError, match="in which CUDA was started ended"):
        call(session, "one")


def test_a_driver_that_hangs(started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given up after a while of ours, not of the student's."""
    monkeypatch.setattr(gpu_session, "START_S", 0.5)
    session = started(cuda=LOST_LATER.format(then="import time; time.sleep(60)"))
    with pytest.raises(SandboxError, match=r"CUDA did not start within 0.5 s"):
        call(session, "one")


def test_what_an_exercise_left_running_is_killed(started: Started) -> None:
    """Where CUDA does not start behind it, the sandbox is replaced and the next exercise served."""
    source = STUDENT + "mark()\n"
    cuda = "import os\ndef start(memory_mb):\n    return 'busy' if os.path.exists('late') else ''\n"
    session = started(source + "def late(): open('late', 'w').close()\n", cuda)
    call(session, "late")
    assert call(session, "one") == 1
    assert session.opens == 2


def test_starting_cuda_is_not_on_the_students_clock(started: Started) -> None:
    """However long it takes, calls have their whole time."""
    session = started(
        cuda="import time\ndef start(memory_mb):\n    time.sleep(2.5)\n    return ''\n"
    )
    assert call(session, "one") == 1
    assert session.budget.spent < 2


def test_the_whole_of_a6_starts_so(started: Started) -> None:
    """Every exercise of A6 passes, each in a process that has imported the files for itself."""
    pytest.importorskip("torch")
    session = started(a6=True)
    failed = []

    def drive(suite: Suite) -> None:
        for exercise in A6.exercises:
            results = suite.judge(exercise, session)
            failed.extend(test.id for test in results if test.status is not TestStatus.PASSED)

    run_session(A6, b"secret", drive)
    assert failed == []
    assert session.opens == 1
