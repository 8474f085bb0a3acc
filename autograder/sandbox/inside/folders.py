"""Removing what student code has left: any depth, any permissions, and no link is followed."""

from __future__ import annotations

import os

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def empty(folder: str) -> None:
    """Remove all that the folder holds; raises OSError where something stays."""
    _unlock(folder, None)
    top = os.open(folder, _FOLDER)
    try:
        while names := os.listdir(top):
            for name in names:
                _remove(name, top)
    finally:
        os.close(top)


def _remove(name: str, top: int) -> None:
    """Remove an entry of the top folder; folders inside it move up, so that no path gets long."""
    if _unlinked(name, top):
        return
    _unlock(name, top)
    folder = os.open(name, _FOLDER, dir_fd=top)
    try:
        for inner in os.listdir(folder):
            if not _unlinked(inner, folder):
                _unlock(inner, folder)  # a folder that moves must be writable
                os.rename(inner, os.urandom(16).hex(), src_dir_fd=folder, dst_dir_fd=top)
    finally:
        os.close(folder)
    os.rmdir(name, dir_fd=top)


def _unlinked(name: str, parent: int) -> bool:
    try:
        os.unlink(name, dir_fd=parent)
    except IsADirectoryError:
        return False
    return True


def _unlock(name: str, parent: int | None) -> None:
    """Open a folder to its owner; root needs no permission, and a link must not lead it astray."""
    if os.geteuid() != 0:
        os.chmod(name, 0o700, dir_fd=parent)
