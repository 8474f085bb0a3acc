"""What an audit has found: the JSON that `--json` writes and that the HTML page shows."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError, computed_field

from autograder.audit.mutants import Kind
from autograder.errors import StaffError

EXACT = 1e-17  # below any error that two float64 numbers can show


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Outcome(StrEnum):
    """What became of a mutant."""

    CAUGHT = "caught"
    SURVIVED = "survived"  # a gap: full marks for a wrong implementation
    EQUIVALENT = "equivalent"  # survived, and is listed as one that must
    DIFFERENT = "different"  # a gap: listed as equivalent, and yet it loses points


class Check(StrEnum):
    """What the suite is tried for."""

    REFERENCE = "reference"
    STARTER = "starter"
    VARIANTS = "variants"
    MUTANTS = "mutants"
    GENERIC = "generic"
    STABILITY = "stability"
    HEADROOM = "headroom"
    VACUITY = "vacuity"
    FEEDBACK = "feedback"


class Reading(_Model):
    """What a student reads about one test that is not passed."""

    test: str
    code: str
    output: str | None
    message: str


class Trial(_Model):
    """One mutant, and what the suite made of it."""

    exercise: str
    name: str
    wrong: str
    kind: Kind
    note: str  # the sentence that a convention breaks, or why it is equivalent
    outcome: Outcome
    caught_by: tuple[str, ...]
    by_luck: bool  # with other data it would have survived
    spills: tuple[str, ...]  # other exercises that lose points, and should not
    readings: tuple[Reading, ...]
    named_by: int | None  # which reading names the actual cause

    @property
    def id(self) -> str:
        """The exercise and the name."""
        return f"{self.exercise}/{self.name}"


class VariantTrial(_Model):
    """One other right implementation, and what it has lost: nothing, if the suite is fair."""

    exercise: str
    name: str
    how: str
    lost: tuple[Reading, ...]
    spills: tuple[str, ...]

    @property
    def id(self) -> str:
        """The exercise and the name."""
        return f"{self.exercise}/{self.name}"


class GenericTrial(_Model):
    """How many generic mutations the suite notices."""

    made: int
    tried: int
    caught: int
    equivalent: int  # of those that were not caught
    survivors: tuple[str, ...]
    wrongly_listed: tuple[str, ...]  # listed as equivalent, and caught
    stale: tuple[str, ...]  # listed as equivalent, and no longer made

    @computed_field  # type: ignore[prop-decorator]
    @property
    def score(self) -> float:
        """The share caught of all that are not equivalent, in percent."""
        counted = self.tried - self.equivalent
        return round(100 * self.caught / counted, 1) if counted else 0.0


class FalseFailure(_Model):
    """A right implementation that failed a test for some data."""

    implementation: str
    exercise: str
    test: str
    seed: str
    threads: int
    message: str


class Stability(_Model):
    """Right implementations under many seeds."""

    seeds: int
    threads: tuple[int, ...]
    implementations: int
    runs: int
    comparisons: int
    in_float32: int  # of these comparisons
    failures: tuple[FalseFailure, ...]


class Headroom(_Model):
    """How far one comparison's tolerance is from right implementations and from wrong ones."""

    test: str
    output: str
    dtype: str
    tolerance: float
    right: float  # the largest error of any right implementation
    right_by: str
    wrong: float | None  # the smallest error of any mutant that differs at all
    wrong_by: str

    @computed_field  # type: ignore[prop-decorator]
    @property
    def above_right(self) -> float:
        """Decades between the largest right error and the tolerance."""
        return round(math.log10(self.tolerance / max(self.right, EXACT)), 1)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def below_wrong(self) -> float | None:
        """Decades between the tolerance and the smallest wrong error; None without a mutant."""
        if self.wrong is None:
            return None
        return round(math.log10(self.wrong / self.tolerance), 1)

    @property
    def narrowest(self) -> float:
        """The decades on the narrower side."""
        wrong = self.below_wrong
        return self.above_right if wrong is None else min(self.above_right, wrong)

    @property
    def tight(self) -> bool:
        """Whether less than two decades are left on either side."""
        return self.narrowest < 2


class Emptiness(StrEnum):
    """Why a test proves nothing."""

    PASSES_STARTER = "passes on the untouched starter"
    NEVER_CALLS = "never calls the student's code"
    CATCHES_NOTHING = "catches no mutant at all"
    CATCHES_NOTHING_ALONE = "catches no mutant that the other tests do not catch"


class Vacuous(_Model):
    """A test that proves nothing, or nothing of its own."""

    test: str
    exercise: str
    why: Emptiness


class Leak(_Model):
    """A diagnosis with digits that no template of ours explains."""

    mutant: str
    test: str
    digits: str
    message: str


class Feedback(_Model):
    """How many mutants a student would be told the cause of."""

    bugs: int
    bugs_named: int
    conventions: int
    conventions_named: int
    only_differs: tuple[str, ...]  # mutants of which every diagnosis says no more than that
    leaks: tuple[Leak, ...]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def named(self) -> float:
        """The share of caught bugs that are diagnosed by cause, in percent."""
        return round(100 * self.bugs_named / self.bugs, 1) if self.bugs else 0.0


class Finding(_Model):
    """One sentence about one thing that is not as it should be."""

    check: Check
    what: str


class Audit(_Model):
    """Everything that the audit of one assignment has found; without gaps, the suite passes."""

    version: Literal[1] = 1
    assignment: str
    title: str
    suite: str
    seconds: float
    tests: dict[str, tuple[str, ...]]  # by exercise
    reference: float  # score, of 100
    starter: float | None
    trials: tuple[Trial, ...] = ()
    variants: tuple[VariantTrial, ...] = ()
    generic: GenericTrial | None = None
    stability: Stability | None = None
    headroom: tuple[Headroom, ...] = ()
    vacuity: tuple[Vacuous, ...] = ()
    feedback: Feedback | None = None
    gaps: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()

    @computed_field  # type: ignore[prop-decorator]
    @property
    def passed(self) -> bool:
        """Whether no gap was found."""
        return not self.gaps

    def dump(self) -> str:
        """Return the JSON text."""
        return self.model_dump_json(indent=2) + "\n"

    @classmethod
    def load(cls, text: str | bytes) -> Self:
        """Read what `dump` wrote; StaffError when it is anything else."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = ".".join(str(step) for step in first["loc"]) or "text"
            raise StaffError(f"not an audit of version 1: {place}: {first['msg']}") from None
