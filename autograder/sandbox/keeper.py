"""The trusted end of a keeper's own line: it is greeted, handed submissions, and waited for."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import numpy as np

from autograder.errors import SandboxError
from autograder.sandbox.channel import Channel, Gone, Late
from autograder.sandbox.imports import Load
from autograder.sandbox.inside.wire import WireError

MEGABYTE = 1024 * 1024
START_S = 30.0
CLEAR_S = 10.0


class KeeperLine:
    """What the trusted side and one keeper say to each other."""

    def __init__(self, line: Channel, home: str, *, remove: bool, shared: list[str]) -> None:
        self._line = line
        with suppress(Late, Gone):  # which `ready` finds, too
            told = {"remove": remove, "shared": shared}
            line.send(told, home, time.monotonic() + START_S)
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

    def hand_over(self, header: dict[str, Any], load: Load) -> None:
        """Give the keeper a submission; raises SandboxError."""
        files = [(name, np.frombuffer(data, np.uint8)) for name, data in load.files.items()]
        header = {"modules": list(load.modules), "one_process": load.one_process, **header}
        self._pending = CLEAR_S
        try:
            self._line.send(header, files, time.monotonic() + START_S)
        except (Late, Gone, WireError) as error:
            raise SandboxError(f"the sandbox did not take the files: {error}") from error

    def close(self) -> None:
        """Hang up; the keeper ends."""
        self._line.close()


def confined(channel: Channel) -> dict[str, Any]:
    """What a submission's fresh process has put on itself; raises SandboxError."""
    try:
        applied: dict[str, Any] = channel.receive(time.monotonic() + START_S)[0]["confined"]
    except (Late, Gone, WireError, KeyError) as error:
        raise SandboxError("the sandbox did not start a submission's process") from error
    if applied.get("no_gpu"):  # said before any student code has run
        raise SandboxError(str(applied["no_gpu"]))
    return applied


def own_confinement(applied: dict[str, Any]) -> list[str]:
    """The same as words for the report."""
    words = ["own user"] if applied.get("own_user") else []
    words += [f"landlock {applied['landlock']}"] if applied.get("landlock") else []
    words += ["seccomp"] if applied.get("seccomp") else []
    return [*words, *(["no new privileges"] if applied.get("no_new_privileges") else [])]
