"""A question to the sandbox and its answer, in the form in which they cross.

Both can be told apart by their bytes, without being read.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Any

from autograder.rules.sealed import is_sealed
from autograder.sandbox.inside.servant import ROOT
from autograder.sandbox.inside.wire import Encoded, decode, encode


class Question:
    """One operation, encoded when it is first asked; raises WireError where it cannot cross."""

    def __init__(self, operation: str, value: Any) -> None:
        self.operation = operation
        self.leaves_a_mark = _leaves_a_mark(operation, value)
        self._value = value

    @cached_property
    def encoded(self) -> Encoded:
        """The value's tree, as text, and its arrays; the value itself is let go."""
        return encode(self.__dict__.pop("_value"))

    def asks_the_same(self, other: Question) -> bool:
        """Whether both would cross as the same bytes."""
        same = self.operation == other.operation
        return self is other or (same and self.encoded == other.encoded)

    @property
    def size(self) -> int:
        """How many bytes it takes to keep it."""
        return len(self.encoded.tree) + len(self.encoded.payload)


class Answer:
    """What came back, as a claim; only `value` looks at it."""

    def __init__(self, header: dict[str, Any], tree: Any, payload: bytearray) -> None:
        self.header = header
        self._tree = tree
        self._payload = payload

    @cached_property
    def key(self) -> bytes:
        """A digest that only the same answer has."""
        text = repr(self._tree).encode(errors="surrogatepass")
        return hashlib.blake2b(b"%d " % len(text) + text + self._payload, digest_size=16).digest()

    @cached_property
    def value(self) -> Any:
        """What it says; raises WireError where that is nothing."""
        return decode(self._tree, self._payload)


def _leaves_a_mark(operation: str, value: Any) -> bool:
    """Whether it may change more than the objects of its exercise."""
    if operation == "together":
        return any(map(_leaves_a_mark, value[::2], value[1::2]))
    if operation == "define":
        return not is_sealed(value[1])
    return operation == "set" and value[0].handle == ROOT
