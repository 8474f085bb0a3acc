"""A GPU has one holder, or as many as may share it; the end of a holder frees it."""

import subprocess
import sys
from pathlib import Path

import pytest
from fake_nvml import FIRST, SECOND

from autograder.errors import SandboxError
from autograder.sandbox.gpu import lease
from autograder.sandbox.gpu.lease import CONTEXT_MB, is_leased, take

HOLDER = """
import sys, time
from pathlib import Path
sys.path.insert(0, {helpers!r})
from fake_nvml import FIRST
from autograder.sandbox.gpu.lease import take
held = take([FIRST], 100, {sharing}, at=Path({at!r}))
print("held", flush=True)
time.sleep(60)
"""
HELPERS = str(Path(__file__).with_name("helpers"))


def holder(at: Path, sharing: int = 1) -> "subprocess.Popen[str]":
    """Start a process that leases the first GPU, and wait until it has."""
    program = HOLDER.format(helpers=HELPERS, at=str(at), sharing=sharing)
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def end(process: "subprocess.Popen[str]") -> None:
    """Kill it with SIGKILL, and close what was open to it."""
    process.kill()
    process.communicate()


def test_a_killed_holder_leaves_nothing_locked(tmp_path: Path) -> None:
    """While another process has the GPU it is refused; after kill -9 it is there."""
    other = holder(tmp_path)
    try:
        assert is_leased(FIRST, tmp_path)
        with pytest.raises(SandboxError, match="all 1 GPUs are leased"):
            take([FIRST], 100, at=tmp_path)
    finally:
        end(other)
    held = take([FIRST], 100, at=tmp_path)
    assert held.gpu == FIRST
    held.release()
    assert not is_leased(FIRST, tmp_path)


def test_the_next_gpu_is_taken(tmp_path: Path) -> None:
    """Two holders on two GPUs; there is no third."""
    first, second = (take([FIRST, SECOND], 100, at=tmp_path) for _ in range(2))
    assert [first.gpu, second.gpu] == [FIRST, SECOND]
    with pytest.raises(SandboxError, match="all 2 GPUs are leased"):
        take([FIRST, SECOND], 100, at=tmp_path)
    first.release()
    take([FIRST, SECOND], 100, at=tmp_path).release()
    second.release()


def test_two_share_where_both_say_so(tmp_path: Path) -> None:
    """With 2 to a GPU a second process may have it, a third not."""
    other = holder(tmp_path, sharing=2)
    try:
        second = take([FIRST], 100, 2, at=tmp_path)
        with pytest.raises(SandboxError, match="leased"):
            take([FIRST], 100, 2, at=tmp_path)
        second.release()
    finally:
        end(other)


def test_an_only_holder_shares_with_nobody(tmp_path: Path) -> None:
    """Whoever came first: one who shares and one who does not exclude each other."""
    only = take([FIRST], 100, at=tmp_path)
    with pytest.raises(SandboxError, match="leased"):
        take([FIRST], 100, 2, at=tmp_path)
    only.release()
    sharing = take([FIRST], 100, 2, at=tmp_path)
    with pytest.raises(SandboxError, match="leased"):
        take([FIRST], 100, at=tmp_path)
    sharing.release()


def test_waiting_for_a_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits long enough gets it when it is given back."""
    held = take([FIRST], 100, at=tmp_path)
    monkeypatch.setattr(lease.time, "sleep", lambda _: held.release())
    take([FIRST], 100, wait_s=5, at=tmp_path).release()


def test_too_little_memory(tmp_path: Path) -> None:
    """What an exercise may use must be free beside what CUDA takes; the numbers are named."""
    take([FIRST], FIRST.free_mb - CONTEXT_MB, at=tmp_path).release()
    with pytest.raises(SandboxError, match="20001 MB free for an exercise; at most 20000 MB are"):
        take([FIRST], FIRST.free_mb - CONTEXT_MB + 1, at=tmp_path)


def test_the_folder_must_be_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else may hold the locks, or lead them elsewhere by a link."""
    monkeypatch.setattr(lease, "FOLDERS", tmp_path)
    place = lease.folder()
    assert place.stat().st_mode & 0o777 == 0o700
    place.rmdir()
    place.symlink_to(tmp_path)
    with pytest.raises(SandboxError, match="belongs to somebody else"):
        lease.folder()
