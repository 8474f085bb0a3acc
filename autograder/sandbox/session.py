"""One submission's conversation with a sandbox: exercises, requests, and limits on our clock."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from autograder import timing
from autograder.assignment import Limits
from autograder.errors import AutograderError, SandboxError
from autograder.report import SandboxInfo
from autograder.sandbox import faults
from autograder.sandbox.channel import Channel, Gone, Late
from autograder.sandbox.imports import Imports, Load
from autograder.sandbox.inside.wire import WireError
from autograder.sandbox.replies import claimed_seconds, crash, judge_reply

LAST_WORDS_S = 0.5
MAX_OPENS = 50  # an assignment has fewer exercises; starting is counted against no other limit


class Backend(Protocol):
    """Starts and ends the processes in which a submission runs."""

    name: str

    def open(self, load: Load, limits: Limits) -> Channel:
        """A channel to a process that will import `load.modules`; raises SandboxError."""

    def close(self, channel: Channel, *, kill: bool) -> None:
        """End that process and all that it started; `kill` where it may no longer listen."""

    def lost(self) -> bool:
        """Whether the sandbox itself has ended, which no student's fault explains."""

    def out_of_memory(self) -> bool:
        """Whether the kernel ended a process because the sandbox's memory was used up.

        To be followed by `close`: finding it out may take the sandbox's end.
        """

    def processor_seconds(self) -> float | None:
        """Processor time that the sandbox has used since `open`; None where nobody tells."""

    def describe(self) -> SandboxInfo:
        """Where student code runs and what holds it back, for the report."""

    def renew(self) -> None:
        """Start afresh with the next submission: the sandbox has failed."""

    def shutdown(self) -> None:
        """End everything that this backend started."""


class Conversation(Protocol):
    """What the suite's tools need of a session."""

    device: str  # where tensors that come are put

    def begin(self, module: str) -> None:
        """The next requests belong to an exercise on this module, in a fresh process."""

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
    seconds: float = 0.0  # that the student's code has taken, by the clock
    processor_seconds: float | None = 0.0  # and on the processor; None where nobody tells
    opens: int = 0  # sandboxes that were started for it
    _channel: Channel | None = None
    _uncounted: bool = False  # the processor time of this channel's sandbox
    _module: str | None = None  # of the exercise that was begun
    _running: bool = False  # a process serves it
    _begun: int = 0  # exercise processes of this channel so far
    _exercise_left: float = 0.0
    _last_id: int = 0
    _broken: dict[str, faults.StudentFault] = field(default_factory=dict)

    def begin(self, module: str) -> None:
        """The next requests belong to an exercise on this module, in a fresh process."""
        self.end()
        self._module = module
        self._exercise_left = self.limits.exercise_s

    def end(self) -> None:
        """The exercise is over; its process leaves while the next one starts."""
        if self._running:
            self._running = False
            try:
                self._send({"op": "end"}, None, time.monotonic() + self.limits.call_s)
            except (Late, Gone):
                self._abandon(kill=True)
        self._module = None

    def close(self) -> None:
        """End the submission's processes."""
        self.end()
        self._abandon(kill=False)

    def request(self, operation: str, value: Any) -> Any:
        """Perform one operation in the exercise's process and return the reply's value."""
        assert self._module is not None, "begin() comes first"
        try:
            self._start()
            return self._ask(operation, value)
        except (faults.StudentFault, AutograderError):
            raise
        except Exception as error:  # else a test would take it for the student's
            raise SandboxError(f"this machine or the grader has failed: {error!r}") from error

    def _ask(self, operation: str, value: Any) -> Any:
        """One exchange within the limits; what goes wrong is somebody's fault, and named."""
        limit = min(self.limits.call_s, self._exercise_left, self._submission_left())
        try:
            with self._charged():
                return self._exchange(operation, value, time.monotonic() + limit)
        except Late:
            raise self._starved() or faults.TimedOut(self._which_limit(limit)) from None
        except Gone:
            raise self._gone() from None
        except WireError:
            self._abandon(kill=True)
            raise faults.BrokenWire(
                "the reply is not one that the grader can read: does the code write to file "
                "descriptors that it did not open?"
            ) from None

    @contextmanager
    def _charged(self) -> Iterator[None]:
        """Count the time against the student's limits."""
        started = time.monotonic()
        try:
            yield
        finally:
            taken = time.monotonic() - started
            self.seconds += taken
            self._exercise_left -= taken

    def _exchange(self, operation: str, value: Any, deadline: float) -> Any:
        self._last_id += 1
        where = "wire" if self._running else "exercise"
        with timing.part(where):
            if not self._running:
                self._running = True
                self._begun += 1
                self._send({"exercise": self._module, "device": self.device}, None, deadline)
            self._send({"op": operation, "id": self._last_id}, value, deadline)
            header, result = self._next(deadline)
        if header.get("id") != self._last_id:
            raise WireError("a reply to another call")
        timing.move(claimed_seconds(header), where, "student")
        return judge_reply(header, result, self.load.files)

    def _next(self, deadline: float) -> tuple[dict[str, Any], Any]:
        """The next reply, past late reports of exercises that were over anyway."""
        assert self._channel is not None
        while True:
            header, result = self._channel.receive(deadline)
            if "submission_over" in header:
                fault = self._ended(crash(header["submission_over"]))
                self._abandon(kill=False)
                raise fault
            if "exercise_over" not in header:
                return header, result
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

    def _send(self, header: dict[str, Any], value: object, deadline: float) -> None:
        assert self._channel is not None
        self._channel.send(header, value, deadline)

    def _start(self) -> None:
        """Have the files imported, leaving out those that end or hang the process."""
        self._check_budget()
        while self._channel is None and self._module not in self._broken:
            self._check_budget()
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
        started = time.monotonic()
        imports = Imports(self._channel, load, self.limits, started + self._submission_left())
        with timing.part("import"):
            fault = imports.hear()
        self.seconds += time.monotonic() - started
        self._broken |= imports.failed
        if fault is not None:
            lost = isinstance(fault, faults.BrokenWire) and self.backend.lost()
            if self._starved():
                fault, lost = faults.OutOfMemory(faults.IMPORT_MEMORY), False
            if not imports.current:
                self._check_budget()
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

    def _submission_left(self) -> float:
        return self.limits.submission_s - self.seconds

    def _check_budget(self) -> None:
        if self._exercise_left <= 0 or self._submission_left() <= 0:
            raise faults.TimedOut(self._which_limit(0))

    def _which_limit(self, limit: float) -> str:
        if limit >= self.limits.call_s:
            return f"a call took longer than {self.limits.call_s:g} s"
        if self._submission_left() <= limit:
            return f"the whole submission took longer than {self.limits.submission_s:g} s"
        return f"the calls of this exercise took longer than {self.limits.exercise_s:g} s together"


def _fatal(fault: faults.StudentFault | None) -> bool:
    """Whether importing the file again would end the process again."""
    ends = (faults.TimedOut, faults.Crashed, faults.BrokenWire, faults.OutOfMemory)
    return isinstance(fault, ends)
