"""A class in containers: bombs beside honest work, a killed grader, an engine that stops."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import BinaryIO

import docker
import pytest

from autograder import assignment as assignments
from autograder.assignment import Assignment
from autograder.errors import NoEngine
from autograder.grading import Settings, grade_class
from autograder.report import Report
from autograder.sandbox.container.broker import RUN_LABEL, sweep
from autograder.sandbox.container.engine import connect
from autograder.sandbox.container.plan import Plan
from autograder.sandbox.images.profiles import profile_of
from autograder.sandbox.processes import living
from autograder.submission import Entry, discover

pytestmark = pytest.mark.alone

HandIn = Callable[..., Path]
BOMBS = {
    "fork_bomb": """
import os
def double(x):
    while True:
        try: os.fork()
        except OSError: pass
""",
    "memory_hog": """
import os
def double(x):
    for _ in range(8):
        if os.fork() == 0: break
    hoard = []
    while True: hoard.append(bytearray(b"x") * 10**7)
""",
    "disk_filler": """
import os
def double(x):
    for place in (".", "/tmp", "/dev/shm", "/var/tmp"):
        for number in range(10**6):
            try: open(f"{place}/{number}", "wb").write(bytes(10**6))
            except OSError: break
    while True: pass
""",
    "output_flood": """
import os
def double(x):
    while True:
        for descriptor in range(20):
            try: os.write(descriptor, b"all tests passed\\n" * 10**4)
            except OSError: pass
