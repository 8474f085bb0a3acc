"""One submission's conversation with a sandbox: exercises, requests, and limits on our clock."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from autograder.assignment import Limits
from autograder.errors import SandboxError
from autograder.sandbox import faults
from autograder.sandbox.channel import Channel, Gone, Late
from autograder.sandbox.inside.wire import Ref, WireError


@dataclass(frozen=True)
class Load:
    """What a sandbox is given: file contents by name, and the modules to import, in order."""

    files: Mapping[str, bytes]
    modules: Sequence[str]


class Backend(Protocol):
    """Starts and ends the processes in which a submission runs."""

    name: str

    def open(self, load: Load, limits: Limits) -> Channel:
        """A channel to a process that will import `load.modules`; raises SandboxError."""

    def close(self, channel: Channel, *, kill: bool) -> None:
        """End that process and all that it started; `kill` where it may no longer listen."""

    def confinement(self) -> list[str]:
        """What holds student code back, as words for the report."""

    def shutdown(self) -> None:
        """End everything that this backend started."""


class Conversation(Protocol):
    """What the suite's tools need of a session."""

    def begin(self, module: str) -> None:
        """The next requests belong to a fresh exercise on this module."""

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
    seconds: float = 0.0  # that the student's code has taken
    _channel: Channel | None = None
    _module: str | None = None  # of the exercise that was begun
    _running: bool = False  # an exercise process serves it
    _overs_due: int = 0  # ended exercises whose end was not yet reported
    _exercise_left: float = 0.0
    _last_id: int = 0
    _broken: dict[str, faults.StudentFault] = field(default_factory=dict)

    def begin(self, module: str) -> None:
        """The next requests belong to a fresh exercise on this module."""
        self.end()
        self._module = module
        self._exercise_left = self.limits.exercise_s

    def end(self) -> None:
        """The exercise is over; its process leaves while the next one starts."""
        if self._running:
            self._running = False
            self._overs_due += 1
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
        self._check_budget()
        self._start()
        started = time.monotonic()
        limit = min(self.limits.call_s, self._exercise_left, self._submission_left())
        try:
            return self._exchange(operation, value, started + limit)
        except Late:
            self._abandon(kill=True)
            raise faults.TimedOut(self._which_limit(limit)) from None
        except Gone:
            self._abandon(kill=True)
            raise faults.Crashed(0, 0, "without a trace ") from None
        except WireError:
            self._abandon(kill=True)
            raise faults.BrokenWire(
                "the reply is not one that the grader can read: does the code write to file "
                "descriptors that it did not open?"
            ) from None
        finally:
            taken = time.monotonic() - started
            self.seconds += taken
            self._exercise_left -= taken

    def _exchange(self, operation: str, value: Any, deadline: float) -> Any:
        assert self._channel is not None
        if not self._running:
            self._send({"exercise": self._module}, None, deadline)
            self._running = True
        self._last_id += 1
        self._send({"op": operation, "id": self._last_id}, value, deadline)
        header, result = self._next(deadline)
        if header.get("id") != self._last_id:
            raise WireError("a reply to another call")
        return judge_reply(header, result)

    def _next(self, deadline: float) -> tuple[dict[str, Any], Any]:
        """The next reply, past the reports of exercises that have ended."""
        assert self._channel is not None
        while True:
            header, result = self._channel.receive(deadline)
            if "submission_over" in header:
                self._abandon(kill=False)
                raise _crash(header["submission_over"])
            if "exercise_over" not in header:
                return header, result
            if self._overs_due:
                self._overs_due -= 1
                continue
            self._running = False
            raise _crash(header["exercise_over"])

    def _send(self, header: dict[str, Any], value: object, deadline: float) -> None:
        assert self._channel is not None
        self._channel.send(header, value, deadline)

    def _start(self) -> None:
        """Have the files imported, leaving out those that end or hang the process."""
        while self._channel is None and self._module not in self._broken:
            self._import_all()
        if self._module in self._broken:
            raise self._broken[self._module]

    def _import_all(self) -> None:
        """Have the files imported; one that ends or hangs the process is left out next time."""
        modules = [m for m in self.load.modules if not _fatal(self._broken.get(m))]
        self._channel = self.backend.open(Load(self.load.files, modules), self.limits)
        started = time.monotonic()
        imports = _Imports(self._channel, modules, self.limits, started + self._submission_left())
        fault = imports.hear()
        self.seconds += time.monotonic() - started
        self._broken |= imports.failed
        if fault is not None:
            self._abandon(kill=True)
            if not imports.current:
                raise SandboxError(f"no student code ran: {fault}")
            self._broken[imports.current] = fault

    def _abandon(self, *, kill: bool) -> None:
        if self._channel is not None:
            self.backend.close(self._channel, kill=kill)
        self._channel, self._running, self._overs_due = None, False, 0

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


