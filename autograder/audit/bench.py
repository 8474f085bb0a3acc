"""Where implementations meet the suite: in the sandbox, or in this process where speed counts.

Mutants and variants are our own code. Those that are graded go through the sandbox that students
meet; the many runs of generic mutations and seeds take the short way and give the same verdicts.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property

import numpy as np

from autograder import rules
from autograder.assignment import Exercise, suite_hash
from autograder.audit.tasks import (
    Ask,
    Failure,
    Files,
    Grade,
    Graded,
    Held,
    Judged,
    Noticed,
    Reply,
    Right,
    Setup,
    Shown,
    Slip,
    Steady,
    Try,
)
from autograder.audit.watched import TookTooLong, Watched, bounded_memory, modules_of
from autograder.grading.one import Grader, load_of
from autograder.grading.results import result_of
from autograder.report import Diagnosis, TestResult, TestStatus
from autograder.sandbox.process import ProcessBackend
from autograder.sandbox.session import Session
from autograder.submission import Submission
from autograder.suite.diagnosis import Seen
from autograder.suite.plugin import Suite
from autograder.suite.verdicts import Test

CALL_S = 2.0  # outside of the sandbox; the reference's calls take milliseconds
# What must not be run again in this process, and what the rules would not let run.
UNSAFE = frozenset({
    TestStatus.TIMEOUT, TestStatus.OUT_OF_MEMORY, TestStatus.CRASHED, TestStatus.PROTOCOL_ERROR,
    TestStatus.FORBIDDEN,
})  # fmt: skip

Worst = dict[tuple[str, str], Shown]  # by test and output


class Bench:
    """Performs an audit's tasks inside a collected suite."""

    def __init__(self, suite: Suite, setup: Setup) -> None:
        self.suite = suite
        self.assignment = suite.assignment
        self._setup = setup
        self._seed = setup.seed
        self._suite_id = suite_hash(suite.assignment)
        self._backend = ProcessBackend(suite.assignment.root, suite.assignment.runtime)
        self._solution: Files = {
            name: (suite.assignment.solutions / name).read_text("utf-8")
            for name in suite.assignment.files
        }

    def perform(self, ask: Ask) -> Reply:
        """The answer to one task."""
        np.random.seed(zlib.crc32(ask.id.encode()))  # what student code may draw from
        self._reseed(ask.seed if isinstance(ask, Steady) else self._setup.seed)
        if isinstance(ask, Grade):
            return self._grade(ask)
        if isinstance(ask, Try):
            return self._try(ask)
        return self._slip(ask) if isinstance(ask, Slip) else self._steady()

    def close(self) -> None:
        """End the sandbox."""
        self._backend.shutdown()

    def _grade(self, ask: Grade) -> Graded:
        with self._errors(ask.id) as worst:
            grader = Grader(self.suite, self._backend, self._suite_id)
            report = grader.grade(self._submission(ask.files))
        return Graded(report=report, shown=tuple(worst.values()))

    def _try(self, ask: Try) -> Judged:
        exercise, submission = self.assignment.exercise(ask.exercise), self._submission(ask.files)
        own = {exercise.file: submission.files[exercise.file]}
        broken = rules.check(own, self.assignment).get(exercise.name, ())
        with self._errors(ask.id) as worst:
            tests = self._forbidden(exercise, broken) or self._confined(exercise, submission)
        conversation = self._conversation(ask.files)
        again = None
        self._reseed(self._setup.other_seed)
        if conversation is not None and not {test.status for test in tests} & UNSAFE:
            again = tuple(self.suite.judge(exercise, conversation))
        spills = (n for n in ask.others if conversation is None or self._lost(n, conversation))
        return Judged(
            result=result_of(exercise, tests),
            again=again,
            spills=tuple(spills),
            shown=tuple(worst.values()),
        )

    def _reseed(self, seed: str) -> None:
        if seed != self._seed:
            self.suite.reseed(seed.encode())
            self._seed = seed

    def _confined(self, exercise: Exercise, submission: Submission) -> list[TestResult]:
        session = Session(
            self._backend, load_of(submission, self.assignment), self.assignment.limits
        )
        try:
            return self.suite.judge(exercise, session)
        finally:
            session.close()

    def _forbidden(self, exercise: Exercise, broken: Sequence[rules.Violation]) -> list[TestResult]:
        """What rules decide before anything runs; nothing where none is broken."""
        if not broken:
            return []
        why = Diagnosis(code="forbidden", message=broken[0].message)
        return [
            TestResult(id=test.id, title=test.title, status=TestStatus.FORBIDDEN, diagnosis=why)
            for test in self.suite.tests[exercise.name]
        ]

    def _slip(self, ask: Slip) -> Noticed:
        with bounded_memory():
            conversation = self._conversation(ask.files)
            if conversation is None:
                return Noticed(tests=tuple(self._tests_of(ask.exercises)))
            noticed = [test for name in ask.exercises for test in self._lost(name, conversation)]
            for exercise in self.assignment.exercises:
                if not noticed and exercise.name not in ask.exercises:
                    noticed += self._lost(exercise.name, conversation)
        return Noticed(tests=tuple(noticed))

    def _submission(self, files: Files) -> Submission:
        changed = self._solution | files
        return Submission("student", {name: text.encode() for name, text in changed.items()}, "")

    def _conversation(self, files: Files) -> Watched | None:
        """A conversation without a sandbox; None where the files cannot be imported."""
        try:
            return Watched(modules_of(self._solution | files), CALL_S)
        except Exception:  # noqa: BLE001 - whatever the mutant makes of it
            return None

    def _tests_of(self, exercises: tuple[str, ...]) -> Iterator[str]:
        return (test.id for name in exercises for test in self.suite.tests[name])

    def _lost(self, exercise: str, conversation: Watched) -> list[str]:
        return [test for test, raised in self._judge(exercise, conversation) if raised is not None]

    def _judge(
        self, exercise: str, conversation: Watched
    ) -> Iterator[tuple[str, BaseException | None]]:
        file = self.assignment.exercise(exercise).file
        conversation.begin(file.removesuffix(".py"))
        for test in self.suite.tests[exercise]:
            conversation.calls = 0
            late = TookTooLong("not run after the time-out") if conversation.late else None
            yield test.id, late or self.suite.run(test, conversation)
        conversation.end()

    def _steady(self) -> Held:
        failures: list[Failure] = []
        called: list[str] = []
        worst: Worst = {}
        runs = 0
        for right, conversation in self._rights:
            with self._errors(right.name) as errors:
                for exercise in right.exercises:
                    for test, raised in self._judge(exercise, conversation):
                        runs += 1
                        called += [test] if conversation.calls else []
                        failures += _failure(right, exercise, test, raised)
            _keep_worst(worst, errors.values())
        return Held(
            runs=runs,
            failures=tuple(failures),
            shown=tuple(worst.values()),
            called=tuple(sorted(set(called))),
        )

    @cached_property
    def _rights(self) -> list[tuple[Right, Watched]]:
        limit = self.assignment.limits.call_s
        return [
            (right, Watched(modules_of(self._solution | right.files), limit))
            for right in self._setup.rights
        ]

    @contextmanager
    def _errors(self, by: str) -> Iterator[Worst]:
        """The largest error of each comparison that is made meanwhile."""
        worst: Worst = {}

        def record(test: Test, seen: Seen) -> None:
            shown = Shown(
                test=test.id,
                output=seen.output,
                error=seen.error,
                tolerance=seen.tolerance,
                dtype=seen.dtype,
                by=by,
            )
            _keep_worst(worst, [shown])

        self.suite.record = record
        try:
            yield worst
        finally:
            self.suite.record = None


def _failure(right: Right, exercise: str, test: str, raised: BaseException | None) -> list[Failure]:
    if raised is None:
        return []
    said = f"{type(raised).__name__}: {raised}"
    return [Failure(by=right.name, exercise=exercise, test=test, message=said)]


def _keep_worst(worst: Worst, more: Iterable[Shown]) -> None:
    for shown in more:
        known = worst.get((shown.test, shown.output))
        if known is None or known.used < shown.used:
            worst[shown.test, shown.output] = shown
