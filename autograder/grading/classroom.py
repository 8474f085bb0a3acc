"""A class in parallel lanes: every entry ends with a report, whatever any of them is."""

from __future__ import annotations

import json
import os
import queue
import select
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from autograder.assignment import Assignment, suite_hash
from autograder.errors import NoEngine, SandboxError, StaffError
from autograder.files import write_whole
from autograder.grading.tasks import TRIES, Answer, Settings, Task, report_path
from autograder.report import Report, ReportStatus, SubmissionInfo
from autograder.sandbox.environment import THREADS
from autograder.submission import Entry

START_S = 120.0
# Beyond the submission's own limit, before a silent lane counts as lost: for sandboxes to start.
SPARE_S = 240.0
CLOSING_S = 60.0
PIECE = 64 * 1024

Progress = Callable[[Report, bool], None]


@dataclass(frozen=True)
class Outcome:
    """What became of a class: the reports in the order of the entries, and how many were kept.

    `seconds` are those of all lanes by part (`timing.PARTS`), where the settings ask for them.
    """

    reports: tuple[Report, ...]
    kept: int
    seconds: Mapping[str, float]


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
    in_order = tuple(reports[entry.student] for entry in entries)
    write_whole(Path(settings.out) / "class.json", class_json(assignment, in_order))
    return Outcome(in_order, kept, lanes.seconds)


def _as_completed(
    pool: ThreadPoolExecutor, lanes: Lanes, entries: Sequence[Entry]
) -> Iterator[tuple[Report, bool]]:
    """What is known, as it comes; last, one by one, what took too long beside the others."""
    done: queue.SimpleQueue[tuple[Report, bool] | Entry | BaseException] = queue.SimpleQueue()

    def work(entry: Entry) -> None:
        try:
            done.put(lanes.attempt(entry) or entry)
        except BaseException as error:  # noqa: BLE001 - handed over to the thread that waits
            done.put(error)

    for entry in entries:
        pool.submit(work, entry)
    too_long: list[Entry] = []
    for _ in entries:
        result = done.get()
        if isinstance(result, BaseException):
            raise result
        if isinstance(result, Entry):
            too_long.append(result)
        else:
            yield result
    for entry in too_long:
        if confirmed := pool.submit(lanes.attempt, entry, quiet=True).result():
            yield confirmed


class Lanes:
    """Lane processes, one to a thread; a lost one is replaced."""

    def __init__(self, assignment: Assignment, settings: Settings) -> None:
        self._assignment = assignment
        self._settings = settings
        self._own = threading.local()
        self._all: list[_Lane] = []
        self._stopped = False
        self._lock = threading.Lock()
        self.seconds: defaultdict[str, float] = defaultdict(float)  # of all lanes, by part

    def __enter__(self) -> Lanes:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let all lanes finish, and end them."""
        for lane in self._all:
            lane.hang_up()
        for lane in self._all:
            lane.close()

    def stop(self) -> None:
        """Start nothing more, and end what runs."""
        self._stopped = True
        for lane in self._all:
            lane.kill()

    def grade(self, entry: Entry) -> tuple[Report, bool]:
        """The report on an entry that nothing is graded beside, and whether it was kept."""
        done = self.attempt(entry) or self.attempt(entry, quiet=True)
        assert done is not None, "a quiet run has an outcome"
        return done

    def attempt(self, entry: Entry, *, quiet: bool = False) -> tuple[Report, bool] | None:
        """The same; a lane that is lost is no verdict.

        None where it took too long and this was not a quiet run, with nothing graded beside it.
        """
        reason = ""
        for _ in range(TRIES):
            lane = self._lane()
            answer = lane.ask(Task(entry.student, str(entry.path), quiet))
            self._count(answer)
            if answer is None:
                reason = "the grading process was lost"
                self._own.lane = None
            elif answer.timed_out:
                return None
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
            if ready := lane.ready():
                self._count(ready)
                return lane
        raise SandboxError("grading processes do not start; what they said stands above")

    def _count(self, answer: Answer | None) -> None:
        with self._lock:
            for part, taken in (answer.seconds if answer else {}).items():
                self.seconds[part] += taken

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
            bufsize=0,
            env={**os.environ, **dict.fromkeys(THREADS, "1")},  # the other cores have lanes, too
        )
        self._say(json.dumps(asdict(settings)))

    def ready(self) -> Answer | None:
        """Its first word: the suite is collected and has accepted its reference; None if lost."""
        return self._sound(self._hear(START_S))

    def ask(self, task: Task) -> Answer | None:
        """The answer to one task; None where the lane is lost."""
        self._say(json.dumps(asdict(task)))
        return self._sound(self._hear(self._limit_s))

    def _sound(self, answer: Answer | None) -> Answer | None:
        if answer is None:
            self.kill()
        elif answer.staff_error:
            raise StaffError(answer.staff_error)
        return answer

    def hang_up(self) -> None:
        """Let it finish: it is asked no more."""
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()

    def close(self) -> None:
        """Let it finish and wait for it."""
        self.hang_up()
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

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        with suppress(OSError):  # it is gone, which the next `_hear` finds
            self._process.stdin.write(f"{line}\n".encode())

    def _hear(self, seconds: float) -> Answer | None:
        """The next line, which comes alone; None where it does not come in time or whole."""
        assert self._process.stdout is not None
        poll = select.poll()
        poll.register(self._process.stdout, select.POLLIN)
        said, until = b"", time.monotonic() + seconds
        while not said.endswith(b"\n"):
            in_time = poll.poll(1000 * max(0.0, until - time.monotonic()))
            piece = self._process.stdout.read(PIECE) if in_time else b""
            if not piece:
                return None
            said += piece
        return Answer(**json.loads(said))


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
