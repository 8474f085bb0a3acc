"""Remembers how a test went: who answers its questions as somebody did before has the same verdict.

A test asks what its fixtures and the answers so far lead to, and nothing else. So its questions can
be asked without it, as long as the answers are known, byte for byte; at the first one that is not,
the test itself runs, is given the answers so far, and goes on from there. What it usually asks is
noted, for a session that may ask ahead.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from autograder.errors import AutograderError, StaffError
from autograder.sandbox.exchange import Answer, Question
from autograder.sandbox.faults import StudentFault
from autograder.sandbox.session import Session

MOST = 50_000  # answers that lead somewhere, in one suite
MOST_BYTES = 64 * 1024 * 1024  # of questions

Outcome = BaseException | None  # of a test: what it raised
# What depends on more than the answers: the student's lines, this machine.
NOT_KEPT = (StudentFault, AutograderError, KeyboardInterrupt)


@dataclass
class _Step:
    """Where the answers so far have led: to a question, or to the end."""

    question: Question | None = None
    after: dict[bytes, _Step] = field(default_factory=dict)
    outcome: tuple[Outcome] | None = None


@dataclass(frozen=True)
class Usual:
    """What a test asks before its first question that may be another one each time."""

    questions: tuple[Question, ...] = ()
    is_whole: bool = True  # and it asks no more
    passed: bool = False  # by somebody


NOTHING = Usual(is_whole=False)


class Paths:
    """The paths of all tests of a suite."""

    def __init__(self) -> None:
        self._first: dict[str, _Step] = {}
        self._usual: dict[str, Usual] = {}
        self._answers = 0
        self._bytes = 0

    def judge(
        self, test: str, session: Session, run: Callable[[Resumed], Outcome], where: str
    ) -> Outcome:
        """What the test raises with this session, by memory or by running it."""
        test = _key(test, session.device)
        step: _Step | None = self._first.get(test, _Step())
        heard: list[tuple[Question, Answer | StudentFault]] = []
        while step and step.question:
            try:
                answer = session.ask(step.question, step.after)
            except StudentFault as fault:
                heard.append((step.question, fault))
                break
            heard.append((step.question, answer))
            step = step.after.get(answer.key)
        if step and step.outcome:
            return step.outcome[0]
        resumed = Resumed(session, heard, where)
        outcome = run(resumed)
        if not isinstance(outcome, NOT_KEPT):
            self._keep(test, resumed.heard, outcome)
        return outcome

    def usual(self, test: str, device: str) -> Usual:
        """What the test asks of who passes it, or of others as long as nobody has."""
        return self._usual.get(_key(test, device), NOTHING)

    def forget(self) -> None:
        """Everything: the questions will be others."""
        self.__init__()  # type: ignore[misc]

    def _keep(
        self, test: str, heard: list[tuple[Question, Answer | StudentFault]], outcome: Outcome
    ) -> None:
        """Remember a path without faults, whose words depend on the student's lines."""
        if self._answers > MOST or self._bytes > MOST_BYTES:
            self.forget()
        step = self._first.setdefault(test, _Step())
        for question, answer in heard:
            if isinstance(answer, StudentFault):
                return
            if step.question is None:
                step.question = question
                self._bytes += question.size
            if answer.key not in step.after:
                step.after[answer.key] = _Step()
                self._answers += 1
            step = step.after[answer.key]
        if outcome is not None:  # its frames would keep what the test held
            outcome = outcome.with_traceback(None)
            outcome.__context__ = outcome.__cause__ = None
        step.outcome = (outcome,)
        self._note(test, tuple(question for question, _ in heard), passed=outcome is None)

    def _note(self, test: str, questions: tuple[Question, ...], *, passed: bool) -> None:
        """What depends on answers that may be right in more than one way cannot be foreseen."""
        known = self._usual.get(test, NOTHING)
        if any(question.leaves_a_mark for question in questions) or known.passed > passed:
            return
        if not known.passed:
            self._usual[test] = Usual(questions, passed=passed)
            return
        pairs = zip(known.questions, questions, strict=False)
        same = tuple(itertools.takewhile(lambda pair: pair[0].asks_the_same(pair[1]), pairs))
        is_whole = known.is_whole and len(same) == len(known.questions) == len(questions)
        self._usual[test] = Usual(known.questions[: len(same)], is_whole=is_whole, passed=True)


def _key(test: str, device: str) -> str:
    return f"{test} on {device}"  # which is a fixture's word


class Resumed:
    """A test's conversation that has begun without it."""

    def __init__(
        self, session: Session, heard: list[tuple[Question, Answer | StudentFault]], where: str
    ) -> None:
        self.device = session.device
        self.heard = heard
        self._session = session
        self._where = where
        self._next = 0  # of what was heard, to be given to the test

    def request(self, operation: str, value: Any) -> Any:
        """The reply's value; raises StudentFault."""
        question = Question(operation, value)
        if self._next == len(self.heard):
            self.heard.append((question, self._ask(question)))
        asked, answer = self.heard[self._next]
        self._next += 1
        if asked is not question and asked.encoded != question.encoded:
            what = "asks something else when it is run again: it may depend on its fixtures alone"
            raise StaffError(what, where=self._where)
        if isinstance(answer, StudentFault):
            raise answer
        return answer.value

    def _ask(self, question: Question) -> Answer | StudentFault:
        try:
            return self._session.ask(question, ())
        except StudentFault as fault:
            return fault
