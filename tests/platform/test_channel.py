"""The trusted end of a socket: frames, deadlines, and peers that do not behave."""

import socket
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from autograder.sandbox.channel import CHUNK, Channel, Gone, Late
from autograder.sandbox.inside.frames import PREFIX, pack
from autograder.sandbox.inside.line import Closed, Line
from autograder.sandbox.inside.wire import WireError


@pytest.fixture
def ends() -> Iterator[tuple[Channel, socket.socket]]:
    """Our end as a channel, the other as a bare socket."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Channel(ours), theirs


def soon(seconds: float = 0.1) -> float:
    """Return a deadline."""
    return time.monotonic() + seconds


def test_frames_go_both_ways(ends: tuple[Channel, socket.socket]) -> None:
    """A channel and the worker's line understand each other."""
    channel, theirs = ends
    line = Line(theirs)
    channel.send({"op": "call"}, np.arange(3), soon(5))
    header, value = line.receive()
    line.send({"id": 1}, value * 2)
    assert header == {"op": "call"}
    assert channel.receive(soon(5))[1].tolist() == [0, 2, 4]


def test_silence_is_late(ends: tuple[Channel, socket.socket]) -> None:
    """Nothing, or half a frame, is waited for until the deadline and no longer."""
    channel, theirs = ends
    theirs.sendall(pack({}, "half")[:-3])
    started = time.monotonic()
    with pytest.raises(Late):
        channel.receive(soon())
    assert time.monotonic() - started < 1


def test_a_drip_does_not_stretch_the_deadline(ends: tuple[Channel, socket.socket]) -> None:
    """A peer that sends a byte now and then does not get its time anew with each."""
    channel, theirs = ends
    stop = threading.Event()

    def drip() -> None:
        for byte in pack({}, "x" * 1000):
            if stop.wait(0.01):
                return
            theirs.send(bytes([byte]))

    dripping = threading.Thread(target=drip)
    dripping.start()
    started = time.monotonic()
    with pytest.raises(Late):
        channel.receive(soon(0.2))
    took = time.monotonic() - started
    stop.set()
    dripping.join()
    assert took < 1


def test_a_peer_that_does_not_read_is_late(ends: tuple[Channel, socket.socket]) -> None:
    """Sending more than the kernel holds ends at the deadline."""
    with pytest.raises(Late):
        ends[0].send({}, np.zeros(1_000_000), soon())


def test_a_closed_peer_is_gone(ends: tuple[Channel, socket.socket]) -> None:
    """The end of the stream is told from silence, also within a frame."""
    channel, theirs = ends
    theirs.sendall(pack({}, 1)[:20])
    theirs.close()
    with pytest.raises(Gone):
        channel.receive(soon())
    with pytest.raises(Gone):
        channel.send({}, np.zeros(1_000_000), soon())


def test_a_passed_deadline_is_late_without_reading(ends: tuple[Channel, socket.socket]) -> None:
    """A reply that comes after the deadline does not count, even when it lies there."""
    channel, theirs = ends
    theirs.sendall(pack({}, 1))
    with pytest.raises(Late):
        channel.receive(time.monotonic() - 1)


def test_a_huge_length_is_refused_at_once(ends: tuple[Channel, socket.socket]) -> None:
    """2**63 bytes are not waited for."""
    channel, theirs = ends
    theirs.sendall(PREFIX.pack(b"AGW1", 2, 2**63))
    with pytest.raises(WireError):
        channel.receive(soon())


def test_the_worker_leaves_when_nobody_listens(ends: tuple[Channel, socket.socket]) -> None:
    """The line's end raises Closed, on reading and on writing."""
    channel, theirs = ends
    channel.close()
    with pytest.raises(Closed):
        Line(theirs).receive()
    with pytest.raises(Closed):
        Line(theirs).send({}, 1)


def test_frames_that_come_together_are_read_one_by_one(ends: tuple[Channel, socket.socket]) -> None:
    """Small ones, and one that is larger than what is read at once, in any order."""
    channel, theirs = ends
    large = np.arange(CHUNK, dtype=np.float64)
    frames = [pack({"n": 0}, large[:3]), pack({"n": 1}, large), pack({"n": 2}), pack({"n": 3}, 1)]
    sender = threading.Thread(target=theirs.sendall, args=(b"".join(frames),))
    sender.start()
    got = [channel.receive(time.monotonic() + 10) for _ in frames]
    sender.join()
    assert [header["n"] for header, _ in got] == [0, 1, 2, 3]
    assert got[1][1].tolist() == large.tolist()
    assert (got[0][1].tolist(), got[2][1], got[3][1]) == ([0, 1, 2], None, 1)
