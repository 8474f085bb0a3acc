"""The trusted end of a container's streams: whatever way the bytes come, they mean the same."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.sandbox.container import attachment
from autograder.sandbox.container.attachment import Attachment, ControlStream, DataStream
from autograder.sandbox.inside import envelope

CONTROL, DATA, HANG_UP = envelope.CONTROL, envelope.DATA, envelope.HANG_UP
STDOUT, STDERR = 1, 2
Pieces = list[tuple[int, bytes]]


class Ends:
    """Our end as the platform has it, and the engine's as a bare socket.

    It keeps the borders of what is sent, so that a test chooses what is received at once.
    """

    def __init__(self, ours: socket.socket, engine: socket.socket) -> None:
        self.engine = engine
        self.attachment = Attachment(ours)
        self.control = ControlStream(self.attachment)
        self.data = DataStream(self.attachment)
        for stream in (self.control, self.data):
            stream.settimeout(5)

    def say(self, *pieces: tuple[int, bytes]) -> None:
        """Send each piece in an engine's frame of its own."""
        for kind, content in pieces:
            self.engine.send(wrap(piece(kind, content)))


@contextmanager
def connected() -> Iterator[Ends]:
    """Both ends, closed afterwards."""
    ours, engine = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, engine:
        yield Ends(ours, engine)


@pytest.fixture
def ends() -> Iterator[Ends]:
    """The same for a test that needs them once."""
    with connected() as both:
        yield both


def piece(kind: int, content: bytes) -> bytes:
    """Return what a keeper writes."""
    return envelope.head(kind, len(content)) + content


def wrap(content: bytes, stream: int = STDOUT) -> bytes:
    """Return the engine's frame around what a container has written."""
    return struct.pack(">BxxxI", stream, len(content)) + content


def read(stream: ControlStream | DataStream, size: int = 1 << 16) -> bytes:
    """Receive once."""
    buffer = bytearray(size)
    return bytes(buffer[: stream.recv_into(memoryview(buffer))])


def read_all(stream: ControlStream | DataStream, size: int = 1 << 16) -> bytes:
    """Receive until there is no more."""
    return b"".join(iter(lambda: read(stream, size), b""))


def split(content: bytes, cuts: list[int]) -> list[bytes]:
    """Cut at these places."""
    places = [0, *sorted({cut % (len(content) + 1) for cut in cuts}), len(content)]
    return [content[start:end] for start, end in pairwise(places) if start < end]


def test_pieces_are_sorted(ends: Ends) -> None:
    """What the keeper says and what a submission says do not mix."""
    ends.say((CONTROL, b"ready"), (DATA, b"4"), (DATA, b"2"))
    assert read(ends.control) == b"ready"
    assert read(ends.data) + read(ends.data) == b"42"


def test_a_small_buffer_gets_a_part(ends: Ends) -> None:
    """The rest is there for the next call."""
    ends.say((DATA, b"abcdef"))
    assert [read(ends.data, 4), read(ends.data, 4)] == [b"abcd", b"ef"]


STREAM = wrap(piece(DATA, b"one")) + wrap(b"a warning\n", STDERR) + wrap(piece(DATA, b"two"))


@pytest.mark.parametrize("cut", range(len(STREAM) + 1))
def test_engine_frames_may_be_cut_anywhere(ends: Ends, cut: int) -> None:
    """In a head, in the content, between two frames."""
    for part in filter(None, [STREAM[:cut], STREAM[cut:]]):
        ends.engine.send(part)
    ends.engine.close()
    assert read_all(ends.data) == b"onetwo"
    assert ends.attachment.complaint == "a warning"


def test_engine_frames_may_come_byte_by_byte(ends: Ends) -> None:
    """Each in a packet of its own."""
    for byte in STREAM:
        ends.engine.send(bytes([byte]))
    ends.engine.close()
    assert read_all(ends.data) == b"onetwo"


