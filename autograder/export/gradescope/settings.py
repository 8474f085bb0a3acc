"""What both ends know: where things lie in the zip, what staff chose, how long it takes."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from autograder.assignment import Assignment

SETTINGS = "settings.json"
COURSE = "course"
START_S = 240  # for the grader to start, and for a sandbox that has to be replaced


@dataclass(frozen=True)
class Settings:
    """What staff chose when they exported."""

    slug: str
    leaderboard: bool = False

    def dump(self) -> bytes:
        """Return the text of settings.json."""
        return f"{json.dumps(asdict(self))}\n".encode()

    @classmethod
    def load(cls, path: Path) -> "Settings":
        """Read settings.json."""
        return cls(**json.loads(path.read_bytes()))


def limit_s(assignment: Assignment) -> float:
    """How long one submission takes at most: a time-out is confirmed by a second run."""
    return START_S + 2 * assignment.limits.submission_s
