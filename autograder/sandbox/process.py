"""The `process` backend: student code in confined processes of this machine, without an engine.

A keeper (`inside/worker.py`) is started once, in bubblewrap's namespaces where the machine has it, and
serves one submission after another from fresh forks of itself; it never runs student code. After each
submission every process of it is killed and its folder emptied. What else holds on this machine (an own
user when root, Landlock, seccomp, resource limits) is tried at the start and told by `confinement`.
"""

from __future__ import annotations

import array
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from autograder.assignment import Limits
from autograder.errors import SandboxError
from autograder.sandbox.channel import Channel, Gone, Late
from autograder.sandbox.inside.wire import WireError
from autograder.sandbox.session import Load

START_S = 30.0
CLEAR_S = 10.0
KILL_ROUNDS = 20
SCRATCH_BYTES = 64 * 1024 * 1024
FIRST_UID, UIDS = 20_000, 40_000  # a range that neither people nor Debian's services use
INSIDE = Path(__file__).parent / "inside"
BOOT = (
    "import sys; sys.path[:0] = {parents!r}; import {preload}; "
    "from inside.worker import main; main({descriptor})"
)
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
LIBRARIES = {"numpy": ("numpy", "numpy.libs")}


class Walls(StrEnum):
    """What stands around the keeper, from the strongest to nothing."""

    BUBBLEWRAP = "bubblewrap"
    NAMESPACES = "namespaces"
    NONE = "none"


@dataclass(frozen=True)
class Site:
    """What a sandbox needs of this machine: an interpreter and the runtime's libraries."""

    python: str
    prefix: Path
    packages: Path
    names: tuple[str, ...]

    @classmethod
    def of(cls, runtime: str) -> Site:
        """The interpreter under this one's virtual environment, and where numpy is installed."""
        packages = Path(np.__file__).parent.parent
        names = tuple(name for name in LIBRARIES[runtime] if (packages / name).exists())
        python = getattr(sys, "_base_executable", sys.executable) or sys.executable
        return cls(os.path.realpath(python), Path(sys.base_prefix).resolve(), packages, names)

    @property
    def readable(self) -> list[str]:
        """Folders and files that student code may read where only Landlock guards them."""
        system = ["/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/bin", "/bin", "/usr/share/zoneinfo"]
        devices = ["/etc/ld.so.cache", "/dev/urandom", "/dev/random", "/dev/zero"]
        own = [str(self.prefix / part) for part in ("lib", "bin")]
        return [*system, *devices, *own, *(str(self.packages / name) for name in self.names)]


