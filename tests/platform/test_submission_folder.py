"""Intake from disk: links, pipes and devices are never opened, sizes are bounded."""

import os
import socket
from collections.abc import Mapping
from pathlib import Path

import pytest

from autograder.assignment import Assignment
from autograder.errors import Rejected
from autograder.submission import Submission, read
from autograder.submission.folder import load
from autograder.submission.model import Fault

GOOD = b"def double(x):\n    return 2 * x\n"
LOSSES = b"def softmax_loss(x, y):\n    return 0.0, x\n"


def lay(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write files below a folder and return it."""
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def take(path: Path, course: Assignment) -> Submission:
    """Read a path as ann's."""
    return read(path, course, "ann")


def refused(path: Path, course: Assignment) -> str:
    """Return why a path is rejected."""
    with pytest.raises(Rejected) as caught:
        read(path, course, "ann")
    return caught.value.reason


def test_a_folder_named_like_a_file(tmp_path: Path, mini_course: Assignment) -> None:
    """losses.py/ costs that file and is not looked into."""
    folder = lay(tmp_path / "a", {"basics.py": GOOD, "losses.py/losses.py": LOSSES})
    assert take(folder, mini_course).problems == {
        "losses.py": "losses.py is a folder; hand in the file itself."
    }


def test_links_are_not_followed(tmp_path: Path, mini_course: Assignment) -> None:
    """A link in place of a file, a folder or the whole entry gives nothing away."""
    secret = lay(tmp_path / "secret", {"losses.py": LOSSES})
    folder = lay(tmp_path / "a", {"basics.py": GOOD})
    (folder / "losses.py").symlink_to(secret / "losses.py")
    (folder / "more").symlink_to(secret)
    got = take(folder, mini_course)
    assert got.problems == {"losses.py": "losses.py is a link."}
    (tmp_path / "linked").symlink_to(secret)
    assert refused(tmp_path / "linked", mini_course).startswith("Upload is a link.")
    inside = lay(tmp_path / "b", {"README": b""})
    (inside / "hw").symlink_to(secret)
    assert "Expected basics.py, losses.py. Found README, hw." in refused(inside, mini_course)


def test_pipes_sockets_and_devices_do_not_block(tmp_path: Path, mini_course: Assignment) -> None:
    """What is no ordinary file is never opened."""
    folder = lay(tmp_path / "a", {"README": b""})
    os.mkfifo(folder / "losses.py")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(folder / "basics.py"))
    got = take(folder, mini_course)
    assert got.problems["losses.py"] == "losses.py is a named pipe."
    assert got.problems["basics.py"] == "basics.py is a socket."
    assert "is a device" in refused(Path("/dev/zero"), mini_course)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_costs_that_file(tmp_path: Path, mini_course: Assignment) -> None:
    """Missing rights are named."""
    folder = lay(tmp_path / "a", {"basics.py": GOOD, "losses.py": LOSSES})
    (folder / "losses.py").chmod(0)
    assert "Permission denied" in take(folder, mini_course).problems["losses.py"]


def test_a_path_that_is_gone(tmp_path: Path, mini_course: Assignment) -> None:
    """An upload that disappears meanwhile is one rejection and no traceback."""
    assert "cannot be read (No such file" in refused(tmp_path / "gone", mini_course)


def test_file_sizes(tmp_path: Path, mini_course: Assignment) -> None:
    """A source file has 500 KB; data beside it does not count."""
    folder = lay(tmp_path / "a", {"basics.py": GOOD, "losses.py": b"#" * 600_000})
    with (folder / "data.bin").open("wb") as data:
        data.truncate(10**9)
    got = take(folder, mini_course)
    assert got.problems == {"losses.py": "losses.py is 0.6 MB; the limit is 0.5 MB."}


def test_a_file_of_unknown_size() -> None:
    """A file that is longer than its system says is read to its end, or to the limit."""
    place = Path("/proc/filesystems")
    assert place.stat().st_size == 0
    assert load(place, 10_000) == place.read_bytes()
    assert load(place, 10) == Fault("is larger than 0 KB, the limit for one file", 11)


def test_upload_size(tmp_path: Path, mini_course: Assignment) -> None:
    """A single upload has 5 MB, and is not read when it is larger."""
    upload = tmp_path / "big.zip"
    for size in (12_300_000, 5_100_000):
        with upload.open("wb") as stream:
            stream.truncate(size)
        assert refused(upload, mini_course) == (
            f"Upload is {size / 1e6:.1f} MB; the limit is 5 MB. Remove data sets and checkpoints."
        )
