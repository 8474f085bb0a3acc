"""The trusted end of the wire: frames over a socket, each send and receive with a deadline."""

from __future__ import annotations

import time
from typing import Any, Protocol

from autograder.sandbox.exchange import Answer
from autograder.sandbox.inside.frames import PREFIX, frame, read_header, sizes
from autograder.sandbox.inside.wire import Encoded, encode

CHUNK = 64 * 1024


class Late(Exception):
    """The deadline passed before the peer had answered."""


class Gone(Exception):
    """The peer has closed its end."""


class Peer(Protocol):
    """What a channel needs of a connection: a socket's own methods, raising OSError."""

    def settimeout(self, value: float, /) -> None:
        """How long the next call may take, in seconds."""

    def sendall(self, data: bytes, /) -> None:
        """Send all of it."""

    def recv_into(self, buffer: memoryview, /) -> int:
        """Receive some bytes; 0 at the end."""

    def close(self) -> None:
        """Hang up."""


class Channel:
    """Frames to and from one process; raises `Late`, `Gone` or `WireError`."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._ahead = bytearray()  # that came with what was asked for
        self._chunk = memoryview(bytearray(CHUNK))

    def send(self, header: dict[str, Any], value: object, deadline: float) -> None:
        """Send one frame by `deadline` (of `time.monotonic`)."""
        self.send_encoded(header, encode(value), deadline)

    def send_encoded(self, header: dict[str, Any], value: Encoded, deadline: float) -> None:
        """Send a value that is encoded."""
        self.send_frames(frame(header, value), deadline)

    def send_frames(self, content: bytes, deadline: float) -> None:
        """Send one frame or several."""
        self._wait(deadline)
        try:
            self._peer.sendall(content)
        except TimeoutError as error:
            raise Late from error
        except OSError as error:
            raise Gone from error

    def receive(self, deadline: float) -> tuple[dict[str, Any], Any]:
        """The next frame's header and value."""
        answer = self.receive_answer(deadline)
        return answer.header, answer.value

    def receive_answer(self, deadline: float) -> Answer:
        """The next frame, of which only the header is read."""
        head, payload = sizes(self._read(PREFIX.size, deadline))
        header, tree = read_header(self._read(head, deadline))
        return Answer(header, tree, self._read(payload, deadline))

    def close(self) -> None:
        """Hang up; the peer reads the end of the stream."""
        self._peer.close()

    def _read(self, count: int, deadline: float) -> bytearray:
        """Read so many bytes; most frames come whole with the first of them."""
        if count > CHUNK:
            return self._read_long(count, deadline)
        while len(self._ahead) < count:
            got = self._receive_into(self._chunk, deadline)
            self._ahead += self._chunk[:got]
        data = self._ahead[:count]
        del self._ahead[:count]
        return data

    def _read_long(self, count: int, deadline: float) -> bytearray:
        """Read what is worth no second copy."""
        data = bytearray(count)
        view = memoryview(data)
        have = min(count, len(self._ahead))
        view[:have] = self._ahead[:have]
        del self._ahead[:have]
        while have < count:
            have += self._receive_into(view[have:], deadline)
        return data

    def _receive_into(self, view: memoryview, deadline: float) -> int:
        self._wait(deadline)
        try:
            got = self._peer.recv_into(view)
        except TimeoutError as error:
            raise Late from error
        except OSError as error:
            raise Gone from error
        if not got:
            raise Gone
        return got

    def _wait(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise Late
        self._peer.settimeout(left)
