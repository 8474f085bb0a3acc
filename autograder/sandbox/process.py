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
from contextlib import suppress
from pathlib import Path
from typing import Any

from autograder.assignment import Limits
from autograder.errors import SandboxError
from autograder.report import SandboxInfo
from autograder.sandbox import processor
from autograder.sandbox.channel import Channel
from autograder.sandbox.environment import ENVIRONMENT
from autograder.sandbox.gpu import reach
from autograder.sandbox.gpu.lease import Lease
from autograder.sandbox.homes import Home
from autograder.sandbox.imports import Load
from autograder.sandbox.keeper import (
    MEGABYTE,
    KeeperLine,
    confined,
    own_confinement,
)
from autograder.sandbox.processes import end_tree, living
from autograder.sandbox.walls import (
    Site,
    Walls,
    bubblewrap,
    own_uids,
    strongest_walls,
    unshare,
)

ENDING_S = 0.5
# What hangs in a call of a driver ends only when the call does: nobody waits longer than this.
KILLED_S = 10.0
STUCK = b"it was killed and does not end: the kernel or a driver holds it"
BOOT = (
    "import sys; sys.path.insert(0, {libraries!r}); import {preload}; "
    "from inside import keeper, links; keeper.main(links.SocketLink({descriptor}))"
)


class ProcessBackend:
    """Serves submissions in turn through one keeper, replaced when it is no longer sound."""

    name = "process"

    def __init__(
        self,
        root: Path,
        runtime: str = "numpy",
        *,
        walls: Walls | None = None,
        lease: Lease | None = None,
    ) -> None:
        self._root = root
        self._lease = lease
        self._site = Site.of(runtime)
        self._runtime = runtime
        self._walls = walls if walls is not None else strongest_walls()
        self._uids = own_uids(self._site, self._walls)
        self._keeper: Keeper | None = None
        self._applied: dict[str, Any] = {}
        self._used_before: float | None = None
        if lease is not None:
            self._check_walls()

    def open(self, load: Load, limits: Limits) -> Channel:
        """A channel to a fresh process that imports the load's modules."""
        keeper = self._sound_keeper()
        header = {
            "uid": next(self._uids, None),
            "memory": limits.memory_mb * MEGABYTE,
            "processes": limits.processes + self._processes_elsewhere(),
            "readable": self._readable(keeper),
            **(reach.told(self._lease.gpu, limits) if self._lease else {}),
        }
        self._used_before = keeper.processor_seconds()
        channel = keeper.serve(header, load)
        try:
            self._applied = confined(channel)
        except SandboxError:
            self.close(channel, kill=True)
            raise
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

    def out_of_memory(self) -> bool:
        """Never: each process has its own limit, and meets it as an error of its own."""
        return False

    def processor_seconds(self) -> float | None:
        """What the keeper and all below it have used since the submission came."""
        used = self._keeper.processor_seconds() if self._keeper else None
        return None if used is None or self._used_before is None else used - self._used_before

    def describe(self) -> SandboxInfo:
        """What holds student code back; known once a submission has been served."""
        walls = [] if self._walls is Walls.NONE else [self._walls.value]
        words = [*walls, *own_confinement(self._applied), "resource limits"]
        device = "cuda" if self._lease else "cpu"
        return SandboxInfo(backend=self.name, device=device, confinement=tuple(words))

    def renew(self) -> None:
        """End the keeper; the next submission has a new one."""
        self._end_keeper()

    def shutdown(self) -> None:
        """End the keeper and everything below it; give the GPU back."""
        self._end_keeper()
        if self._lease is not None:
            self._lease.release()

    def _end_keeper(self) -> None:
        if self._keeper is not None:
            self._keeper.kill()
            self._keeper = None

    def _check_walls(self) -> None:
        """Raise SandboxError where one GPU cannot be handed in without the others."""
        if self._walls is not Walls.BUBBLEWRAP:
            how = "install it, or grade with --sandbox docker"
            raise SandboxError(f"a process reaches a GPU only behind bubblewrap: {how}")

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
            gpu = self._lease.gpu if self._lease else None
            prefix = ["bwrap", *bubblewrap(self._site, self._root, reach.bound(gpu))]
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
        boot = BOOT.format(libraries=libraries, preload=runtime, descriptor=theirs.fileno())
        with theirs:
            self._process = subprocess.Popen(
                [*command, "-I", "-S", "-B", "-c", boot],
                env=ENVIRONMENT,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        place, shared = (home.path, []) if home else ("/tmp", ["/dev/shm"])
        self._line = KeeperLine(Channel(ours), place, remove=home is not None, shared=shared)
        self.ready = self._line.ready

    def serve(self, header: dict[str, Any], load: Load) -> Channel:
        """Hand over a submission; the channel that its process will talk over."""
        self._uid = header["uid"]
        self._line.hand_over(header, load)
        ours, theirs = socket.socketpair()
        rights = array.array("i", [theirs.fileno()])
        try:
            self._control.sendmsg([b"."], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
        except OSError as error:
            ours.close()
            raise SandboxError(f"the sandbox did not take the files: {error}") from error
        finally:
            theirs.close()
        return Channel(ours)

    def processor_seconds(self) -> float | None:
        """What it has used until now, with all that it has started."""
        return processor.of_tree(self._process.pid)

    def ended(self) -> bool:
        """Whether the keeper's process has ended, or does within a moment."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(ENDING_S)
        return self._process.returncode is not None

    def kill(self) -> str:
        """End the keeper with everything below it; what it had to say on stderr."""
        self._line.close()
        end_tree(self._process.pid, self._uid)
        said = self._last_words()
        complaint = said.decode(errors="replace").strip()
        if self._home is not None:
            self._home.remove()
        return complaint.splitlines()[-1] if complaint else "it ended without a word"

    def _last_words(self) -> bytes:
        """What it has said on stderr until its end, which may not come."""
        try:
            return self._process.communicate(timeout=KILLED_S)[1] or b""
        except subprocess.TimeoutExpired:
            if self._process.stderr is not None:
                self._process.stderr.close()
            return STUCK
