"""Words of a student in our messages: made printable, cut short, compared with what was meant."""

import difflib
import re
from collections.abc import Iterable

# What a browser or a person adds to a file's name: "losses (1).py", "losses-2.py", "losses.py.txt".
_ADDED = re.compile(r"[ _-]*(?:\(\d+\)|v?\d+|copy|final|new)(?=\.)|\.txt$", re.IGNORECASE)
_LONGEST = 100  # no file's name is longer, and matching takes time


def printable(text: str, limit: int = 80) -> str:
    r"""Return the text on one line: odd characters escaped, at most `limit` of them kept.

    >>> printable("a\x1b[31m.py")
    'a\\x1b[31m.py'
    """
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    if cut.isprintable():
        return cut
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in cut)


def megabytes(size: int) -> str:
    """Return a size as a person says it: 12.3 MB.

    >>> megabytes(12_345_678)
    '12.3 MB'
    """
    return f"{size / 1e6:.1f} MB"


def near_miss(wanted: str, names: Iterable[str]) -> str | None:
    """Return the name that was probably meant to be `wanted`, if there is one."""
    candidates = sorted({name for name in names if len(name) <= _LONGEST})
    for name in candidates:
        if name.casefold() == wanted.casefold():
            return name
    for name in candidates:
        if _ADDED.sub("", name).casefold() == wanted.casefold():
            return name
    close = difflib.get_close_matches(wanted, candidates, 1, cutoff=0.8)
    return close[0] if close else None
