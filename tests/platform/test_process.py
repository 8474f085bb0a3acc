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

import numpy as np
import pytest

from autograder.assignment import Limits
from autograder.errors import SandboxError
from autograder.sandbox import faults
from autograder.sandbox.imports import Load
from autograder.sandbox.inside.wire import Ref
from autograder.sandbox.process import ProcessBackend, Walls
from autograder.sandbox.processes import living
from autograder.sandbox.session import Session
from autograder.sandbox.walls import strongest_walls

LIMITS = Limits(import_s=1, call_s=1, exercise_s=8, submission_s=60, memory_mb=256, processes=24)
SENTINEL = "sentinel 8264509173 of a hidden test"
ORDER = [Walls.BUBBLEWRAP, Walls.NAMESPACES, Walls.NONE]
STUDENT = """
import atexit, ctypes, gc, os, signal, socket, sys, threading, time
import numpy as np

state = {"count": 0}

def count():
    state["count"] += 1
    np.sum = lambda *_: state["count"]
    return state["count"], int(np.sum(np.zeros(3)))

def works(): return "fine"
def loop():
    while True:
        try:
            while True: pass
        except BaseException: pass
def nap(): time.sleep(100)
def deaf():
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    while True: pass
def hog(): return np.ones(10**9).sum()
def hog_slowly():
    kept = []
    while True: kept.append(bytearray(10**6))
def segfault(): ctypes.string_at(0)
def abort(): os.abort()
def stop_itself(): os.kill(os.getpid(), signal.SIGSTOP)
def leave(): os._exit(0)
def leave_politely(): sys.exit(0)
def leave_in_thread():
    threading.Thread(target=os._exit, args=(0,)).start()
    time.sleep(100)
def leave_on_deletion():
    class Late:
        def __del__(self): os._exit(0)
    Late()
    return 1
def leave_at_exit():
    atexit.register(os._exit, 3)
    return 1
def recurse(): return recurse()
def write_everywhere():
    for descriptor in range(256):
        try: os.write(descriptor, b"junk" * 10)
        except OSError: pass
    return 1
def forge_frames():
    reply = b\'{"done":true,"id":1,"value":1}\'
    import struct
    for descriptor in range(3, 256):
        try: os.write(descriptor, struct.pack("<4sIQ", b"AGW1", len(reply), 0) + reply)
        except OSError: pass
    return 2
def close_everything():
    os.closerange(0, 256)
    return 1
def close_output():
    sys.stdout.close(); sys.stderr.close(); os.close(1); os.close(2)
    return "closed"
def shut_down():
    for descriptor in range(3, 256):
        try: socket.socket(fileno=os.dup(descriptor)).shutdown(socket.SHUT_RDWR)
        except OSError: pass
    return 1
def flood():
    for _ in range(20000): print("x" * 1000)
    os.write(2, b"x" * 100000)
    return "printed"
def read_input(): return sys.stdin.read()
def bomb_for_ever():
    while True:
        try: os.fork()
        except OSError: pass
def daemon():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            while True: time.sleep(1)
        os._exit(0)
    return 1
def threads():
    def busy():
        while True: time.sleep(0.01)
    for _ in range(8): threading.Thread(target=busy).start()
    return "left"
def kill_keeper():
    for target in (os.getppid(), 1, -1, os.getpgid(os.getppid())):
        for number in (signal.SIGTERM, signal.SIGKILL):
            try: os.kill(target, number)
            except OSError: pass
    return 1
def litter():
    open("left.txt", "w").write("hello")
    os.makedirs("locked/inner"); open("locked/inner/file", "w").close()
    os.symlink("/", "locked/root"); os.mkfifo("fifo"); os.chmod("locked/inner", 0)
    os.chmod("locked", 0)
    os.chmod(".", 0)
    return 1
def dig():
    for _ in range(100):
        os.mkdir("d" * 100); os.chdir("d" * 100)
    return 1
def found(): return sorted(os.listdir("."))
def parents(): return [os.getppid()]
def big(): return np.zeros(10**7)
def endless_list():
    endless = []; endless.append(endless)
    return endless
def patched_exit():
    os._exit = lambda _code: time.sleep(100)
    return 1
def network():
    return socket.create_connection(("127.0.0.1", 9), timeout=1)
def descriptors(): return sorted(d for d in range(256) if _is_open(d))
def _is_open(descriptor):
    try: os.fstat(descriptor)
    except OSError: return False
    return True
def unlock(path):
    for mode in ("r", "rb"):
        try: return open(path, mode).read(100).hex()
        except Exception: pass
    return "refused"
def hunt(needle):
    seen, parent = [], "/proc/%d" % os.getppid()
    for place in ("/proc/self", parent, "/proc/1", "/tmp", "/root", "/home", os.getcwd()):
        for parent, _, names in os.walk(place):
            for name in names[:200]:
                if name.startswith(("kmsg", "trace", "pagemap", "kpage")): continue
                try:
                    descriptor = os.open(os.path.join(parent, name), os.O_RDONLY | os.O_NONBLOCK)
                    if needle.encode()[::-1] in os.read(descriptor, 10**6): seen.append(name)
                    os.close(descriptor)
                except OSError: pass
    texts = [o for o in gc.get_objects() if isinstance(o, (dict, list, tuple))]
    frame = sys._getframe()
    while frame:
        texts += [dict(frame.f_locals), dict(frame.f_globals)]
        frame = frame.f_back
    text = "".join(repr(list(t.values()) if type(t) is dict else t)[:10**4] for t in texts[-3000:])
    if needle[::-1] in text: seen.append("memory")
    if needle[::-1] in repr(dict(os.environ)) + repr(sys.argv): seen.append("environment")
    return seen
"""


