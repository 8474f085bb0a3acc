"""Our zip in a container laid out as Gradescope's: it installs offline, grades, and keeps the line.

An attacker's `double` is right only where everything that it tries has failed, so all points mean
that nothing got through.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import docker
import pytest
from docker.errors import ImageNotFound, NotFound
from gradescope_box import EMAIL, REPO, Box, Ran, image, source, started

from autograder import assignment
from autograder.assignment import Assignment
from autograder.errors import SandboxError
from autograder.export.gradescope import results
from autograder.sandbox.container import engine as connection
from autograder.sandbox.images.profiles import BASE
from autograder.suite.seeds import VARIABLE

NEEDS_DOCKER = "AUTOGRADER_TESTS_NEED_DOCKER"  # where it must not be skipped, as in CI
MINI = Path(__file__).parent / "mini_course"
COURSE = "/autograder/source/course"
RIGHT = "def double(x):\n    return 2 * x\n"
LOSSES = (MINI / "solutions" / "mini" / "losses.py").read_text("utf-8")
RULES = "/opt/autograder/autograder/rules/__init__.py"
STUDENTS = "20000"  # the first user that student code runs as

READING = """
import os
PLACES = [
    "/autograder", "/autograder/source", "/autograder/results", "/autograder/submission",
    "/autograder/source/course/.autograder-secret", "/autograder/submission_metadata.json",
    "/autograder/source/settings.json", "/autograder/source/course/tests/hidden/mini",
    "/autograder/source/course/solutions/mini/basics.py", "/autograder/results/results.json",
    "/proc/self/cwd/../../autograder/submission_metadata.json", "/proc/1/root/autograder",
    "/proc/1/environ", "/proc/1/mem", "/etc/shadow", "/root",
]
def attempts():
    others = set(range(1, 3000)) - {os.getpid(), os.getppid()}
    kinds = ("environ", "mem", "fd", "maps", "cwd", "root")
    for place in PLACES + [f"/proc/{pid}/{kind}" for pid in others for kind in kinds]:
        yield lambda: os.listdir(place) or True
        yield lambda: os.stat(place + "/.").st_size
        yield lambda: open(place, "rb").read(1)
        yield lambda: open(os.readlink(place), "rb").read(1)
"""
WRITING = """
import os, shutil
OURS = ["/autograder", "/autograder/source", "/autograder/results", "/autograder/run_autograder",
        "/autograder/results/results.json", "/opt/autograder", "/opt/autograder/launch",
        "/opt/autograder/autograder/report.py", "/opt/autograder/numpy/__init__.py", "/etc/passwd",
        "/usr/lib/python3/dist-packages", "/usr/lib/python3.11/sitecustomize.py", "/usr/bin"]
FORGED = b'{"score": 100000}'
def attempts():
    for place in OURS:
        for name in (place, place + "/results.json", place + "/sitecustomize.py"):
            yield lambda: open(name, "wb").write(FORGED)
            yield lambda: os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) or True
            yield lambda: os.truncate(name, 0) is None
        yield lambda: os.unlink(place) is None
        yield lambda: os.chmod(place, 0o777) is None
        yield lambda: os.chown(place, os.getuid(), -1) is None
        yield lambda: os.rename(place, place + ".old") is None
        yield lambda: os.symlink("/tmp", place + "/x") is None
        yield lambda: os.link(place, "mine") is None
        yield lambda: shutil.rmtree(place) is None
    yield lambda: os.rename("/autograder", "/autograder.old") is None
    yield lambda: os.makedirs("/autograder/results/more") is None
    yield lambda: os.mkfifo("/autograder/results/pipe") is None
