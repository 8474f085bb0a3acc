"""A session against workers that lie: all they say is a student's fault, soon and in bounds."""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from autograder.assignment import Limits
from autograder.errors import SandboxError
from autograder.report import SandboxInfo
from autograder.sandbox import faults
from autograder.sandbox.channel import Channel
from autograder.sandbox.imports import Load
from autograder.sandbox.inside.frames import MAGIC, PREFIX, pack
from autograder.sandbox.inside.line import Closed, Line
from autograder.sandbox.inside.wire import Ref, WireError
from autograder.sandbox.replies import NOT_THERE
from autograder.sandbox.session import Session

LIMITS = Limits(import_s=0.5, call_s=0.5, exercise_s=1, submission_s=3)
LOAD = Load({"m.py": b"line 1\nraise NotImplementedError\n", "n.py": b""}, ["m", "n"])
Script = Callable[["Worker"], None]


class Worker:
    """The far end of a channel, in a thread: does what its script says."""

    def __init__(self, script: Script) -> None:
        ours, self.socket = socket.socketpair()
        self.channel = Channel(ours)
        self.line = Line(self.socket)
        self._script = script
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        with self.socket, suppress(Closed, OSError, WireError):
            self._script(self)

    def say(self, value: object = None, **header: object) -> None:
        """Send a frame."""
        self.line.send(header, value)

    def import_all(self) -> None:
        """Say what an honest worker says while it imports."""
        for module in "mn":
            self.say(importing=module)
            self.say(import_ended=module)
        self.say(imported=True)

    def asked(self) -> Any:
        """Return the next request's header."""
        while "id" not in (header := self.line.receive()[0]):
            pass
        return header


class Scripted:
    """A backend whose workers follow scripts, one after the other; the last one serves on."""

    name = "scripted"

    def __init__(self, *scripts: Script) -> None:
        self.scripts = list(scripts)
        self.workers: list[Worker] = []
        self.closed: list[bool] = []
        self.dead = False
        self.starved = False

    def open(self, *_: object) -> Channel:
        """Start the next worker."""
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        self.workers.append(Worker(script))
        return self.workers[-1].channel

    def close(self, channel: Channel, *, kill: bool) -> None:
        """Hang up, and remember how."""
        self.closed.append(kill)
        channel.close()

    def lost(self) -> bool:
        """Whether a test says so."""
        return self.dead

    def out_of_memory(self) -> bool:
        """Whether a test says so."""
        return self.starved

    def processor_seconds(self) -> None:
        """Nobody tells."""

    def describe(self) -> SandboxInfo:
        """Return its name: a thread is not confined."""
        return SandboxInfo(backend="threads")

    def shutdown(self) -> None:
        """Wait for the workers."""
        for worker in self.workers:
            worker.thread.join()


Start = Callable[..., Session]


@pytest.fixture
def start() -> Iterator[Start]:
    """`start(script, ...)` begins the exercise of module m with such workers."""
    sessions: list[Session] = []

    def begin(*scripts: Script, limits: Limits = LIMITS) -> Session:
        sessions.append(Session(Scripted(*scripts), LOAD, limits))
        sessions[-1].begin("m")
        return sessions[-1]

    yield begin
    for session in sessions:
        session.close()
        session.backend.shutdown()


def call(session: Session) -> Any:
    """Return the reply to one call."""
    return session.request("call", (Ref(0, (("attr", "f"),)), (), {}))


def replying(*replies: dict[str, Any], value: object = None) -> Script:
    """Return a worker that answers every call with these frames; an id of None is the right one."""

    def script(worker: Worker) -> None:
        worker.import_all()
        while True:
            right = worker.asked()["id"]
            for reply in replies:
                header = {key: right if v is None else v for key, v in reply.items()}
                worker.say(value, **header)

    return script


def raw(data: bytes) -> Script:
    """Return a worker that answers a call with bytes, and waits for the hang-up."""

    def script(worker: Worker) -> None:
        worker.import_all()
        worker.asked()
        worker.socket.sendall(data)
        worker.asked()

    return script


def flood(**header: object) -> Script:
    """Return a worker that says the same for ever after a call."""

    def script(worker: Worker) -> None:
        worker.import_all()
        worker.asked()
        while True:
            worker.say(**header)

    return script


def drip(worker: Worker) -> None:
    """Answer with a byte now and then."""
    worker.import_all()
    worker.asked()
    for byte in pack({"done": True, "id": 1}, "x" * 500):
        worker.socket.send(bytes([byte]))
        time.sleep(0.01)


