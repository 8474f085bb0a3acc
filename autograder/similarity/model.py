"""The values of a comparison: whose work, which pairs, and where they are alike."""

from collections.abc import Mapping
from dataclasses import dataclass

Files = Mapping[str, str]  # name to text, lines ended by \n


@dataclass(frozen=True)
class Work:
    """What one student handed in, as text; `year` names the archive that it is from, if any."""

    student: str
    person: str  # the same for one person's hand-ins, in whichever year
    files: Files
    year: str = ""

    @property
    def name(self) -> str:
        """How people tell it from others."""
        return f"{self.student} ({self.year})" if self.year else self.student


@dataclass(frozen=True)
class Skipped:
    """A submission, or one of its files, that is not compared, and why."""

    who: str
    why: str


@dataclass(frozen=True, order=True)
class Span:
    """A stretch of a file, counted in characters."""

    file: str
    start: int
    end: int


@dataclass(frozen=True)
class Match:
    """Two stretches that are alike: how many words, of them names, and of these the same ones."""

    a: Span
    b: Span
    tokens: int
    names: int = 0
    same: int = 0


@dataclass(frozen=True)
class Own:
    """How much of a work is the student's own, and which stretches were given."""

    tokens: int
    given: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Pair:
    """Two works (their places in the list of all), how alike they are, and where."""

    a: int
    b: int
    score: float
    matches: tuple[Match, ...] = ()
    covered_a: int = 0  # tokens of a's own that are alike, each counted once
    covered_b: int = 0
    note: str = ""  # what kept it from being looked at closely


@dataclass(frozen=True)
class Comparison:
    """All works, what became of each, and the pairs that are most alike, the closest first."""

    works: tuple[Work, ...]
    own: tuple[Own, ...]
    pairs: tuple[Pair, ...]
    closest: tuple[float, ...]  # the score of each work's closest pair
    skipped: tuple[Skipped, ...] = ()
    same_person: int = 0  # pairs that are one person's, and are left out