"""
RIGHTS = """
import ctypes, os, subprocess
libc = ctypes.CDLL(None)
def attempts():
    yield lambda: os.getuid() == 0 or os.geteuid() == 0 or 0 in os.getresuid() + os.getresgid()
    yield lambda: bool(os.getgroups())
    yield lambda: os.setuid(0) is None
    yield lambda: os.setresuid(0, 0, 0) is None
    yield lambda: os.setgroups([0]) is None
    yield lambda: os.chroot("/") is None
    yield lambda: libc.unshare(0x10000000) == 0
    yield lambda: libc.mount(b"/tmp", b"/autograder", None, 4096, None) == 0
    yield lambda: libc.ptrace(16, 1, 0, 0) == 0
    for command in (["su", "-c", "true"], ["sudo", "true"], ["unshare", "-r", "true"],
                    ["mount", "--bind", "/tmp", "/autograder"], ["passwd", "-d", "root"]):
        yield lambda: subprocess.run(command, stdin=-3, timeout=2).returncode == 0
"""
PROCESSES = """
import os, signal
def others():
    return [pid for pid in range(1, 3000) if pid not in (os.getpid(), os.getppid())]
def attempts():
    for pid in others():
        for number in (0, signal.SIGSTOP, signal.SIGKILL):
            yield lambda: os.kill(pid, number) is None
        yield lambda: os.setpriority(os.PRIO_PROCESS, pid, 19) is None
        yield lambda: open(f"/proc/{pid}/oom_score_adj", "w").write("1000")
    yield lambda: os.kill(-1, 0) is None and False
"""
NETWORK = """
import socket
def attempts():
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
            yield lambda: bool(socket.socket(family, kind))
"""
ATTACKS = {
    "reading": READING, "writing": WRITING, "rights": RIGHTS,
    "processes": PROCESSES, "network": NETWORK,
}  # fmt: skip
DOUBLE = """
def got_through():
    for attempt in attempts():
        try:
            if attempt():
                return True
        except Exception:
            continue
    return False

AT_IMPORT = got_through()

def double(x):
    return x if AT_IMPORT or got_through() else 2 * x
"""
# Leaves processes that forge results and fill the folders of the next submission for a minute.
SURVIVOR = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in range(600):
            for place in ("/autograder/results/results.json", "/tmp/forged", "/dev/shm/forged"):
                try:
                    open(place, "w").write('{"score": 100000}')
                except OSError:
                    pass
            time.sleep(0.1)
    os._exit(0)
"""

# More memory than the container has, by processes that each keep their limit.
HOGS = """
import os
def double(x):
    for _ in range(4):
        if os.fork() == 0:
            hoard = bytearray(300_000_000)
            hoard[::4096] = b"x" * len(hoard[::4096])
            while True:
                pass
    while True:
        pass
"""


@pytest.fixture(scope="module")
def client() -> Iterator[docker.DockerClient]:
    """A client of the engine, which needs the images' base and none of ours."""
    try:
        connected = connection.connect()
        connected.images.get(BASE)
    except (SandboxError, ImageNotFound) as error:
        if os.environ.get(NEEDS_DOCKER):
            raise
        missing = isinstance(error, ImageNotFound)
        pytest.skip(f"there is no image {BASE}: make base-image" if missing else str(error))
    with closing(connected) as client:
        yield client


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    """The miniature course, with a secret of its own."""
    root = tmp_path_factory.mktemp("gradescope") / "course"
    shutil.copytree(MINI, root, ignore=shutil.ignore_patterns("__pycache__"))
    return assignment.load("mini", root)


@pytest.fixture(scope="module")
def built(client: docker.DockerClient, course: Assignment) -> Iterator[tuple[str, Ran]]:
    """The image that Gradescope would build, and what its build said."""
    with image(client, course) as made:
        yield made


@pytest.fixture
def box(client: docker.DockerClient, built: tuple[str, Ran]) -> Iterator[Box]:
    """A container for one submission."""
    with started(client, built[0]) as made:
        yield made


@pytest.fixture
def open_box(client: docker.DockerClient, built: tuple[str, Ran]) -> Iterator[Box]:
    """One whose engine refuses no system call, as on other machines."""
    with started(client, built[0], security_opt=["seccomp=unconfined"]) as made:
        yield made


def files(basics: str = RIGHT) -> dict[str, str]:
    """What a student hands in."""
    return {"basics.py": basics, "losses.py": LOSSES}


