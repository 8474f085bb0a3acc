"""What lateness costs: due dates, extensions, grace days and the course's policy."""

import math
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from autograder.errors import StaffError

FILE = "course.toml"
DAY = timedelta(days=1)
NO_EXTENSION = timedelta()


class Policy(StrEnum):
    """What happens to a submission that is late by more than grace days cover."""

    NONE = "none"  # nothing
    HARD = "hard"  # it scores nothing
    PERCENT_PER_DAY = "percent_per_day"  # it loses a share of its score for each day begun


class Late(BaseModel):
    """The course's policy: `[late]` of course.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    policy: Policy = Policy.NONE
    percent: Annotated[float, Field(ge=0, le=100)] = 10.0
    max_days: Annotated[int, Field(ge=0)] | None = None
    grace_days: Annotated[int, Field(ge=0)] = 0


class _Course(BaseModel):
    model_config = ConfigDict(extra="forbid")

    late: Late = Late()


@dataclass(frozen=True)
class HandIn:
    """When something was due and came: times in UTC, without a zone, as nbgrader keeps them."""

    assignment: str
    due: datetime | None
    came: datetime | None
    extension: timedelta = NO_EXTENSION

    @property
    def days_late(self) -> int:
        """Days begun after the due date; 0 where either time is unknown."""
        if self.due is None or self.came is None:
            return 0
        return max(0, math.ceil((self.came - self.due - self.extension) / DAY))


def load(root: Path) -> Late:
    """Read the policy of the course; without a course.toml nothing is ever late."""
    try:
        said = tomllib.loads((root / FILE).read_text(encoding="utf-8"))
        return _Course.model_validate(said).late
    except FileNotFoundError:
        return Late()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StaffError(str(error), FILE) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise StaffError(f"{place}: {first['msg']}", FILE) from None


def charged_days(hand_ins: Iterable[HandIn], grace_days: int) -> dict[str, int]:
    """Return the days that each assignment of one student is charged: assignment -> days.

    Grace days go to the assignments in the order of their due dates, whatever came when.
    """
    left = grace_days
    charged = {}
    for each in sorted(hand_ins, key=lambda one: (one.due or datetime.max, one.assignment)):
        graced = min(left, each.days_late)
        left -= graced
        charged[each.assignment] = each.days_late - graced
    return charged


def penalty(score: float, days: int, late: Late) -> float:
    """Return the points that `score` loses for so many days: never more than it has."""
    if days == 0 or score <= 0 or late.policy is Policy.NONE:
        return 0.0
    too_late = late.max_days is not None and days > late.max_days
    if late.policy is Policy.HARD or too_late:
        return score
    return min(score, round(score * late.percent / 100 * days, 4))
