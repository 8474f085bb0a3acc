"""CUDA in an exercise's own process: started after the fork, before any student code of it runs.

A process that has started CUDA cannot be forked, so the submission's own process never does.
"""

from __future__ import annotations

from typing import Any

from . import tensors

MEGABYTE = 1024 * 1024


def start(memory_mb: int) -> str:
    """Start CUDA with results that can be repeated, and a limit; why it cannot be used, or ""."""
    try:
        library: Any = tensors.torch()
        library.cuda.init()
        free, total = (each // MEGABYTE for each in library.cuda.mem_get_info())
        if free < memory_mb:
            return f"{free} MB are free on the GPU, and an exercise may use {memory_mb} MB"
        library.cuda.set_per_process_memory_fraction(min(1.0, memory_mb / total))
        _repeatable(library)
        library.zeros(1, device="cuda").add_(1).item()  # the libraries are loaded, on our time
    except BaseException as error:  # noqa: BLE001 - whatever it is, no student code has run
        said = " ".join(str(error).split())[:200]
        return f"CUDA does not start: {type(error).__name__}: {said}"
    return ""


def _repeatable(library: Any) -> None:
    """No rounding to ten bits, no choice of algorithm by the clock, none that depends on timing.

    Where torch has only one that does, it is used: right code must not fail for it.
    """
    library.backends.cuda.matmul.allow_tf32 = False
    library.backends.cudnn.allow_tf32 = False
    library.backends.cudnn.benchmark = False
    library.use_deterministic_algorithms(True, warn_only=True)
