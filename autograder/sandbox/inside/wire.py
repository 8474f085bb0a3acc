"""The codec of the trust line: plain values as trees of JSON, and raw array buffers.

Arrays, and the bits of tensors, lie one behind the other in a payload beside the tree. Whatever a
peer sends, decoding either returns plain values or raises `WireError`; sizes are checked before
memory is taken.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from . import arrays
from .arrays import DTYPES, NAMES
from .tensors import STORED, Tensor

MAX_PAYLOAD = 64 * 1024 * 1024
MAX_TEXT = 64 * 1024
MAX_DEPTH = 8
MAX_LEAVES = 4096
MAX_NDIM = 8
MAX_INT = 2**63 - 1

to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


class WireError(Exception):
    """A frame or value that the wire does not carry."""


@dataclass(frozen=True)
class Ref:
    """A value that stays in the worker: a handle, and steps (attributes, items) from it.

    `kind` names the value's type where the worker sends the reference; it is a claim.
    """

    handle: int
    path: tuple[tuple[str, Any], ...] = ()
    kind: str = ""


class Encoded(NamedTuple):
    """A value on its way: its tree, as JSON, and its arrays one behind the other."""

    tree: str
    payload: bytes


def encode(value: object) -> Encoded:
    """The value in the form in which it crosses."""
    tree, payload = tree_of(value)
    return Encoded(to_json(tree), payload)


def tree_of(value: object) -> tuple[Any, bytes]:
    """The value as a tree for JSON, and its arrays one behind the other."""
    buffers: list[bytes] = []
    return _Encoder(buffers).tree(value, 0), b"".join(buffers)


def decode(tree: Any, payload: bytearray) -> Any:
    """The value; its arrays are views of `payload`."""
    decoder = _Decoder(payload)
    value = decoder.value(tree, 0)
    if decoder.used != len(payload):
        raise WireError("a payload has bytes that belong to no array")
    return value


class _Encoder:
    """Turns values into JSON trees and collects the array buffers."""

    def __init__(self, buffers: list[bytes]) -> None:
        self.buffers = buffers
        self.offset = 0
        self.leaves = 0

    def tree(self, value: object, depth: int) -> Any:
        self.leaves += 1
        if depth > MAX_DEPTH or self.leaves > MAX_LEAVES:
            raise WireError("a value is nested too deeply or has too many parts")
        kind = type(value)
        if value is None or kind is bool:
            return value
        if kind is np.ndarray:
            return self._array(value)  # type: ignore[arg-type]
        if kind is float:
            return {"f": value.hex()}  # type: ignore[attr-defined]
        if kind is int:
            if abs(value) > MAX_INT:  # type: ignore[arg-type]
                raise WireError("an integer has more than 64 bits")
            return value
        if kind is str:
            if len(value) > MAX_TEXT:  # type: ignore[arg-type]
                raise WireError("a text is too long")
            return value
        return self._compound(value, depth)

    def _compound(self, value: object, depth: int) -> Any:
        kind = type(value)
        if kind is tuple or kind is list:
            items: Any = value
            return {kind.__name__[0]: [self.tree(item, depth + 1) for item in items]}
        if kind is dict:
            items = value.items()  # type: ignore[attr-defined]
            if not all(type(key) is str and len(key) <= MAX_TEXT for key, _ in items):
                raise WireError("a dict has keys that are no text, or too long")
            return {"d": [[key, self.tree(v, depth + 1)] for key, v in items]}
        if kind is Ref:
            return self._reference(value, depth)  # type: ignore[arg-type]
        if kind is Tensor:
            return self._tensor(value)  # type: ignore[arg-type]
        if isinstance(value, np.generic) and kind is value.dtype.type and value.dtype in NAMES:
            return {"s": [NAMES[value.dtype], value.tobytes().hex()]}
        raise WireError(f"the wire does not carry {kind.__name__}")

    def _reference(self, ref: Ref, depth: int) -> Any:
        path = [[how, self.tree(key, depth + 1)] for how, key in ref.path]
        return {"r": [ref.handle, path, ref.kind]}

    def _tensor(self, tensor: Tensor) -> Any:
        if NAMES.get(tensor.bits.dtype) != STORED.get(tensor.dtype):
            raise WireError("a tensor's bits are not those of its dtype")
        return {"x": [tensor.dtype, self._array(tensor.bits)["a"]]}

    def _array(self, array: np.ndarray) -> Any:
        name = NAMES.get(
            array.dtype.newbyteorder("<") if array.dtype.byteorder == ">" else array.dtype
        )
        if name is None or array.ndim > MAX_NDIM:
            raise WireError("the wire does not carry such an array")
        if self.offset + array.nbytes > MAX_PAYLOAD:  # a broadcast may be larger than the memory
            raise WireError("a value is too large for the wire")
        data = np.ascontiguousarray(array, DTYPES[name]).tobytes()
        spec = [name, list(array.shape), self.offset, len(data), arrays.layout(array)]
        self.buffers.append(data)
        self.offset += len(data)
        return {"a": spec}


class _Decoder:
    """Turns JSON trees back into values; trusts nothing in them."""

    def __init__(self, payload: bytearray) -> None:
        self.payload = payload
        self.used = 0
        self.leaves = 0

    def value(self, tree: Any, depth: int) -> Any:
        self.leaves += 1
        if depth > MAX_DEPTH or self.leaves > MAX_LEAVES:
            raise WireError("a value is nested too deeply or has too many parts")
        kind = type(tree)
        if tree is None or kind is bool:
            return tree
        if kind is int:
            if abs(tree) > MAX_INT:
                raise WireError("an integer has more than 64 bits")
            return tree
        if kind is str:
            if len(tree) > MAX_TEXT:
                raise WireError("a text is too long")
            return tree
        if kind is not dict or len(tree) != 1:
            raise WireError("a value has no known form")
        ((tag, body),) = tree.items()
        if tag not in _READERS:
            raise WireError("a value has no known form")
        return _READERS[tag](self, body, depth)

    def _read_f(self, body: Any, _depth: int) -> float:
        try:
            return float.fromhex(body)
        except (TypeError, ValueError, OverflowError) as error:
            raise WireError("a number is not one") from error

    def _read_t(self, body: Any, depth: int) -> tuple[Any, ...]:
        return tuple(self._read_l(body, depth))

    def _read_l(self, body: Any, depth: int) -> list[Any]:
        if type(body) is not list:
            raise WireError("a sequence is not one")
        return [self.value(item, depth + 1) for item in body]

    def _read_d(self, body: Any, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, item in _pairs(body):
            if key in result:
                raise WireError("a dict has a key twice")
            result[key] = self.value(item, depth + 1)
        return result

    def _read_r(self, body: Any, depth: int) -> Ref:
        if type(body) is not list or len(body) != 3:
            raise WireError("a reference is not one")
        handle, path, kind = body
        if type(handle) is not int or not 0 <= handle <= MAX_INT or type(kind) is not str:
            raise WireError("a reference is not one")
        steps = tuple((how, self.value(key, depth + 1)) for how, key in _pairs(path))
        return Ref(handle, steps, kind[:80])

    def _read_s(self, body: Any, _depth: int) -> Any:
        if type(body) is not list or len(body) != 2 or not all(type(part) is str for part in body):
            raise WireError("a scalar is not one")
        dtype = DTYPES.get(body[0])
        try:
            data = bytearray.fromhex(body[1])
        except ValueError as error:
            raise WireError("a scalar is not one") from error
        if dtype is None or len(data) != dtype.itemsize:
            raise WireError("a scalar is not one")
        return arrays.clean(np.frombuffer(data, dtype))[0]

    def _read_x(self, body: Any, depth: int) -> Tensor:
        if type(body) is not list or len(body) != 2 or type(body[0]) is not str:
            raise WireError("a tensor is not described as one")
        bits = self._read_a(body[1], depth)
        if NAMES[bits.dtype] != STORED.get(body[0]):
            raise WireError("a tensor has no known dtype")
        return Tensor(bits, body[0])

    def _read_a(self, body: Any, _depth: int) -> np.ndarray:
        if type(body) is not list or len(body) != 5:
            raise WireError("an array is not described as one")
        name, shape, offset, length, layout = body
        dtype = DTYPES.get(name) if type(name) is str else None
        if dtype is None or layout not in arrays.LAYOUTS:
            raise WireError("an array has no known dtype or layout")
        if type(shape) is not list or len(shape) > MAX_NDIM:
            raise WireError("an array has no known shape")
        if not all(type(n) is int and 0 <= n < 2**31 for n in shape):
            raise WireError("an array has no known shape")
        if type(offset) is not int or type(length) is not int or offset != self.used:
            raise WireError("arrays overlap or leave gaps")
        if length != math.prod(shape) * dtype.itemsize or offset + length > len(self.payload):
            raise WireError("an array's shape does not fit its bytes")
        self.used += length
        if length == 0:
            return arrays.relayout(_empty(shape, dtype), layout)
        flat = np.frombuffer(self.payload, dtype, math.prod(shape), offset)
        return arrays.relayout(arrays.clean(flat).reshape(shape), layout)


_READERS: dict[str, Callable[[_Decoder, Any, int], Any]] = {
    tag: vars(_Decoder)[f"_read_{tag}"] for tag in "ftldrasx"
}


def _pairs(body: Any) -> list[tuple[str, Any]]:
    """A list of [text, tree] pairs."""
    if type(body) is not list:
        raise WireError("pairs are not a list")
    for pair in body:
        if type(pair) is not list or len(pair) != 2 or type(pair[0]) is not str:
            raise WireError("a pair is not one")
        if len(pair[0]) > MAX_TEXT:
            raise WireError("a text is too long")
    return [(key, item) for key, item in body]


def _empty(shape: list[int], dtype: np.dtype[Any]) -> np.ndarray:
    try:
        return np.zeros(shape, dtype)
    except ValueError as error:  # the other axes are too long for numpy
        raise WireError("an array has no known shape") from error
