"""The sandboxed end of the wire: frames over a socket, without deadlines."""

from __future__ import annotations

import socket
from typing import Any

from .wire import PREFIX, pack, sizes, unpack


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
        head, payload = sizes(bytes(self._read(PREFIX.size)))
        return unpack(bytes(self._read(head)), self._read(payload))

    def _read(self, count: int) -> bytearray:
        data = bytearray(count)
        view = memoryview(data)
        while view:
            got = self.peer.recv_into(view)
            if not got:
                raise Closed
            view = view[got:]
        return data
