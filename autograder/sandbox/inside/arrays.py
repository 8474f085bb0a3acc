"""How the wire describes arrays: a dtype of a fixed list, and how they lie in memory."""

from __future__ import annotations

from typing import Any

import numpy as np

DTYPES = {
    name: np.dtype("<" + name if name[1] != "1" else name)
    for name in ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1")
}
NAMES = {dtype: name for name, dtype in DTYPES.items()}
LAYOUTS = ("C", "F", "S", "Cr", "Fr", "Sr")


def layout(array: np.ndarray) -> str:
    """How an array lies in memory, so that awkward inputs arrive as awkward as they were."""
    order = "C" if array.flags.c_contiguous else "F" if array.flags.f_contiguous else "S"
    return order if array.flags.writeable else order + "r"


def relayout(array: np.ndarray, wanted: str) -> np.ndarray:
    """The same values, lying in memory as wanted: one of LAYOUTS."""
    if wanted[0] == "F":
        array = np.asfortranarray(array)
    elif wanted[0] == "S" and array.ndim and array.size:
        wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
        wide[..., ::2] = array
        array = wide[..., ::2]
    if not array.flags.aligned:  # it lies behind an array of smaller items
        array = array.copy()
    if wanted.endswith("r"):
        array.flags.writeable = False
    return array


def clean(array: np.ndarray) -> np.ndarray[Any, Any]:
    """Booleans of any other byte than 0 and 1 would break numpy's own comparisons."""
    if array.dtype == np.bool_:
        np.minimum(array.view(np.uint8), 1, out=array.view(np.uint8))
    return array