@dataclass
class _Imports:
    """What a fresh process says while it imports the student's files."""

    channel: Channel
    modules: Sequence[str]
    limits: Limits
    end: float  # when the whole submission's time is used up
    current: str = ""
    failed: dict[str, faults.StudentFault] = field(default_factory=dict)

    def hear(self) -> faults.StudentFault | None:
        """Listen to the end; the fault that ended or hung the process, if one did."""
        try:
            while self._hear_next():
                pass
        except Late:
            took = f"importing {self.current}.py took longer than {self.limits.import_s:g} s"
            return faults.TimedOut(took)
        except faults.Crashed as crash:
            return crash
        except (Gone, WireError):
            return faults.BrokenWire(f"importing {self.current}.py broke the grader's connection")
        return None

    def _hear_next(self) -> bool:
        deadline = min(time.monotonic() + self.limits.import_s, self.end)
        header, value = self.channel.receive(deadline)
        if "submission_over" in header:
            raise _crash(header["submission_over"], f"while {self.current}.py was imported, ")
        if header.get("importing") in self.modules:
            self.current = header["importing"]
        elif header.get("import_failed") == self.current:
            self.failed[self.current] = _import_fault(value)
        return "imported" not in header


def judge_reply(header: dict[str, Any], result: Any) -> Any:
    """A reply's value, or the fault that it reports."""
    if header.get("done") is True:
        return result
    if header.get("memory") is True:
        raise faults.OutOfMemory("the code asked for more memory than an exercise may use")
    if isinstance(header.get("missing"), str):
        raise faults.NotAttempted("a name that the docstring asks for does not exist")
    if isinstance(header.get("unsendable"), str):
        raise faults.BrokenWire("the result is too large or too deeply nested to be graded")
    raise _raised(header.get("raised"))


def _raised(report: Any) -> faults.StudentFault:
    kind, file, line = _place(report)
    if kind == "NotImplementedError":
        return faults.NotAttempted("not written yet: NotImplementedError")
    if kind == "_ArrayMemoryError":
        return faults.OutOfMemory("the code asked for more memory than an exercise may use")
    return faults.Raised(kind, file, line)


def _place(report: Any) -> tuple[str, str, int]:
    """[type, file, line] of an exception, as far as it is well formed."""
    if type(report) is not list or [type(part) for part in report[:3]] != [str, str, int]:
        raise WireError("an exception is not described as one")
    kind, file, line = report[:3]
    return kind, file if file.isprintable() else "", line


def _import_fault(report: Any) -> faults.StudentFault:
    if type(report) is not list or len(report) != 4 or type(report[3]) is not str:
        raise WireError("an exception is not described as one")
    kind, file, line = _place(report)
    if kind in ("MemoryError", "_ArrayMemoryError"):
        return faults.OutOfMemory("importing the file took more memory than it may use")
    place = f"{file} line {line}: " if file else ""
    text = "".join(c if c.isprintable() else " " for c in report[3])
    return faults.ImportFailed(f"{place}{faults.Raised(kind, '', 0).kind}: {text}")


def _fatal(fault: faults.StudentFault | None) -> bool:
    """Whether importing the file again would end the process again."""
    return isinstance(fault, (faults.TimedOut, faults.Crashed, faults.BrokenWire))


def _crash(ending: Any, where: str = "") -> faults.Crashed:
    if type(ending) is not list or [type(part) for part in ending] != [int, int]:
        raise WireError("an ending is not one")
    return faults.Crashed(ending[0], ending[1], where)


__all__ = ["Backend", "Conversation", "Load", "Ref", "Session"]
