"""How a keeper is spoken to: over a socket of this machine, or over a container's stdin and stdout.

A link carries the trusted side's words to the keeper, and gives each submission an end of its own:
what student code writes there cannot be taken for a word of the keeper's.
"""

from __future__ import annotations

import array
import fcntl
import os
import select
import socket
import termios
import time
from contextlib import suppress
from typing import Any, Protocol

from . import envelope, processes
from .frames import PREFIX, pack, sizes, unpack
from .line import Closed, Line

CHUNK = 64 * 1024
# Each piece costs some work of the engine's: what is answered while more questions wait can come
# along with the next answers.
GATHERING_S = 0.001


class Link(Protocol):
    """What a keeper needs of its connection to the trusted side."""

    def receive(self) -> tuple[dict[str, Any], Any]:
        """The next words of the trusted side; raises Closed."""

    def send(self, header: dict[str, Any]) -> None:
        """Say something to the trusted side; raises Closed."""

    def accept(self) -> socket.socket:
        """The end that the submission just received is to have."""

    def attend(self, child: int, end: socket.socket, /) -> None:
        """Return when the submission's process has ended, or the trusted side has hung up."""

    def let_go(self) -> None:
        """Close what is not the submission's own; called in its process."""


class SocketLink:
    """A Unix socket, over which comes another one for each submission."""

    def __init__(self, descriptor: int) -> None:
        self._control = socket.socket(fileno=descriptor)
        self._line = Line(self._control)
        self.receive = self._line.receive
        self.send = self._line.send

    def accept(self) -> socket.socket:
        """The socket that comes with the byte after a submission's frame."""
        descriptors = array.array("i")
        _, ancillary, _, _ = self._control.recvmsg(1, socket.CMSG_SPACE(descriptors.itemsize))
        for _, _, data in ancillary:
            descriptors.frombytes(data[: descriptors.itemsize])
        return socket.socket(fileno=descriptors[0])

    def attend(self, child: int, end: socket.socket) -> None:
        """Wait; the submission talks over its own socket."""
        ended = os.pidfd_open(child)
        poll = select.poll()
        poll.register(ended, select.POLLIN)
        for line in (end, self._control):
            poll.register(line, 0)  # hanging up is told without being asked for
        happened = [descriptor for descriptor, _ in poll.poll()]
        os.close(ended)
        if ended in happened:
            with suppress(Closed):  # nobody asks any more: the usual end
                Line(end).send({"submission_over": processes.ending_of(child)})

    def let_go(self) -> None:
        """Close the control socket."""
        self._control.close()


class StreamLink:
    """A container's stdin and stdout, on which the keeper passes a submission's words on."""

    def __init__(self) -> None:
        """Move the two away from descriptors 0 and 1, which prints and C code know."""
        self._incoming, self._outgoing = os.dup(0), os.dup(1)
        os.dup2(2, 1)
        null = os.open("/dev/null", os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        self._ours: socket.socket | None = None

    def receive(self) -> tuple[dict[str, Any], Any]:
        """The next words for the keeper; what was meant for an ended submission is dropped."""
        while True:
            kind, length = self._next_head()
            content = self._read(length)
            if kind == envelope.CONTROL:
                head, _ = sizes(bytes(content[: PREFIX.size]))
                body = PREFIX.size + head
                return unpack(bytes(content[PREFIX.size : body]), content[body:])

    def send(self, header: dict[str, Any]) -> None:
        """Say something to the trusted side."""
        self._write(envelope.CONTROL, pack(header))

    def accept(self) -> socket.socket:
        """One end of a new pair of sockets."""
        self._ours, theirs = socket.socketpair()
        return theirs

    def attend(self, child: int, _end: socket.socket) -> None:
        """Pass on what comes from either side.

        The submission's end stays open here, so that only shutting it down ends the conversation.
        """
        assert self._ours is not None
        ended = os.pidfd_open(child)
        with self._ours as ours:
            if self._relay(ours, ended):
                self._write(envelope.DATA, pack({"submission_over": processes.ending_of(child)}))
        os.close(ended)

    def let_go(self) -> None:
        """Close the streams and the keeper's end of the pair."""
        os.close(self._incoming)
        os.close(self._outgoing)
        if self._ours is not None:
            self._ours.close()

    def _relay(self, ours: socket.socket, ended: int) -> bool:
        """Pass on until the process has ended (True) or the trusted side hangs up (False)."""
        poll = select.poll()
        for descriptor in (self._incoming, ours.fileno(), ended):
            poll.register(descriptor, select.POLLIN)
        while True:
            ready = {descriptor for descriptor, _ in poll.poll()}
            if ours.fileno() in ready:
                if _has_more_to_read(ours):
                    time.sleep(GATHERING_S)
                if not self._pass_out(ours):
                    poll.unregister(ours)
                    self._write(envelope.HANG_UP, b"")
            elif ended in ready:  # and nothing is left to pass out
                return True
            if self._incoming in ready and not self._pass_in(ours):
                return False

    def _pass_out(self, ours: socket.socket) -> bool:
        """Pass on what the submission says; False where it has shut its end down."""
        try:
            said = ours.recv(CHUNK)
        except OSError:
            return False
        if said:
            self._write(envelope.DATA, said)
        return bool(said)

    def _pass_in(self, ours: socket.socket) -> bool:
        """Pass one piece on to the submission; False where it says that there is no more."""
        kind, left = self._next_head()
        while left:
            piece = self._read(min(left, CHUNK))
            left -= len(piece)
            with suppress(OSError):  # it has ended, which is seen and told elsewhere
                ours.sendall(piece)
        return kind == envelope.DATA

    def _next_head(self) -> tuple[int, int]:
        kind, length = envelope.HEAD.unpack(self._read(envelope.HEAD.size))
        return kind, length

    def _read(self, count: int) -> bytearray:
        data = bytearray()
        while len(data) < count:
            piece = os.read(self._incoming, count - len(data))
            if not piece:
                raise Closed
            data += piece
        return data

    def _write(self, kind: int, content: bytes) -> None:
        data = memoryview(envelope.head(kind, len(content)) + content)
        while data:
            try:
                data = data[os.write(self._outgoing, data) :]
            except OSError as error:
                raise Closed from error


def _has_more_to_read(theirs: socket.socket) -> bool:
    """Whether the other end has not read everything that was sent to it."""
    unread = fcntl.ioctl(theirs, termios.TIOCOUTQ, bytes(4))
    return any(unread)
