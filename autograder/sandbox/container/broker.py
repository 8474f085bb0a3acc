"""The process that owns the connection to the Docker engine.

Grading processes parse what student code sends, and must not be able to speak to the engine: they
ask this one for containers, and are handed each one's attached stream. When a grading process ends,
however it does, its broker removes all of its containers.

A request is one JSON text: ``{"start": limits}`` is answered with the container's id and, as a
descriptor, its stream; ``{"is_running": id}`` and ``{"was_starved": id}`` with yes or no; ``{"end":
id}`` not at all.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from docker.errors import APIError, NotFound
from requests.exceptions import ConnectionError as ConnectionFailed
from requests.exceptions import Timeout

from autograder.assignment import Limits
from autograder.errors import NoEngine, SandboxError
from autograder.sandbox.container.engine import PerThread, speaking
from autograder.sandbox.container.flags import creation
from autograder.sandbox.container.plan import Plan
from autograder.sandbox.inside import confine

RUN_LABEL = "autograder.run"
UNTIL_LABEL = "autograder.until"
LONGEST_LIFE_S = 6 * 3600
STARTING_S = 30  # how long a container may be there before it runs
ASKED_ABOUT_S = 10  # and after it has ended
NEVER = "0001-"  # the year in which the engine says that what has not happened did
MAX_REQUEST = 64 * 1024
ENDING_S = 30
NOTICE_S = 0.5


def main() -> None:
    """Serve the grading process at the other end of the socket until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the grading process hears it, and hangs up
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    confine.hide_memory()  # from the grading process, which is its parent and has its user
    with socket.socket(fileno=int(sys.argv[1])) as peer:
        broker = Broker(Plan(**json.loads(sys.argv[2])))
        try:
            with suppress(ConnectionError):  # the grading process was killed
                while request := peer.recv(MAX_REQUEST):
                    broker.answer(json.loads(request), peer)
        finally:
            broker.close()


@dataclass(frozen=True)
class Started:
    """A container that runs, and its stream."""

    id: str
    stream: socket.socket


