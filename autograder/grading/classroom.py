"""A class in parallel lanes: every entry ends with a report, whatever any of them is."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from autograder.assignment import Assignment
from autograder.errors import NoEngine, SandboxError, StaffError
from autograder.grading.lane import TRIES, Answer, Settings, Task, report_path, write_whole
from autograder.report import Report, ReportStatus, SubmissionInfo
from autograder.sandbox.keeper import THREADS
from autograder.submission import Entry
from autograder.suite.plugin import suite_hash

START_S = 120.0
# Beyond the submission's own limit, before a silent lane counts as lost: for sandboxes to start.
SPARE_S = 240.0
CLOSING_S = 60.0

Progress = Callable[[Report, bool], None]


@dataclass(frozen=True)
class Outcome:
    """What became of a class: the reports in the order of the entries, and how many were kept."""

    reports: tuple[Report, ...]
    kept: int


def grade_class(
    assignment: Assignment,
    entries: Sequence[Entry],
    settings: Settings,
    jobs: int,
    progress: Progress | None = None,
) -> Outcome:
    """Grade every entry; `progress` is told each report, and whether it was kept from before."""
    kept = 0
    lanes = Lanes(assignment, settings)
    reports: dict[str, Report] = {}
    # Lanes end before the threads: the kernel ends a lane when the thread that started it does.
    with ThreadPoolExecutor(max(1, min(jobs, len(entries)))) as pool, lanes:
        try:
            for report, was_kept in _as_completed(pool, lanes, entries):
                reports[report.submission.student] = report
                kept += was_kept
                if progress is not None:
                    progress(report, was_kept)
        except BaseException:
            lanes.stop()
            pool.shutdown(cancel_futures=True)
            raise
    outcome = Outcome(tuple(reports[entry.student] for entry in entries), kept)
    write_whole(Path(settings.out) / "class.json", class_json(assignment, outcome.reports))
    return outcome


def _as_completed(
    pool: ThreadPoolExecutor, lanes: Lanes, entries: Sequence[Entry]
) -> Iterator[tuple[Report, bool]]:
    done: queue.SimpleQueue[tuple[Report, bool] | BaseException] = queue.SimpleQueue()

    def work(entry: Entry) -> None:
        try:
            done.put(lanes.grade(entry))
        except BaseException as error:  # noqa: BLE001 - handed over to the thread that waits
            done.put(error)

    for entry in entries:
        pool.submit(work, entry)
    for _ in entries:
        result = done.get()
        if isinstance(result, BaseException):
            raise result
        yield result


class Lanes:
    """Lane processes, one to a thread; a lost one is replaced."""

    def __init__(self, assignment: Assignment, settings: Settings) -> None:
        self._assignment = assignment
        self._settings = settings
        self._own = threading.local()
        self._all: list[_Lane] = []
        self._stopped = False

    def __enter__(self) -> Lanes:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let all lanes finish, and end them."""
        for lane in self._all:
            lane.close()

    def stop(self) -> None:
        """Start nothing more, and end what runs."""
        self._stopped = True
        for lane in self._all:
            lane.kill()

    def grade(self, entry: Entry) -> tuple[Report, bool]:
        """The entry's report, and whether it was kept; a lane that is lost is no verdict."""
        reason = ""
        for _ in range(TRIES):
            lane = self._lane()
            answer = lane.ask(Task(entry.student, str(entry.path)))
            if answer is None:
                reason = "the grading process was lost"
                self._own.lane = None
            elif answer.no_engine:
                raise NoEngine(f"{answer.failed}; finished reports are kept, so run it again then")
            elif answer.failed:
                reason = answer.failed
                self._own.lane = None  # its sandbox may be beyond repair from within
                lane.close()
            else:
                path = report_path(Path(self._settings.out), entry.student)
                return Report.load(path.read_bytes()), answer.kept
        report = self._error(entry, reason)
        write_whole(report_path(Path(self._settings.out), entry.student), report.dump())
        return report, False

    def _lane(self) -> _Lane:
        if getattr(self._own, "lane", None) is None:
            self._own.lane = self._new_lane()
        lane: _Lane = self._own.lane
        return lane

    def _new_lane(self) -> _Lane:
        for _ in range(TRIES):
            if self._stopped:
                raise KeyboardInterrupt
            lane = _Lane(self._settings, self._assignment.limits.submission_s + SPARE_S)
            self._all.append(lane)
            if lane.is_ready():
                return lane
        raise SandboxError("grading processes do not start; what they said stands above")

    def _error(self, entry: Entry, reason: str) -> Report:
        return Report(
            assignment=self._assignment.slug,
            suite=suite_hash(self._assignment),
            submission=SubmissionInfo(student=entry.student, sha256=""),
            status=ReportStatus.ERROR,
            score=None,
            max_score=self._assignment.max_score,
            message=f"not graded, through no fault of the student: {reason}",
        )


class _Lane:
    """The near end of one lane process."""

    def __init__(self, settings: Settings, limit_s: float) -> None:
        self._limit_s = limit_s
        # -P: the folder where the command was given may hold a student's `numpy.py`.
        command = [sys.executable, "-P", "-c", "from autograder.grading.lane import main; main()"]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, **dict.fromkeys(THREADS, "1")},  # the other cores have lanes, too
        )
        self._say(json.dumps(asdict(settings)))

    def is_ready(self) -> bool:
        """Wait until the suite is collected and has accepted its reference; False if it is lost."""
        answer = self._hear(START_S)
        if answer is None:
            self.kill()
            return False
        if answer.staff_error:
            raise StaffError(answer.staff_error)
        return True

    def ask(self, task: Task) -> Answer | None:
        """The answer to one task; None where the lane is lost."""
        self._say(json.dumps(asdict(task)))
        answer = self._hear(self._limit_s)
        if answer is None:
            self.kill()
        elif answer.staff_error:
            raise StaffError(answer.staff_error)
        return answer

    def close(self) -> None:
        """Let it finish and wait for it."""
        self._say(None)
        try:
            self._process.wait(CLOSING_S)
        except subprocess.TimeoutExpired:
            self.kill()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def kill(self) -> None:
        """End it now."""
        self._process.kill()
        self._process.wait()

    def _say(self, line: str | None) -> None:
        assert self._process.stdin is not None
        try:
            if line is None:
                self._process.stdin.close()
            else:
                self._process.stdin.write(line + "\n")
                self._process.stdin.flush()
        except OSError:
            pass  # it is gone, which the next `_hear` finds

    def _hear(self, seconds: float) -> Answer | None:
        assert self._process.stdout is not None
        with _deadline(seconds, self._process.kill):
            line = self._process.stdout.readline()
        return Answer(**json.loads(line)) if line.endswith("\n") else None


@contextmanager
def _deadline(seconds: float, too_late: Callable[[], None]) -> Iterator[None]:
    timer = threading.Timer(seconds, too_late)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def class_json(assignment: Assignment, reports: Sequence[Report]) -> str:
    """The class at a glance, in the order of the entries; documented in docs/reports.md."""
    students = [
        {
            "student": report.submission.student,
            "status": report.status,
            "score": report.score,
            "exercises": {each.name: each.score for each in report.exercises},
        }
        for report in reports
    ]
    summary = {
        "version": 1,
        "assignment": assignment.slug,
        "max_score": assignment.max_score,
        "suite": suite_hash(assignment),
        "students": students,
    }
    return json.dumps(summary, indent=2, ensure_ascii=False) + "\n"
