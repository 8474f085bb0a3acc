"""The connection to one submission's sandbox, opened again where it was lost.

It knows which process serves, hears what the sandbox says of it, and finds out why one has ended.
"""

from __future__ import annotations

import signal
import time
from contextlib import suppress
from dataclasses import replace

from autograder import timing
from autograder.assignment import Limits
from autograder.errors import SandboxError
from autograder.sandbox import faults
from autograder.sandbox.backend import Backend
from autograder.sandbox.budget import Budget
from autograder.sandbox.channel import Channel, Gone, Late
from autograder.sandbox.exchange import Answer
from autograder.sandbox.imports import Imports, Load
from autograder.sandbox.inside.frames import pack
from autograder.sandbox.inside.wire import WireError
from autograder.sandbox.pipeline import Pipeline
from autograder.sandbox.replies import crash

LAST_WORDS_S = 0.5
MAX_OPENS = 50  # an assignment has fewer exercises; starting is counted against no other limit


class Connection:
    """Frames to and from the exercise processes of one submission, one process at a time."""

    def __init__(
        self, backend: Backend, load: Load, limits: Limits, budget: Budget, ahead: Pipeline
    ) -> None:
        self.opens = 0  # sandboxes that were started
        self.processor_seconds: float | None = 0.0  # of all of them; None where nobody tells
        self.has_process = False  # one that serves an exercise
        self.ahead = ahead  # what was sent before its turn, which is lost with the sandbox
        self._backend = backend
        self._load = load
        self._limits = limits
        self._budget = budget
        self._channel: Channel | None = None
        self._uncounted = False  # the processor time of this channel's sandbox
        self._begun = 0  # exercise processes of this channel so far
        self._broken: dict[str, faults.StudentFault] = {}  # modules that cannot be imported

    def open(self, module: str) -> None:
        """Have the files imported, leaving out those that end or hang the process."""
        self._budget.check()
        while self._channel is None and module not in self._broken:
            self._budget.check()
            self._import_all()
        if module in self._broken:
            raise self._broken[module]

    def new_process(self) -> None:
        """What is sent from here on is for the next one: the sandbox starts it by itself."""
        self.has_process = True
        self._begun += 1

    def end_process(self) -> None:
        """Have the process leave, while the next one starts."""
        if not self.has_process:
            return
        if self.ahead:  # it would answer all of that first
            self.abandon(kill=False)
        elif self._load.one_process:
            self._hang_up(kill=False)
        else:
            self.has_process = False
            try:
                self.send(pack({"op": "end"}), time.monotonic() + self._limits.call_s)
            except (Late, Gone):
                self.abandon(kill=True)

    def send(self, frames: bytes, deadline: float) -> None:
        """Send frames; raises Late and Gone."""
        assert self._channel is not None
        self._channel.send_frames(frames, deadline)

    def receive(self, deadline: float) -> Answer:
        """The next answer, past late reports of exercises that were over anyway.

        Raises the fault that has ended the process, Late, Gone and WireError.
        """
        assert self._channel is not None
        while True:
            answer = self._channel.receive_answer(deadline)
            header = answer.header
            if "submission_over" in header:
                fault = self._ended(crash(header["submission_over"]))
                self.abandon(kill=False)
                raise fault
            if "exercise_over" not in header:
                return answer
            if header.get("number") == self._begun:
                self.has_process = False
                raise self._ended(crash(header["exercise_over"]))

    def let_pass(self, numbers: list[int]) -> None:
        """Hear answers that nobody waits for; whatever goes wrong with them is nobody's fault."""
        try:
            for number in numbers:
                answer = self.receive(time.monotonic() + self._limits.call_s)
                check_number(answer, number)
        except (Late, Gone, WireError, faults.StudentFault):
            self.abandon(kill=False)

    def starved(self) -> faults.OutOfMemory | None:
        """End the sandbox; the fault, where its memory was used up."""
        self._count_use()
        starved = self._backend.out_of_memory()
        self.abandon(kill=True)
        return faults.OutOfMemory(faults.TOO_MUCH_MEMORY) if starved else None

    def gone(self) -> Exception:
        """Why the connection ended: through the student's process, or the sandbox itself."""
        if ending := self._last_words():
            return ending
        lost = self._backend.lost()
        if starved := self.starved():
            return starved
        if lost:
            return SandboxError("the sandbox was lost")
        return faults.BrokenWire("the connection to the grader was closed")

    def abandon(self, *, kill: bool) -> None:
        """Hang up; from here on nothing is sent ahead."""
        self._hang_up(kill=kill)
        self.ahead.stop()

    def _hang_up(self, *, kill: bool) -> None:
        if self._channel is not None:
            self._count_use()
            with timing.part("sandbox"):
                self._backend.close(self._channel, kill=kill)
        self._channel, self.has_process, self._begun = None, False, 0

    def _ended(self, fault: faults.Crashed) -> faults.StudentFault:
        """Why a process ended: through itself, or through the kernel for want of memory."""
        killed = fault.signal == signal.SIGKILL
        return (self.starved() if killed else None) or fault

    def _import_all(self) -> None:
        """Have the files imported; one that ends or hangs the process is left out next time."""
        modules = [m for m in self._load.modules if not _fatal(self._broken.get(m))]
        load = replace(self._load, modules=modules)
        if self.opens == MAX_OPENS:
            raise faults.TimedOut(f"the sandbox had to be started {MAX_OPENS} times")
        self.opens += 1
        with timing.part("sandbox"):
            self._channel = self._backend.open(load, self._limits)
        self._uncounted = True
        imports = Imports(self._channel, load, self._limits, time.monotonic() + self._budget.left)
        with timing.part("import"), self._budget.charged(to_exercise=False):
            fault = imports.hear()
        self._broken |= imports.failed
        if fault is not None:
            self._break(imports.current, fault)
        if self._broken:  # then not every exercise can be asked anything
            self.ahead.stop()

    def _break(self, module: str, fault: faults.StudentFault) -> None:
        """The sandbox was lost while it imported a module, `` if none: whose fault that is."""
        lost = isinstance(fault, faults.BrokenWire) and self._backend.lost()
        if self.starved():
            fault, lost = faults.OutOfMemory(faults.IMPORT_MEMORY), False
        if not module:
            self._budget.check()
        if lost or not module:
            raise SandboxError(f"no student code ran: {fault}")
        self._broken[module] = fault

    def _last_words(self) -> faults.StudentFault | None:
        """What was said before the connection ended, where sending has met the end first."""
        deadline = time.monotonic() + LAST_WORDS_S
        with suppress(Late, Gone, WireError):
            while self._channel is not None:
                header, _ = self._channel.receive(deadline)
                if "submission_over" in header:
                    fault = self._ended(crash(header["submission_over"]))
                    self.abandon(kill=False)
                    return fault
        return None

    def _count_use(self) -> None:
        """Add what this sandbox has used, once, while it can still be asked."""
        used = self._backend.processor_seconds() if self._uncounted else 0.0
        self._uncounted = False
        if used is None or self.processor_seconds is None:
            self.processor_seconds = None
        else:
            self.processor_seconds += used


def check_number(answer: Answer, number: int) -> None:
    """Raise WireError unless the answer claims to be that question's."""
    if answer.header.get("id") != number:
        raise WireError("a reply to another call")


def _fatal(fault: faults.StudentFault | None) -> bool:
    """Whether importing the file again would end the process again."""
    ends = (faults.TimedOut, faults.Crashed, faults.BrokenWire, faults.OutOfMemory)
    return isinstance(fault, ends)
