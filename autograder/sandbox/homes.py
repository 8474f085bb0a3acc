"""The folder on this machine's disk in which a keeper works, removed even after a sudden end."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from autograder.sandbox.inside.folders import empty

PREFIX = "autograder-"


class Home:
    """A new folder with links to libraries; it is locked for as long as this process lives."""

    def __init__(self, libraries: Mapping[str, Path]) -> None:
        _sweep()
        unnamed = tempfile.mkdtemp(prefix=f".{PREFIX}")
        self._lock = _locked(unnamed)
        self.path = unnamed.replace(f".{PREFIX}", PREFIX)
        os.rename(unnamed, self.path)  # only now that it is locked may others sweep here
        os.chmod(self.path, 0o711)
        self.libraries = os.path.join(self.path, "libraries")
        os.mkdir(self.libraries)
        for name, path in libraries.items():
            os.symlink(path, os.path.join(self.libraries, name))

    def remove(self) -> None:
        """Remove it; what cannot be removed now is swept up by a later run."""
        _remove(self.path)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _sweep() -> None:
    """Remove the homes of processes that were killed before they could."""
    for entry in os.scandir(tempfile.gettempdir()):
        if not entry.name.startswith(PREFIX) or not entry.is_dir(follow_symlinks=False):
            continue
        if entry.stat(follow_symlinks=False).st_uid != os.geteuid():
            continue
        lock = _locked(entry.path)
        if lock is not None:
            _remove(entry.path)
            os.close(lock)


def _locked(path: str) -> int | None:
    """A descriptor that holds the folder's lock; None where a living process has it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _remove(path: str) -> None:
    with suppress(OSError):
        empty(path)
        os.rmdir(path)
