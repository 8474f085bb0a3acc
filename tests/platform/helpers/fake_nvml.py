"""Stands in for the module `pynvml` on a machine without a GPU."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from autograder.sandbox.gpu.found import Gpu

MEGABYTE = 2**20
FIRST = Gpu("GPU-11111111-aaaa", "Fake A", 3, 24_000, 20_000, "575.57")
SECOND = Gpu("GPU-22222222-bbbb", "Fake B", 0, 48_000, 47_000, "575.57")


class NVMLError(Exception):
    """What NVML raises."""


@dataclass
class FakeNvml:
    """A driver with these GPUs; those of `lost` raise, and without a driver everything does."""

    gpus: tuple[Gpu, ...] = (FIRST, SECOND)
    lost: tuple[str, ...] = ()
    driver: bool = True
    open: int = 0  # starts that no shutdown has followed
    NVMLError: type[Exception] = field(default=NVMLError)

    def __getattr__(self, name: str) -> Any:
        """Return what the GPU is asked for, by NVML's names."""
        asked: Mapping[str, Any] = {
            "nvmlDeviceGetUUID": lambda gpu: gpu.uuid,
            "nvmlDeviceGetName": lambda gpu: gpu.name.encode(),
            "nvmlDeviceGetMinorNumber": lambda gpu: gpu.minor,
            "nvmlDeviceGetMemoryInfo": lambda gpu: SimpleNamespace(
                total=gpu.total_mb * MEGABYTE, free=gpu.free_mb * MEGABYTE
            ),
            "nvmlSystemGetDriverVersion": lambda: self.gpus[0].driver,
            "nvmlDeviceGetCount": lambda: len(self.gpus),
        }
        return asked[name]

    def nvmlInit(self) -> None:  # noqa: N802 - NVML's own name
        """Start."""
        if not self.driver:
            raise NVMLError("Driver Not Loaded")
        self.open += 1

    def nvmlShutdown(self) -> None:  # noqa: N802 - NVML's own name
        """End."""
        self.open -= 1

    def nvmlDeviceGetHandleByIndex(self, index: int) -> Gpu:  # noqa: N802 - NVML's own name
        """Return the GPU itself."""
        if self.gpus[index].uuid in self.lost:
            raise NVMLError("GPU is lost")
        return self.gpus[index]
