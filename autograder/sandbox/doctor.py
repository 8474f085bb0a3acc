"""What the sandbox of this machine stops: tried from the inside, not assumed."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.assignment import Limits
from autograder.errors import SandboxError
from autograder.sandbox.backend import Backend
from autograder.sandbox.faults import ImportFailed, Raised, StudentFault, TimedOut
from autograder.sandbox.imports import Load
from autograder.sandbox.inside.servant import ROOT
from autograder.sandbox.inside.wire import Ref
from autograder.sandbox.keeper import MEGABYTE
from autograder.sandbox.session import Session
from autograder.sandbox.walls import SCRATCH_BYTES

LIMITS = Limits(call_s=3, exercise_s=60, submission_s=120, memory_mb=256, processes=16)
PROBE = Path(__file__).with_name("probe.py")
BUBBLEWRAP = "install bubblewrap (Debian: apt-get install bubblewrap)"
DOCKER = "grade with --sandbox docker"
NOT_ROOT = f"do not grade as root, or {BUBBLEWRAP}"
ARCHITECTURE = "use an x86-64 or a 64-bit Arm machine"


@dataclass(frozen=True)
class Probe:
    """One thing that student code must not be able to do."""

    title: str
    function: str
    arguments: tuple[Any, ...]
    advice: str


@dataclass(frozen=True)
class Finding:
    """Whether the sandbox stopped it, and by what."""

    title: str
    stopped: bool
    how: str


@dataclass(frozen=True)
class Examined:
    """One sandbox, what it consists of, and what it stops."""

    backend: str
    confinement: tuple[str, ...]
    findings: list[Finding]


def examined(backend: Backend, root: Path) -> Examined:
    """Examine a backend and end it."""
    try:
        findings = examine(backend, root)
        return Examined(backend.name, backend.describe().confinement, findings)
    finally:
        backend.shutdown()


def examine(backend: Backend, root: Path) -> list[Finding]:
    """Hand in the probe and try each thing in a fresh exercise; SandboxError if it cannot run."""
    session = Session(backend, Load({"probe.py": PROBE.read_bytes()}, ["probe"]), LIMITS)
    with socket.create_server(("127.0.0.1", 0)) as server, tempfile.TemporaryDirectory() as folder:
        engine = os.path.join(folder, "engine.sock")
        with socket.socket(socket.AF_UNIX) as far:
            far.bind(engine)
            far.listen()
            try:
                _request(session, "works", ())  # what honest code needs is there
                places = (server.getsockname()[1], engine, root)
                return [_try(session, probe) for probe in _probes(*places)]
            except ImportFailed as fault:
                raise SandboxError(f"the sandbox stops honest code, too: {fault}") from fault
            finally:
                session.close()


def _probes(port: int, engine: str, root: Path) -> Iterator[Probe]:
    grader = os.getpid()
    outside = ["/tmp", "/var/tmp", "/dev/shm", str(root), str(Path.home())]
    course = min((root / "assignments").rglob("*.toml"), default=root / "pyproject.toml")
    limit = LIMITS.memory_mb * MEGABYTE
    yield Probe("network", "network", (port,), BUBBLEWRAP)
    yield Probe("reading the course's files", "read_file", (str(course),), BUBBLEWRAP)
    yield Probe("writing outside its folder", "write_outside", (outside,), BUBBLEWRAP)
    yield Probe("a server's socket, such as Docker's", "reach_engine", (engine,), BUBBLEWRAP)
    yield Probe("signalling the grader", "signal_process", (grader,), BUBBLEWRAP)
    yield Probe("looking at the grader's process", "see_process", (grader,), BUBBLEWRAP)
    yield Probe("reading the keeper's memory", "read_keeper", (), BUBBLEWRAP)
    yield Probe("more memory than the limit", "memory", (2 * limit,), "grade on Linux")
    yield Probe("the same by several processes", "memory_of_many", (limit // 2, 6), DOCKER)
    yield Probe("filling the disk", "fill_disk", (3 * SCRATCH_BYTES,), f"{BUBBLEWRAP}, or {DOCKER}")
    yield Probe("more processes than the limit", "processes", (2 * LIMITS.processes,), NOT_ROOT)
    yield Probe("privileges", "gain_privileges", (), NOT_ROOT)
    yield Probe("namespaces of its own", "make_namespace", (), ARCHITECTURE)
    yield Probe("odd system calls", "odd_calls", (), ARCHITECTURE)
    yield Probe("a GPU that it was not given", "reach_gpu", (), BUBBLEWRAP)
    yield Probe("an endless loop", "endless", (), "please report it")


def _request(session: Session, function: str, arguments: tuple[Any, ...]) -> Any:
    session.begin("probe")
    try:
        return session.request("call", (Ref(ROOT, (("attr", function),)), arguments, {}))
    finally:
        session.end()


def _try(session: Session, probe: Probe) -> Finding:
    try:
        got_through = _request(session, probe.function, probe.arguments) is not False
    except ImportFailed:
        raise
    except StudentFault as fault:
        return Finding(probe.title, stopped=True, how=_how(fault))
    return Finding(probe.title, not got_through, probe.advice if got_through else "refused")


def _how(fault: StudentFault) -> str:
    if isinstance(fault, Raised):
        return f"refused: {fault.kind}"
    return "ended by the grader's clock" if isinstance(fault, TimedOut) else str(fault)
