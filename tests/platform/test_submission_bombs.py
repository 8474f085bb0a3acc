"""Archives that are too big, too many or broken are refused, quickly and in little memory."""

import gzip
import io
import struct
import tarfile
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from autograder.assignment import Assignment
from autograder.errors import Rejected
from autograder.submission import Submission, read

GOOD = b"def double(x):\n    return 2 * x\n"
LOSSES = b"def softmax_loss(x, y):\n    return 0.0, x\n"
BOTH = (("basics.py", GOOD), ("losses.py", LOSSES))
Take = Callable[[bytes], Submission]
Refused = Callable[[bytes], str]


@pytest.fixture
def take(tmp_path: Path, mini_course: Assignment) -> Take:
    """Hand in these bytes under a name that says nothing."""

    def submit(data: bytes) -> Submission:
        (tmp_path / "upload").write_bytes(data)
        return read(tmp_path / "upload", mini_course, "ann")

    return submit


@pytest.fixture
def refused(take: Take) -> Refused:
    """Return why these bytes are rejected."""

    def submit(data: bytes) -> str:
        with pytest.raises(Rejected) as caught:
            take(data)
        return caught.value.reason

    return submit


@contextmanager
def little_memory() -> Iterator[None]:
    """Fail when more than 60 MB were held at a time."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < 60_000_000
    finally:
        tracemalloc.stop()


def zipped(*entries: tuple[str, bytes]) -> bytes:
    """Return a zip file of these entries."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return stream.getvalue()


def tarred(*entries: tuple[str, bytes]) -> bytes:
    """Return a tar file of these entries."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, data in entries:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def special(name: str, kind: bytes) -> tarfile.TarInfo:
    """Return a tar entry that is no ordinary file."""
    info = tarfile.TarInfo(name)
    info.type = kind
    return info


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_too_many_entries(refused: Refused, take: Take, pack: Callable[..., bytes]) -> None:
    """200 entries are enough; what a system adds by itself does not count."""
    extra = [(f"f{n}.txt", b"") for n in range(201)]
    assert refused(pack(*extra)) == (
        "Archive holds more than 200 files. Hand in only what is asked for."
    )
    noise = [(f"__MACOSX/._f{n}.txt", b"") for n in range(300)]
    assert take(pack(*BOTH, *noise)).files == dict(BOTH)


def test_a_flood_of_entries_is_cheap(refused: Refused) -> None:
    """A hundred thousand entries are refused before anything is made of them."""
    name = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", *[0] * 6, 0, 0, 0, *[0] * 5, 0, 0)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, len(name) * 100_000, 0, 0)
    with little_memory():
        assert "more than 200 files" in refused(b"PK\x03\x04" + name * 100_000 + end)
    empty = tarfile.TarInfo("x").tobuf()
    assert "more than 200 files" in refused(empty * 9000)


def bomb_of(size: int) -> bytes:
    """Return a zip whose losses.py is that many zeros."""
    return zipped(("losses.py", bytes(size)))


BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "zip": (lambda: bomb_of(100_000_000), "Archive expands to more than 20 MB."),
    "ratio": (lambda: bomb_of(5_000_000), "Archive expands to more than 100 times its size."),
    "gzip": (lambda: gzip.compress(bytes(100_000_000), 1), "Archive expands to more than 20 MB."),
    "tar": (lambda: gzip.compress(tarred(("losses.py", bytes(5_000_000)))), "more than 100 times"),
}


@pytest.mark.parametrize("which", BOMBS)
def test_bombs(refused: Refused, which: str) -> None:
    """An archive that grows too far is refused, in little time and memory."""
    make, said = BOMBS[which]
    data = make()
    with little_memory():
        assert said in refused(data)


def test_a_declared_size_can_lie(take: Take) -> None:
    """A zip that declares 10 bytes and holds 100 MB costs that file, and is not unpacked."""
    data = bytearray(zipped(("basics.py", GOOD), ("losses.py", bytes(100_000_000))))
    directory = data.rindex(b"PK\x01\x02")
    data[directory + 24 : directory + 28] = struct.pack("<L", 10)
    with little_memory():
        got = take(bytes(data))
    assert got.files == {"basics.py": GOOD}
    assert got.problems == {"losses.py": "losses.py cannot be unpacked: the archive is damaged."}


def test_overlapping_entries_add_up(refused: Refused) -> None:
    """Many names for one compressed block are counted as often as they are named."""
    packed = zlib.compress(bytes(900_000), 9)[2:-4]
    crc = zlib.crc32(bytes(900_000))
    common = struct.pack("<5H3L", 20, 0, 8, 0, 0, crc, len(packed), 900_000)
    local = b"PK\x03\x04" + common + struct.pack("<2H", 1, 0) + b"x" + packed
    entry = b"PK\x01\x02" + b"\x14\x00" + common + struct.pack("<5H2L", 1, 0, 0, 0, 0, 0, 0) + b"x"
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 50, 50, len(entry) * 50, len(local), 0)
    assert "expands to more than 20 MB" in refused(local + entry * 50 + end)


def damages() -> list[bytes]:
    """Archives with their ends, middles or heads broken."""
    whole, tar = zipped(*BOTH), tarred(*BOTH)
    huge = tarfile.TarInfo("losses.py")
    huge.size = 2**62
    return [
        *(whole[:40], whole[:-10], whole[:4] + bytes(60)),
        *(tar[:700], tar[:1024] + b"\xff" * 512, gzip.compress(tar)[:60]),
        *(b"\x1f\x8b" + b"garbage" * 9, huge.tobuf(tarfile.GNU_FORMAT)),
    ]


@pytest.mark.parametrize("which", range(8))
def test_damaged_archives(refused: Refused, which: int) -> None:
    """A damaged archive is called damaged."""
    data = damages()[which]
    assert "damaged or incomplete" in refused(data)


def test_headers_that_tarfile_chokes_on(refused: Refused) -> None:
    """Extended headers without end, or with numbers of a million digits, cost no time."""
    long_name = special("././@LongLink", tarfile.GNUTYPE_LONGNAME)
    assert "more than 200 files" in refused(long_name.tobuf() * 9000)
    digits = special("p", tarfile.XHDTYPE)
    digits.size = 1_000_000
    assert "long header" in refused(digits.tobuf() + b"1" * 1_000_448)
    digits.size = 60_000
    start = time.perf_counter()
    assert "damaged" in refused(digits.tobuf() + b"1" * 60_416)
    assert time.perf_counter() - start < 10
