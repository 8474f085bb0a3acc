"""What a class and its lanes say to each other: settings, tasks, answers; and where reports lie."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from autograder.sandbox.container.plan import Plan
from autograder.sandbox.gpu.choice import OnGpu

TRIES = 2


@dataclass(frozen=True)
class Settings:
    """What all lanes of a run have in common."""

    slug: str
    root: str
    out: str
    force: bool = False
    profile: bool = False  # measure where the time goes
    containers: Plan | None = None  # the process sandbox where there is none
    gpu: OnGpu | None = None  # the CPU where there is none

    @classmethod
    def read(cls, text: str) -> Settings:
        """The settings from their JSON."""
        told = json.loads(text)
        containers = Plan(**told.pop("containers")) if told["containers"] else None
        gpu = OnGpu.of(told.pop("gpu")) if told["gpu"] else None
        return cls(**{**told, "containers": containers, "gpu": gpu})


@dataclass(frozen=True)
class Task:
    """One submission to grade: who, and where it lies."""

    student: str
    path: str
    quiet: bool = False  # nothing else is graded meanwhile: what takes too long now, does


@dataclass(frozen=True)
class Answer:
    """What a lane says: ready, or how one task ended."""

    student: str = ""
    kept: bool = False  # a finished report of the same submission and suite was there
    seconds: dict[str, float] = field(default_factory=dict)  # by part, where it was asked for
    timed_out: bool = False  # which is no verdict before a quiet run says so, too
    staff_error: str = ""  # the course is at fault: nothing can be graded
    failed: str = ""  # the infrastructure failed, twice
    no_engine: bool = False  # and will fail for everybody


def report_path(out: Path, student: str) -> Path:
    """Where a student's report is."""
    return out / student / "report.json"
