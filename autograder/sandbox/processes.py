"""Ending everything that a process has started, from outside."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

ROUNDS = 20  # a fork bomb may outrun one


def end_tree(pid: int) -> None:
    """Kill what the process has started, however deep, and then the process itself."""
    for _ in range(ROUNDS):
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
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)
