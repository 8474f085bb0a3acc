"""Names inside an upload: which are refused, which are noise, which would shadow our tools."""

import re
import unicodedata

from autograder.errors import Rejected
from autograder.submission.text import printable

_DRIVE = re.compile(r"[A-Za-z]:")
_NOISE = {"__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini"}
_SHADOWING = re.compile(
    r"(?:numpy|torch|torchvision|scipy|autograder|pytest|_pytest|builtins)(?:\.py|/.*)?"
    r"|(?:.*/)?(?:conftest\.py|pytest\.ini|tox\.ini|setup\.cfg|pyproject\.toml)"
    r"|(?:.*/)?(?:sitecustomize|usercustomize)\.py"
    r"|.*\.(?:pth|so|pyd|dylib|dll|pyc)",
    re.IGNORECASE | re.DOTALL,
)


def clean(name: str) -> str:
    """Return an archive's name as a plain relative path in NFC, or refuse the archive."""
    shown = f"'{printable(name)}'"
    if "\\" in name or any(unicodedata.category(c) == "Cc" for c in name):
        raise Rejected(
            f"Archive contains {shown}. Names must not contain backslashes or control characters;"
            " pack the files again with your system's own zip."
        )
    if name.startswith("/") or _DRIVE.match(name) or ".." in name.split("/"):
        raise Rejected(f"Archive contains {shown}. Paths must stay inside the archive.")
    parts = [part for part in name.split("/") if part not in {"", "."}]
    return unicodedata.normalize("NFC", "/".join(parts))


def is_noise(path: str) -> bool:
    """Tell whether a path is what systems and editors leave behind: never even listed."""
    return any(part.startswith(".") or part in _NOISE for part in path.split("/"))


def is_shadowing(path: str) -> bool:
    """Tell whether a file of this name could stand in the way of our tools if it were used."""
    return _SHADOWING.fullmatch(path) is not None
