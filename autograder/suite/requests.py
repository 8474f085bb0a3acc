"""What one test asks of the worker; what needs no answer goes along with the next question."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from autograder.sandbox.inside import arrays
from autograder.sandbox.inside.servant import FIRST_LAID
from autograder.sandbox.inside.tensors import Tensor
from autograder.sandbox.inside.wire import Ref
from autograder.sandbox.session import Conversation

MOST = 16  # that wait: a frame has its bounds


class Requests:
    """A test's way to its conversation.

    Values that it lays down and functions that it defines wait, in their order, for a question that
    has an answer: one frame and two changes of process less for each.
    """

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._waiting: list[Any] = []
        self._handles = itertools.count(FIRST_LAID)

    def request(self, operation: str, value: Any) -> Any:
        """The reply's value; raises StudentFault, also for what waited."""
        if not self._waiting:
            return self._conversation.request(operation, value)
        together, self._waiting = (*self._waiting, operation, value), []
        return self._conversation.request("together", together)

    def put(self, value: Any) -> Ref:
        """Have the value, as it is now, laid down with the next request."""
        return self._later("put", _as_it_lies(value))

    def define(self, source: str, name: str) -> Ref:
        """Have the source run with the next request."""
        return self._later("define", source, name)

    def _later(self, operation: str, *value: Any) -> Ref:
        ref = Ref(next(self._handles))
        together = (operation, (ref.handle, *value))
        if len(self._waiting) < 2 * MOST:
            self._waiting += together
        else:
            self.request(*together)
        return ref


def _as_it_lies(value: Any) -> Any:
    """A copy, as awkward as the value: read-only, strided or in Fortran's order."""
    kind = type(value)
    if kind is np.ndarray:
        return arrays.relayout(value.copy(order="C"), arrays.layout(value))
    if kind is Tensor:
        return Tensor(_as_it_lies(value.bits), value.dtype)
    if kind is tuple or kind is list:
        return kind(map(_as_it_lies, value))
    if kind is dict:
        return {key: _as_it_lies(item) for key, item in value.items()}
    return value
