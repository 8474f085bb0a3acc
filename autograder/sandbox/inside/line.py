"""The sandboxed end of the wire: frames over a socket, without deadlines."""

from __future__ import annotations

import socket
from typing import Any

from .frames import PREFIX, pack, sizes, unpack


class Closed(Exception):
    """The trusted side has hung up."""


class Line:
    """Sends and receives frames; raises `Closed` and `WireError`."""

    def __init__(self, peer: socket.socket) -> None:
        self.peer = peer

    def send(self, header: dict[str, Any], value: object = None) -> None:
        """Send one frame."""
        try:
            self.peer.sendall(pack(header, value))
        except OSError as error:
            raise Closed from error

    def receive(self) -> tuple[dict[str, Any], Any]:
        """The next frame's header and value."""
        prefix = bytearray(PREFIX.size)
        self._fill(prefix)
        head, payload = map(bytearray, sizes(prefix))
        self._fill(head, payload)
        return unpack(head, payload)

    def _fill(self, *buffers: bytearray) -> None:
        """Read exactly that much: what follows may be meant for another process."""
        views = [memoryview(buffer) for buffer in buffers if buffer]
        while views:
            got = self.peer.recvmsg_into(views)[0]
            if not got:
                raise Closed
            while views and got >= len(views[0]):
                got -= len(views.pop(0))
            if views:
                views[0] = views[0][got:]
