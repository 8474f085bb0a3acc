"""Containers from the outside: how they are made, used up, watched, and never left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import docker
import pytest
from misbehaving import LIMITS, Student

from autograder.errors import NoEngine, SandboxError, UsageError
from autograder.sandbox import choice, faults
from autograder.sandbox.choice import Sandbox
from autograder.sandbox.container import seccomp
from autograder.sandbox.container.backend import DockerBackend
from autograder.sandbox.container.broker import RUN_LABEL, UNTIL_LABEL, sweep
from autograder.sandbox.container.engine import connect
from autograder.sandbox.container.plan import Plan

WHERE = "import os\ndef where(): return os.uname().nodename"

LOOK = """
import os
def look():
    lines = open("/proc/self/status").read().splitlines()
    said = dict(line.split(":", 1) for line in lines)
    held = [said[key].strip() for key in ("CapEff", "CapPrm", "NoNewPrivs", "Seccomp")]
    read_only = bool(os.statvfs("/").f_flag & os.ST_RDONLY)
    devices = " ".join(os.listdir("/sys/class/net"))
    return (*held, read_only, devices, os.path.exists("/var/run/docker.sock"))
"""


@pytest.fixture
def engine(containers: Plan) -> Iterator[docker.DockerClient]:
    """A client of the engine that has the images."""
    assert containers
    with closing(connect()) as client:
        yield client


@pytest.fixture
def start(containers: Plan) -> Iterator[Callable[..., DockerBackend]]:
    """`start(reuse=3)` makes a backend that is shut down afterwards."""
    made: list[DockerBackend] = []

    def start(**changes: Any) -> DockerBackend:
        made.append(DockerBackend(replace(containers, **changes)))
        return made[-1]

    yield start
    for backend in made:
        backend.shutdown()


def serve(backend: DockerBackend, source: str = WHERE, function: str = "where") -> Any:
    """Serve one submission; what its function returns."""
    student = Student(backend, source)
    result = student.call(function)
    student.session.close()
    return result


def labelled(engine: docker.DockerClient, run: str) -> list[str]:
    """Return the ids of a grading process's containers, whatever state they are in."""
    label = f"{RUN_LABEL}={run}"
    return [each["Id"] for each in engine.api.containers(all=True, filters={"label": label})]


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for what must come about soon."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_engine_has_taken_every_flag(start: Any, engine: docker.DockerClient) -> None:
    """What the engine says of a running container is what was asked for."""
    backend = start(spares=0)
    student = Student(backend)
    student.call("works")
    told = engine.api.inspect_container(backend._container.id)
    host, config = told["HostConfig"], told["Config"]
    memory = (LIMITS.memory_mb + backend._plan.keeper_mb) * 2**20
    expected = {
        "NetworkMode": "none",
        "ReadonlyRootfs": True,
        "CapDrop": ["ALL"],
        "Memory": memory,
        "MemorySwap": memory,
        "PidsLimit": LIMITS.processes + 3,
        "NanoCpus": 10**9,
        "ShmSize": 64 * 2**20,
        "IpcMode": "private",
        "Privileged": False,
        "LogConfig": {"Type": "none", "Config": {}},
        "Binds": None,
        "OomKillDisable": False,
        "AutoRemove": False,
    }
    assert {key: host[key] for key in expected} == expected
    assert list(host["Tmpfs"]) == ["/tmp"]
    assert {"noexec", "nosuid", "nodev"} <= set(host["Tmpfs"]["/tmp"].split(","))
    assert {each["Name"]: each["Hard"] for each in host["Ulimits"]} == {
        "core": 0,
        "nofile": 256,
        "fsize": 64 * 2**20,
    }
    calls = json.dumps(seccomp.profile())
    assert host["SecurityOpt"] == ["no-new-privileges:true", f"seccomp={calls}"]
    assert not host["CapAdd"]
    assert (config["User"], config["Tty"], config["StdinOnce"]) == ("65534:65534", False, True)
    assert told["Mounts"] == []
    student.session.close()


def test_a_kernel_enforces_them(start: Any) -> None:
    """Inside: no capability, no new privileges, a filter, a read-only root, no network device."""
    status = serve(start(spares=0), LOOK, "look")
    nothing = "0" * 16
    assert status == (nothing, nothing, "1", "2", True, "lo", False)


def test_each_submission_has_a_container_of_its_own(start: Any) -> None:
    """By default no container serves two."""
    backend = start()
    assert len({serve(backend) for _ in range(3)}) == 3
    assert backend.describe().fresh


def test_a_container_is_reused_as_often_as_wanted(start: Any) -> None:
    """`reuse` submissions in turn, then a new one; the report says so."""
    backend = start(reuse=2)
    one, same, other = (serve(backend) for _ in range(3))
    assert one == same != other
    assert not backend.describe().fresh