def hostile(box: Box, *names: str) -> str:
    """Hand in attacks that the rules let pass; what the student is told where one got through."""
    box.run("sh", "-c", f"echo 'def check(*_): return {{}}' >> {RULES}")
    each = [ATTACKS[name].replace("def attempts", f"def {name}") for name in names]
    every = f"def attempts():\n    for each in ({', '.join(names)},):\n        yield from each()\n"
    assert box.hand_in(files("".join([*each, every, DOUBLE]))).status == 0
    told = box.results()
    return "" if told["score"] == 100.0 else str(told["tests"][0]["output"])


def leftovers(box: Box) -> str:
    """Processes of student code that still run."""
    told = box.run("sh", "-c", "for p in /proc/[0-9]*; do stat -c '%u %n' $p; done").said
    return "\n".join(line for line in told.splitlines() if len(line.split()[0]) > 4)


def test_it_installs_without_a_network(built: tuple[str, Ran]) -> None:
    """From its own wheels; the reference is graded, and what holds student code is told."""
    ran = built[1]
    assert ran.status == 0, ran.said
    assert "installing for Python 3.11" in ran.said
    assert "mini: the reference has all points; student code is held by own user" in ran.said


def test_a_submission_is_graded(box: Box) -> None:
    """All points, no points lost to lateness, and the walls that held are for staff to see."""
    ran = box.hand_in(files())
    assert (ran.status, box.results()["score"]) == (0, 100.0), ran.said
    assert "own user" in box.results()["tests"][-1]["output"]
    assert EMAIL not in json.dumps(box.results())


def test_a_mistake_is_explained(box: Box) -> None:
    """As everywhere else."""
    assert box.hand_in(files("def double(x):\n    return 4 * x\n")).status == 0
    told = box.results()
    assert told["score"] == 80.0
    assert "2 times too large" in told["tests"][0]["output"]


def test_broken_metadata_stop_nothing(box: Box) -> None:
    """The points are there; staff find a note."""
    assert box.hand_in(files(), '{"created_at": 7, "users": [null]').status == 0
    told = box.results()
    assert told["score"] == 100.0
    assert told["tests"][-1]["name"] == "for staff: when it came"


def test_a_refused_hand_in_is_a_result(box: Box) -> None:
    """Zero points and the reason."""
    assert box.hand_in({"work.rar": b"Rar!\x1a\x07\x00 and more"}).status == 0
    assert box.results()["score"] == 0.0
    assert "could not be graded" in box.results()["output"]


def test_links_into_the_source_are_not_followed(box: Box) -> None:
    """Root reads the upload, and an upload may hold links to the reference."""
    reference = {name: f"->{COURSE}/solutions/mini/{name}" for name in ("basics.py", "losses.py")}
    assert box.hand_in(reference | {"mini": f"->{COURSE}/solutions/mini"}).status == 0
    assert box.results()["score"] == 0.0


@pytest.mark.parametrize("name", ATTACKS)
def test_attacks_do_not_get_through(box: Box, name: str) -> None:
    """At import and in a call, nothing of ours can be read, written, ended or reached."""
    assert hostile(box, name) == ""
    assert leftovers(box) == ""


def test_without_walls_they_would_all_get_through(box: Box) -> None:
    """The same attempts, made by root: so that it is not the attacks that fail."""
    for attempts in ATTACKS.values():
        code = f"{attempts}{DOUBLE.partition('AT_IMPORT')[0]}print(got_through())"
        assert box.run("timeout", "60", "python3", "-c", code).said.splitlines()[-1:] == ["True"]


def test_nor_where_the_engine_refuses_nothing(open_box: Box) -> None:
    """The walls are our own, and Landlock is one of them where the kernel has it."""
    assert hostile(open_box, *ATTACKS) == ""


@pytest.mark.parametrize("where", ["import", "call"])
def test_no_process_survives(box: Box, where: str) -> None:
    """What was left behind is ended with its submission, and has forged nothing."""
    inside = "".join(f"    {line}\n" for line in SURVIVOR.splitlines())
    hostile = (
        SURVIVOR + RIGHT if where == "import" else f"def double(x):\n{inside}    return 2 * x\n"
    )
    assert box.hand_in(files(hostile)).status == 0
    assert leftovers(box) == ""
    assert box.results()["score"] <= 100.0
    assert box.run("ls", "/autograder/results").said.split() == ["results.json"]


