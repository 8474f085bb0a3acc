"""Who may use a GPU: a lock on a file for each, which the kernel opens when its holder ends.

An only holder locks the GPU's file for itself. Holders that share it lock the same file together,
and each a file of its own beside it, of which there are as many as may share.
"""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.errors import SandboxError
from autograder.sandbox.gpu.found import Gpu

# The same for a login and for a service, or the two would not see each other's leases.
FOLDERS = Path("/tmp")
AGAIN_S = 0.5
SHARE = "wait until the other run has ended, or let runs share them (--gpu-jobs for each)"
# What CUDA itself takes on the GPU for each process, beside what the process asks for.
CONTEXT_MB = 768


@dataclass
class Lease:
    """The right to use one GPU until `release`, or until this process ends."""

    gpu: Gpu
    _locks: list[int] = field(default_factory=list)

    def release(self) -> None:
        """Give the GPU back."""
        while self._locks:
            os.close(self._locks.pop())


def folder() -> Path:
    """Where this user's locks lie."""
    place = FOLDERS / f"autograder-gpus-{os.getuid()}"
    place.mkdir(mode=0o700, exist_ok=True)
    held = place.lstat()
    if not stat.S_ISDIR(held.st_mode) or held.st_uid != os.getuid():
        raise SandboxError(f"{place} belongs to somebody else: remove it")
    return place


def take(
    gpus: Sequence[Gpu],
    memory_mb: int,
    sharing: int = 1,
    wait_s: float = 0.0,
    at: Path | None = None,
) -> Lease:
    """Lease one of the GPUs that has `memory_mb` free, waiting up to `wait_s` seconds for it.

    Up to `sharing` holders may have a GPU at a time. Raises SandboxError.
    """
    needed = memory_mb + CONTEXT_MB
    fitting = [gpu for gpu in gpus if gpu.free_mb >= needed]
    if not fitting:
        most = max((gpu.free_mb for gpu in gpus), default=0)
        raise SandboxError(f"no GPU has {needed} MB free for an exercise; at most {most} MB are")
    place = folder() if at is None else at
    deadline = time.monotonic() + wait_s
    while True:
        for gpu in fitting:
            if locks := _locks(place, gpu, sharing):
                return Lease(gpu, locks)
        if time.monotonic() >= deadline:
            raise SandboxError(f"all {len(fitting)} GPUs are leased: {SHARE}")
        time.sleep(AGAIN_S)


def is_leased(gpu: Gpu, at: Path | None = None) -> bool:
    """Whether anybody of this user has the GPU."""
    locks = _locks(folder() if at is None else at, gpu, 1)
    leased = not locks
    Lease(gpu, locks).release()
    return leased


def _locks(place: Path, gpu: Gpu, sharing: int) -> list[int]:
    """The descriptors that hold the GPU; empty where others have it."""
    kind = fcntl.LOCK_SH if sharing > 1 else fcntl.LOCK_EX
    whole = _locked(place / gpu.uuid, kind)
    if whole is None or sharing == 1:
        return [] if whole is None else [whole]
    for number in range(sharing):
        share = _locked(place / f"{gpu.uuid}.{number}", fcntl.LOCK_EX)
        if share is not None:
            return [whole, share]
    os.close(whole)
    return []


def _locked(path: Path, kind: int) -> int | None:
    """A descriptor that holds the file's lock; None where another holder excludes it."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor
