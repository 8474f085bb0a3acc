"""One lane: a process that collects the suite once and grades the submissions it is handed.

It is told its settings and then one submission a line, as JSON on stdin, and answers with one line
each on what was its stdout. It writes every report itself, whole or not at all, so that a report
that is there is finished, whatever is killed when.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import TextIO

from autograder import assignment as assignments
from autograder import submission as intake
from autograder import timing
from autograder.assignment import Assignment, suite_hash
from autograder.errors import AutograderError, NoEngine, Rejected, SandboxError, StaffError
from autograder.files import write_whole
from autograder.grading import handed_in
from autograder.grading.one import Grader, rejected, verify_reference
from autograder.grading.tasks import TRIES, Answer, Settings, Task, report_path
from autograder.report import Report, ReportStatus, TestStatus
from autograder.sandbox import backends
from autograder.sandbox.inside import confine
from autograder.suite.plugin import Suite, run_session
from autograder.suite.seeds import course_secret


class Lane:
    """Grades tasks inside a collected suite."""

    def __init__(self, suite: Suite, settings: Settings) -> None:
        self.suite = suite
        self.settings = settings
        self.suite_id = suite_hash(suite.assignment)
        self.backends = backends.of_assignment(suite.assignment, settings.containers, settings.gpu)
        self.graders = [Grader(suite, backend, self.suite_id) for backend in self.backends]
        self.grader = self.graders[0]

    def grade(self, task: Task) -> Answer:
        """Grade one submission and write its report, unless a finished one is there."""
        place = report_path(Path(self.settings.out), task.student)
        try:
            with timing.part("intake"):
                submission = intake.read(Path(task.path), self.suite.assignment, task.student)
        except Rejected as why:
            report = rejected(self.suite.assignment, self.suite_id, task.student, "", why)
            _write(place, report, None)
            return Answer(task.student)
        before = None if self.settings.force else _earlier(place)
        if before is not None and self._is_finished(before, submission):
            _write(place, None, submission)  # the answers to questions may be new
            return Answer(task.student, kept=True)
        try:
            report = self._report(submission, before, apart=task.quiet)
        except SandboxError as error:
            lost = isinstance(error, NoEngine)
            return Answer(task.student, failed=str(error), no_engine=lost)
        if timed_out(report) and not task.quiet:
            return Answer(task.student, timed_out=True)
        _write(place, report, submission)
        return Answer(task.student)

    def _report(
        self, submission: intake.Submission, before: Report | None, *, apart: bool
    ) -> Report:
        """The report; a sandbox that fails is replaced and given another chance.

        Where a GPU fails and that is allowed, the last grader is on the CPU.
        """
        failed: SandboxError | None = None
        for grader in self.graders:
            for _ in range(TRIES):
                try:
                    return grader.grade(submission, before, apart=apart)
                except SandboxError as error:
                    grader.backend.renew()
                    failed = error
        assert failed is not None
        raise failed

    def _is_finished(self, report: Report, submission: intake.Submission) -> bool:
        """Whether grading again would give the same report."""
        if report.suite != self.suite_id or not self.grader.runs_as(report.sandbox):
            return False
        keys = {each.name: each.key for each in report.exercises}
        same = report.submission.sha256 == submission.sha256 and keys == self.grader.keys
        return same and report.status is ReportStatus.GRADED


@timing.counted("report")
def _write(place: Path, report: Report | None, submission: intake.Submission | None) -> None:
    """Write what is kept of a submission, nothing if it was refused, and then a new report."""
    kept = place.with_name(handed_in.NAME)
    if submission is None:
        kept.unlink(missing_ok=True)
    else:
        write_whole(kept, handed_in.packed(handed_in.of(submission)))
    if report is not None:
        write_whole(place, report.dump())


def timed_out(report: Report) -> bool:
    """Whether something took too long, which may be the fault of a busy machine."""
    return any(test.status is TestStatus.TIMEOUT for e in report.exercises for test in e.tests)


def _earlier(place: Path) -> Report | None:
    try:
        return Report.load(place.read_bytes())
    except (FileNotFoundError, StaffError):
        return None


def main() -> None:
    """Serve the tasks on stdin until it ends."""
    confine.die_with_parent()
    answers = _take_stdout()
    settings = Settings.read(sys.stdin.readline())

    def say(answer: Answer) -> None:
        print(json.dumps(asdict(answer)), file=answers, flush=True)

    try:
        course = _load(settings)
        run_session(course, course_secret(course.root), lambda suite: _serve(suite, settings, say))
    except AutograderError as error:
        say(Answer(staff_error=str(error)))


def _serve(suite: Suite, settings: Settings, say: Callable[[Answer], None]) -> None:
    """Grade what is asked for, once the suite has accepted its own reference."""
    verify_reference(suite)
    lane = Lane(suite, settings)
    gc.freeze()  # what every submission is judged by stays, and need not be looked through
    gc.set_threshold(20_000)  # syntax trees have many parts and no cycles
    if settings.containers:
        seal(settings.out)
    if settings.profile:
        timing.start()
    say(Answer(seconds=timing.taken()))
    try:
        for task in _tasks(sys.stdin):
            say(replace(lane.grade(task), seconds=timing.taken()))
    finally:
        for backend in lane.backends:
            backend.shutdown()


def seal(out: str) -> None:
    """From here on this process can write reports and nothing else, and open no socket.

    It is about to parse what student code sends. Should that ever take it over, it still has no way
    to the Docker engine, which would be as good as being root. The process sandbox needs to start
    keepers later on, and has no engine to be kept from.
    """
    try:
        Path(out).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StaffError(f"reports cannot be put there: {error.strerror}", where=out) from error
    confine.forbid_new_privileges()
    confine.restrict_files(["/"], [out, "/dev/null"])
    confine.filter_calls()


def _load(settings: Settings) -> Assignment:
    return assignments.load(settings.slug, Path(settings.root))


def _tasks(lines: TextIO) -> Iterator[Task]:
    for line in lines:
        yield Task(**json.loads(line))


def _take_stdout() -> TextIO:
    """Keep stdout for answers alone; whatever else is printed goes to stderr."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers
