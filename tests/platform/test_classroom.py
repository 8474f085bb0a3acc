"""A class in lanes: everybody gets a report, whatever is handed in and whoever is killed."""

import io
import json
import os
import random
import signal
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from autograder import assignment as assignments
from autograder.assignment import Assignment
from autograder.errors import StaffError
from autograder.grading import Settings, classroom, grade_class
from autograder.grading.classroom import Outcome
from autograder.report import Report
from autograder.sandbox.processes import living
from autograder.sandbox.walls import Walls, strongest_walls
from autograder.submission import Entry, discover

HandIn = Callable[..., Path]
REPO = Path(__file__).parents[2]
GOOD = {"basics.py": "def double(x): return 2 * x\n", "losses.py": None}
LOOP = {"basics.py": "def double(x):\n    while True: pass\n", "losses.py": None}


@pytest.fixture
def course(mini_course: Assignment) -> Assignment:
    """The miniature course with short limits."""
    text = mini_course.toml.read_text().replace("call_s = 2", "call_s = 0.7")
    mini_course.toml.write_text(text)
    return assignments.load("mini", mini_course.root)


def settings(course: Assignment, out: Path, *, force: bool = False) -> Settings:
    """Return what the lanes are told."""
    return Settings("mini", str(course.root), str(out), force)


def grade(course: Assignment, entries: list[Entry], out: Path, jobs: int = 2) -> Outcome:
    """Grade a class."""
    return grade_class(course, entries, settings(course, out), jobs)


def files_of(out: Path) -> dict[str, str]:
    """Return every file by name, times left out."""
    texts = {str(path.relative_to(out)): path.read_text() for path in out.rglob("*.json")}
    return {name: "\n".join(line for line in text.splitlines() if 'seconds"' not in line)
            for name, text in texts.items()}  # fmt: skip


def below(root: int) -> set[int]:
    """Return the living processes below one."""
    parents = {process.pid: process.parent for process in living()}
    found = {root}
    for _ in parents:
        found |= {pid for pid, parent in parents.items() if parent in found}
    return found - {root}


def test_order_and_number_of_lanes_do_not_matter(
    course: Assignment, hand_in: HandIn, tmp_path: Path
) -> None:
    """Graded twice, in another order and in one lane: the same bytes but for the times."""
    hand_in("ann", GOOD)
    hand_in("bob", {"basics.py": "def double(x): return x * x\n"})
    hand_in("cyd", {"basics.py": "import os\ndef double(x): os.abort()\n"})
    entries = discover(tmp_path / "class", course)
    grade(course, entries, tmp_path / "a")
    grade(course, entries[::-1], tmp_path / "b", jobs=1)
    first, second = files_of(tmp_path / "a"), files_of(tmp_path / "b")
    assert first.pop("class.json") != second.pop("class.json")  # it keeps the entries' order
    assert sorted(first) == ["ann/report.json", "bob/report.json", "cyd/report.json"]
    assert first == second


def test_the_class_at_a_glance(course: Assignment, hand_in: HandIn, tmp_path: Path) -> None:
    """class.json has everybody's scores in the order of the entries; progress hears each."""
    hand_in("bob", GOOD)
    hand_in("ann")
    heard = []

    def progress(report: Report, kept: bool) -> None:
        heard.append((report.submission.student, kept))

    entries = discover(tmp_path / "class", course)
    grade_class(course, entries, settings(course, tmp_path / "out"), 2, progress)
    told = json.loads((tmp_path / "out" / "class.json").read_text())
    assert [(s["student"], s["score"]) for s in told["students"]] == [("ann", 100), ("bob", 40)]
    assert told["students"][1]["exercises"] == {"double": 40, "softmax_loss": 0}
    assert sorted(heard) == [("ann", False), ("bob", False)]


def make_garbage(folder: Path) -> None:
    """Fill a class with what is no submission."""
    folder.mkdir()
    (folder / "empty.zip").write_bytes(b"PK\5\6" + bytes(18))
    (folder / "text.zip").write_text("not a zip")
    with zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("basics.py", bytes(100_000_000))
    with zipfile.ZipFile(folder / "slip.zip", "w") as slip:
        slip.writestr("../../basics.py", "x = 1")
    with tarfile.open(folder / "link.tar", "w") as archive:
        link = tarfile.TarInfo("basics.py")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        deep = tarfile.TarInfo("d/" * 50 + "basics.py")
        archive.addfile(deep, io.BytesIO())
    make_odd_files(folder)


