"""From the device asked for to the use of GPUs that it means."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from autograder.assignment import Assignment
from autograder.errors import SandboxError, UsageError
from autograder.sandbox import choice
from autograder.sandbox.choice import Sandbox
from autograder.sandbox.container.plan import Plan
from autograder.sandbox.gpu import found, reach


class Device(StrEnum):
    """Where the student's tensors are put."""

    CPU = "cpu"
    CUDA = "cuda"
    AUTO = "auto"  # on a GPU where one can be had, else on the CPU


@dataclass(frozen=True)
class OnGpu:
    """How the lanes of a class use the GPUs."""

    optional: bool  # the CPU will do where a GPU fails
    sharing: int  # lanes that one GPU may serve at a time
    lanes: int  # that all GPUs serve together
    containers: Plan | None = None  # the process sandbox where there is none

    @classmethod
    def of(cls, told: dict[str, Any]) -> OnGpu:
        """From what `asdict` makes of one."""
        containers = Plan(**told["containers"]) if told["containers"] else None
        return cls(**{**told, "containers": containers})


def on_gpu(
    device: Device, assignment: Assignment, containers: Plan | None, sharing: int
) -> tuple[OnGpu | None, str]:
    """How GPUs are used, None for the CPU; the text says why `auto` uses none.

    Raises SandboxError and UsageError where `cuda` is asked for and cannot be had.
    """
    if device is Device.CPU or (device is Device.AUTO and assignment.runtime == "numpy"):
        return None, ""
    optional = device is Device.AUTO
    if assignment.runtime == "numpy":
        how = "leave --device out"
        raise UsageError(f"{assignment.slug} is a numpy assignment, which has no use for it: {how}")
    try:
        number = len(found.gpus())
        plan = _with_cuda(containers)
    except SandboxError as error:
        if not optional:
            raise
        return None, f"No GPU was used: {error}"
    return OnGpu(optional, sharing, number * sharing, plan), ""


def _with_cuda(containers: Plan | None) -> Plan | None:
    """The same use of containers, from the image with CUDA; raises SandboxError."""
    if containers is None:
        reach.check_torch()
        return None
    settings = {"reuse": containers.reuse, "engine_runtime": containers.runtime}
    plan, _ = choice.plan(Sandbox.DOCKER, "cuda", **settings)  # type: ignore[arg-type]
    return plan