class ProcessBackend:
    """Serves submissions in turn through one keeper, which is replaced when it is no longer sound."""

    name = "process"

    def __init__(self, root: Path, runtime: str = "numpy", *, walls: Walls | None = None) -> None:
        self._root = root
        self._site = Site.of(runtime)
        self._runtime = runtime
        self._walls = walls if walls is not None else strongest_walls()
        self._uids = _own_uids(self._site, self._walls)
        self._keeper: Keeper | None = None
        self._applied: dict[str, Any] = {}

    def open(self, load: Load, limits: Limits) -> Channel:
        """A channel to a fresh process that imports the load's modules."""
        ours, theirs = socket.socketpair()
        header = {
            "modules": list(load.modules),
            "uid": next(self._uids, None),
            "memory": limits.memory_mb * 1024 * 1024,
            "processes": limits.processes + self._processes_elsewhere(),
            "readable": self._readable(),
        }
        files = [(name, np.frombuffer(data, np.uint8)) for name, data in load.files.items()]
        with theirs:
            self._sound_keeper().serve(header, files, theirs)
        channel = Channel(ours)
        try:
            self._applied = channel.receive(time.monotonic() + START_S)[0]["confined"]
        except (Late, Gone, WireError, KeyError) as error:
            self.close(channel, kill=True)
            raise SandboxError("the sandbox did not start a submission's process") from error
        return channel

    def close(self, channel: Channel, *, kill: bool) -> None:
        """Hang up; the keeper clears away what is left, or is replaced."""
        channel.close()
        if kill and self._keeper is not None:
            self._keeper.kill()
            self._keeper = self._start_keeper()

    def confinement(self) -> list[str]:
        """What holds student code back, as words for the report; known once one has been served."""
        words = [] if self._walls is Walls.NONE else [self._walls.value]
        words += ["own user"] if self._applied.get("uid") else []
        words += [f"landlock {self._applied['landlock']}"] if self._applied.get("landlock") else []
        words += ["seccomp"] if self._applied.get("seccomp") else []
        words += ["no new privileges"] if self._applied.get("no_new_privs") else []
        return [*words, "resource limits"]

    def shutdown(self) -> None:
        """End the keeper and everything below it."""
        if self._keeper is not None:
            self._keeper.kill()
            self._keeper = None

    def _sound_keeper(self) -> Keeper:
        """The keeper, ready for the next submission."""
        if self._keeper is None or not self._keeper.ready():
            if self._keeper is not None:
                self._keeper.kill()
            self._keeper = self._start_keeper()
            if not self._keeper.ready():
                reason = self._keeper.kill()
                self._keeper = None
                raise SandboxError(f"the process sandbox does not start: {reason}")
        return self._keeper

    def _start_keeper(self) -> Keeper:
        if self._walls is Walls.BUBBLEWRAP:
            prefix = ["bwrap", *_bubblewrap_flags(self._site, self._root)]
            parents = ["/sandbox", "/sandbox/site"]
            return Keeper(self._runtime, [*prefix, self._site.python], parents, "/tmp")
        home = tempfile.mkdtemp(prefix="autograder-")
        os.chmod(home, 0o711)
        prefix = _unshare() if self._walls is Walls.NAMESPACES else []
        parents = [str(INSIDE.parent), str(self._site.packages)]
        return Keeper(self._runtime, [*prefix, self._site.python], parents, home, remove=home)

    def _readable(self) -> list[str]:
        """In bubblewrap the file system holds only what may be read; elsewhere an allow-list does."""
        return ["/"] if self._walls is Walls.BUBBLEWRAP else self._site.readable

    def _processes_elsewhere(self) -> int:
        """Processes of this user that the kernel counts in although they are not the submission's."""
        if self._walls is not Walls.NONE or os.geteuid() == 0:
            return 2
        return sum(1 for entry in os.scandir("/proc") if _owned_process(entry)) + 2


