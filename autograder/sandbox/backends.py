"""From plans to the backends that they mean: in processes or containers, on a GPU or the CPU."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from autograder.assignment import Assignment
from autograder.errors import SandboxError
from autograder.sandbox.backend import Backend
from autograder.sandbox.container.backend import DockerBackend
from autograder.sandbox.container.plan import Plan
from autograder.sandbox.gpu import found
from autograder.sandbox.gpu.choice import OnGpu
from autograder.sandbox.gpu.lease import Lease, take
from autograder.sandbox.gpu.proof import prove
from autograder.sandbox.process import ProcessBackend

WAIT_S = 30.0  # for a lane of this class, or of another, to give a GPU back


def of_plan(chosen: Plan | None, root: Path, runtime: str, lease: Lease | None = None) -> Backend:
    """The backend of a plan, or the process sandbox where there is none; on the GPU leased."""
    if chosen is None:
        return ProcessBackend(root, runtime, lease=lease)
    return DockerBackend(chosen, lease)


def of_assignment(
    assignment: Assignment, containers: Plan | None, gpu: OnGpu | None
) -> tuple[Backend, ...]:
    """The backend to grade with; behind one on a GPU, where that is allowed, one on the CPU.

    Raises SandboxError where no GPU can be had and there must be one.
    """
    if gpu is None:
        return (of_plan(containers, assignment.root, assignment.runtime),)
    used: tuple[Backend, ...] = ()
    with suppress(*([SandboxError] if gpu.optional else [])):
        used = (_leased(assignment, gpu),)
    if gpu.optional:
        used += (of_plan(containers, assignment.root, assignment.runtime),)
    return used


def _leased(assignment: Assignment, gpu: OnGpu) -> Backend:
    """A backend with a GPU of its own, on which something has been computed."""
    memory = assignment.limits.gpu_memory_mb
    lease = take(found.gpus(), memory, gpu.sharing, WAIT_S)
    backend: Backend | None = None
    try:
        backend = of_plan(gpu.containers, assignment.root, assignment.runtime, lease)
        prove(backend, assignment.limits)
    except BaseException:
        if backend is not None:
            backend.shutdown()
        lease.release()
        raise
    return backend
