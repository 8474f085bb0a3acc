"""What a hidden test holds of the student's code: names for things that stay in the worker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.sandbox.inside.wire import Ref
from autograder.sandbox.session import Conversation
from autograder.suite.diagnosis import Code, Mismatch

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

    __slots__ = ("_conversation", "_ref")
    _conversation: Conversation
    _ref: Ref
    __iter__ = None  # the items are in the worker: fetch first
    __hash__ = object.__hash__

    def __init__(self, conversation: Conversation, ref: Ref) -> None:
        object.__setattr__(self, "_conversation", conversation)
        object.__setattr__(self, "_ref", ref)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it in the worker; raises StudentFault."""
        arguments = tuple(_refer(arg) for arg in args), {k: _refer(v) for k, v in kwargs.items()}
        return wrap(self._conversation, self._conversation.request("call", (self._ref, *arguments)))

    def __getattr__(self, name: str) -> Remote:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._part("attr", name)

    def __getitem__(self, key: Any) -> Remote:
        return self._part("item", key)

    def __setattr__(self, name: str, value: Any) -> None:
        self._conversation.request("set", (self._part("attr", name)._ref, _refer(value)))

    def __setitem__(self, key: Any, value: Any) -> None:
        self._conversation.request("set", (self._part("item", key)._ref, _refer(value)))

    def __eq__(self, other: object) -> bool:
        raise TypeError("a remote equals nothing: fetch it")  # `!=` would always hold

    def __bool__(self) -> bool:
        raise TypeError("a remote has no truth value: fetch it")

    def _part(self, how: str, key: Any) -> Remote:
        return Remote(self._conversation, Ref(self._ref.handle, (*self._ref.path, (how, key))))


class Sandbox:
    """The test's hands in the worker: bring values over, lay them down, define functions."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation

    def fetch(self, remote: Any) -> Any:
        """The value of a remote; containers are brought over whole, objects stay remotes."""
        return fetch(remote)

    def put(self, value: Any) -> Remote:
        """Lay a value down in the worker, to be changed in place and fetched afterwards."""
        ref: Ref = self._conversation.request("put", _refer(value))
        return Remote(self._conversation, ref)

    def untouched(self, function: Callable[..., Any], **arrays: np.ndarray) -> Any:
        """Call the function with arrays that it must not change in place; its result."""
        laid_down = {name: self.put(array) for name, array in arrays.items()}
        result = function(*laid_down.values())
        for name, array in arrays.items():
            after = self.fetch(laid_down[name])
            if not np.array_equal(after, array, equal_nan=True):
                said = f"{name} is changed by the call: work on a copy of it"
                raise Mismatch(Code.MUTATED, name, said)
        return result

    def define(self, source: str, name: str) -> Remote:
        """Run the source in the worker and keep what it calls `name`.

        It finds numpy as `np` and the student's module as `student`.
        """
        ref: Ref = self._conversation.request("define", (source, name))
        return Remote(self._conversation, ref)


def fetch(remote: Any) -> Any:
    """The value of a remote, or the value itself."""
    if not isinstance(remote, Remote):
        return remote
    conversation = remote._conversation
    return wrap(conversation, conversation.request("fetch", remote._ref))


def kind_of_remote(remote: Remote) -> str:
    """What the worker says it is, as far as that is a type everybody knows."""
    named = remote._ref.kind
    return f"a {named}" if named in KNOWN_KINDS else "an object"


def wrap(conversation: Conversation, value: Any) -> Any:
    """The value with every reference turned into a remote."""
    kind = type(value)
    if kind is Ref:
        return Remote(conversation, value)
    if kind is tuple or kind is list:
        return kind(wrap(conversation, item) for item in value)
    if kind is dict:
        return {key: wrap(conversation, item) for key, item in value.items()}
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
