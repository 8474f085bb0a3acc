"""What a hidden test holds of the student's code: names for things that stay in the worker."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np

from autograder.sandbox.inside.wire import Ref
from autograder.suite.diagnosis import Code, Mismatch
from autograder.suite.requests import Requests

KNOWN_KINDS = frozenset({
    "tuple", "list", "dict", "set", "frozenset", "str", "bytes", "complex", "function", "method",
    "type", "generator", "range", "map", "zip", "enumerate", "module", "ndarray", "matrix",
    "MaskedArray", "complex128", "Tensor", "Parameter",
})  # fmt: skip


class Remote:
    """A function, object or container of the student's, or a part of one, looked at on demand.

    Attributes and items give further remotes without a word to the worker; calling one calls it
    there. Assigning to an attribute or an item sets it there.
    """

    __slots__ = ("_ref", "_requests")
    _requests: Requests
    _ref: Ref
    __iter__ = None  # the items are in the worker: fetch first
    __hash__ = object.__hash__

    def __init__(self, requests: Requests, ref: Ref) -> None:
        object.__setattr__(self, "_requests", requests)
        object.__setattr__(self, "_ref", ref)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it in the worker; raises StudentFault."""
        arguments = tuple(_refer(arg) for arg in args), {k: _refer(v) for k, v in kwargs.items()}
        return wrap(self._requests, self._requests.request("call", (self._ref, *arguments)))

    def __getattr__(self, name: str) -> Remote:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._part("attr", name)

    def __getitem__(self, key: Any) -> Remote:
        return self._part("item", key)

    def __setattr__(self, name: str, value: Any) -> None:
        self._requests.request("set", (self._part("attr", name)._ref, _refer(value)))

    def __setitem__(self, key: Any, value: Any) -> None:
        self._requests.request("set", (self._part("item", key)._ref, _refer(value)))

    def __eq__(self, other: object) -> bool:
        raise TypeError("a remote equals nothing: fetch it")  # `!=` would always hold

    def __bool__(self) -> bool:
        raise TypeError("a remote has no truth value: fetch it")

    def _part(self, how: str, key: Any) -> Remote:
        return Remote(self._requests, Ref(self._ref.handle, (*self._ref.path, (how, key))))


class Sandbox:
    """The test's hands in the worker: bring values over, lay them down, define functions."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    def fetch(self, remote: Any) -> Any:
        """The value of a remote; containers are brought over whole, objects stay remotes."""
        return fetch(remote)

    def put(self, value: Any) -> Remote:
        """Lay a value down in the worker, to be changed in place and fetched afterwards."""
        return Remote(self._requests, self._requests.put(_refer(value)))

    def untouched(self, function: Callable[..., Any], **arrays: np.ndarray) -> Any:
        """Call the function with arrays that it must not change in place; its result."""
        refs = tuple(self._requests.put(array) for array in arrays.values())
        if isinstance(function, Remote):
            result, left = self._requests.request(
                "call_and_fetch", ((function._ref, refs, {}), refs)
            )
            result = wrap(self._requests, result)
        else:
            result = function(*(Remote(self._requests, ref) for ref in refs))
            left = self._requests.request("fetch", refs)
        for (name, array), after in zip(arrays.items(), left, strict=True):
            if not np.array_equal(after, array, equal_nan=True):
                said = f"{name} is changed by the call: work on a copy of it"
                raise Mismatch(Code.MUTATED, name, said)
        return result

    def define(self, source: str, name: str) -> Remote:
        """Run the source in the worker and keep what it calls `name`.

        It finds numpy as `np` and the student's module as `student`.
        """
        return Remote(self._requests, self._requests.define(source, name))


def each(
    function: Callable[..., Any], cases: Collection[Sequence[Any]], keywords: Sequence[str] = ()
) -> tuple[Any, ...]:
    """The function's result for each case, all asked at once; raises what the first fault raises.

    A case holds a call's arguments, those with a keyword last. No case may depend on what another
    one gives, nor tell what is expected of it.
    """
    plain = [case[: len(case) - len(keywords)] for case in cases]
    named = [dict(zip(keywords, case[len(case) - len(keywords) :], strict=True)) for case in cases]
    if not isinstance(function, Remote):
        return tuple(function(*args, **given) for args, given in zip(plain, named, strict=True))
    calls = tuple((_refer(tuple(a)), _refer(k)) for a, k in zip(plain, named, strict=True))
    requests: Requests = function._requests
    return tuple(wrap(requests, requests.request("each", (function._ref, calls))))


def fetch(remote: Any) -> Any:
    """The value of a remote, or the value itself."""
    if not isinstance(remote, Remote):
        return remote
    return wrap(remote._requests, remote._requests.request("fetch", remote._ref))


def kind_of_remote(remote: Remote) -> str:
    """What the worker says it is, as far as that is a type everybody knows."""
    named = remote._ref.kind
    return f"a {named}" if named in KNOWN_KINDS else "an object"


def wrap(requests: Requests, value: Any) -> Any:
    """The value with every reference turned into a remote."""
    kind = type(value)
    if kind is Ref:
        return Remote(requests, value)
    if kind is tuple or kind is list:
        return kind(wrap(requests, item) for item in value)
    if kind is dict:
        return {key: wrap(requests, item) for key, item in value.items()}
    return value


def _refer(value: Any) -> Any:
    """The value with every remote turned into a reference."""
    kind = type(value)
    if kind is Remote:
        return value._ref
    if kind is tuple or kind is list:
        return kind(_refer(item) for item in value)
    if kind is dict:
        return {key: _refer(item) for key, item in value.items()}
    return value