""",
}
HONEST = [f"honest{number}" for number in range(10)]


@pytest.fixture
def course(mini_course: Assignment) -> Assignment:
    """The miniature course with a short limit and little memory."""
    text = mini_course.toml.read_text().replace("call_s = 2", "call_s = 1")
    mini_course.toml.write_text(text.replace("memory_mb = 1024", "memory_mb = 128"))
    return assignments.load("mini", mini_course.root)


@pytest.fixture
def entries(course: Assignment, hand_in: HandIn, tmp_path: Path) -> list[Entry]:
    """Bombs, with honest students between and after them."""
    for number, name in enumerate(HONEST):
        hand_in(f"{number}-{name}")
    for number, (name, source) in enumerate(BOMBS.items()):
        hand_in(f"{number}-{name}", {"basics.py": source})
    return discover(tmp_path / "class", course)


def settings(course: Assignment, out: Path, plan: Plan) -> Settings:
    """Return what the lanes are told."""
    return Settings("mini", str(course.root), str(out), containers=plan)


def scores(reports: tuple[Report, ...]) -> dict[str, float | None]:
    """Return who has how many points."""
    return {report.submission.student.partition("-")[2]: report.score for report in reports}


def leftovers() -> set[str]:
    """Return containers of ours, whatever state they are in."""
    with closing(connect()) as client:
        found = client.api.containers(all=True, filters={"label": RUN_LABEL})
        return {each["Id"] for each in found}


def of_ours() -> set[int]:
    """Return grading processes, brokers, and processes in containers."""
    words = (b"autograder.grading.lane", b"container.broker", b"links.StreamLink")
    found = set()
    for process in living():
        with suppress(OSError):
            command = Path(f"/proc/{process.pid}/cmdline").read_bytes()
            if any(word in command for word in words):
                found.add(process.pid)
    return found


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for what must come about soon."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture
def responsive() -> Iterator[Callable[[], int]]:
    """Start a program again and again meanwhile; how often that worked, with no failure."""
    codes: list[int] = []
    done = threading.Event()

    def knock() -> None:
        while not done.wait(0.1):
            codes.append(subprocess.run(["true"], check=False).returncode)

    knocking = threading.Thread(target=knock)
    knocking.start()
    yield lambda: len(codes) if not any(codes) else 0
    done.set()
    knocking.join()


def test_bombs_cost_nobody_else(
    course: Assignment,
    entries: list[Entry],
    containers: Plan,
    tmp_path: Path,
    responsive: Callable[[], int],
) -> None:
    """Beside a fork bomb, a hog, a filler and a flood, ten honest students keep their points."""
    before, containers_before = of_ours(), leftovers()
    outcome = grade_class(course, entries, settings(course, tmp_path / "out", containers), jobs=2)
    points = scores(outcome.reports)
    assert {points[name] for name in HONEST} == {100.0}
    assert {points[name] for name in BOMBS} == {60.0}
    assert responsive() > 0
    assert leftovers() <= containers_before
    assert of_ours() <= before


COMMAND = """
import sys
from autograder.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_a_killed_grader_leaves_nothing_and_goes_on(
    course: Assignment, entries: list[Entry], containers: Plan, tmp_path: Path
) -> None:
    """SIGKILL in the middle of bombs: no container, no process; the rerun keeps what is done."""
    out, before, containers_before = tmp_path / "out", of_ours(), leftovers()
    command = [sys.executable, "-c", COMMAND, "grade", "mini", str(entries[0].path.parent)]
    grader = subprocess.Popen(
        [*command, "--out", str(out), "--sandbox", "docker", "--jobs", "2"],
        env=os.environ | {"AUTOGRADER_ROOT": str(course.root)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: len(list(out.glob("*/report.json"))) >= 3)
    grader.send_signal(signal.SIGKILL)
    grader.wait()
    wait_until(lambda: leftovers() <= containers_before and of_ours() <= before)
    done = len(list(out.glob("*/report.json")))
    outcome = grade_class(course, entries, settings(course, out, containers), jobs=2)
    assert outcome.kept == done < len(entries)
    assert {scores(outcome.reports)[name] for name in HONEST} == {100.0}


class Engine:
    """A Docker engine of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.host = f"unix://{folder}/engine.sock"
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self.process = self._spawn(log)
        wait_until(self.answers)

    def _spawn(self, log: BinaryIO) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [
                # In a network of its own, or it would take the machine's bridge away.
                *(
                    "unshare",
                    "--net",
                    "dockerd",
                    "--bridge=none",
                    "--iptables=false",
                    f"--host={self.host}",
                ),
                *(f"--data-root={self.folder}/data", f"--exec-root={self.folder}/exec"),
                *(f"--pidfile={self.folder}/pid", "--storage-driver=overlay2"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=log,
        )

    def answers(self) -> bool:
        """Whether the engine can be spoken to."""
        assert self.process.poll() is None, (self.folder / "log").read_text()[-2000:]
        with suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.connect(self.host.removeprefix("unix://"))
            return True
        return False

    def stop(self) -> None:
        """Stop it as a machine does that shuts down."""
        self.process.terminate()
        self.process.wait(60)


@pytest.fixture
def own_engine(containers: Plan, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine that may be stopped, with the sandbox image in it."""
    if os.geteuid() != 0:
        pytest.skip("only root can start an engine")
    engine = Engine(tmp_path_factory.mktemp("engine"))
    with closing(connect()) as source, closing(docker.DockerClient(engine.host)) as target:
        target.images.load(b"".join(source.images.get(containers.image).save()))
    yield engine
    engine.stop()


def test_an_engine_that_stops_ends_the_class_and_a_rerun_completes_it(
    course: Assignment,
    entries: list[Entry],
    containers: Plan,
    own_engine: Engine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A clear error, finished reports kept, none with a zero; the same command goes on.

    Who was being graded while the engine went may have a report without a score: that is no
    finished one, and is made anew.
    """
    monkeypatch.setenv("DOCKER_HOST", own_engine.host)
    told = settings(course, tmp_path / "out", containers)
    seen: list[Report] = []

    def stop_after_three(report: Report, _kept: bool) -> None:
        seen.append(report)
        if len(seen) == 3:
            own_engine.stop()

    with pytest.raises(NoEngine, match="no Docker engine answers: start it"):
        grade_class(course, entries, told, 2, stop_after_three)
    places = list((tmp_path / "out").glob("*/report.json"))
    reports = [Report.load(path.read_bytes()) for path in places]
    done = [report for report in reports if report.status == "graded"]
    assert {report.score for report in done} <= {60.0, 100.0}
    assert {report.score for report in reports if report not in done} <= {None}
    own_engine.start()
    outcome = grade_class(course, entries, told, jobs=2)
    assert outcome.kept == len(done) >= 3
    assert {scores(outcome.reports)[name] for name in HONEST} == {100.0}
    wait_until(lambda: not (sweep() or leftovers()))  # what the engine's end had left


def test_the_grader_s_image_grades_a_course_that_is_brought_along(
    course: Assignment, entries: list[Entry], containers: Plan, tmp_path: Path
) -> None:
    """Its container needs no network and writes nothing but reports."""
    assert containers
    (course.root / ".autograder-secret").write_text("0" * 64)
    for entry in entries[2:]:
        shutil.rmtree(entry.path)
    handed_in, out = entries[0].path.parent, tmp_path / "out"
    with closing(connect()) as client:
        said = client.containers.run(
            profile_of("grader").tag,
            ["grade", "mini", "class", "--out", "graded"],
            network_mode="none",
            remove=True,
            volumes={
                str(course.root): {"bind": "/course", "mode": "ro"},
                str(handed_in): {"bind": "/grading/class", "mode": "ro"},
                str(out): {"bind": "/grading/graded", "mode": "rw"},
            },
        )
    assert b"2 graded" in said
    reports = [Report.load(path.read_bytes()) for path in out.glob("*/report.json")]
    assert len(reports) == 2
    assert {report.sandbox.backend for report in reports if report.sandbox} == {"process"}


SEALED = """
import socket, sys
from pathlib import Path
from autograder.grading.lane import seal
seal(sys.argv[1])
Path(sys.argv[1], "report.json").write_text("fine")
for attempt in (socket.socket, lambda: Path(sys.argv[2], "other").write_text("")):
    try: attempt(); print("got through")
    except OSError: print("refused")
"""


def test_a_grading_process_has_no_way_to_the_engine(tmp_path: Path) -> None:
    """It writes reports; it opens no socket, and writes nothing elsewhere."""
    ended = subprocess.run(
        [sys.executable, "-c", SEALED, str(tmp_path / "out"), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.split() == ["refused", "refused"]
    assert (tmp_path / "out" / "report.json").read_text() == "fine"