def test_a_container_that_served_badly_is_not_reused(start: Any) -> None:
    """After a time-out the next submission has another container."""
    backend = start(reuse=9)
    first = serve(backend)
    student = Student(backend)
    assert student.fault("loop").startswith("timeout")
    student.session.close()
    assert serve(backend) != first


@pytest.mark.parametrize("reuse", [1, 9])
def test_memory_taken_by_many_processes_ends_out_of_memory(start: Any, reuse: int) -> None:
    """No single process passes its limit; all of them together meet the container's."""
    source = (
        "import os\n"
        "def take():\n"
        "    for _ in range(6):\n"
        "        if os.fork() == 0: break\n"
        "    hoard = bytearray(100 * 2**20)\n"
        "    hoard[::4096] = b'x' * len(hoard[::4096])\n"
        "    while True: pass\n"
        "def works(): return 'fine'\n"
    )
    student = Student(start(reuse=reuse), source, call_s=6, exercise_s=6)
    verdict = student.fault("take")
    assert verdict == f"out_of_memory: {faults.TOO_MUCH_MEMORY}"
    assert student.call("works") == "fine"
    student.session.close()


def test_spares_wait_and_are_removed(start: Any, engine: docker.DockerClient) -> None:
    """One container ahead while a submission is served; none after the end."""
    backend = start(spares=1)
    student = Student(backend)
    student.call("works")
    told = engine.api.inspect_container(backend._container.id)
    run = told["Config"]["Labels"][RUN_LABEL]
    wait_until(lambda: len(labelled(engine, run)) == 2)
    student.session.close()
    backend.shutdown()
    assert labelled(engine, run) == []


GRADER = """
import json, sys
from misbehaving import Student
from autograder.sandbox.container.backend import DockerBackend
from autograder.sandbox.container.plan import Plan
backend = DockerBackend(Plan(**json.loads(sys.argv[1])))
student = Student(backend, call_s=60)
student.call("works")
print(backend._container.id, backend._broker._process.pid, flush=True)
student.call("nap")
"""


@pytest.mark.parametrize("also_broker", [False, True])
def test_a_killed_grader_leaves_no_container(
    containers: Plan, engine: docker.DockerClient, *, also_broker: bool
) -> None:
    """Its broker removes them all; without that, they end, and a later grader sweeps them up."""
    told = json.dumps(vars(containers))
    paths = os.pathsep.join(sys.path)
    grader = subprocess.Popen(
        [sys.executable, "-c", GRADER, told],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": paths},
    )
    assert grader.stdout is not None
    container_id, broker = grader.stdout.readline().split()
    run = engine.api.inspect_container(container_id)["Config"]["Labels"][RUN_LABEL]
    if also_broker:
        os.kill(int(broker), signal.SIGKILL)
    grader.kill()
    grader.wait()
    grader.stdout.close()
    if also_broker:
        wait_until(lambda: not (sweep() or labelled(engine, run)))
    wait_until(lambda: labelled(engine, run) == [])


def test_leftovers_are_swept_up(containers: Plan, engine: docker.DockerClient) -> None:
    """What has outlived its time is removed; what is in use stays."""
    old, current = (
        engine.containers.create(
            containers.image,
            labels={RUN_LABEL: "test", UNTIL_LABEL: str(time.time() + ahead)},
            network_mode="none",
        )
        for ahead in (-1, 600)
    )
    try:
        sweep()
        assert set(labelled(engine, "test")) == {current.id}
    finally:
        for container in (old, current):
            with suppress(docker.errors.NotFound):
                container.remove(force=True)


def test_without_an_engine_it_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`docker` is an error with what to do; `auto` goes on with processes."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    with pytest.raises(NoEngine, match="no Docker engine answers: start it"):
        choice.plan(Sandbox.DOCKER, "numpy")
    assert choice.plan(Sandbox.AUTO, "numpy") == (None, "")