def test_a_memory_bomb_ends_before_the_grader_does(
    client: docker.DockerClient, built: tuple[str, Ran]
) -> None:
    """Where the container's memory runs out, student code is killed first; only it loses points."""
    with started(client, built[0], mem_limit="600m", memswap_limit="600m") as small:
        small.run("sh", "-c", f"echo 'def check(*_): return {{}}' >> {RULES}")
        assert small.hand_in(files(HOGS)).status == 0
        assert small.results()["score"] == 60.0
        assert leftovers(small) == ""


def test_student_code_has_a_user_of_its_own_or_does_not_run(box: Box) -> None:
    """Libraries that only root can read leave root to run it, which is refused."""
    box.run("chmod", "700", "/opt/autograder")
    ran = box.hand_in(files())
    assert ran.status == 2
    assert "no user of its own" in ran.said
    assert box.results()["score"] == 0.0
    assert box.results()["output"] == results.NOT_GRADED


@pytest.mark.parametrize(
    "damage",
    [
        "rm -r /opt/autograder",
        "echo 'raise SystemExit' > /opt/autograder/numpy/__init__.py",
        f"echo 'raise ValueError' > {COURSE}/solutions/mini/basics.py",
    ],
)  # fmt: skip
def test_a_broken_image_gives_valid_results(box: Box, damage: str) -> None:
    """Without points, with words for the student, and with a status that shows it."""
    box.run("sh", "-c", damage)
    assert box.hand_in(files()).status != 0
    assert box.results()["score"] == 0.0
    assert box.results()["output"] == results.NOT_GRADED


def test_a_user_of_its_own_is_wall_enough(box: Box) -> None:
    """Without Landlock and filter, all that is ours stays shut, whatever the upload's modes say."""
    box.hand_in(files())
    for place in ("/autograder", "/autograder/source", "/autograder/results"):
        assert box.run("stat", "-c", "%a %U", place).said.split() == ["700", "root"]
    student = ["setpriv", f"--reuid={STUDENTS}", f"--regid={STUDENTS}", "--clear-groups"]
    for name in ("reading", "writing", "processes"):
        code = f"{ATTACKS[name]}{DOUBLE.partition('AT_IMPORT')[0]}print(got_through())"
        assert box.run(*student, "python3", "-c", code) == Ran(0, "False\n")


def test_a_machine_without_a_python_is_told(
    client: docker.DockerClient, course: Assignment
) -> None:
    """Without one and without a network, setup.sh ends with a line that says what to do."""
    with started(client, BASE) as box:
        box.put(source(course))
        box.run("sh", "-c", "rm /usr/bin/python3*")
        ran = box.run("bash", "/autograder/source/setup.sh")
    assert ran.status == 1
    assert "python3.11 cannot be had here: choose an image that has it" in ran.said


def test_the_page_leads_to_a_graded_submission(
    client: docker.DockerClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commands of docs/gradescope.md, as they stand there, end with 100 points."""
    page = (REPO / "docs" / "gradescope.md").read_text("utf-8")
    commands = re.findall(r"^```console\n(.*?)^```", page, re.MULTILINE | re.DOTALL)[-1]
    name = f"trial-{uuid.uuid4().hex}"
    (tmp_path / "solutions").symlink_to(REPO / "solutions")
    program = tmp_path / "bin" / "autograder"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m autograder "$@"\n', "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setenv(assignment.ROOT_VARIABLE, str(REPO))
    monkeypatch.setenv(VARIABLE, "one secret")
    script = re.sub(r"(?<!/)\btrial\b(?!/)", name, commands)
    try:
        subprocess.run(["bash", "-euc", script], cwd=tmp_path, check=True)
    finally:
        with suppress(NotFound):
            client.containers.get(name).remove(force=True)
    told = json.loads((tmp_path / "build" / "trial" / "results.json").read_text("ascii"))
    assert told["score"] == 100.0