class Keeper:
    """The trusted end of a running keeper process."""

    def __init__(
        self,
        runtime: str,
        command: list[str],
        parents: list[str],
        home: str,
        remove: str | None = None,
    ) -> None:
        ours, theirs = socket.socketpair()
        self._remove = remove
        self._control = ours
        self._line = Channel(ours)
        boot = BOOT.format(parents=parents, preload=runtime, descriptor=theirs.fileno())
        environment = {"HOME": "/tmp", "PATH": "/usr/bin:/bin", "PYTHONHASHSEED": "0", "LANG": "C.UTF-8"}
        with theirs:
            self._process = subprocess.Popen(
                [*command, "-I", "-S", "-B", "-c", boot],
                env=environment | dict.fromkeys(THREADS, "1"),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        self._line.send({}, home, time.monotonic() + START_S)
        self._pending = START_S  # how long the next word from the keeper may take

    def ready(self) -> bool:
        """Whether the keeper has cleared away the last submission, waiting for it if need be."""
        if not self._pending:
            return True
        try:
            self._line.receive(time.monotonic() + self._pending)
        except (Late, Gone, WireError):
            return False
        self._pending = 0.0
        return True

    def serve(self, header: dict[str, Any], files: Any, peer: socket.socket) -> None:
        """Hand over a submission's files and the socket that it will talk over."""
        try:
            self._line.send(header, files, time.monotonic() + START_S)
            rights = array.array("i", [peer.fileno()])
            self._control.sendmsg([b"."], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
        except (Late, Gone, OSError) as error:
            raise SandboxError("the process sandbox was lost") from error
        self._pending = CLEAR_S

    def kill(self) -> str:
        """End the keeper with everything below it; what it had to say on stderr."""
        self._line.close()
        end_tree(self._process.pid)
        complaint = (self._process.communicate()[1] or b"").decode(errors="replace").strip()
        if self._remove:
            shutil.rmtree(self._remove, ignore_errors=True)
        return complaint.splitlines()[-1] if complaint else "it ended without a word"


@cache
def strongest_walls() -> Walls:
    """What this machine lets this user build, tried and not assumed."""
    trial = ["bwrap", "--ro-bind", "/", "/", "--unshare-pid", "--unshare-net", "true"]
    if shutil.which("bwrap") and _succeeds(trial):
        return Walls.BUBBLEWRAP
    if shutil.which("unshare") and _succeeds([*_unshare(), "true"]):
        return Walls.NAMESPACES
    return Walls.NONE


def _succeeds(command: list[str]) -> bool:
    ended = subprocess.run(command, capture_output=True, timeout=START_S, check=False)
    return ended.returncode == 0


def _unshare() -> list[str]:
    user = [] if os.geteuid() == 0 else ["--user", "--map-current-user"]
    return ["unshare", *user, "--pid", "--fork", "--kill-child", "--net", "--ipc", "--uts", "--"]


def _bubblewrap_flags(site: Site, root: Path) -> list[str]:
    """Namespaces, no privileges, and a file system of the interpreter, its libraries and the worker."""
    flags = [
        "--unshare-net", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try",
        "--die-with-parent", "--as-pid-1", "--new-session", "--cap-drop", "ALL",
    ]  # fmt: skip
    if os.geteuid() == 0:  # the keeper changes users, ends their processes, hands over folders
        for capability in ("CAP_SETUID", "CAP_SETGID", "CAP_KILL", "CAP_CHOWN"):
            flags += ["--cap-add", capability]
    bound = [Path("/usr"), *([] if site.prefix == Path("/usr") else [site.prefix])]
    for folder in bound:
        flags += ["--ro-bind", str(folder), str(folder)]
    for name in ("lib", "lib64", "bin"):
        top = Path("/") / name
        if top.is_symlink():
            flags += ["--symlink", os.readlink(top), str(top)]
        elif top.is_dir():
            flags += ["--ro-bind", str(top), str(top)]
    flags += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    for masked in _masked(site, root, bound):
        flags += ["--tmpfs", masked]
    flags += ["--ro-bind", str(INSIDE), "/sandbox/inside"]
    for name in site.names:
        flags += ["--ro-bind", str(site.packages / name), f"/sandbox/site/{name}"]
    size = str(SCRATCH_BYTES)
    flags += ["--proc", "/proc", "--dev", "/dev", "--perms", "0755", "--tmpfs", "/dev/shm"]
    return [*flags, "--perms", "0755", "--size", size, "--tmpfs", "/tmp", "--chdir", "/tmp", "--"]


def _masked(site: Site, root: Path, bound: list[Path]) -> Iterator[str]:
    """Folders below the bound ones that student code must not see: other libraries, the course."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    others = [site.prefix / "lib" / version / "site-packages", Path("/usr/lib/python3/dist-packages"),
              Path("/usr/local/lib") / version / "dist-packages", root.resolve()]  # fmt: skip
    for place in others:
        if place.is_dir() and any(place.is_relative_to(folder) for folder in bound):
            yield str(place)


def _own_uids(site: Site, walls: Walls) -> Iterator[int]:
    """A user of its own for each submission, where this process is root and that user could work."""
    if os.geteuid() != 0 or not (walls is Walls.BUBBLEWRAP or _open_to_others(site)):
        return
    used = {entry.pw_uid for entry in pwd.getpwall()}
    number = os.getpid() * 7
    while True:
        number += 1
        uid = FIRST_UID + number % UIDS
        if uid not in used:
            yield uid


def _open_to_others(site: Site) -> bool:
    """Whether users other than root can reach the interpreter and the libraries."""
    places = [Path(site.python), site.packages, INSIDE]
    return all(folder.stat().st_mode & 0o001 for place in places for folder in (place, *place.parents))


def _owned_process(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.name.isdigit() and entry.stat().st_uid == os.geteuid()
    except OSError:
        return False


def end_tree(pid: int) -> None:
    """Kill what the process has started, however deep, and then the process itself."""
    for _ in range(KILL_ROUNDS):
        below = _descendants(pid)
        for descendant in below:
            _kill(descendant)
        if not below:
            break
    _kill(pid)


def _descendants(pid: int) -> list[int]:
    """Living processes below `pid`; orphans are there too, since keepers adopt them."""
    children: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit() and (parent := _living_parent(entry.path)):
            children.setdefault(parent, []).append(int(entry.name))
    found = list(children.get(pid, ()))
    for descendant in found:
        found.extend(children.get(descendant, ()))
    return found


def _living_parent(process: str) -> int:
    try:
        state, parent = Path(process, "stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return 0
    return 0 if state == "Z" else int(parent)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