HONEST = replying({"done": True, "id": None}, value="right")
HEADLESS = json.dumps([1]).encode()
LIES = {
    "another id": replying({"done": True, "id": 999}),
    "no id": replying({"done": True}),
    "an id of another type": replying({"done": True, "id": "1"}),
    "nothing about the outcome": replying({"id": None}),
    "done is not True": replying({"done": 1, "id": None}),
    "an exception that is none": replying({"raised": "ValueError", "id": None}),
    "an exception of numbers": replying({"raised": [1, 2, 3], "id": None}),
    "an exception without a place": replying({"raised": ["ValueError"], "id": None}),
    "an import in the middle": replying({"importing": "m"}),
    "imported twice": replying({"imported": True}),
    "half a frame": raw(pack({"done": True, "id": 1}, "x")[:-5]),
    "a huge length": raw(PREFIX.pack(MAGIC, 2, 2**63)),
    "64 MB announced": raw(PREFIX.pack(MAGIC, 2, 64 * 1024 * 1024) + b"{}"),
    "another protocol": raw(b"HTTP/1.1 200 OK\r\n\r\n"),
    "a header that is no object": raw(PREFIX.pack(MAGIC, len(HEADLESS), 0) + HEADLESS),
    "an end that is none": replying({"exercise_over": 7, "number": 1}),
    "an end of texts": replying({"exercise_over": ["x", "y"], "number": 1}),
    "a submission's end that is none": replying({"submission_over": {"a": 1}}),
    "endless imports": flood(importing="m"),
    "endless ends": flood(exercise_over=[0, 0], number=-1),
    "endless silence": raw(b""),
    "a drip": drip,
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_a_students_fault(start: Start, lie: str) -> None:
    """Junk of any kind ends the call in time, and as a fault of that student alone."""
    session = start(LIES[lie])
    started = time.monotonic()
    with pytest.raises(faults.StudentFault) as fault:
        call(session)
    assert fault.value.status in ("protocol_error", "timeout")
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("lie", ["another id", "half a frame", "endless imports"])
def test_after_a_lie_a_fresh_worker_serves(start: Start, lie: str) -> None:
    """The liar is killed, and the next exercise is not harmed."""
    session = start(LIES[lie], HONEST)
    with pytest.raises(faults.StudentFault):
        call(session)
    session.begin("m")
    assert call(session) == "right"
    assert session.backend.closed == [True]  # type: ignore[attr-defined]


def test_a_second_reply_answers_nothing(start: Start) -> None:
    """A reply sent ahead cannot be the answer to a later call."""
    session = start(replying({"done": True, "id": None}, {"done": True, "id": None}))
    call(session)
    with pytest.raises(faults.BrokenWire):
        call(session)


def test_forged_references_stay_references(start: Start) -> None:
    """A handle that the worker makes up comes back as one, and asks for nothing here."""
    forged = Ref(2**40, (("attr", "__class__"), ("item", ("x",))), "ndarray")
    assert call(start(replying({"done": True, "id": None}, value=forged))) == forged


ENDINGS = {
    "SIGSEGV": ([11, 0], "the process was ended by SIGSEGV"),
    "an exit": ([0, 0], "the process ended itself without an error"),
    "an exit with a code": ([0, 41], "the process ended itself with an error"),
    "a made-up signal": ([123456789, 0], "the process was ended by a signal"),
    "a made-up code": ([0, 123456789], "the process ended itself with an error"),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_crash_says_how_and_carries_nothing_else(start: Start, ending: str) -> None:
    """Numbers that student code may choose do not reach the report."""
    told, said = ENDINGS[ending]
    with pytest.raises(faults.Crashed) as fault:
        call(start(replying({"exercise_over": told, "number": 1})))
    assert fault.value.message == said


def ending_after_its_reply(worker: Worker) -> None:
    """Answer one call and end: the word about it waits, unread, behind a closed connection."""
    worker.import_all()
    worker.say(done=True, id=worker.asked()["id"])
    worker.say(submission_over=[0, 0])


def test_an_end_is_told_also_where_sending_meets_it_first(start: Start) -> None:
    """Dying right after a reply is a crash, whichever side notices first."""
    session = start(ending_after_its_reply)
    call(session)
    session.backend.shutdown()  # the worker has gone
    with pytest.raises(faults.Crashed, match="ended itself"):
        call(session)


STARVED = "the code asked for more memory than an exercise may use"


@pytest.mark.parametrize(
    ("word", "told", "verdict"),
    [
        ("exercise_over", [9, 0], STARVED),
        ("submission_over", [9, 0], STARVED),
        ("exercise_over", [11, 0], "the process was ended by SIGSEGV"),
    ],
)
def test_a_kill_for_want_of_memory_is_told_apart(
    start: Start, word: str, told: list[int], verdict: str
) -> None:
    """A SIGKILL in a sandbox whose memory was used up is that, and the sandbox is replaced."""
    session = start(replying({word: told, "number": 1}))
    session.backend.starved = True  # type: ignore[attr-defined]
    with pytest.raises(faults.StudentFault, match=verdict):
        call(session)


def test_time_that_imports_use_up_is_a_time_out(start: Start) -> None:
    """A module that is imported again and again, slowly, is no fault of the sandbox."""

    def slow(worker: Worker) -> None:
        worker.say(importing="m")
        worker.say(import_ended="m")
        worker.say(importing="n")
        time.sleep(0.4)
        worker.say(import_ended="n")
        worker.say(imported=True)
        worker.asked()
        worker.say(submission_over=[0, 1])

    session = start(slow, limits=LIMITS.model_copy(update={"submission_s": 1.5}))
    endings = []
    for _ in range(6):
        session.begin("m")
        with pytest.raises(faults.StudentFault) as fault:
            call(session)
        endings.append(fault.value.status)
    assert endings[0] == "crashed"
    assert endings[-1] == "timeout"
    assert set(endings) == {"crashed", "timeout"}


def test_a_sandbox_is_not_started_for_ever(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code that ends its process in every test costs a bounded number of starts."""
    monkeypatch.setattr("autograder.sandbox.connection.MAX_OPENS", 3)
    session = start(replying({"submission_over": [0, 1]}))
    for _ in range(3):
        with pytest.raises(faults.Crashed):
            call(session)
    with pytest.raises(faults.TimedOut, match="started 3 times"):
        call(session)


def test_what_the_grader_stumbles_over_is_ours(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception that nobody expected is no verdict."""
    session = start(replying({"done": True, "id": None}))
    monkeypatch.setattr(session.backend, "open", lambda *_: 1 / 0)
    with pytest.raises(SandboxError, match="ZeroDivisionError"):
        call(session)


def silent(worker: Worker) -> None:
    """Import, and never answer."""
    worker.import_all()
    while True:
        worker.asked()


def test_late_and_starved_is_starved(start: Start) -> None:
    """A call that never ends because others were killed is no time-out."""
    session = start(silent)
    session.backend.starved = True  # type: ignore[attr-defined]
    with pytest.raises(faults.OutOfMemory):
        call(session)


PLACES = {
    "in the file": (["ValueError", "m.py", 2], "m.py line 2: raised ValueError"),
    "beyond the file": (["ValueError", "m.py", 31415926], "the call raised ValueError"),
    "in a made-up file": (["ValueError", "31415926", 1], "the call raised ValueError"),
    "a made-up type": (["E31415926", "m.py", 1], "m.py line 1: raised an exception of your own"),
}


@pytest.mark.parametrize("place", PLACES)
def test_an_exceptions_place_cannot_carry_data_out(start: Start, place: str) -> None:
    """Only a line that the student's own file has is passed on."""
    told, said = PLACES[place]
    with pytest.raises(faults.Raised) as fault:
        call(start(replying({"raised": told, "id": None})))
    assert fault.value.message.startswith(said)
    assert "31415926" not in fault.value.message


REPORTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "a stub": ({"raised": ["NotImplementedError", "m.py", 2]}, "not_attempted", "not_attempted"),
    "what torch cannot do": ({"raised": ["NotImplementedError", "m.py", 1]}, "failed", "raised"),
    "a missing name": ({"missing": "f"}, "not_attempted", "not_attempted"),
    "out of memory": ({"memory": True}, "out_of_memory", "out_of_memory"),
    "an array too large": ({"raised": ["_ArrayMemoryError", "m.py", 1]}, "out_of_memory",
                           "out_of_memory"),
    "too large to send": ({"unsendable": "x"}, "failed", "structure"),
    "a wrong call": ({"raised": ["TypeError", "", 0]}, "failed", "signature"),
}  # fmt: skip


@pytest.mark.parametrize("report", REPORTS)
def test_honest_reports_become_verdicts(start: Start, report: str) -> None:
    """Each way to fail has its status and its code."""
    header, status, code = REPORTS[report]
    with pytest.raises(faults.StudentFault) as fault:
        call(start(replying({**header, "id": None})))
    assert (fault.value.status, fault.value.code) == (status, code)


def importing(*frames: tuple[dict[str, Any], object]) -> Script:
    """Return a worker that says these frames while it imports, and then waits."""

    def script(worker: Worker) -> None:
        for header, value in frames:
            worker.say(value, **header)
        worker.asked()

    return script


STARTED: tuple[dict[str, Any], object] = ({"importing": "m"}, None)
BAD_IMPORTS = {
    "out of order": importing(STARTED, ({"importing": "n"}, None)),
    "the same again": importing(STARTED, STARTED),
    "done without importing": importing(STARTED, ({"imported": True}, None)),
    "a failure that is none": importing(STARTED, ({"import_ended": "m"}, ["x"])),
    "another's failure": importing(STARTED, ({"import_ended": "n"}, ["E", "m.py", 1, "x"])),
    "the end": importing(STARTED, ({"submission_over": [9, 0]}, None)),
    "nothing more": importing(STARTED),
}


@pytest.mark.parametrize("bad", BAD_IMPORTS)
def test_a_bad_import_costs_its_file_only(start: Start, bad: str) -> None:
    """The file whose import misbehaves is left out; the others are served by a fresh worker."""

    def rest(worker: Worker) -> None:
        worker.say(importing="n")
        worker.say(import_ended="n")
        worker.say(imported=True)
        worker.say("right", done=True, id=worker.asked()["id"])

    session = start(BAD_IMPORTS[bad], rest)
    with pytest.raises(faults.StudentFault):
        call(session)
    session.begin("n")
    assert call(session) == "right"
    session.begin("m")
    with pytest.raises(faults.StudentFault):
        call(session)


def test_endless_importing_ends_with_the_import_limit(start: Start) -> None:
    """Saying something now and then does not stretch an import's time."""

    def chatter(worker: Worker) -> None:
        while True:
            worker.say(importing="m")
            time.sleep(0.05)

    started = time.monotonic()
    with pytest.raises(faults.StudentFault):
        call(start(chatter))
    assert time.monotonic() - started < 2 * LIMITS.import_s


def test_an_import_error_is_told_with_its_text(start: Start) -> None:
    """No hidden data are about at import, so the student reads the whole error."""
    failure = ["ModuleNotFoundError", "m.py", 1, "No module named 'x'\x1b[0m"]
    script = importing(STARTED, ({"import_ended": "m"}, failure),
                       ({"importing": "n"}, None), ({"import_ended": "n"}, None),
                       ({"imported": True}, None))  # fmt: skip
    with pytest.raises(faults.ImportFailed) as fault:
        call(start(script))
    said = "m.py line 1: ModuleNotFoundError: No module named 'x' [0m"
    assert fault.value.message == said + NOT_THERE


def test_a_sandbox_that_dies_is_no_fault_of_the_student(start: Start) -> None:
    """Where the sandbox itself is lost, the submission is tried again and not judged."""

    def dies(worker: Worker) -> None:
        worker.import_all()
        worker.asked()

    session = start(dies)
    session.backend.dead = True  # type: ignore[attr-defined]
    with pytest.raises(SandboxError):
        call(session)


def test_a_connection_that_the_student_closes_is_the_students_fault(start: Start) -> None:
    """With the sandbox in order, an end of the stream is a broken wire."""

    def hangs_up(worker: Worker) -> None:
        worker.import_all()
        worker.asked()

    with pytest.raises(faults.BrokenWire):
        call(start(hangs_up))


def test_a_worker_that_never_starts_importing_is_ours(start: Start) -> None:
    """Before any student code ran, nothing is the student's fault."""
    with pytest.raises(SandboxError):
        call(start(importing()))


def test_a_machine_that_fails_is_ours(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many open files and the like are no verdict on a student."""
    session = start(HONEST)

    def fail(*_: object) -> Channel:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(session.backend, "open", fail)
    with pytest.raises(SandboxError, match="Too many open files"):
        call(session)


def slow(seconds: float) -> Script:
    """Return a worker that answers each call after a while."""

    def script(worker: Worker) -> None:
        worker.import_all()
        while True:
            right = worker.asked()["id"]
            time.sleep(seconds)
            worker.say(done=True, id=right)

    return script


def test_a_call_has_its_limit(start: Start) -> None:
    """A call that is too slow is a time-out that says which limit passed."""
    with pytest.raises(faults.TimedOut, match=r"a call took longer than 0.5 s"):
        call(start(slow(1)))


def test_an_exercise_has_its_limit(start: Start) -> None:
    """Calls that are quick enough add up; the next exercise starts anew."""
    limits = Limits(call_s=0.5, exercise_s=0.3, submission_s=9)
    session = start(slow(0.2), limits=limits)
    call(session)
    with pytest.raises(faults.TimedOut, match=r"calls of this exercise took longer than 0.3 s"):
        call(session)
    session.begin("m")
    call(session)


def test_a_submission_has_its_limit(start: Start) -> None:
    """When the whole time is used up, nothing is asked any more."""
    session = start(slow(0.2), limits=Limits(call_s=0.5, exercise_s=9, submission_s=0.3))
    call(session)
    with pytest.raises(faults.TimedOut, match=r"whole submission took longer than 0.3 s"):
        call(session)
    session.begin("m")
    with pytest.raises(faults.TimedOut, match=r"whole submission"):
        call(session)
    assert session.budget.spent >= 0.3


def test_prefix_is_the_documented_frame() -> None:
    """Magic, header length and payload length, little-endian: 16 bytes."""
    assert struct.unpack("<4sIQ", pack({})[:16])[0] == MAGIC
