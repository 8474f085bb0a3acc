"""The `process` backend: student code in confined processes of this machine, without an engine.

A keeper (`inside/keeper.py`) is started once, behind the strongest walls that the machine offers,
and serves one submission after another from fresh forks of itself; it never runs student code. What
else holds (an own user when root, Landlock, seccomp, resource limits) is tried in each process
before the student's code starts, and told by `confinement`.
"""

from __future__ import annotations

import array
import os
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from autograder.assignment import Limits
from autograder.errors import SandboxError
from autograder.sandbox.channel import Channel, Gone, Late
from autograder.sandbox.homes import Home
from autograder.sandbox.imports import Load
from autograder.sandbox.inside.wire import WireError
from autograder.sandbox.processes import end_tree, living
from autograder.sandbox.walls import (
    Site,
    Walls,
    bubblewrap,
    own_uids,
    strongest_walls,
    unshare,
)

START_S = 30.0
CLEAR_S = 10.0
ENDING_S = 0.5
BOOT = (
    "import sys; sys.path.insert(0, {libraries!r}); import {preload}; "
    "from inside.keeper import main; main({descriptor})"
)
ENVIRONMENT = {
    "HOME": "/tmp",
    "PATH": "/usr/bin:/bin",
    "PYTHONHASHSEED": "0",
    "LANG": "C.UTF-8",
    "MALLOC_ARENA_MAX": "1",  # or each thread takes 64 MB of the address space
}
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class ProcessBackend:
    """Serves submissions in turn through one keeper, replaced when it is no longer sound."""

    name = "process"

    def __init__(self, root: Path, runtime: str = "numpy", *, walls: Walls | None = None) -> None:
        self._root = root
        self._site = Site.of(runtime)
        self._runtime = runtime
        self._walls = walls if walls is not None else strongest_walls()
        self._uids = own_uids(self._site, self._walls)
        self._keeper: Keeper | None = None
        self._applied: dict[str, Any] = {}

    def open(self, load: Load, limits: Limits) -> Channel:
        """A channel to a fresh process that imports the load's modules."""
        keeper = self._sound_keeper()
        uid = next(self._uids, None)
        header = {
            "modules": list(load.modules),
            "uid": uid,
            "memory": limits.memory_mb * 1024 * 1024,
            "processes": limits.processes + self._processes_elsewhere(),
            "readable": self._readable(keeper),
        }
        files = [(name, np.frombuffer(data, np.uint8)) for name, data in load.files.items()]
        channel = keeper.serve(header, files)
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

    def lost(self) -> bool:
        """Whether the keeper has ended, which student code cannot bring about."""
        return self._keeper is None or self._keeper.ended()

    def confinement(self) -> list[str]:
        """What holds student code back, as words for the report; known once one has been served."""
        words = [] if self._walls is Walls.NONE else [self._walls.value]
        words += ["own user"] if self._applied.get("own_user") else []
        words += [f"landlock {self._applied['landlock']}"] if self._applied.get("landlock") else []
        words += ["seccomp"] if self._applied.get("seccomp") else []
        words += ["no new privileges"] if self._applied.get("no_new_privileges") else []
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
            prefix = ["bwrap", *bubblewrap(self._site, self._root)]
            return Keeper(self._runtime, [*prefix, self._site.python], "/sandbox", None)
        home = Home(self._site.libraries)
        prefix = unshare() if self._walls is Walls.NAMESPACES else []
        return Keeper(self._runtime, [*prefix, self._site.python], home.libraries, home)

    def _readable(self, keeper: Keeper) -> list[str]:
        """Bubblewrap's file system holds only what may be read; elsewhere there is a list."""
        if self._walls is Walls.BUBBLEWRAP:
            return ["/"]
        return [keeper.libraries, *self._site.readable]

    def _processes_elsewhere(self) -> int:
        """Processes that the kernel counts in although they are not the submission's."""
        if self._walls is not Walls.NONE or os.geteuid() == 0:
            return 2
        return sum(process.uid == os.geteuid() for process in living()) + 2


class Keeper:
    """The trusted end of a running keeper process."""

    def __init__(self, runtime: str, command: list[str], libraries: str, home: Home | None) -> None:
        ours, theirs = socket.socketpair()
        self.libraries = libraries
        self._home = home
        self._uid: int | None = None  # of the latest submission
        self._control = ours
        self._line = Channel(ours)
        boot = BOOT.format(libraries=libraries, preload=runtime, descriptor=theirs.fileno())
        with theirs:
            self._process = subprocess.Popen(
                [*command, "-I", "-S", "-B", "-c", boot],
                env=ENVIRONMENT | dict.fromkeys(THREADS, "1"),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        place = home.path if home else "/tmp"
        with suppress(Gone):  # which `ready` finds, too
            self._line.send({"remove": home is not None}, place, time.monotonic() + START_S)
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

    def serve(self, header: dict[str, Any], files: Any) -> Channel:
        """Hand over a submission's files; the channel that its process will talk over."""
        ours, theirs = socket.socketpair()
        self._pending, self._uid = CLEAR_S, header["uid"]
        rights = array.array("i", [theirs.fileno()])
        try:
            self._line.send(header, files, time.monotonic() + START_S)
            self._control.sendmsg([b"."], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
        except (Late, Gone, WireError, OSError) as error:
            ours.close()
            raise SandboxError(f"the process sandbox did not take the files: {error}") from error
        finally:
            theirs.close()
        return Channel(ours)

    def ended(self) -> bool:
        """Whether the keeper's process has ended, or does within a moment."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(ENDING_S)
        return self._process.returncode is not None

    def kill(self) -> str:
        """End the keeper with everything below it; what it had to say on stderr."""
        self._line.close()
        end_tree(self._process.pid, self._uid)
        complaint = (self._process.communicate()[1] or b"").decode(errors="replace").strip()
        if self._home is not None:
            self._home.remove()
        return complaint.splitlines()[-1] if complaint else "it ended without a word"