@pytest.mark.parametrize("cut", range(1, len(piece(DATA, b"hello"))))
def test_a_piece_may_be_cut_by_engine_frames(ends: Ends, cut: int) -> None:
    """The engine knows nothing of pieces; stderr may come between."""
    whole = piece(DATA, b"hello")
    ends.engine.send(wrap(whole[:cut]) + wrap(b"noise", STDERR) + wrap(whole[cut:]))
    assert read(ends.data) == b"hello"


def test_one_engine_frame_may_hold_many_pieces(ends: Ends) -> None:
    """And a part of the next."""
    ends.engine.send(wrap(piece(DATA, b"a") + piece(DATA, b"b") + piece(DATA, b"cd")[:-1]))
    ends.engine.send(wrap(b"d"))
    assert [read(ends.data) for _ in range(3)] == [b"a", b"b", b"cd"]


def test_empty_pieces_and_frames_are_nothing(ends: Ends) -> None:
    """They are neither data nor the end."""
    ends.engine.send(wrap(b""))
    ends.say((DATA, b""), (DATA, b""), (DATA, b"x"))
    assert read(ends.data) == b"x"


chunks = st.lists(st.integers(0, 10_000), max_size=12)
spoken = st.lists(st.tuples(st.just(DATA), st.binary(max_size=40)), max_size=12)


@given(
    pieces=spoken,
    frames=chunks,
    packets=chunks,
    noise=st.binary(max_size=20),
    size=st.integers(1, 50),
)
@settings(deadline=None)
def test_any_way_of_cutting_gives_the_same_bytes(
    pieces: Pieces, frames: list[int], packets: list[int], noise: bytes, size: int
) -> None:
    """Pieces into engine frames, with stderr between, those into packets, and any buffer."""
    written = b"".join(piece(kind, content) for kind, content in pieces)
    stream = b"".join(wrap(part) + wrap(noise, STDERR) for part in split(written, frames))
    with connected() as ends:
        for packet in split(stream, packets):
            ends.engine.send(packet)
        ends.engine.close()
        assert read_all(ends.data, size) == b"".join(content for _, content in pieces)


@given(
    pieces=st.lists(
        st.tuples(st.sampled_from([CONTROL, DATA]), st.binary(max_size=9)), max_size=12
    ),
    frames=chunks,
    packets=chunks,
)
@settings(deadline=None)
def test_the_keepers_words_come_whole(
    pieces: Pieces, frames: list[int], packets: list[int]
) -> None:
    """Whatever submissions say in between, and however it is cut."""
    written = b"".join(piece(kind, content) for kind, content in pieces)
    stream = b"".join(map(wrap, split(written, frames)))
    with connected() as ends:
        for packet in split(stream, packets):
            ends.engine.send(packet)
        ends.engine.close()
        said = b"".join(content for kind, content in pieces if kind == CONTROL)
        assert read_all(ends.control) == said


def test_the_complaint_is_the_last_line(ends: Ends) -> None:
    """What a container says on stderr is not in its stream, and the last line is kept."""
    assert ends.attachment.complaint == ""
    ends.engine.send(wrap(b"Traceback\n  ...\n", STDERR) + wrap(b"ImportError: n\xffo\n\n", STDERR))
    ends.engine.close()
    assert read(ends.control) == b""
    assert ends.attachment.complaint == "ImportError: n\ufffdo"


def test_the_complaint_is_bounded(ends: Ends) -> None:
    """A container that writes a lot to stderr fills no memory of ours."""
    writing = threading.Thread(target=flood, args=(ends.engine, wrap(b"x" * 10_000, STDERR), 500))
    writing.start()
    assert read(ends.control) == b""
    writing.join()
    assert 0 < len(ends.attachment.complaint) <= attachment.MAX_COMPLAINT
    assert len(ends.attachment._stderr) <= attachment.MAX_COMPLAINT


