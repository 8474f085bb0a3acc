"""Remembers what the reference returned: a class of students asks it the same questions.

Only calls whose arguments are plain values are remembered, by the bytes of those arguments; a
function that changes an argument in place is run each time. What is handed out is a copy.
"""

from __future__ import annotations

import copy
import functools
import hashlib
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from autograder import timing

LARGEST = 8 * 1024 * 1024  # bytes of arguments; larger questions are answered anew
MOST = 5000  # answers of a module; a question may hold what one student's code returned


class Remembering:
    """A module whose functions remember their answers; all else is the module's own."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module
        self._answers: dict[bytes, Any] = {}

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._module, name)
        if type(value) is FunctionType:
            value = functools.partial(self._ask, name, value)
        setattr(self, name, value)
        return value

    @timing.counted("reference")
    def _ask(self, name: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        try:
            question = _digest((name, args, kwargs))
        except _NotPlainError:
            return function(*args, **kwargs)
        if question not in self._answers:
            answer = function(*args, **kwargs)
            if _digest((name, args, kwargs)) != question or not _is_plain(answer):
                return answer
            if len(self._answers) >= MOST:
                self._answers.pop(next(iter(self._answers)))
            self._answers[question] = _copied(answer)  # it may hold the arguments themselves
        return _copied(self._answers[question])


class _NotPlainError(Exception):
    """A value that has no bytes to go by."""


def _digest(value: Any) -> bytes:
    parts: list[bytes] = []
    _describe(value, parts)
    if sum(map(len, parts)) > LARGEST:
        raise _NotPlainError
    return hashlib.blake2b(b"\0".join(parts), digest_size=16).digest()


def _describe(value: Any, parts: list[bytes]) -> None:
    kind = type(value)
    if kind is np.ndarray and not value.dtype.hasobject:
        head = f"{value.dtype.str}{value.shape}{value.strides}{value.flags.writeable}"
        parts += (head.encode(), value.tobytes())
    elif kind in (tuple, list, dict):
        parts.append(f"{kind.__name__}{len(value)}".encode())
        for item in value.items() if kind is dict else value:
            _describe(item, parts)
    elif value is None or kind in (bool, int, float, str) or isinstance(value, np.generic):
        parts.append(f"{kind.__name__} {value!r}".encode())
    else:
        raise _NotPlainError


def _is_plain(value: Any) -> bool:
    try:
        _describe(value, [])
    except _NotPlainError:
        return False
    return True


def _copied(value: Any) -> Any:
    kind = type(value)
    if kind is np.ndarray:
        return value.copy()
    return copy.deepcopy(value) if kind in (tuple, list, dict) else value
