"""What every sandbox must hold, behind each of the walls and in containers, fresh and reused."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from misbehaving import LIMITS, STUDENT, Student, check_next

from autograder.errors import SandboxError
from autograder.sandbox import faults
from autograder.sandbox.backend import Backend
from autograder.sandbox.imports import Load
from autograder.sandbox.inside.servant import FIRST_LAID
from autograder.sandbox.inside.wire import Ref
from autograder.sandbox.session import Session

SENTINEL = "sentinel 8264509173 of a hidden test"
Begin = Callable[..., Student]


@pytest.fixture
def student(backend: Backend) -> Iterator[Student]:
    """The misbehaving student in each of the sandboxes."""
    student = Student(backend)
    yield student
    student.session.close()


@pytest.fixture
def begin(strong_backend: Backend) -> Iterator[Begin]:
    """`begin(source, limit=...)` begins a session, where weaker walls make no difference."""
    students: list[Student] = []

    def begin(source: str = STUDENT, **limits: object) -> Student:
        students.append(Student(strong_backend, source, **limits))
        return students[-1]

    yield begin
    for each in students:
        each.session.close()


VERDICTS = {
    "loop": "timeout: a call took longer than 1 s",
    "deaf": "timeout: a call took longer than 1 s",
    "stop_itself": "timeout: a call took longer than 1 s",
    "leave_in_thread": "crashed: the process ended itself without an error",
    "hog": "out_of_memory: the code asked for more memory than an exercise may use",
    "hog_slowly": "out_of_memory: the code asked for more memory than an exercise may use",
    "segfault": "crashed: the process was ended by SIGSEGV",
    "abort": "crashed: the process was ended by SIGABRT",
    "leave": "crashed: the process ended itself without an error",
    "leave_politely": "failed: m.py line 31: raised SystemExit",
    "leave_on_deletion": "crashed: the process ended itself without an error",
    "recurse": "failed: m.py line 43: raised RecursionError",
    "close_everything": "crashed: the process ended itself",
    "write_everywhere": "protocol_error: the reply is not one that the grader can read",
    "shut_down": "protocol_error: the connection to the grader was closed",
    "big": "failed: the result is too large or too deeply nested to be graded",
    "nothing_of_this_name": "not_attempted: a name that the docstring asks for does not exist",
}


@pytest.mark.parametrize("function", VERDICTS)
def test_each_way_to_fail_has_its_verdict(begin: Begin, function: str) -> None:
    """What goes wrong is told apart, and the next exercise is not harmed."""
    verdict = VERDICTS[function]
    student = begin(call_s=1 if verdict.startswith("timeout") else 9)
    assert student.fault(function).startswith(verdict)
    assert student.call("works") == "fine"


IMPORTS = {
    "while True: pass": "timeout: importing m.py took longer than 1 s",
    "import os; os._exit(0)": "crashed: while m.py was imported, the process ended itself",
    "import os; os.kill(os.getpid(), 11)": "crashed: while m.py was imported, the process was",
    "x = bytearray(10**9)": "out_of_memory: importing the file took more memory",
    "import sys; sys.exit(0)": "failed: m.py line 1: SystemExit: 0",
    "import torch": "failed: m.py line 1: ModuleNotFoundError: No module named 'torch'",
    "import autograder": "failed: m.py line 1: ModuleNotFoundError: No module named 'autograder'",
    "1 / 0": "failed: m.py line 1: ZeroDivisionError: division by zero",
    "import os\nfor d in range(9):\n try: os.write(d, b'x' * 99)\n except: 0": "protocol_error",
}


@pytest.mark.parametrize("source", IMPORTS)
def test_a_bad_import_costs_its_own_file(begin: Begin, source: str) -> None:
    """The import has verdicts of its own; the student's other file is graded."""
    student = begin(source)
    assert student.fault("works").split(":", 1)[0] == IMPORTS[source].split(":", 1)[0]
    assert student.fault("works").startswith(IMPORTS[source])
    assert student.call("works", module="other") == "fine"


def test_an_exercise_and_a_submission_have_their_limits(begin: Begin) -> None:
    """Calls that each keep their limit add up on our clock."""
    source = "import time\ndef nap(): time.sleep(0.3)"
    student = begin(source, exercise_s=0.5)
    student.call("nap")
    with pytest.raises(faults.TimedOut, match="calls of this exercise"):
        student.again("nap")
    late = begin(source, submission_s=0.5)
    with pytest.raises(faults.TimedOut, match="whole submission"):
        [late.call("nap") for _ in range(2)]


HARMLESS = {
    "close_output": "closed",
    "flood": "printed",
    "read_input": "",
    "threads": "left",
    "leave_at_exit": 1,
    "patched_exit": 1,
}


@pytest.mark.parametrize("function", HARMLESS)
def test_what_harms_nobody_is_let_pass(begin: Begin, function: str) -> None:
    """Printing, closing stdout, threads left behind and handlers at exit change no result."""
    student = begin()
    assert student.call(function) == HARMLESS[function]
    assert student.again("works") == "fine"
    assert student.call("works") == "fine"