def flood(engine: socket.socket, content: bytes, times: int) -> None:
    """Send the same again and again, then hang up."""
    with engine, suppress(OSError):
        for _ in range(times):
            engine.sendall(content)


def test_a_piece_too_large_is_refused(ends: Ends) -> None:
    """Its head is enough: nothing of that size is waited for."""
    ends.engine.send(wrap(envelope.HEAD.pack(DATA, attachment.MAX_PIECE + 1)))
    with pytest.raises(ConnectionError, match="larger than a keeper sends"):
        read(ends.data)


def test_a_piece_of_the_largest_size_is_taken(ends: Ends) -> None:
    """One byte less is a piece like any other."""
    content = bytes(attachment.MAX_PIECE)
    parts = split(piece(DATA, content), list(range(0, len(content), 16_000)))
    stream = b"".join(map(wrap, parts))
    packets = split(stream, list(range(0, len(stream), 50_000)))
    writing = threading.Thread(target=lambda: [ends.engine.send(packet) for packet in packets])
    writing.start()
    assert read(ends.data, len(content)) == content
    writing.join()


@pytest.mark.parametrize("stream", ["control", "data"])
@pytest.mark.parametrize("said", [b"", STREAM[:3], wrap(piece(DATA, b"abc")[:-1])])
def test_the_end_is_zero_bytes(ends: Ends, stream: str, said: bytes) -> None:
    """As with a socket, also in the middle of something."""
    if said:
        ends.engine.send(said)
    ends.engine.close()
    assert read(getattr(ends, stream)) == b""


def test_a_connection_that_breaks_is_an_error() -> None:
    """What the system says is passed on."""
    ours, engine = socket.socketpair()
    with ours:
        ends = Ends(ours, engine)
        ends.control.sendall(b"unread")
        engine.close()
        with pytest.raises(ConnectionError):
            read(ends.control)


@pytest.mark.parametrize("stream", ["control", "data"])
@pytest.mark.parametrize("said", [b"", STREAM[:3], wrap(piece(DATA, b"abc")[:-1])])
def test_silence_is_a_time_out(ends: Ends, stream: str, said: bytes) -> None:
    """Nothing, or a part of something, is waited for until the deadline and no longer."""
    if said:
        ends.engine.send(said)
    getattr(ends, stream).settimeout(0.05)
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        read(getattr(ends, stream))
    assert time.monotonic() - started < 1


JUNK = {
    "stderr": [wrap(b"noise\n", STDERR)],
    "empty pieces": [wrap(piece(DATA, b""))],
    "empty frames": [wrap(b"")],
    "one large piece": [wrap(piece(DATA, bytes(1000))[:6]), wrap(b"x")],
}


@pytest.mark.parametrize("kind", JUNK)
def test_dripping_junk_does_not_stretch_the_deadline(ends: Ends, kind: str) -> None:
    """A container that says something without meaning gets no time for it."""
    stop = threading.Event()
    dripping = threading.Thread(target=drip, args=(ends.engine, JUNK[kind], stop))
    dripping.start()
    ends.data.settimeout(0.2)
    started = time.monotonic()
    try:
        with pytest.raises(TimeoutError):
            read(ends.data)
        assert time.monotonic() - started < 2
    finally:
        stop.set()
        dripping.join()


def drip(engine: socket.socket, junk: list[bytes], stop: threading.Event) -> None:
    """Send the first once and the last every few milliseconds."""
    engine.send(junk[0])
    while not stop.wait(0.005):
        engine.send(junk[-1])


def test_a_submissions_talk_does_not_stretch_the_keepers_deadline(ends: Ends) -> None:
    """An ended submission's data are dropped, and the keeper's answer is still due in time."""
    stop = threading.Event()
    talk = [wrap(piece(DATA, b"more"))]
    dripping = threading.Thread(target=drip, args=(ends.engine, talk, stop))
    dripping.start()
    ends.control.settimeout(0.2)
    try:
        with pytest.raises(TimeoutError):
            read(ends.control)
    finally:
        stop.set()
        dripping.join()


