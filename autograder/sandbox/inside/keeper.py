"""The first process on the sandboxed side: it has the libraries imported and runs no student code.

It is handed one submission after another, each with a connection of its own. It forks a process for
each, waits for its end, and then sees to it that nothing of it is left.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
from functools import partial
from typing import Any

from . import ahead, confine, folders, processes
from .line import Closed, Line
from .links import Link
from .submission import serve


def main(link: Link) -> None:
    """Serve submissions, one at a time, until the trusted side hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # what process 1 does not handle cannot end it
    confine.hide_memory()
    confine.adopt_orphans()
    ahead.seed()
    confine.call_filter()
    gc.freeze()  # forked processes need not copy what they only read
    try:
        keeper = Keeper(link)
    except Closed:  # nobody wants it any more
        return
    try:
        while True:
            keeper.serve_next()
    except Closed:
        keeper.leave()


class Keeper:
    """Serves submissions in a home of its own."""

    def __init__(self, link: Link) -> None:
        self._link = link
        told, self._home = link.receive()
        self._leaves_nothing = told["remove"]
        self._shared = (self._home, *told["shared"])  # where something could be left
        self._folder = os.path.join(self._home, "submission")
        self._owns_pids = os.getpid() == 1  # then no process of a submission can get away
        self._at_first = self._found()
        self._starved = confine.starved()
        link.send({"ready": True})

    def serve_next(self) -> None:
        """Serve one submission; raises Closed when the trusted side has hung up."""
        header, files = self._link.receive()
        with self._link.accept() as end:
            child = processes.start(partial(self._serve, end, header, files))
            self._link.attend(child, end)
        self._clear(child, header["uid"])
        self._link.send({"cleared": True})

    def leave(self) -> None:
        """Remove the folder that was made for this keeper: nobody else may be there to do so."""
        if self._leaves_nothing:
            folders.empty(self._home)
            os.rmdir(self._home)

    def _serve(self, end: socket.socket, header: dict[str, Any], files: Any) -> None:
        self._link.let_go()
        serve(Line(end), self._folder, header, files)

    def _clear(self, child: int, uid: int | None) -> None:
        """Nothing of a submission outlives it: its processes are killed, its files removed."""
        if self._owns_pids:
            processes.end_all()
        else:
            processes.kill_group(child)
            if not processes.none_is_left():
                if uid is not None:
                    processes.run(partial(_kill_all_of, uid))
                processes.reap()
        if os.path.isdir(self._folder):
            with confine.acting_as(uid):
                folders.empty(self._folder)
            os.rmdir(self._folder)
        if self._found() != self._at_first:
            raise RuntimeError("a submission has left something outside of its folder")
        if confine.starved() != self._starved:  # or the next one would be blamed for it
            raise RuntimeError("a submission has used up the memory")

    def _found(self) -> list[list[str]]:
        return [sorted(os.listdir(place)) for place in self._shared]


def _kill_all_of(uid: int) -> None:
    if confine.become(uid):
        processes.kill_all()