class Broker:
    """Starts, watches and removes the containers of one grading process."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._engine = PerThread()
        self._run = f"{os.getpid()}-{os.urandom(6).hex()}"
        self._pool = ThreadPoolExecutor(2)
        self._removing = ThreadPoolExecutor(1)  # which may be slow, and keeps nobody waiting
        self._given: set[str] = set()  # a grading process may ask about its own containers only
        self._spares: deque[Future[Started]] = deque()
        self._limits: Limits | None = None  # of the spares
        self._removing.submit(_quietly, sweep)

    def answer(self, request: dict[str, Any], peer: socket.socket) -> None:
        """Do what is asked; what the engine refuses is told as an error."""
        try:
            if "end" in request:
                self._given.remove(request["end"])
                self._remove_soon(request["end"])
            elif "start" in request:
                started = self._start(Limits(**request["start"]))
                self._given.add(started.id)
                with started.stream:
                    _say(peer, {"id": started.id}, started.stream.fileno())
            elif "is_running" in request:
                _say(peer, {"is_running": self._is_running(self._known(request["is_running"]))})
            else:
                _say(peer, {"was_starved": self._was_starved(self._known(request["was_starved"]))})
        except SandboxError as error:
            _say(peer, {"error": str(error), "no_engine": isinstance(error, NoEngine)})

    def close(self) -> None:
        """Remove everything that was started here, and what others have left meanwhile."""
        for pool in (self._pool, self._removing):
            pool.shutdown(cancel_futures=True)
        _quietly(_remove_all, self._engine, f"{RUN_LABEL}={self._run}")
        _quietly(sweep)

    def _start(self, limits: Limits) -> Started:
        """A spare, or a new one where there is none; and another spare for the next request."""
        if limits != self._limits:
            self._drop_spares()
            self._limits = limits
        first = self._spares.popleft() if self._spares else self._submit(limits)
        while len(self._spares) < self._plan.spares:
            self._spares.append(self._submit(limits))
        return first.result()

    def _submit(self, limits: Limits) -> Future[Started]:
        return self._pool.submit(self._create, limits)

    def _create(self, limits: Limits) -> Started:
        """Create, attach, start: attached before it says its first word."""
        until = str(int(time.time()) + LONGEST_LIFE_S)
        labels = {RUN_LABEL: self._run, UNTIL_LABEL: until}
        with speaking():
            client = self._engine.client
            container = client.containers.create(**creation(self._plan, limits, labels))
            streams = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
            attached: Any = container.attach_socket(params=streams)
            container.start()
            stream = socket.fromfd(attached.fileno(), socket.AF_UNIX, socket.SOCK_STREAM)
            attached.close()
        return Started(str(container.id), stream)

    def _drop_spares(self) -> None:
        for spare in self._spares:
            with suppress(SandboxError):
                started = spare.result()
                started.stream.close()
                self._remove_soon(started.id)
        self._spares.clear()

    def _known(self, container_id: str) -> str:
        """The id, where it is one of those given out; KeyError for any other ends this process."""
        if container_id not in self._given:
            raise KeyError(container_id)
        return container_id

    def _is_running(self, container_id: str) -> bool:
        """Whether it runs, and still does after a moment: the engine hears of an end late."""
        deadline = time.monotonic() + NOTICE_S
        while self._state(container_id).get("Running"):
            if time.monotonic() > deadline:
                return True
            time.sleep(NOTICE_S / 10)
        return False

    def _state(self, container_id: str) -> dict[str, Any]:
        """What the engine says of it; nothing where it is not there any more."""
        with speaking(), suppress(NotFound):
            state: dict[str, Any] = self._engine.client.api.inspect_container(container_id)["State"]
            return state
        return {}

    def _was_starved(self, container_id: str) -> bool:
        """End it, since the engine tells only of a container that has ended."""
        with speaking(), suppress(NotFound):
            api = self._engine.client.api
            with suppress(APIError):  # it has ended
                api.kill(container_id)
            with suppress(Timeout, ConnectionFailed):  # a driver may hold its processes
                api.wait(container_id, timeout=ENDING_S)
        return bool(self._state(container_id).get("OOMKilled"))

    def _remove_soon(self, container_id: str) -> None:
        self._removing.submit(_quietly, _remove, self._engine, container_id)


def sweep() -> None:
    """Remove what graders have left that were killed together with their brokers."""
    _remove_all(PerThread(), RUN_LABEL, _is_left_over)


def _is_left_over(container: dict[str, Any]) -> bool:
    """Whether nobody can want it any more, of what the engine says about it."""
    now, state = datetime.now(UTC), container["State"]
    if float(container["Config"]["Labels"].get(UNTIL_LABEL, 0)) < now.timestamp():
        return True
    if state["Running"]:
        return False
    started = not state["StartedAt"].startswith(NEVER)
    since = state["FinishedAt"] if started else container["Created"]
    age = now - datetime.fromisoformat(since[:19]).replace(tzinfo=UTC)
    return age.total_seconds() > (ASKED_ABOUT_S if started else STARTING_S)


def _remove_all(
    engine: PerThread, label: str, chosen: Callable[[dict[str, Any]], bool] = bool
) -> None:
    with speaking():
        api = engine.client.api
        for listed in api.containers(all=True, filters={"label": label}):
            with suppress(NotFound):
                if chosen(api.inspect_container(listed["Id"])):
                    _remove(engine, listed["Id"])


def _remove(engine: PerThread, container_id: str) -> None:
    with speaking(), suppress(NotFound):
        engine.client.api.remove_container(container_id, v=True, force=True)


def _quietly(task: Callable[..., None], *arguments: object) -> None:
    """Clearing up: what fails is left to the next sweep."""
    with suppress(SandboxError):
        task(*arguments)


def _say(peer: socket.socket, answer: dict[str, Any], *descriptors: int) -> None:
    socket.send_fds(peer, [json.dumps(answer).encode()], list(descriptors))
