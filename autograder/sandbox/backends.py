"""From the plan of a sandbox to the backend that it means."""

from __future__ import annotations

from pathlib import Path

from autograder.sandbox.backend import Backend
from autograder.sandbox.container.backend import DockerBackend
from autograder.sandbox.container.plan import Plan
from autograder.sandbox.gpu.lease import Lease
from autograder.sandbox.process import ProcessBackend


def backend(chosen: Plan | None, root: Path, runtime: str, lease: Lease | None = None) -> Backend:
    """The backend of a plan, or the process sandbox where there is none; on the GPU leased."""
    if chosen is None:
        return ProcessBackend(root, runtime, lease=lease)
    return DockerBackend(chosen, lease)
