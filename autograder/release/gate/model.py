"""What the gate says: a leak, its kind and its place."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What leaks."""

    ARTEFACT = "build artefact"  # what tools leave behind, outputs of notebooks, changed data
    UNEXPECTED = "unexpected file"  # not on the list of what a release holds
    UNREADABLE = "unreadable"  # the gate cannot see what it is, so it does not leave
    MARKER = "solution marker"
    SOLUTION = "solution code"
    HIDDEN = "hidden test"
    MUTANT = "mutant"  # or a variant
    SECRET = "secret"
    MACHINE = "author's machine"
    STUB = "stub"
    PASSES = "hidden test passes"  # on the handout
    REFERENCE = "hidden test fails"  # on the solution


@dataclass(frozen=True)
class Leak:
    """One finding; `line` and `cell` count from 1, and are None where there is none to name.

    >>> print(Leak(Kind.MARKER, "losses.py", 41, None, "'# SOLUTION'"))
    losses.py:41: solution marker: '# SOLUTION'
    >>> print(Leak(Kind.MARKER, "a1.ipynb", 3, 12, "'# SOLUTION'"))
    a1.ipynb cell 12 line 3: solution marker: '# SOLUTION'
    """

    kind: Kind
    path: str
    line: int | None
    cell: int | None
    what: str

    def __str__(self) -> str:
        if self.cell is None:
            place = self.path if self.line is None else f"{self.path}:{self.line}"
        else:
            line = "" if self.line is None else f" line {self.line}"
            place = f"{self.path} cell {self.cell}{line}"
        return f"{place}: {self.kind}: {self.what}"

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """What leaks are sorted by: place, kind, words."""
        return self.path, self.cell or 0, self.line or 0, self.kind, self.what