def _available(walls: Walls) -> bool:
    return ORDER.index(strongest_walls()) <= ORDER.index(walls)


@pytest.fixture(scope="module", params=ORDER, ids=str)
def backend(request: pytest.FixtureRequest) -> Iterator[ProcessBackend]:
    """A sandbox behind each of the walls that this machine lets us build."""
    if not _available(request.param):
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


class Student:
    """A session with the student's file, and short ways to call into it."""

    def __init__(self, backend: ProcessBackend, source: str = STUDENT, **limits: Any) -> None:
        load = Load({"m.py": source.encode(), "other.py": b"def works(): return 'fine'"},
                    ["m", "other"])  # fmt: skip
        self.backend = backend
        self.session = Session(backend, load, LIMITS.model_copy(update=limits))
        self.session.begin("m")

    def call(self, function: str, *args: Any, module: str = "m") -> Any:
        """Call the function in an exercise of its own."""
        self.session.begin(module)
        return self.again(function, *args)

    def again(self, function: str, *args: Any) -> Any:
        """Call the function in the exercise that runs."""
        return self.session.request("call", (Ref(0, (("attr", function),)), args, {}))

    def fetched(self, function: str, *args: Any) -> Any:
        """Call the function and bring its result over."""
        result = self.call(function, *args)
        return self.session.request("fetch", result) if type(result) is Ref else result

    def fault(self, function: str, *args: Any) -> str:
        """Return the status and the message of a call that must fail."""
        with pytest.raises(faults.StudentFault) as fault:
            self.call(function, *args)
        return f"{fault.value.status}: {fault.value.message}"


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


def check_next(backend: ProcessBackend) -> None:
    """The next submission of somebody else finds the sandbox as if it were new."""
    other = Student(backend)
    assert other.call("works") == "fine"
    assert other.fetched("found") == ["m.py", "other.py"]
    other.session.close()


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


def test_patching_numpy_at_import_harms_nobody_else(backend: ProcessBackend) -> None:
    """The next submission's numpy is its own."""
    vandal = Student(backend, "import numpy as np\nnp.sum = None\nnp.ndarray = list")
    vandal.fault("works")
    vandal.session.close()
    other = Student(backend)
    assert other.call("count") == (1, 1)
    other.session.close()


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


def test_the_keeper_does_not_die_of_signals(student: Student) -> None:
    """Killing everything within reach ends the student's own processes, or nothing."""
    with suppress(faults.TimedOut, faults.Crashed):
        student.call("kill_keeper")
    student.session.close()
    check_next(student.backend)


@pytest.mark.parametrize("function", ["litter", "dig"])
def test_files_are_gone_for_the_next(backend: ProcessBackend, function: str) -> None:
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
        assert fresh.fetched("unlock", str(folder / "test_process.py")) == "refused"
        assert fresh.fetched("unlock", f"/proc/{os.getpid()}/environ") == "refused"
        assert fresh.fetched("unlock", f"/proc/{os.getpid()}/mem") == "refused"
        fresh.session.close()
    finally:
        del os.environ["AUTOGRADER_SENTINEL"]


def test_the_network_is_out_of_reach(student: Student) -> None:
    """No socket can be made."""
    assert student.fault("network").startswith("failed: m.py line")


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
from autograder.sandbox.inside.wire import Ref
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
    if not _available(walls):
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


def test_files_too_large_for_a_sandbox_are_ours(strongest: ProcessBackend) -> None:
    """Data that no frame takes are no fault of the student."""
    huge = Load({"m.py": b"", "data.bin": bytes(65 * 1024 * 1024)}, ["m"])
    session = Session(strongest, huge, LIMITS)
    session.begin("m")
    with pytest.raises(SandboxError, match="too large"):
        session.request("call", (Ref(0, (("attr", "works"),)), (), {}))
    session.close()


def test_a_sandbox_that_does_not_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last line of what the keeper said is in the error."""
    backend = ProcessBackend(Path("/"), walls=Walls.NONE)
    monkeypatch.setattr("autograder.sandbox.process.BOOT", "raise OSError('no {preload} here')")
    with pytest.raises(SandboxError, match="no numpy here"):
        backend.open(Load({}, []), LIMITS)


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
    ref = student.session.request("define", (source, "f"))
    x = np.arange(6.0)[::2]
    x.flags.writeable = False
    writeable, contiguous, doubled = student.session.request("call", (ref, (x,), {}))
    assert (writeable, contiguous, doubled.tolist()) == (False, False, [0, 4, 8])


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
        f"{__file__}::{name}"
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
