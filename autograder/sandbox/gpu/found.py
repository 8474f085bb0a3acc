"""The GPUs of this machine, as NVIDIA's management library (NVML) tells of them."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from autograder.errors import NoGpu

MEGABYTE = 1024 * 1024
INSTALL = "install it with: pip install nvidia-ml-py"
ON_THE_CPU = "or grade with --device cpu"


@dataclass(frozen=True)
class Gpu:
    """One GPU; its UUID names it for as long as it exists, whatever is plugged in beside it."""

    uuid: str
    name: str
    minor: int  # of its node /dev/nvidia<minor>
    total_mb: int
    free_mb: int  # when it was looked at
    driver: str

    @property
    def short(self) -> str:
        """Enough of the UUID to tell it from the others."""
        return self.uuid[:12]


def gpus(nvml: Any = None) -> list[Gpu]:
    """All GPUs, in NVML's order; raises NoGpu, which says what is missing.

    `nvml` takes the place of the module `pynvml`. One that has fallen off the bus is left out.
    """
    library = nvml if nvml is not None else _nvml()
    with _started(library):
        count = library.nvmlDeviceGetCount()
        each = [_looked_at(library, index) for index in range(count)]
    found = [gpu for gpu in each if gpu is not None]
    if not found:
        lost = f": {count} of them do not answer; restart the machine" if count else ""
        raise NoGpu(f"the NVIDIA driver knows of no GPU that works here{lost}")
    return found


def _nvml() -> Any:
    try:
        return importlib.import_module("pynvml")
    except ImportError:
        raise NoGpu(
            f"the Python package nvidia-ml-py is missing: {INSTALL}, {ON_THE_CPU}"
        ) from None


@contextmanager
def _started(library: Any) -> Iterator[None]:
    try:
        library.nvmlInit()
    except library.NVMLError as error:
        how = f"see that nvidia-smi works, {ON_THE_CPU}"
        raise NoGpu(f"no NVIDIA driver answers here ({error}): {how}") from error
    try:
        yield
    except library.NVMLError as error:
        raise NoGpu(f"the NVIDIA driver does not tell of its GPUs: {error}") from error
    finally:
        library.nvmlShutdown()


def _looked_at(library: Any, index: int) -> Gpu | None:
    """One GPU; None where the driver has lost it."""
    try:
        handle = library.nvmlDeviceGetHandleByIndex(index)
        memory = library.nvmlDeviceGetMemoryInfo(handle)
        return Gpu(
            uuid=_text(library.nvmlDeviceGetUUID(handle)),
            name=_text(library.nvmlDeviceGetName(handle)),
            minor=library.nvmlDeviceGetMinorNumber(handle),
            total_mb=memory.total // MEGABYTE,
            free_mb=memory.free // MEGABYTE,
            driver=_text(library.nvmlSystemGetDriverVersion()),
        )
    except library.NVMLError:
        return None


def _text(value: str | bytes) -> str:
    """Older versions of the package give bytes."""
    return value.decode() if isinstance(value, bytes) else value
