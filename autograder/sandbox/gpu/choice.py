"""From the device asked for to the backends that serve it: on a GPU, on the CPU, or both."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from autograder.assignment import Assignment
from autograder.errors import SandboxError, UsageError
from autograder.sandbox import choice
from autograder.sandbox.backend import Backend
from autograder.sandbox.choice import Sandbox
from autograder.sandbox.container.plan import Plan
from autograder.sandbox.gpu import found, reach
from autograder.sandbox.gpu.lease import take
from autograder.sandbox.gpu.proof import prove

WAIT_S = 30.0  # for a lane of this class, or of another, to give a GPU back


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


def backends(
    assignment: Assignment, containers: Plan | None, gpu: OnGpu | None
) -> tuple[Backend, ...]:
    """The backend to grade with; behind one on a GPU, where that is allowed, one on the CPU.

    Raises SandboxError where no GPU can be had and there must be one.
    """
    if gpu is None:
        return (choice.backend(containers, assignment.root, assignment.runtime),)
    used: tuple[Backend, ...] = ()
    with suppress(*([SandboxError] if gpu.optional else [])):
        used = (_leased(assignment, gpu),)
    if gpu.optional:
        used += (choice.backend(containers, assignment.root, assignment.runtime),)
    return used


def _leased(assignment: Assignment, gpu: OnGpu) -> Backend:
    """A backend with a GPU of its own, on which something has been computed."""
    memory = assignment.limits.gpu_memory_mb
    lease = take(found.gpus(), memory, gpu.sharing, WAIT_S)
    backend: Backend | None = None
    try:
        backend = choice.backend(gpu.containers, assignment.root, assignment.runtime, lease)
        prove(backend, assignment.limits)
    except BaseException:
        if backend is not None:
            backend.shutdown()
        lease.release()
        raise
    return backend


def _with_cuda(containers: Plan | None) -> Plan | None:
    """The same use of containers, from the image with CUDA; raises SandboxError."""
    if containers is None:
        reach.check_torch()
        return None
    settings = {"reuse": containers.reuse, "engine_runtime": containers.runtime}
    plan, _ = choice.plan(Sandbox.DOCKER, "cuda", **settings)  # type: ignore[arg-type]
    return plan
