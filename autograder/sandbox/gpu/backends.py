"""The backends that grade one assignment: on a GPU, on the CPU, or both."""

from __future__ import annotations

from contextlib import suppress

from autograder.assignment import Assignment
from autograder.errors import SandboxError
from autograder.sandbox.backend import Backend
from autograder.sandbox.backends import backend as backend_of
from autograder.sandbox.container.plan import Plan
from autograder.sandbox.gpu import found
from autograder.sandbox.gpu.choice import OnGpu
from autograder.sandbox.gpu.lease import take
from autograder.sandbox.gpu.proof import prove

WAIT_S = 30.0  # for a lane of this class, or of another, to give a GPU back


def backends(
    assignment: Assignment, containers: Plan | None, gpu: OnGpu | None
) -> tuple[Backend, ...]:
    """The backend to grade with; behind one on a GPU, where that is allowed, one on the CPU.

    Raises SandboxError where no GPU can be had and there must be one.
    """
    if gpu is None:
        return (backend_of(containers, assignment.root, assignment.runtime),)
    used: tuple[Backend, ...] = ()
    with suppress(*([SandboxError] if gpu.optional else [])):
        used = (_leased(assignment, gpu),)
    if gpu.optional:
        used += (backend_of(containers, assignment.root, assignment.runtime),)
    return used


def _leased(assignment: Assignment, gpu: OnGpu) -> Backend:
    """A backend with a GPU of its own, on which something has been computed."""
    memory = assignment.limits.gpu_memory_mb
    lease = take(found.gpus(), memory, gpu.sharing, WAIT_S)
    backend: Backend | None = None
    try:
        backend = backend_of(gpu.containers, assignment.root, assignment.runtime, lease)
        prove(backend, assignment.limits)
    except BaseException:
        if backend is not None:
            backend.shutdown()
        lease.release()
        raise
    return backend
