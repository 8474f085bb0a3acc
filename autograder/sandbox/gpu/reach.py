"""What a sandbox gets so that it reaches one GPU and no other."""

from __future__ import annotations

from typing import Any

from autograder.assignment import Limits
from autograder.errors import SandboxError
from autograder.sandbox.gpu.found import MEGABYTE, Gpu

NODES = ("/dev/nvidiactl", "/dev/nvidia-uvm")
# What CUDA reads of the machine besides: how the processors are laid out.
SYSTEM = "/sys/devices/system"
THREADS = 16  # that CUDA starts in each process
HOST_MB = 3072  # of main memory that CUDA takes for itself, at most


def environment(gpu: str) -> dict[str, str]:
    """Variables that must be there before torch is imported."""
    return {
        "CUDA_VISIBLE_DEVICES": gpu,
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
        "CUDA_CACHE_DISABLE": "1",  # it would lie in a home that a sandbox does not have
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",  # without it cuBLAS is not deterministic
    }


def nodes(gpu: Gpu) -> list[str]:
    """The device files of this GPU, and those that all GPUs share."""
    return [*NODES, f"/dev/nvidia{gpu.minor}"]


def told(gpu: Gpu, limits: Limits) -> dict[str, Any]:
    """What a submission's process is told besides, or instead: for the process sandbox."""
    memory = (limits.memory_mb + HOST_MB) * MEGABYTE
    return {"gpu_memory": limits.gpu_memory_mb, "memory": memory, "devices": nodes(gpu)}


def bound(gpu: Gpu | None) -> list[str]:
    """Arguments of bubblewrap: the device files, no other GPU's, and the environment."""
    if gpu is None:
        return []
    flags = ["--ro-bind-try", SYSTEM, SYSTEM]
    for node in nodes(gpu):
        flags += ["--dev-bind", node, node]
    for name, value in environment(gpu.uuid).items():
        flags += ["--setenv", name, value]
    return flags


def check_torch() -> None:
    """Raise SandboxError where this machine's own PyTorch knows nothing of CUDA."""
    import torch

    built: Any = torch.version.cuda
    if built is None:
        how = "install the build with CUDA (see docs/gpu.md), or grade with --sandbox docker"
        raise SandboxError(f"PyTorch {torch.__version__} here is a build without CUDA: {how}")
