"""One submission's conversation with a sandbox: exercises, requests, and limits on our clock."""

from __future__ import annotations

import time
from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from autograder import timing
from autograder.assignment import Limits
from autograder.errors import AutograderError, SandboxError
from autograder.sandbox import faults
from autograder.sandbox.backend import Backend
from autograder.sandbox.budget import Budget
from autograder.sandbox.channel import Gone, Late
from autograder.sandbox.connection import Connection, check_number
from autograder.sandbox.exchange import Answer, Question
from autograder.sandbox.imports import Load
from autograder.sandbox.inside.frames import frame
from autograder.sandbox.inside.wire import WireError
from autograder.sandbox.pipeline import Pipeline, Script, Sending
from autograder.sandbox.replies import claimed_seconds, judge_reply


class Conversation(Protocol):
    """What the suite's tools need of a session."""

    device: str  # where tensors that come are put

    def begin(self, module: str) -> None:
        """The next requests belong to an exercise on this module, which meets no other's state."""

    def next_test(self, test: str) -> None:
        """The next requests belong to another test, which finds no objects, and chance anew."""

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
    sealed: frozenset[str] = frozenset()  # modules whose exercises may share a process
    scripts: Sequence[Script] = ()  # asked ahead where all modules are sealed
    _module: str | None = None  # of the exercise that was begun
    _told: bool = False  # of the test
    _heard: bool = False  # of the process
    _marked: bool = False  # the process, in a way that the next exercise might see
    _shared: bool = False  # with exercises before this one
    _last_number: int = 0
    _asked: list[Question] = field(default_factory=list)  # by this test

    def __post_init__(self) -> None:
        self.budget = Budget(self.limits)
        all_sealed = self.sealed.issuperset(self.load.modules)
        self._ahead = Pipeline(self.scripts if all_sealed else ())
        load = replace(self.load, one_process=all_sealed)
        self._line = Connection(self.backend, load, self.limits, self.budget, self._ahead)

    @property
    def opens(self) -> int:
        """How many sandboxes were started for it."""
        return self._line.opens

    @property
    def processor_seconds(self) -> float | None:
        """What it has used of the processor; None where nobody tells."""
        return self._line.processor_seconds

    def begin(self, module: str) -> None:
        """The next requests belong to an exercise on this module, which meets no other's state.

        It has a fresh process, or that of exercises which can have left nothing behind.
        """
        self._shared = self._may_stay(module)
        if not self._shared:
            self.end()
        self._module, self._told = module, False
        self._asked.clear()
        self.budget.begin()

    def next_test(self, test: str) -> None:
        """The next requests belong to another test, which finds no objects, and chance anew."""
        self._told = False
        self._asked.clear()
        self._line.let_pass(self._ahead.turn_to(test))

    def _may_stay(self, module: str) -> bool:
        known = {self._module, module} <= self.sealed
        return self._line.has_process and known and not self._marked

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
        self._line.end_process()
        self._module = None

    def close(self) -> None:
        """End the submission's processes."""
        self._line.abandon(kill=False)

    def request(self, operation: str, value: Any) -> Any:
        """Perform one operation in the exercise's process and return the reply's value."""
        return self.ask(Question(operation, value)).value

    def ask(self, question: Question, known: Container[bytes] = ()) -> Answer:
        """The answer, a good one; it need not be read where its key is `known`."""
        try:
            if not self._ahead.expects(question):
                self._ask_straight()
            self._asked.append(question)
            return self._ask(question, known)
        except (faults.StudentFault, AutograderError):
            raise
        except Exception as error:  # else a test would take it for the student's
            raise SandboxError(f"this machine or the grader has failed: {error!r}") from error

    def _ask_straight(self) -> None:
        """Question by question, from here to the end of the test, and what it has asked once more.

        What was asked ahead may have changed its objects.
        """
        if ahead := self._ahead.leave():
            self._line.let_pass(ahead)
            self._told = False
            for question in self._asked:
                self._ask(question, ())

    def _ask(self, question: Question, known: Container[bytes]) -> Answer:
        """One exchange within the limits; what goes wrong is somebody's fault, and named."""
        if not (self._told and self._line.has_process):
            self._start()
        limit = self.budget.of_call()
        try:
            with self.budget.charged():
                return self._exchange(question, known, time.monotonic() + limit)
        except Late:
            raise self._line.starved() or self.budget.exceeded(limit) from None
        except Gone:
            raise self._line.gone() from None
        except WireError:
            self._line.abandon(kill=True)
            raise faults.BrokenWire(
                "the reply is not one that the grader can read: does the code write to file "
                "descriptors that it did not open?"
            ) from None

    def _start(self) -> None:
        """Have a process ready, or on its way."""
        self._open()
        if not self._line.has_process:
            self._new_process()

    def _open(self) -> None:
        assert self._module is not None, "begin() comes first"
        self._line.open(self._module)

    def _new_process(self) -> None:
        self._line.new_process()
        self._told = self._heard = self._marked = False

    def _exchange(self, question: Question, known: Container[bytes], deadline: float) -> Answer:
        where = "wire" if self._heard else "exercise"
        with timing.part(where):
            number = self._number_of(question, deadline)
            answer = self._line.receive(deadline)
            check_number(answer, number)
            self._heard = True
            timing.move(claimed_seconds(answer.header), where, "student")
            if answer.header.get("done") is not True or answer.key not in known:
                judge_reply(answer.header, answer.value, self.load.files)
        return answer

    def _number_of(self, question: Question, deadline: float) -> int:
        """Send the question, or what comes behind it where it was sent before; its number."""
        if not self._ahead.expects(question):
            module = None if self._told else self._module
            self._send([Sending(self._last_number + 1, module, question)], deadline)
            self._told = True
            return self._last_number
        self._told = True
        if self._ahead.runs_low:
            self._send(self._ahead.fill(self._last_number), deadline)
        return self._ahead.take()

    def _send(self, sending: Sequence[Sending], deadline: float) -> None:
        frames = []
        for number, module, question in sending:
            self._marked |= question.leaves_a_mark
            begins = {"exercise": module, "device": self.device} if module is not None else {}
            header = {"op": question.operation, "id": number, **begins}
            frames.append(frame(header, question.encoded))
            self._last_number = number
        if frames:
            self._line.send(b"".join(frames), deadline)
