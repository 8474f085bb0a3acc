"""What `doctor` says of GPUs: each one, whether it is leased, and what was computed on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from autograder.assignment import Limits
from autograder.errors import SandboxError
from autograder.sandbox.backend import Backend
from autograder.sandbox.gpu import found, lease
from autograder.sandbox.gpu.found import Gpu
from autograder.sandbox.gpu.lease import Lease
from autograder.sandbox.gpu.proof import prove

LIMITS = Limits(gpu_memory_mb=1024)
LEASED = "not tried: it is leased"

Makers = Mapping[str, Callable[[Lease], Backend]]  # by the sandbox's name


@dataclass(frozen=True)
class Tried:
    """What came of a small exercise in one sandbox on one GPU."""

    sandbox: str
    seconds: float | None  # None where it could not be done
    reason: str = ""


@dataclass(frozen=True)
class Examined:
    """One GPU."""

    uuid: str
    name: str
    total_mb: int
    free_mb: int
    driver: str
    leased: bool
    tried: list[Tried]


def examined(makers: Makers, nvml: Any = None) -> list[Examined]:
    """Examine every GPU that there is; raises NoGpu."""
    return [_examined(gpu, makers) for gpu in found.gpus(nvml)]


def _examined(gpu: Gpu, makers: Makers) -> Examined:
    leased = lease.is_leased(gpu)
    tried = [_tried(gpu, name, make, leased=leased) for name, make in makers.items()]
    return Examined(gpu.uuid, gpu.name, gpu.total_mb, gpu.free_mb, gpu.driver, leased, tried)


def _tried(gpu: Gpu, name: str, make: Callable[[Lease], Backend], *, leased: bool) -> Tried:
    """Lease the GPU and have a product of matrices computed on it."""
    if leased:
        return Tried(name, None, LEASED)
    try:
        held = lease.take([gpu], LIMITS.gpu_memory_mb)
        try:
            backend = make(held)
            try:
                return Tried(name, round(prove(backend, LIMITS), 2))
            finally:
                backend.shutdown()
        finally:
            held.release()
    except SandboxError as error:
        return Tried(name, None, str(error))