def test_an_engine_that_goes_away_is_told_apart(
    containers: Plan, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A broker whose engine does not answer says so, and the grader hears which kind it is."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    backend = DockerBackend(containers)
    with pytest.raises(NoEngine):
        Student(backend).call("works")
    backend.shutdown()


def test_a_runtime_that_is_not_there_is_refused(start: Any) -> None:
    """The engine's own word is passed on."""
    with pytest.raises(SandboxError, match="no_such_runtime"):
        Student(start(runtime="no_such_runtime")).call("works")


def test_a_runtime_can_be_chosen(start: Any) -> None:
    """The engine's default by its own name works as well."""
    assert Student(start(runtime="runc", spares=0)).call("works") == "fine"


def test_an_image_that_does_not_start_says_why(
    start: Any, engine: docker.DockerClient, containers: Plan
) -> None:
    """What the container wrote to stderr last is in the error."""
    broken = engine.containers.create(containers.image, network_mode="none")
    boot = ["python3", "-c", "raise OSError('no libraries here')"]
    image = broken.commit(changes=f"ENTRYPOINT {json.dumps(boot)}")
    broken.remove()
    try:
        with pytest.raises(SandboxError, match="does not start: OSError: no libraries here"):
            Student(start(image=image.id, spares=0)).call("works")
    finally:
        wait_until(lambda: _removed(engine, str(image.id)))


def _removed(engine: docker.DockerClient, image_id: str) -> bool:
    """Whether the image is gone, which a container of it that is being removed puts off."""
    with suppress(docker.errors.APIError):
        engine.images.remove(image_id)
        return True
    return False


def test_a_container_that_ran_out_of_memory_is_not_reused(start: Any) -> None:
    """Where a child was ended for want of memory and all went well, nobody else is blamed."""
    source = (
        "import os, time\n"
        "def take():\n"
        "    children = []\n"
        "    for _ in range(5):\n"
        "        child = os.fork()\n"
        "        if child == 0:\n"
        "            hoard = bytearray(100 * 2**20)\n"
        "            hoard[::4096] = b'x' * len(hoard[::4096])\n"
        "            time.sleep(2)\n"
        "            os._exit(0)\n"
        "        children.append(child)\n"
        "    ends = [os.waitpid(child, 0)[1] for child in children]\n"
        "    return os.uname().nodename, 9 in ends\n"
    )
    backend = start(reuse=9)
    student = Student(backend, source, call_s=8)
    first, killed = student.call("take")
    student.session.close()
    assert killed
    assert serve(backend) != first


def test_a_grading_process_may_ask_about_its_own_containers_only(
    start: Any, engine: docker.DockerClient
) -> None:
    """A broker that is asked for another container's end does nothing but end itself."""
    mine, other = start(spares=0), start(spares=0)
    serve(mine), serve(other)
    student = Student(other, call_s=5)
    student.call("works")
    for request in ("end", "was_starved"):
        backend = start(spares=0)
        backend._broker._ask({request: other._container.id})
        wait_until(lambda ended=backend._broker._process: ended.poll() is not None)
    assert engine.containers.get(other._container.id).status == "running"
    assert student.call("works") == "fine"
    student.session.close()


def test_an_engine_on_the_network_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its streams cannot be handed over: `docker` says so, `auto` goes on with processes."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:2375")
    with pytest.raises(SandboxError, match="over a Unix socket"):
        choice.plan(Sandbox.DOCKER, "numpy")
    plan, note = choice.plan(Sandbox.AUTO, "numpy")
    assert plan is None
    assert "over a Unix socket" in note


def test_an_engine_that_may_not_be_spoken_to_is_told_apart(tmp_path: Path) -> None:
    """No permission is not the same as no engine."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    program = (
        "import os, socket, sys\n"
        "from autograder.errors import NoEngine, SandboxError\n"
        "from autograder.sandbox.container.engine import connect\n"
        "server = socket.socket(socket.AF_UNIX)\n"
        "server.bind(sys.argv[1]); server.listen(); os.chmod(sys.argv[1], 0o600)\n"
        "os.environ['DOCKER_HOST'] = 'unix://' + sys.argv[1]\n"
        "os.chmod(os.path.dirname(sys.argv[1]), 0o700)\n"
        "os.setresuid(65534, 65534, 65534)\n"
        "try: connect()\n"
        "except SandboxError as error: print(isinstance(error, NoEngine), error)\n"
    )
    place = str(tmp_path / "engine.sock")
    ended = subprocess.run(
        [sys.executable, "-c", program, place], capture_output=True, text=True, check=True
    )
    assert ended.stdout.startswith("False this user may not speak to the Docker engine")


def test_only_containers_are_reused() -> None:
    """`--reuse` without containers is refused, with the reason."""
    with pytest.raises(UsageError, match="containers to reuse: process"):
        choice.plan(Sandbox.PROCESS, "numpy", reuse=2)


TORCH = """
import torch
from torch import nn
def fit():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(144, 2))
    x, y = torch.randn(8, 1, 8, 8), torch.randint(0, 2, (8,))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    losses = []
    for _ in range(20):
        loss = nn.functional.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses[-1] < losses[0] / 2
"""


def test_pytorch_trains_in_its_image(torch_containers: Plan) -> None:
    """Forward, backward and an optimizer work within the limits and the system calls allowed."""
    backend = DockerBackend(replace(torch_containers, spares=0))
    student = Student(backend, TORCH, memory_mb=1024, import_s=20, call_s=20, exercise_s=40)
    assert student.call("fit") is True
    student.session.close()
    backend.shutdown()
