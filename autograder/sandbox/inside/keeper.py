"""The first process on the sandboxed side: it has the libraries imported and runs no student code.

Over its control socket it is handed one submission after another, each with a socket of its own. It
forks a process for each, waits for its end, and then sees to it that nothing of it is left.
"""

from __future__ import annotations

import array
import gc
import os
import select
import socket
from contextlib import suppress
from functools import partial
from typing import Any

from . import confine, folders, processes
from .line import Closed, Line
from .submission import serve


def main(control_fd: int) -> None:
    """Serve submissions, one at a time, until the trusted side hangs up."""
    confine.hide_memory()
    confine.adopt_orphans()
    gc.freeze()  # forked processes need not copy what they only read
    keeper = Keeper(socket.socket(fileno=control_fd))
    try:
        while True:
            keeper.serve_next()
    except Closed:
        keeper.leave()


class Keeper:
    """The near end of the control socket."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._line = Line(control)
        told, self._home = self._line.receive()
        self._leaves_nothing = told["remove"]
        self._folder = os.path.join(self._home, "submission")
        self._owns_pids = os.getpid() == 1  # then no process of a submission can get away
        self._line.send({"ready": True})

    def serve_next(self) -> None:
        """Serve one submission; raises Closed when the trusted side has hung up."""
        header, files = self._line.receive()
        with socket.socket(fileno=self._descriptor()) as peer:
            line = Line(peer)
            child = processes.start(partial(self._serve, line, header, files))
            if self._ends_by_itself(child, peer):
                self._report(line, processes.ending_of(child))
        self._clear(child, header["uid"])
        self._line.send({"cleared": True})

    def leave(self) -> None:
        """Remove the folder that was made for this keeper: nobody else may be there to do so."""
        if self._leaves_nothing:
            folders.empty(self._home)
            os.rmdir(self._home)

    def _serve(self, line: Line, header: dict[str, Any], files: Any) -> None:
        self._control.close()
        serve(line, self._folder, header, files)

    def _report(self, line: Line, ending: list[int]) -> None:
        with suppress(Closed):  # nobody asks any more: the usual end
            line.send({"submission_over": ending})

    def _descriptor(self) -> int:
        """The socket that comes with the byte after a submission's frame."""
        descriptors = array.array("i")
        _, ancillary, _, _ = self._control.recvmsg(1, socket.CMSG_SPACE(descriptors.itemsize))
        for _, _, data in ancillary:
            descriptors.frombytes(data[: descriptors.itemsize])
        return descriptors[0]

    def _ends_by_itself(self, child: int, peer: socket.socket) -> bool:
        """Wait for the child's end; False when the trusted side hangs up first."""
        ended = os.pidfd_open(child)
        poll = select.poll()
        poll.register(ended, select.POLLIN)
        for line in (peer, self._control):
            poll.register(line, 0)  # hanging up is told without being asked for
        happened = [descriptor for descriptor, _ in poll.poll()]
        os.close(ended)
        return ended in happened

    def _clear(self, child: int, uid: int | None) -> None:
        """Nothing of a submission outlives it: its processes are killed, its files removed."""
        if self._owns_pids:
            processes.end_all()
        else:
            processes.kill_group(child)
            if uid is not None:
                processes.run(partial(_kill_all_of, uid))
            processes.reap()
        if os.path.isdir(self._folder):
            processes.run(partial(_empty, self._folder, uid))
            os.rmdir(self._folder)  # where something is left this fails, and ends this keeper


def _as_user(uid: int | None) -> bool:
    """Become the submission's user, if it has one; whether files and processes are now its own."""
    return uid is None or confine.become(uid)


def _kill_all_of(uid: int) -> None:
    if _as_user(uid):
        processes.kill_all()


def _empty(folder: str, uid: int | None) -> None:
    """Remove all that a folder holds, as its owner."""
    if _as_user(uid):
        folders.empty(folder)
