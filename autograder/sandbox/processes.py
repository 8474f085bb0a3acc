"""Ending everything that a process has started, from outside."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 100  # a fork bomb may outrun one


@dataclass(frozen=True)
class Process:
    """A living process."""

    pid: int
    parent: int
    uid: int


def end_tree(root: int, uid: int | None = None) -> None:
    """Kill the process, what it has started, however deep, and all processes of the user.

    They are stopped first: what is stopped starts nothing more while the others are looked for.
    """
    stopped: set[int] = set()
    for _ in range(ROUNDS):
        fresh = _below(root, uid) - stopped
        if not fresh:
            break
        _signal(fresh, signal.SIGSTOP)
        stopped |= fresh
    _signal(stopped, signal.SIGKILL)
    _signal({root}, signal.SIGKILL)


def living() -> Iterator[Process]:
    """The processes of this machine, as far as they can be seen."""
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with suppress(OSError, KeyError):
                lines = Path(entry.path, "status").read_text("utf-8", "replace").splitlines()
                facts = dict(line.split(":", 1) for line in lines if ":" in line)
                if "Z" not in facts["State"]:
                    uid = int(facts["Uid"].split()[1])
                    yield Process(int(entry.name), int(facts["PPid"]), uid)


def _below(root: int, uid: int | None) -> set[int]:
    """Processes below `root` and of the user; orphans are there too, since keepers adopt them."""
    children: dict[int, list[int]] = {}
    found: list[int] = []
    for process in living():
        children.setdefault(process.parent, []).append(process.pid)
        if process.uid == uid:
            found.append(process.pid)
    found.extend(children.get(root, ()))
    for descendant in found:
        found.extend(pid for pid in children.get(descendant, ()) if pid not in found)
    return set(found)


def _signal(pids: set[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)
