"""Starting, watching and ending processes from inside the sandbox."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from .line import Closed

MOMENTS, MOMENT_S = 100, 0.0002
OUR_FAULT = 70  # the exit code of a process of ours that met what it should not


def start(task: Callable[[], None]) -> int:
    """Fork a process that does the task and nothing else; its id."""
    child = os.fork()
    if child == 0:
        _do(task)
    return child


def run(task: Callable[[], None]) -> None:
    """Do the task in a process of its own and wait for it."""
    os.waitpid(start(task), 0)


def _do(task: Callable[[], None], leave: Callable[[int], NoReturn] = os._exit) -> NoReturn:
    """Do the task and end, also where student code has replaced `os._exit`."""
    try:
        task()
    except Closed:
        leave(0)
    except BaseException:  # noqa: BLE001 - student code may raise anything, and nothing may return
        leave(OUR_FAULT)
    leave(0)


def ending_of(child: int) -> list[int]:
    """Wait for the child: [signal, exit code]."""
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        return [os.WTERMSIG(status), 0]
    return [0, os.WEXITSTATUS(status)]


def kill_all() -> None:
    """Kill every other process that this one may: all of a PID namespace, or all of a user."""
    with suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)


def end_all() -> None:
    """Kill every other process of this one's PID namespace, and wait until none is left."""
    with suppress(ChildProcessError):
        while True:
            kill_all()
            os.waitpid(-1, 0)


def kill_group(leader: int) -> None:
    """Kill a process group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def none_is_left() -> bool:
    """Whether no process lives any more below this one, after a moment for what was killed.

    Who has lost its parent is below this process, too, as long as that adopts orphans.
    """
    for _ in range(MOMENTS):
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return True
        time.sleep(MOMENT_S)
    return False


def reap() -> None:
    """Kill and wait for every process that this one has adopted."""
    while True:
        try:
            ended, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not ended and not _kill_children():
            return


def _kill_children() -> bool:
    """Kill the direct children; whether there are any that can be seen."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as listing:
            children = [int(child) for child in listing.read().split()]
    except OSError:  # an allow-list of files may leave /proc out
        return False
    for child in children:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(child, signal.SIGKILL)
    return bool(children)
