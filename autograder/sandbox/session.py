"""One submission's conversation with a sandbox: exercises, requests, and limits on our clock."""

from __future__ import annotations

import signal
import time
from collections.abc import Container
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from autograder import timing
from autograder.assignment import Limits
from autograder.errors import AutograderError, SandboxError
from autograder.sandbox import faults
from autograder.sandbox.backend import Backend
from autograder.sandbox.budget import Budget
from autograder.sandbox.channel import Channel, Gone, Late
from autograder.sandbox.exchange import Answer, Question
from autograder.sandbox.imports import Imports, Load
from autograder.sandbox.inside.wire import Encoded, WireError, encode
from autograder.sandbox.replies import claimed_seconds, crash, judge_reply

LAST_WORDS_S = 0.5
NOTHING = encode(None)
MAX_OPENS = 50  # an assignment has fewer exercises; starting is counted against no other limit


class Conversation(Protocol):
    """What the suite's tools need of a session."""

    device: str  # where tensors that come are put

    def begin(self, module: str) -> None:
        """The next requests belong to an exercise on this module, which meets no other's state."""

    def again(self) -> bool:
        """Begin the exercise anew if its process has served others before, and what it costs."""

    def request(self, operation: str, value: Any) -> Any:
        """The reply's value; raises StudentFault."""

    def end(self) -> None:
        """The exercise is over."""


