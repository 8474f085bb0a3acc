"""Tensors by value: what torch's own are turned into before they cross, and back.

numpy has no bfloat16: its bits cross as 16-bit integers. torch is never imported here; without it
there is no tensor to be turned into anything.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

BFLOAT16 = "bfloat16"
# torch's names, and how their bits lie in an array.
STORED = {
    BFLOAT16: "u2", "float16": "f2", "float32": "f4", "float64": "f8", "bool": "b1", "uint8": "u1",
    "int8": "i1", "int16": "i2", "int32": "i4", "int64": "i8",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Tensor:
    """The values of a tensor: an array of its bits, and torch's name for its dtype."""

    bits: np.ndarray
    dtype: str

    @property
    def array(self) -> np.ndarray:
        """The values as numpy has them; bfloat16 in single precision, which loses nothing."""
        if self.dtype != BFLOAT16:
            return self.bits
        return (self.bits.astype(np.uint32) << 16).view(np.float32)

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each axis."""
        return self.bits.shape


def torch() -> ModuleType | None:
    """The library, where somebody has imported it."""
    return sys.modules.get("torch")


def by_value(value: Any) -> Any:
    """A tensor's values, detached from its graph and device; anything else as it is.

    Tensors without values (on the device `meta`), sparse ones, and those of dtypes that the wire
    does not carry stay what they are, too.
    """
    library = torch()
    if library is None or type(value) not in (library.Tensor, library.nn.Parameter):
        return value
    name = str(value.dtype).removeprefix("torch.")
    if name not in STORED or value.layout is not library.strided or value.device.type == "meta":
        return value
    plain = value.detach().cpu().resolve_neg()
    if name == BFLOAT16:
        return Tensor(plain.contiguous().view(library.int16).numpy().view(np.uint16), name)
    return Tensor(plain.numpy(), name)


def to_torch(value: Tensor, device: str) -> Any:
    """The tensor with these values, laid out as they are, on the device."""
    library = torch()
    if library is None:
        raise RuntimeError("a tensor came, and there is no torch")
    bits = value.bits if value.bits.flags.writeable else value.bits.copy()
    if value.dtype == BFLOAT16:
        made = library.from_numpy(bits.view(np.int16)).view(library.bfloat16)
    else:
        made = library.from_numpy(bits)
    return made.to(device)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether torch has found no memory, for which it has an error of its own, or none."""
    library = torch()
    if library is None:
        return False
    text = str(error) if type(error) is RuntimeError else ""
    plain = "DefaultCPUAllocator" in text or "CUBLAS_STATUS_ALLOC_FAILED" in text
    return plain or type(error) is library.OutOfMemoryError
