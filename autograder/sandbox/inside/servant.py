"""Answers one exercise's requests: calls, attributes, items, definitions on the student's objects.

What can be a plain value crosses; everything else stays in `objects` behind a handle.
"""

from __future__ import annotations

import itertools
import os
import traceback
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from . import tensors
from .arrays import NAMES
from .wire import MAX_NDIM, MAX_TEXT, Ref, WireError

UNPACKED = 16  # a returned tuple of more items than this stays behind a handle
ROOT = 0  # the handle of the student's module
FIRST_LAID = 1 << 32  # of the handles that the trusted side gives; lower ones are given here


class Servant:
    """Holds one exercise's objects and performs operations on them."""

    def __init__(self, module: ModuleType, folder: str, device: str = "cpu") -> None:
        self.objects: dict[int, Any] = {ROOT: module}
        self.handles = itertools.count(ROOT + 1)
        self.module = module
        self.folder = folder
        self.device = device  # where tensors that come are put
        self.operations: dict[str, Callable[[Any], Any]] = {
            "call": self._call,
            "each": self._each,
            "fetch": lambda refs: self._deep(self._arguments(refs), 0),
            "call_and_fetch": self._call_and_fetch,
            "put": self._put,
            "set": self._set,
            "define": self._define,
            "together": self._together,
        }

    def answer(self, operation: str, value: Any) -> tuple[dict[str, Any], Any]:
        """Header and value of the reply; whatever student code raises becomes a reply too."""
        try:
            return {"done": True}, self.operations[operation](value)
        except WireError as error:
            return {"unsendable": str(error)}, None
        except MissingName as error:
            return {"missing": error.name[:80]}, None
        except MemoryError:
            return {"memory": True}, None
        except BaseException as error:  # noqa: BLE001 - student code may raise anything
            if tensors.is_out_of_memory(error):
                return {"memory": True}, None
            return {"raised": describe(error, self.folder)}, None

    def _call(self, value: tuple[Ref, tuple[Any, ...], dict[str, Any]]) -> Any:
        ref, args, kwargs = value
        function = self._resolve(ref)
        args = self._arguments(args)
        return self._shallow(function(*args, **self._arguments(kwargs)))

    def _each(self, value: tuple[Ref, tuple[Any, ...]]) -> tuple[Any, ...]:
        ref, calls = value
        return tuple(self._call((ref, *call)) for call in calls)

    def _call_and_fetch(self, value: tuple[Any, tuple[Ref, ...]]) -> tuple[Any, Any]:
        call, refs = value
        return self._call(call), self._deep(self._arguments(refs), 0)

    def _together(self, value: tuple[Any, ...]) -> Any:
        """Operations and their values in turn; the answer to the last one."""
        answer = None
        for operation, its_value in zip(value[::2], value[1::2], strict=True):
            answer = self.operations[operation](its_value)
        return answer

    def _put(self, value: tuple[int, Any]) -> None:
        handle, content = value
        self.objects[handle] = self._arguments(content)

    def _set(self, value: tuple[Ref, Any]) -> None:
        ref, new = value
        owner = self._resolve(Ref(ref.handle, ref.path[:-1]))
        how, key = ref.path[-1]
        new = self._arguments(new)
        if how == "item":
            owner[key] = new
        else:
            setattr(owner, key, new)

    def _define(self, value: tuple[int, str, str]) -> None:
        handle, source, name = value
        namespace: dict[str, Any] = {"np": np, "student": self.module, "__name__": "definition"}
        if library := tensors.torch():
            namespace["torch"] = library
        exec(compile(source, "<definition>", "exec"), namespace)
        self.objects[handle] = namespace[name]

    def _keep(self, value: Any) -> Ref:
        handle = next(self.handles)
        self.objects[handle] = value
        return Ref(handle, (), type(value).__name__)

    def _resolve(self, ref: Ref) -> Any:
        value = self.objects[ref.handle]
        for how, key in ref.path:
            if how == "item":
                value = value[key]
                continue
            try:
                value = getattr(value, key)
            except AttributeError as error:
                if error.obj is value:
                    raise MissingName(key) from error
                raise
        return value

    def _arguments(self, value: Any) -> Any:
        """The value with every reference replaced by what it stands for."""
        kind = type(value)
        if kind is Ref:
            return self._resolve(value)
        if kind is tensors.Tensor:
            return tensors.to_torch(value, self.device)
        if kind is tuple or kind is list:
            return kind(self._arguments(item) for item in value)
        if kind is dict:
            return {key: self._arguments(item) for key, item in value.items()}
        return value

    def _shallow(self, value: Any) -> Any:
        """Plain values, and a short tuple or list of them; the rest by handle."""
        value = tensors.by_value(value)
        if is_plain(value):
            return value
        if type(value) in (tuple, list) and len(value) <= UNPACKED:
            items = map(tensors.by_value, value)
            return type(value)(item if is_plain(item) else self._keep(item) for item in items)
        return self._keep(value)

    def _deep(self, value: Any, depth: int) -> Any:
        """Nested containers of plain values; what is not plain by handle."""
        value = tensors.by_value(value)
        if is_plain(value):
            return value
        if type(value) in (tuple, list):
            return type(value)(self._deep(item, depth + 1) for item in value)
        if type(value) is dict and all(type(key) is str for key in value):
            return {key: self._deep(item, depth + 1) for key, item in value.items()}
        return self._keep(value)


def describe(error: BaseException, folder: str) -> list[Any]:
    """Type and place of an exception: never its text, which could carry a test's data out."""
    place: list[Any] = ["", 0]
    for frame in traceback.extract_tb(error.__traceback__):
        if os.path.dirname(frame.filename) == folder:
            place = [os.path.basename(frame.filename), frame.lineno or 0]
    return [type(error).__name__[:80], *place]


class MissingName(Exception):
    """The student's code has no such function, class or attribute."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def is_plain(value: object) -> bool:
    """Whether the wire carries the value as it is, being exactly of a known type."""
    kind = type(value)
    if value is None or kind in (bool, float, tensors.Tensor):
        return True
    if kind is int:
        return value.bit_length() <= 63  # type: ignore[attr-defined, no-any-return]
    if kind is str:
        return len(value) <= MAX_TEXT  # type: ignore[arg-type]
    if kind is np.ndarray:
        return value.dtype.newbyteorder("<") in NAMES and value.ndim <= MAX_NDIM  # type: ignore[attr-defined]
    return isinstance(value, np.generic) and kind is value.dtype.type and value.dtype in NAMES