@dataclass
class Session:
    """Runs one submission; a request that goes wrong raises a `StudentFault` and no more."""

    backend: Backend
    load: Load
    limits: Limits
    device: str = "cpu"
    stateless: frozenset[str] = frozenset()  # modules whose exercises may share a process
    processor_seconds: float | None = 0.0  # and on the processor; None where nobody tells
    opens: int = 0  # sandboxes that were started for it
    _channel: Channel | None = None
    _uncounted: bool = False  # the processor time of this channel's sandbox
    _module: str | None = None  # of the exercise that was begun
    _running: bool = False  # a process serves it
    _told: bool = False  # of the exercise
    _marked: bool = False  # in a way that the next exercise might see
    _shared: bool = False  # with exercises before this one
    _begun: int = 0  # exercise processes of this channel so far
    _last_id: int = 0
    _broken: dict[str, faults.StudentFault] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.budget = Budget(self.limits)

    def begin(self, module: str) -> None:
        """The next requests belong to an exercise on this module, which meets no other's state.

        It has a fresh process, or that of exercises which can have left nothing behind.
        """
        self._shared = self._may_stay(module)
        if not self._shared:
            self.end()
        self._module, self._told = module, False
        self.budget.begin()

    def _may_stay(self, module: str) -> bool:
        known = {self._module, module} <= self.stateless
        return self._running and known and not self._marked

    def again(self) -> bool:
        """Begin the exercise anew if its process had served others; the first try is not charged.

        What it ran out of may have been theirs.
        """
        if not self._shared or self._module is None:
            return False
        module = self._module
        self.budget.refund()
        self.end()
        self.begin(module)
        return True

    def end(self) -> None:
        """The exercise is over; its process leaves while the next one starts."""
        if self._running:
            self._running = False
            try:
                self._send({"op": "end"}, NOTHING, time.monotonic() + self.limits.call_s)
            except (Late, Gone):
                self._abandon(kill=True)
        self._module = None

    def close(self) -> None:
        """End the submission's processes."""
        self.end()
        self._abandon(kill=False)

    def request(self, operation: str, value: Any) -> Any:
        """Perform one operation in the exercise's process and return the reply's value."""
        return self.ask(Question(operation, value)).value

    def ask(self, question: Question, known: Container[bytes] = ()) -> Answer:
        """The answer, a good one; it need not be read where its key is `known`."""
        assert self._module is not None, "begin() comes first"
        try:
            self._start()
            return self._ask(question, known)
        except (faults.StudentFault, AutograderError):
            raise
        except Exception as error:  # else a test would take it for the student's
            raise SandboxError(f"this machine or the grader has failed: {error!r}") from error

    def _ask(self, question: Question, known: Container[bytes]) -> Answer:
        """One exchange within the limits; what goes wrong is somebody's fault, and named."""
        limit = self.budget.of_call()
        try:
            with self.budget.charged():
                return self._exchange(question, known, time.monotonic() + limit)
        except Late:
            raise self._starved() or self.budget.exceeded(limit) from None
        except Gone:
            raise self._gone() from None
        except WireError:
            self._abandon(kill=True)
            raise faults.BrokenWire(
                "the reply is not one that the grader can read: does the code write to file "
                "descriptors that it did not open?"
            ) from None

    def _exchange(self, question: Question, known: Container[bytes], deadline: float) -> Answer:
        self._last_id += 1
        where = "wire" if self._told else "exercise"
        with timing.part(where):
            self._tell(deadline)
            self._marked |= question.leaves_a_mark
            header = {"op": question.operation, "id": self._last_id}
            self._send(header, question.encoded, deadline)
            answer = self._next(deadline)
            if answer.header.get("id") != self._last_id:
                raise WireError("a reply to another call")
            timing.move(claimed_seconds(answer.header), where, "student")
            if answer.header.get("done") is not True or answer.key not in known:
                judge_reply(answer.header, answer.value, self.load.files)
        return answer

    def _tell(self, deadline: float) -> None:
        """Name the exercise, to a new process where none is there."""
        if not self._running:
            self._running, self._told, self._marked = True, False, False
            self._begun += 1
        if not self._told:
            self._told = True
            self._send({"exercise": self._module, "device": self.device}, NOTHING, deadline)

    def _next(self, deadline: float) -> Answer:
        """The next reply, past late reports of exercises that were over anyway."""
        assert self._channel is not None
        while True:
            answer = self._channel.receive_answer(deadline)
            header = answer.header
            if "submission_over" in header:
                fault = self._ended(crash(header["submission_over"]))
                self._abandon(kill=False)
                raise fault
            if "exercise_over" not in header:
                return answer
            if header.get("number") == self._begun:
                self._running = False
                raise self._ended(crash(header["exercise_over"]))

    def _ended(self, fault: faults.Crashed) -> faults.StudentFault:
        """Why a process ended: through itself, or through the kernel for want of memory."""
        killed = fault.signal == signal.SIGKILL
        return (self._starved() if killed else None) or fault

    def _starved(self) -> faults.OutOfMemory | None:
        """End the sandbox; the fault, where its memory was used up."""
        self._count_use()
        starved = self.backend.out_of_memory()
        self._abandon(kill=True)
        return faults.OutOfMemory(faults.TOO_MUCH_MEMORY) if starved else None

    def _send(self, header: dict[str, Any], value: Encoded, deadline: float) -> None:
        assert self._channel is not None
        self._channel.send_encoded(header, value, deadline)

    def _start(self) -> None:
        """Have the files imported, leaving out those that end or hang the process."""
        self.budget.check()
        while self._channel is None and self._module not in self._broken:
            self.budget.check()
            self._import_all()
        if self._module in self._broken:
            raise self._broken[self._module]

    def _import_all(self) -> None:
        """Have the files imported; one that ends or hangs the process is left out next time."""
        modules = [m for m in self.load.modules if not _fatal(self._broken.get(m))]
        load = Load(self.load.files, modules)
        if self.opens == MAX_OPENS:
            raise faults.TimedOut(f"the sandbox had to be started {MAX_OPENS} times")
        self.opens += 1
        with timing.part("sandbox"):
            self._channel = self.backend.open(load, self.limits)
        self._uncounted = True
        imports = Imports(self._channel, load, self.limits, time.monotonic() + self.budget.left)
        with timing.part("import"), self.budget.charged(to_exercise=False):
            fault = imports.hear()
        self._broken |= imports.failed
        if fault is not None:
            lost = isinstance(fault, faults.BrokenWire) and self.backend.lost()
            if self._starved():
                fault, lost = faults.OutOfMemory(faults.IMPORT_MEMORY), False
            if not imports.current:
                self.budget.check()
            if lost or not imports.current:
                raise SandboxError(f"no student code ran: {fault}")
            self._broken[imports.current] = fault

    def _gone(self) -> Exception:
        """Why the connection ended: through the student's process, or the sandbox itself."""
        if ending := self._last_words():
            return ending
        lost = self.backend.lost()
        if starved := self._starved():
            return starved
        if lost:
            return SandboxError("the sandbox was lost")
        return faults.BrokenWire("the connection to the grader was closed")

    def _last_words(self) -> faults.StudentFault | None:
        """What was said before the connection ended, where sending has met the end first."""
        deadline = time.monotonic() + LAST_WORDS_S
        with suppress(Late, Gone, WireError):
            while self._channel is not None:
                header, _ = self._channel.receive(deadline)
                if "submission_over" in header:
                    fault = self._ended(crash(header["submission_over"]))
                    self._abandon(kill=False)
                    return fault
        return None

    def _abandon(self, *, kill: bool) -> None:
        if self._channel is not None:
            self._count_use()
            with timing.part("sandbox"):
                self.backend.close(self._channel, kill=kill)
        self._channel, self._running, self._begun = None, False, 0

    def _count_use(self) -> None:
        """Add what this sandbox has used, once, while it can still be asked."""
        used = self.backend.processor_seconds() if self._uncounted else 0.0
        self._uncounted = False
        if used is None or self.processor_seconds is None:
            self.processor_seconds = None
        else:
            self.processor_seconds += used


def _fatal(fault: faults.StudentFault | None) -> bool:
    """Whether importing the file again would end the process again."""
    ends = (faults.TimedOut, faults.Crashed, faults.BrokenWire, faults.OutOfMemory)
    return isinstance(fault, ends)