def make_odd_files(folder: Path) -> None:
    """Fill a class with files and folders that are odd in themselves."""
    (folder / "passwd").symlink_to("/etc/passwd")
    (folder / "nowhere").symlink_to("/no/such/place")
    (folder / "loop").symlink_to("loop")
    (folder / "binary.py").write_bytes(bytes(range(256)))
    (folder / "folder" / "basics.py").mkdir(parents=True)
    (folder / "latin" / "inner").mkdir(parents=True)
    (folder / "latin" / "basics.py").write_bytes(b"x = '\xe9'")
    (folder / "deep").mkdir()
    (folder / "deep" / "basics.py").write_text("(" * 100_000)
    (folder / "nul").mkdir()
    (folder / "nul" / "basics.py").write_bytes(b"def double(x):\0 return 2 * x")
    (folder / "nothing").mkdir()
    (folder / "notebook.ipynb").write_text('{"cells": [[[')
    (folder / "huge.py").write_bytes(b"#" * 6_000_000)
    os.mkfifo(folder / "fifo")


def test_garbage_gets_reports_and_harms_nobody(
    course: Assignment, hand_in: HandIn, tmp_path: Path
) -> None:
    """Each entry ends with a report and a reason, and those beside it with their points."""
    make_garbage(tmp_path / "class")
    hand_in("ann")
    entries = discover(tmp_path / "class", course)
    outcome = grade(course, entries, tmp_path / "out")
    assert len(outcome.reports) == len(list((tmp_path / "class").iterdir()))
    by_name = {report.submission.student: report for report in outcome.reports}
    assert by_name.pop("ann").score == 100
    for name, report in by_name.items():
        assert report.status in ("graded", "rejected"), name
        assert report.score == 0, name
        assert report.message or any(each.message for each in report.exercises), name


def test_a_rerun_keeps_what_is_finished(
    course: Assignment, hand_in: HandIn, tmp_path: Path
) -> None:
    """Finished reports are kept, bytes and all; only the rest is graded."""
    hand_in("ann", GOOD)
    hand_in("bob", GOOD)
    entries = discover(tmp_path / "class", course)
    assert grade(course, entries, tmp_path / "out").kept == 0
    ann = tmp_path / "out" / "ann" / "report.json"
    before = ann.stat().st_mtime_ns
    (tmp_path / "out" / "bob" / "report.json").unlink()
    outcome = grade(course, entries, tmp_path / "out")
    assert outcome.kept == 1
    assert ann.stat().st_mtime_ns == before
    assert [report.score for report in outcome.reports] == [40, 40]


def kill_a_lane() -> None:
    """Kill one of this process's children."""
    lanes = [process.pid for process in living() if process.parent == os.getpid()]
    os.kill(random.choice(lanes), signal.SIGKILL)


@pytest.mark.parametrize("after", [0.1, 0.9], ids=["starting", "grading"])
def test_a_killed_lane_is_replaced(
    course: Assignment, hand_in: HandIn, tmp_path: Path, after: float
) -> None:
    """SIGKILL of a lane costs nobody a report, and leaves no process behind."""
    for number in range(6):
        hand_in(f"s{number}", GOOD)
    hand_in("loop", LOOP)
    killer = threading.Timer(after, kill_a_lane)
    before = below(os.getpid())
    killer.start()
    outcome = grade(course, discover(tmp_path / "class", course), tmp_path / "out")
    killer.join()
    assert [report.status for report in outcome.reports] == ["graded"] * 7
    assert [report.score for report in outcome.reports] == [0] + [40] * 6
    assert below(os.getpid()) == before


