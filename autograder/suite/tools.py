"""What a hidden test may ask for by name, as with any pytest fixture."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import perf_counter, process_time
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from autograder import timing
from autograder.sandbox.inside.servant import ROOT
from autograder.sandbox.inside.tensors import Tensor
from autograder.sandbox.inside.wire import Ref
from autograder.sandbox.session import Conversation
from autograder.suite import compare
from autograder.suite.diagnosis import Seen
from autograder.suite.memory import Remembering
from autograder.suite.modules import Modules, tensor
from autograder.suite.remote import Remote, Sandbox
from autograder.suite.requests import Requests
from autograder.suite.seeds import rng_of

close = timing.counted("comparison")(compare.close)
exact = timing.counted("comparison")(compare.exact)
check = timing.counted("comparison")(compare.check)
CALLS = 5  # the best of so many counts
CHANCES = 4  # on a machine that was too busy for that


class Tools:
    """The tools of one test, for one submission; each is made when it is asked for."""

    def __init__(
        self,
        conversation: Conversation,
        reference: ModuleType | Remembering,
        seed: int,
        stopwatch: Stopwatch,
        record: Callable[[Seen], None] | None,
    ) -> None:
        self._device = conversation.device
        self._requests = Requests(conversation)
        self._reference = reference
        self._seed = seed
        self._stopwatch = stopwatch
        self._record = record

    def student(self) -> Remote:
        """The student's module that holds the exercise, in the sandbox."""
        return Remote(self._requests, Ref(ROOT))

    def sandbox(self) -> Sandbox:
        """Hands in the sandbox: fetch, put, define."""
        return Sandbox(self._requests)

    def reference(self) -> ModuleType | Remembering:
        """The reference's module of the same file, on this side."""
        return self._reference

    def rng(self) -> np.random.Generator:
        """Random numbers from the course secret and the test's name."""
        return rng_of(self._seed)

    def close(self) -> Callable[..., None]:
        """`compare.close`."""
        return partial(close, record=self._record) if self._record else close

    def exact(self) -> Callable[..., None]:
        """`compare.exact`."""
        return exact

    def check(self) -> Callable[..., None]:
        """`compare.check`."""
        return check

    def tensor(self) -> Callable[..., Tensor]:
        """`modules.tensor`."""
        return tensor

    def modules(self) -> Modules:
        """Hands on torch modules in the sandbox."""
        return Modules(self.sandbox())

    def device(self) -> str:
        """Where tensors that come to the sandbox are put: cpu or cuda."""
        return self._device

    def is_quick(self) -> Callable[..., bool]:
        """`Stopwatch.is_quick`."""
        return self._stopwatch.is_quick


NAMES = (
    "student", "sandbox", "reference", "rng", "close", "exact", "check", "is_quick", "tensor",
    "modules", "device",
)  # fmt: skip


def fixtures(current: Callable[[], Tools]) -> ModuleType:
    """A pytest plugin with a fixture for each tool: those of the test that runs."""
    plugin = ModuleType("autograder_fixtures")
    for name in NAMES:
        setattr(plugin, name, _fixture(name, current))
    return plugin


def _fixture(name: str, current: Callable[[], Tools]) -> Any:
    @pytest.fixture(name=name)
    def give() -> Any:
        return getattr(current(), name)()

    return give


class Stopwatch:
    """Compares the time of a student's calls with slow work of ours, for one test."""

    def __init__(self) -> None:
        self._least: float | None = None  # that the slow work has ever taken here

    def is_quick(
        self,
        call: Callable[[], Any],
        slow: Callable[[], Any],
        *,
        factor: float = 5.0,
        parts: int = 1,
    ) -> bool:
        """Whether `call` takes at most the time of `slow` (a part of the work) x parts / factor.

        `slow` is timed by the work that it costs this process, which is the same on a busy machine;
        the call by the clock, the best of five. Where the machine was too busy even for that, both
        are timed again. What was quick beside the least time of `slow` so far, in this lane, needs
        no new one.
        """
        if self._least is not None and _any_within(call, self._least * parts / factor):
            return True
        for _ in range(CHANCES):
            taken = _elapsed(slow, process_time)
            self._least = min(taken, self._least or taken)
            if _any_within(call, taken * parts / factor):
                return True
        return False


def _any_within(call: Callable[[], Any], allowed: float) -> bool:
    return any(_elapsed(call, perf_counter) <= allowed for _ in range(CALLS))


def _elapsed(call: Callable[[], Any], clock: Callable[[], float]) -> float:
    start = clock()
    call()
    return clock() - start
