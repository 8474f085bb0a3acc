"""The trusted end of a container's stdin and stdout, as the engine's attach stream carries them.

The engine wraps what the container writes into frames of its own: which stream (stdout, stderr),
four bytes of length, and the bytes. What stdout carries are the pieces of `inside/envelope.py`.
"""

from __future__ import annotations

import socket
import struct
import time
from contextlib import suppress

from autograder.sandbox.inside import envelope

STDOUT = 1
CHUNK = 64 * 1024
MAX_PIECE = 1024 * 1024  # the keeper passes on far less at a time
MAX_COMPLAINT = 2000
HANG_UP_S = 5.0
_ENGINE_HEAD = struct.Struct(">BxxxI")


class Attachment:
    """One container's streams; raises OSError (TimeoutError when a deadline has passed)."""

    def __init__(self, peer: socket.socket) -> None:
        self._peer = peer
        self._raw = bytearray()  # of the engine's frames
        self._pieces = bytearray()  # of the container's stdout
        self.control = bytearray()
        self.data = bytearray()
        self.hung_up = False  # by the submission
        self._cut_off = False
        self._stderr = bytearray()

    @property
    def complaint(self) -> str:
        """The last line that the container has written to its stderr."""
        lines = self._stderr.decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def send(self, kind: int, content: bytes, deadline: float) -> None:
        """Send one piece; after one that was cut off, no other can be understood."""
        if self._cut_off:
            raise BrokenPipeError
        self._wait(deadline)
        self._cut_off = True
        self._peer.sendall(envelope.head(kind, len(content)) + content)
        self._cut_off = False

    def listen(self, deadline: float) -> bool:
        """Take in what the container says next; False at the end of its stream."""
        while not self._take_piece():
            self._wait(deadline)
            received = self._peer.recv(CHUNK)
            if not received:
                return False
            self._raw += received
            self._unwrap()
        return True

    def close(self) -> None:
        """Let go of the container: its keeper reads the end of its stdin."""
        self._peer.close()

    def _wait(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._peer.settimeout(left)

    def _unwrap(self) -> None:
        """Take the engine's own frames off."""
        while len(self._raw) >= _ENGINE_HEAD.size:
            stream, length = _ENGINE_HEAD.unpack_from(self._raw)
            end = _ENGINE_HEAD.size + length
            if len(self._raw) < end:
                return
            into = self._pieces if stream == STDOUT else self._stderr
            into += self._raw[_ENGINE_HEAD.size : end]
            del self._raw[:end], self._stderr[:-MAX_COMPLAINT]

    def _take_piece(self) -> bool:
        """Sort the first whole piece into its conversation; False where there is none yet."""
        if len(self._pieces) < envelope.HEAD.size:
            return False
        kind, length = envelope.HEAD.unpack_from(self._pieces)
        end = envelope.HEAD.size + length
        if length > MAX_PIECE:
            raise ConnectionError("a piece is larger than a keeper sends")
        if len(self._pieces) < end:
            return False
        self.hung_up |= kind == envelope.HANG_UP
        into = self.control if kind == envelope.CONTROL else self.data
        into += self._pieces[envelope.HEAD.size : end]
        del self._pieces[:end]
        return True


class _Stream:
    """A conversation over an attachment, with the methods of a socket that a channel needs."""

    kind: int

    def __init__(self, attachment: Attachment) -> None:
        self._attachment = attachment
        self._deadline = 0.0

    def settimeout(self, value: float) -> None:
        self._deadline = time.monotonic() + value

    def sendall(self, data: bytes) -> None:
        self._attachment.send(self.kind, data, self._deadline)


class ControlStream(_Stream):
    """What the trusted side and the keeper say to each other."""

    kind = envelope.CONTROL

    def recv_into(self, buffer: memoryview) -> int:
        """Receive some bytes; what an ended submission still says is dropped."""
        while not self._attachment.control:
            if not self._attachment.listen(self._deadline):
                return 0
            self._attachment.data.clear()
            self._attachment.hung_up = False
        return _move(self._attachment.control, buffer)

    def close(self) -> None:
        """Let go of the container."""
        self._attachment.close()


class DataStream(_Stream):
    """What the trusted side and one submission say to each other."""

    kind = envelope.DATA

    def recv_into(self, buffer: memoryview) -> int:
        """Receive some bytes; 0 when it has hung up, or the keeper speaks: then it is over."""
        source = self._attachment
        while not source.data:
            if source.hung_up or source.control or not source.listen(self._deadline):
                return 0
        return _move(self._attachment.data, buffer)

    def close(self) -> None:
        """Tell the keeper that the submission is over."""
        with suppress(OSError):
            self._attachment.send(envelope.HANG_UP, b"", time.monotonic() + HANG_UP_S)


def _move(source: bytearray, buffer: memoryview) -> int:
    count = min(len(source), len(buffer))
    buffer[:count] = source[:count]
    del source[:count]
    return count