def test_a_deadline_that_has_passed_sends_and_receives_nothing(ends: Ends) -> None:
    """What is asked for too late is not begun."""
    ends.data.settimeout(0)
    for late in (lambda: ends.data.sendall(b"x"), lambda: read(ends.data)):
        with pytest.raises(TimeoutError):
            late()
    ends.engine.setblocking(False)
    with pytest.raises(BlockingIOError):
        ends.engine.recv(1)


def test_a_container_that_does_not_read_is_a_time_out() -> None:
    """Sending ends at the deadline, too."""
    ours, engine = socket.socketpair()
    with ours, engine:
        ends = Ends(ours, engine)
        ends.data.settimeout(0.1)
        with pytest.raises(TimeoutError):
            ends.data.sendall(bytes(4 * 1024 * 1024))


def test_each_stream_says_what_it_is(ends: Ends) -> None:
    """What is sent has the head by which the keeper tells them apart."""
    ends.control.sendall(b"next")
    ends.data.sendall(b"call")
    ends.data.close()
    received = [ends.engine.recv(100) for _ in range(3)]
    assert received == [piece(CONTROL, b"next"), piece(DATA, b"call"), piece(HANG_UP, b"")]


def test_closing_the_data_keeps_the_container(ends: Ends) -> None:
    """Only the control stream lets go of it."""
    ends.data.close()
    ends.say((CONTROL, b"cleared"))
    assert read(ends.control) == b"cleared"
    ends.control.close()
    assert ends.engine.recv(100) == piece(HANG_UP, b"")
    assert ends.engine.recv(100) == b""


def test_closing_what_is_gone_is_quiet(ends: Ends) -> None:
    """A container that has ended needs no word."""
    ends.engine.close()
    ends.data.close()
    ends.control.close()


def test_a_hang_up_ends_the_data(ends: Ends) -> None:
    """What was said before it is still read, and then it is over at once."""
    ends.say((DATA, b"bye"), (HANG_UP, b""), (DATA, b"never read"))
    assert [read(ends.data), read(ends.data), read(ends.data)] == [b"bye", b"", b""]


def test_the_keepers_word_ends_the_data(ends: Ends) -> None:
    """It speaks when the submission is over: no submission can say anything after that."""
    ends.say((DATA, b"bye"), (CONTROL, b"cleared"), (DATA, b"never read"))
    assert [read(ends.data), read(ends.data)] == [b"bye", b""]
    assert read(ends.control) == b"cleared"


def end_by_keeper(ends: Ends) -> None:
    """The submission is cut off by the keeper's word."""
    ends.say((DATA, b"first"), (DATA, b"unread"), (CONTROL, b"cleared"))
    assert read(ends.data, 2) == b"fi"


def end_by_hang_up(ends: Ends) -> None:
    """The submission hangs up, and the keeper says so, too."""
    ends.say((DATA, b"first"), (HANG_UP, b""), (DATA, b"unread"), (CONTROL, b"cleared"))
    assert [read(ends.data), read(ends.data)] == [b"first", b""]


def end_by_word_in_time(ends: Ends) -> None:
    """The keeper's word is met while data is waited for."""
    ends.say((DATA, b"first"), (CONTROL, b"cleared"))
    assert [read(ends.data), read(ends.data)] == [b"first", b""]


@pytest.mark.parametrize("end", [end_by_keeper, end_by_hang_up, end_by_word_in_time])
def test_nothing_of_an_ended_submission_reaches_the_next(
    ends: Ends, end: Callable[[Ends], None]
) -> None:
    """What it has said last is dropped once the keeper has spoken."""
    end(ends)
    assert read(ends.control) == b"cleared"
    after = DataStream(ends.attachment)
    after.settimeout(5)
    ends.say((DATA, b"second"))
    assert read(after) == b"second"