def test_a_lane_that_is_lost_twice_is_an_error(
    course: Assignment, hand_in: HandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing helps, the student has no score, and a later run tries again."""
    hand_in("ann", GOOD)
    entries = discover(tmp_path / "class", course)
    monkeypatch.setattr(classroom._Lane, "ask", lambda *_: None)
    (report,) = grade(course, entries, tmp_path / "out").reports
    assert (report.status, report.score) == ("error", None)
    assert "no fault of the student" in report.message
    monkeypatch.undo()
    (report,) = grade(course, entries, tmp_path / "out").reports
    assert (report.status, report.score) == ("graded", 40)


def test_a_silent_lane_counts_as_lost(
    course: Assignment, hand_in: HandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lane that hangs is ended after its time."""
    hand_in("ann", GOOD)
    monkeypatch.setattr(classroom, "START_S", 30.0)
    monkeypatch.setattr(classroom, "SPARE_S", -19.95)
    (report,) = grade(course, discover(tmp_path / "class", course), tmp_path / "out").reports
    assert report.status in ("error", "graded")  # a machine may be faster than a twentieth


def test_a_bad_suite_stops_the_class(course: Assignment, hand_in: HandIn, tmp_path: Path) -> None:
    """The staff's fault is raised, no report is written, and nothing runs on."""
    (course.hidden / "test_basics.py").write_text("import nothing_here")
    hand_in("ann")
    before = below(os.getpid())
    with pytest.raises(StaffError, match="nothing_here"):
        grade(course, discover(tmp_path / "class", course), tmp_path / "out")
    assert not list(tmp_path.glob("out/*/report.json"))
    assert below(os.getpid()) == before


SLOW = {
    "basics.py": "import time\ndef double(x):\n    time.sleep(0.2)\n    return 2 * x\n",
    "losses.py": None,
}


def freeze_once(stop: threading.Event, seconds: float) -> None:
    """Stop the first exercise that is seen, with its sandbox, for so long."""
    depth = 3 if strongest_walls() is Walls.NONE else 4  # lane, keeper's walls, keeper, submission
    while not stop.is_set():
        parents = {process.pid: process.parent for process in living()}
        lines = [list(ancestors(pid, parents)) for pid in parents]
        deep = [line for line in lines if os.getpid() in line[depth + 1 :]]
        if deep:
            for pid in deep[0][:depth]:
                os.kill(pid, signal.SIGSTOP)
            stop.wait(seconds)
            for pid in deep[0][:depth]:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
            return


def ancestors(pid: int, parents: dict[int, int]) -> Iterator[int]:
    """The process, its parent, and so on."""
    while pid in parents:
        yield pid
        pid = parents[pid]


def test_a_machine_that_stands_still_is_not_the_students_fault(
    course: Assignment, hand_in: HandIn, tmp_path: Path
) -> None:
    """What takes too long is run again with nothing beside it, before it is a verdict."""
    hand_in("ann", SLOW)
    hand_in("bob", LOOP)
    heard, stop = [], threading.Event()
    entries = discover(tmp_path / "class", course)
    freezer = threading.Thread(target=freeze_once, args=(stop, 3.0))
    freezer.start()
    try:
        outcome = grade_class(
            course, entries, settings(course, tmp_path / "out"), 1,
            lambda report, _: heard.append(report.submission.student),
        )  # fmt: skip
    finally:
        stop.set()
        freezer.join()
    assert [report.score for report in outcome.reports] == [40, 0]
    assert outcome.reports[1].exercises[0].status == "timeout"
    assert sorted(heard) == ["ann", "bob"]


GRADE = "import sys; from autograder.cli import main; sys.exit(main(sys.argv[1:]))"


def start_grading(course: Assignment, folder: Path, out: Path, tmp: Path) -> Any:
    """Start the command in a process of its own."""
    environment = os.environ | {"PYTHONPATH": str(REPO), "TMPDIR": str(tmp)}
    command = [sys.executable, "-c", GRADE, "grade", "mini", str(folder), "--out", str(out)]
    command += ["--sandbox", "process"]  # a rerun elsewhere would grade anew
    return subprocess.Popen([*command, "--jobs", "2"], env=environment, cwd=course.root,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # fmt: skip


@pytest.mark.parametrize("everything", [False, True], ids=["command", "command and below"])
def test_a_killed_command_loses_nothing(
    course: Assignment, hand_in: HandIn, tmp_path: Path, everything: bool
) -> None:
    """After SIGKILL finished reports are whole, nothing runs on, and a rerun goes on from there."""
    for number in range(6):
        hand_in(f"s{number}", GOOD)
    hand_in("t-loop", LOOP)
    out, temporary = tmp_path / "out", tmp_path / "tmp"
    temporary.mkdir()
    command = start_grading(course, tmp_path / "class", out, temporary)
    wait_until(lambda: len(list(out.glob("*/report.json"))) >= 2, 30)
    ours = below(command.pid)
    for pid in [command.pid, *(ours if everything else ())]:
        with suppress(ProcessLookupError):  # the first one's end may have ended others
            os.kill(pid, signal.SIGKILL)
    command.communicate()
    wait_until(lambda: not ours & {process.pid for process in living()}, 5)
    finished = {path: path.read_bytes() for path in out.glob("*/report.json")}
    assert all(Report.load(text).status == "graded" for text in finished.values())
    outcome = grade(course, discover(tmp_path / "class", course), out)
    assert outcome.kept == len(finished) >= 2
    assert {path: path.read_bytes() for path in finished} == finished
    assert [report.score for report in outcome.reports] == [40] * 6 + [0]
    if not everything:
        wait_until(lambda: list(temporary.iterdir()) == [], 5)


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    """Wait for something that must come."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


LIGHT = """
import sys
import autograder.cli, autograder.grading, autograder.sandbox.gpu.choice
print({"numpy", "pytest"} & {*sys.modules})
"""


def test_the_command_that_starts_lanes_is_light() -> None:
    """What only lanes need is not imported before they start."""
    said = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "set()"
