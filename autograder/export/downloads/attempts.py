"""What a download says about who handed in what: files, grouped by attempt."""

from dataclasses import dataclass, field
from datetime import datetime

from autograder.submission.model import Found


@dataclass(frozen=True)
class Owner:
    """Somebody who handed in, as the other system knows them.

    `label` is what they are called where the roster does not know them. `ids` are identifiers of
    theirs, each with the roster's column that it may stand in; `name` is as the system writes it.
    """

    label: str
    ids: tuple[tuple[str, str], ...] = ()
    name: str = ""


@dataclass
class Attempt:
    """One hand-in: whose, its files by path, and what the download says about its time.

    Of two attempts of one owner, that with the greater `order` counts; an empty one cannot be told.
    """

    owners: tuple[Owner, ...]
    files: dict[str, Found] = field(default_factory=dict)
    order: tuple[float, ...] = ()
    came: datetime | None = None
    late: bool = False


@dataclass
class Reading:
    """The attempts of a download, and what of it nobody can be given: path -> reason."""

    attempts: list[Attempt] = field(default_factory=list)
    odd: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Hints:
    """What helps to read names: those that the assignment asks for, and known users' numbers."""

    wanted: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()