def test_state_does_not_outlive_an_exercise(student: Student) -> None:
    """Counters, and a numpy that was patched, are as new in the next exercise and submission."""
    assert student.call("count") == (1, 1)
    assert student.again("count") == (2, 2)
    assert student.call("count") == (1, 1)
    assert student.call("works") == "fine"


def test_patching_numpy_at_import_harms_nobody_else(backend: Backend) -> None:
    """The next submission's numpy is its own."""
    vandal = Student(backend, "import numpy as np\nnp.sum = None\nnp.ndarray = list")
    vandal.fault("works")
    vandal.session.close()
    other = Student(backend)
    assert other.call("count") == (1, 1)
    other.session.close()


def test_the_keeper_does_not_die_of_signals(student: Student) -> None:
    """Killing everything within reach ends the student's own processes, or nothing."""
    with suppress(faults.TimedOut, faults.Crashed):
        student.call("kill_keeper")
    student.session.close()
    check_next(student.backend)


def test_the_keeper_is_not_squeezed(student: Student) -> None:
    """Nobody sets the limits, or the processors, of a process that serves others."""
    with suppress(faults.Raised, faults.Crashed):
        student.call("squeeze_keeper")
    student.session.close()
    check_next(student.backend)
    other = Student(student.backend)
    other.call("works")
    assert other.fetched("processors") == len(os.sched_getaffinity(0))
    other.session.close()


def test_no_message_leaves_over_a_pair_of_sockets(student: Student, tmp_path: Path) -> None:
    """Datagram sockets, which could write to any address of the machine, are not to be had."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(tmp_path / "server"))
        assert student.fault("send_elsewhere", str(tmp_path / "server")).startswith("failed: m.py")


@pytest.mark.parametrize("function", ["litter", "dig"])
def test_files_are_gone_for_the_next(backend: Backend, function: str) -> None:
    """Locked folders, links, and paths that are too long are removed."""
    student = Student(backend)
    assert student.call(function) == 1
    student.session.close()
    check_next(backend)


def test_replies_cannot_be_forged_ahead(begin: Begin) -> None:
    """A complete reply from elsewhere in the process is at most the student's own claim."""
    student = begin()
    with suppress(faults.BrokenWire):
        assert student.call("forge_frames") in (1, 2)
    with pytest.raises(faults.StudentFault):
        student.again("works"), student.again("works")
    assert student.call("works") == "fine"


def test_a_result_without_a_bottom_ends_as_a_fault(begin: Begin) -> None:
    """A list that holds itself is the student's fault when it is fetched."""
    student = begin()
    with pytest.raises(faults.StudentFault):
        student.session.request("fetch", student.call("endless_list"))
    assert student.call("works") == "fine"


def test_only_the_line_is_open(student: Student) -> None:
    """A student's process holds stdin, stdout, stderr and sockets or pipes of its own, not ours."""
    assert len(student.fetched("descriptors")) <= 8


def test_nothing_hidden_can_be_found(student: Student) -> None:
    """A text of our side is in no file, frame, object or environment that student code reaches."""
    folder = Path(__file__).parent
    secret = SENTINEL  # in this process's memory, as hidden tests and expected values are
    os.environ["AUTOGRADER_SENTINEL"] = secret
    try:
        fresh = Student(student.backend, call_s=5)
        assert fresh.fetched("hunt", secret[::-1]) == []
        assert fresh.fetched("unlock", str(folder / "test_backends.py")) == "refused"
        assert fresh.fetched("unlock", f"/proc/{os.getpid()}/environ") == "refused"
        assert fresh.fetched("unlock", f"/proc/{os.getpid()}/mem") == "refused"
        fresh.session.close()
    finally:
        del os.environ["AUTOGRADER_SENTINEL"]


def test_the_network_is_out_of_reach(student: Student) -> None:
    """No socket can be made."""
    assert student.fault("network").startswith("failed: m.py line")


def test_files_too_large_for_a_sandbox_are_ours(strong_backend: Backend) -> None:
    """Data that no frame takes are no fault of the student."""
    huge = Load({"m.py": b"", "data.bin": bytes(65 * 1024 * 1024)}, ["m"])
    session = Session(strong_backend, huge, LIMITS)
    session.begin("m")
    with pytest.raises(SandboxError, match="too large"):
        session.request("call", (Ref(0, (("attr", "works"),)), (), {}))
    session.close()


def test_confinement_names_the_walls(student: Student) -> None:
    """The report says what held the student's code."""
    student.call("works")
    words = student.backend.describe().confinement
    assert words[-1] == "resource limits"
    assert "no new privileges" in words


def test_arrays_cross_as_they_are(student: Student) -> None:
    """A read-only, strided argument arrives as such in the student's function."""
    student.session.begin("m")
    source = "def f(x): return x.flags.writeable, x.flags.c_contiguous, x * 2"
    ref = Ref(FIRST_LAID)
    student.session.request("define", (ref.handle, source, "f"))
    x = np.arange(6.0)[::2]
    x.flags.writeable = False
    writeable, contiguous, doubled = student.session.request("call", (ref, (x,), {}))
    assert (writeable, contiguous, doubled.tolist()) == (False, False, [0, 4, 8])
