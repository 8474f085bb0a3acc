"""The `docker` backend: each submission in a container that nothing else has run in.

With `reuse` above 1 a container serves that many submissions in turn, each under a user of its own;
its keeper ends all of a submission's processes and removes its files before the next one starts.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any

from autograder.assignment import Limits
from autograder.errors import NoEngine, SandboxError
from autograder.report import SandboxInfo
from autograder.sandbox import processor
from autograder.sandbox.channel import Channel
from autograder.sandbox.container.attachment import Attachment, ControlStream, DataStream
from autograder.sandbox.container.plan import Plan
from autograder.sandbox.gpu import reach
from autograder.sandbox.gpu.lease import Lease
from autograder.sandbox.imports import Load
from autograder.sandbox.keeper import MEGABYTE, KeeperLine, confined, own_confinement

ANSWER_S = 120.0
# Beyond those of the process sandbox, which ends what runs under its own; below 65534, where the
# users of an engine end that maps them.
FIRST_UID, UIDS = 60_001, 5_000
HELD = ("container", "no network", "read-only", "no capabilities", "system calls by allow-list")
MAX_ANSWER = 64 * 1024


class DockerBackend:
    """Serves submissions in containers that a broker starts."""

    name = "docker"

    def __init__(self, plan: Plan, lease: Lease | None = None) -> None:
        self._plan = plan if lease is None else replace(plan, gpu=lease.gpu.uuid)
        self._lease = lease
        self._broker = _Broker(self._plan)
        self._container: _Container | None = None
        self._applied: dict[str, Any] = {}
        self._used_before: float | None = None

    def open(self, load: Load, limits: Limits) -> Channel:
        """A channel to a fresh process that imports the load's modules."""
        container = self._sound_container(limits)
        header = {
            "uid": FIRST_UID + container.served % UIDS if self._plan.reuse > 1 else None,
            "memory": limits.memory_mb * MEGABYTE,
            "processes": None,  # the container's own limit counts its processes only
            "readable": ["/"],
            **(reach.told(self._lease.gpu, limits) if self._lease else {}),
        }
        self._used_before = processor.of_container(container.id)
        channel = container.serve(header, load)
        try:
            self._applied = confined(channel)
        except SandboxError:
            self._drop()
            raise
        return channel

    def close(self, channel: Channel, *, kill: bool) -> None:
        """Hang up; the container goes, or is used again where that is wanted and safe."""
        channel.close()
        if self._container and (kill or self._container.served >= self._plan.reuse):
            self._drop()

    def lost(self) -> bool:
        """Whether the container has ended; from the inside its first process cannot be ended."""
        return self._container is None or not self._broker.is_running(self._container.id)

    def out_of_memory(self) -> bool:
        """Whether the kernel ended a process of it for want of memory; ends the container."""
        return self._container is not None and self._broker.was_starved(self._container.id)

    def processor_seconds(self) -> float | None:
        """What all in the container have used since the submission came."""
        used = processor.of_container(self._container.id) if self._container else None
        return None if used is None or self._used_before is None else used - self._used_before

    def describe(self) -> SandboxInfo:
        """Where student code runs and what holds it back."""
        words = (*HELD, *own_confinement(self._applied), "resource limits")
        fresh = self._plan.reuse == 1
        return SandboxInfo(
            backend=self.name,
            image=self._plan.image,
            fresh=fresh,
            device="cuda" if self._lease else "cpu",
            confinement=words,
        )

    def renew(self) -> None:
        """Give up the container; the next submission has a new one."""
        self._drop()

    def shutdown(self) -> None:
        """Remove every container, end the broker and give the GPU back."""
        self._drop()
        self._broker.close()
        if self._lease is not None:
            self._lease.release()

    def _sound_container(self, limits: Limits) -> _Container:
        """A container whose keeper is ready: the last one where it may be used again."""
        if self._container is not None:
            if self._container.limits == limits and self._container.line.ready():
                return self._container
            self._drop()
        self._container = _Container(*self._broker.start(limits), limits)
        if not self._container.line.ready():
            reason = self._container.complaint() or "its keeper does not answer"
            self._drop()
            raise SandboxError(f"a sandbox container does not start: {reason}")
        return self._container

    def _drop(self) -> None:
        if self._container is not None:
            self._broker.end(self._container.id)
            self._container.line.close()
        self._container = None


class _Container:
    """A running container, as far as this process can reach it: its stream."""

    def __init__(self, container_id: str, stream: socket.socket, limits: Limits) -> None:
        self.id = container_id
        self.limits = limits
        self.served = 0
        self._attachment = Attachment(stream)
        control = Channel(ControlStream(self._attachment))
        shared = ["/dev/shm", "/dev/mqueue"]
        self.line = KeeperLine(control, "/tmp", remove=False, shared=shared)

    def serve(self, header: dict[str, Any], load: Load) -> Channel:
        """Hand over a submission; the channel that its process will talk over."""
        self.served += 1
        self.line.hand_over(header, load)
        return Channel(DataStream(self._attachment))

    def complaint(self) -> str:
        """What the container has said on its stderr."""
        return self._attachment.complaint


class _Broker:
    """The near end of the broker process."""

    def __init__(self, plan: Plan) -> None:
        self._peer, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._peer.settimeout(ANSWER_S)
        program = "from autograder.sandbox.container.broker import main; main()"
        with theirs:
            arguments = [str(theirs.fileno()), json.dumps(asdict(plan))]
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", program, *arguments],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )

    def start(self, limits: Limits) -> tuple[str, socket.socket]:
        """A started container's id and its stream."""
        self._ask({"start": limits.model_dump()})
        answer, descriptors = self._answer()
        return answer["id"], socket.socket(fileno=descriptors[0])

    def is_running(self, container_id: str) -> bool:
        """Whether the container has not ended."""
        self._ask({"is_running": container_id})
        return bool(self._answer()[0]["is_running"])

    def was_starved(self, container_id: str) -> bool:
        """End the container; whether its memory was used up."""
        self._ask({"was_starved": container_id})
        return bool(self._answer()[0]["was_starved"])

    def end(self, container_id: str) -> None:
        """Have it removed, without waiting."""
        with suppress(SandboxError):  # a broker that is gone has removed it
            self._ask({"end": container_id})

    def close(self) -> None:
        """Hang up and wait until all containers are removed."""
        self._peer.close()
        with suppress(subprocess.TimeoutExpired):  # an engine that hangs; the next one sweeps
            self._process.wait(ANSWER_S)

    def _ask(self, request: dict[str, Any]) -> None:
        try:
            self._peer.send(json.dumps(request).encode())
        except OSError as error:
            raise SandboxError("the process that starts containers is gone") from error

    def _answer(self) -> tuple[dict[str, Any], list[int]]:
        try:
            said, descriptors, _, _ = socket.recv_fds(self._peer, MAX_ANSWER, 1)
        except OSError as error:
            self._peer.close()  # an answer that comes later would be taken for another one's
            raise SandboxError("the process that starts containers does not answer") from error
        if not said:
            raise SandboxError("the process that starts containers is gone")
        answer: dict[str, Any] = json.loads(said)
        if "error" in answer:
            raise (NoEngine if answer["no_engine"] else SandboxError)(answer["error"])
        return answer, descriptors
