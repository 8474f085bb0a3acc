"""Traces of the computer that a release was made on: its folders, its user, its name."""

import getpass
import re
import socket
from collections.abc import Iterator
from pathlib import Path

from autograder.release.gate.model import Kind, Leak
from autograder.release.gate.passages import Passage

_ANYONES = {
    "a home folder": r"(?<![\w.~}])/(?:home|Users)/+[\w.-]+",
    "a home folder of Windows": r"(?i)\b[A-Z]:[\\/]+(?:Users|Documents and Settings)[\\/]+[\w.-]",
    "a file:// address": r"(?i)\bfile:/{2,}[\w.%~-]+",
    "a temporary folder of Jupyter": r"/ipykernel_\d+",
}
_SHORTEST = 5  # letters of a host's name that are looked for wherever they stand


class Traces:
    """What this computer and this course would leave behind."""

    def __init__(self, root: Path) -> None:
        own = {
            "the course's folder": _folder(root.resolve()),
            "the home folder": _folder(Path.home()),
            "the user's name in a path": _named(_user()),
            "this computer's name": _host(socket.gethostname()),
        }
        patterns = {what: pattern for what, pattern in own.items() if pattern} | _ANYONES
        self._patterns = {what: re.compile(pattern) for what, pattern in patterns.items()}

    def find(self, passage: Passage) -> Iterator[Leak]:
        """Yield a finding for each line and each kind of trace."""
        for index, line in enumerate(passage.lines):
            for what, pattern in self._patterns.items():
                if found := pattern.search(line):
                    yield passage.leak(Kind.MACHINE, index, f"{what}: {found[0]!r}")


def _folder(path: Path) -> str:
    """The folder as the start of a path; `/` alone says nothing about anyone."""
    return rf"(?<![\w.~}}/\\]){re.escape(str(path))}(?![\w-])" if len(path.parts) > 1 else ""


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def _named(user: str) -> str:
    """Root is everyone's, and a word."""
    return rf"[/\\]{re.escape(user)}[/\\]" if user not in {"", "root"} else ""


def _host(name: str) -> str:
    """A name that is a word, such as `learning`, counts only where hosts are named."""
    if not name or name == "localhost":
        return ""
    escaped = re.escape(name)
    if len(name) >= _SHORTEST and not name.isalpha():
        return rf"(?<![\w-]){escaped}(?![\w-])"
    return rf"(?:@|//){escaped}(?![\w-])"
