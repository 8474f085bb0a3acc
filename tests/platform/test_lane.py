"""One lane: a process that is told submissions line by line and leaves whole reports."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from autograder.assignment import Assignment
from autograder.errors import SandboxError
from autograder.files import write_whole
from autograder.grading.lane import Lane
from autograder.grading.tasks import Settings, Task, report_path
from autograder.report import Report
from autograder.sandbox.process import ProcessBackend
from autograder.suite.plugin import Suite, run_session

HandIn = Callable[..., Path]
COMMAND = [sys.executable, "-c", "from autograder.grading.lane import main; main()"]


@pytest.fixture
def settings(mini_course: Assignment, tmp_path: Path) -> Settings:
    """Where a lane of the miniature course writes."""
    return Settings("mini", str(mini_course.root), str(tmp_path / "out"))


class Far:
    """A lane's process and the two ends of its talk."""

    def __init__(self, settings: Settings) -> None:
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        self.process = subprocess.Popen(COMMAND, text=True, env=environment, **pipes)
        self.say(asdict(settings))

    def say(self, what: dict[str, Any]) -> None:
        """Tell it one line."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        """Return its next line."""
        assert self.process.stdout is not None
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def end(self) -> int:
        """Hang up and wait; return the exit status."""
        self.process.communicate(timeout=20)
        return self.process.returncode


@pytest.fixture
def far(settings: Settings) -> Iterator[Far]:
    """A running lane."""
    lane = Far(settings)
    yield lane
    lane.process.kill()
    lane.process.communicate()


def test_a_lane_answers_each_task_with_a_report(
    far: Far, settings: Settings, hand_in: HandIn
) -> None:
    """Ready, graded, kept; then it leaves when it is hung up on."""
    task = asdict(Task("ann", str(hand_in("ann"))))
    far.say(task)
    far.say(task)
    heard = [far.hear() for _ in range(3)]
    assert heard[0]["staff_error"] == ""
    assert [answer["kept"] for answer in heard[1:]] == [False, True]
    report = Report.load(report_path(Path(settings.out), "ann").read_bytes())
    assert (report.score, report.submission.student) == (100, "ann")
    assert far.end() == 0


def test_prints_of_a_suite_do_not_disturb(
    settings: Settings, mini_course: Assignment, hand_in: HandIn
) -> None:
    """A hidden test that prints is heard on stderr, not among the answers."""
    path = mini_course.hidden / "test_basics.py"
    path.write_text(path.read_text() + '\nprint(\'{"not": "an answer"}\', flush=True)\n')
    lane = Far(settings)
    lane.say(asdict(Task("ann", str(hand_in("ann")))))
    assert [lane.hear()["student"] for _ in range(2)] == ["", "ann"]
    assert "not" in lane.process.communicate(timeout=20)[1]


def test_a_bad_course_is_said_at_once(settings: Settings, mini_course: Assignment) -> None:
    """The first answer carries the staff's fault, and the lane ends."""
    (mini_course.hidden / "test_basics.py").write_text("import nothing_here")
    lane = Far(settings)
    assert "nothing_here" in lane.hear()["staff_error"]
    assert lane.end() == 0


def test_a_lane_dies_with_the_command(settings: Settings) -> None:
    """SIGKILL of the process that started it ends the lane, also while it is idle."""
    program = (
        "import subprocess, sys, time\n"
        f"lane = subprocess.Popen({COMMAND!r}, stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        f"lane.stdin.write({json.dumps(asdict(settings)).encode()!r} + b'\\n')\n"
        "lane.stdin.flush()\n"
        "lane.stdout.readline(); print(lane.pid, flush=True); time.sleep(60)\n"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    command = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, env=environment)  # fmt: skip
    assert command.stdout is not None
    lane = int(command.stdout.readline())
    command.send_signal(signal.SIGKILL)
    command.communicate()
    deadline = time.monotonic() + 5
    while Path(f"/proc/{lane}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def in_lane(course: Assignment, settings: Settings, use: Callable[[Lane], None]) -> None:
    """Use a lane inside this process."""

    def drive(suite: Suite) -> None:
        lane = Lane(suite, settings)
        try:
            use(lane)
        finally:
            lane.grader.backend.shutdown()

    run_session(course, b"secret", drive)


def test_only_the_same_work_is_kept(
    mini_course: Assignment, settings: Settings, hand_in: HandIn
) -> None:
    """Another submission, another suite, a torn report or --force is graded anew."""
    folder = hand_in("ann")
    task = Task("ann", str(folder))
    place = report_path(Path(settings.out), "ann")
    kept = []

    def use(lane: Lane) -> None:
        kept.append([lane.grade(task).kept for _ in range(2)])
        (folder / "basics.py").write_text("def double(x): return x\n")
        kept.append([lane.grade(task).kept for _ in range(2)])
        place.write_text(place.read_text()[:-40])
        kept.append([lane.grade(task).kept for _ in range(2)])
        lane.suite_id = lane.grader.suite_id = "sha256:other"
        kept.append([lane.grade(task).kept for _ in range(2)])

    in_lane(mini_course, settings, use)
    assert kept == [[False, True]] * 4
    assert Report.load(place.read_bytes()).score == 80


def test_force_grades_anew(mini_course: Assignment, settings: Settings, hand_in: HandIn) -> None:
    """A finished report is no reason to stop."""
    forced = Settings(settings.slug, settings.root, settings.out, force=True)
    task = Task("ann", str(hand_in("ann")))
    kept = []
    in_lane(mini_course, forced, lambda lane: kept.extend(lane.grade(task).kept for _ in range(2)))
    assert kept == [False, False]


def test_a_failing_sandbox_is_tried_twice(
    mini_course: Assignment, settings: Settings, hand_in: HandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first failure is made good; two are told, and leave no report."""
    failures = ["once"]
    opened = ProcessBackend.open

    def flaky(self: ProcessBackend, *arguments: Any) -> Any:
        if failures:
            raise SandboxError(failures.pop())
        return opened(self, *arguments)

    monkeypatch.setattr(ProcessBackend, "open", flaky)
    answers = []

    def use(lane: Lane) -> None:
        answers.append(lane.grade(Task("ann", str(hand_in("ann")))))
        failures.extend(["b", "a"])
        answers.append(lane.grade(Task("bob", str(hand_in("bob")))))

    in_lane(mini_course, settings, use)
    assert [answer.failed for answer in answers] == ["", "b"]
    assert report_path(Path(settings.out), "ann").exists()
    assert not report_path(Path(settings.out), "bob").exists()


def test_what_intake_refuses_is_a_report(
    mini_course: Assignment, settings: Settings, tmp_path: Path
) -> None:
    """A rejection is written like any other verdict."""
    (tmp_path / "ann.zip").write_bytes(b"PK no zip")
    task = Task("ann", str(tmp_path / "ann.zip"))
    in_lane(mini_course, settings, lambda lane: lane.grade(task) and None)
    report = Report.load(report_path(Path(settings.out), "ann").read_bytes())
    assert (report.status, report.score) == ("rejected", 0)
    assert report.message


def test_a_report_is_there_as_a_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write that is interrupted leaves the old report, and no other name to mistake for one."""
    place = tmp_path / "ann" / "report.json"
    write_whole(place, "old")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole(place, "new")
    assert place.read_text() == "old"
    assert [path.name for path in place.parent.glob("*.json")] == ["report.json"]
