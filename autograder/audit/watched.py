"""Trusted implementations in this process, watched for time, memory and whether they run."""

from __future__ import annotations

import importlib
import resource
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from types import CodeType, FrameType, ModuleType
from typing import Any

from autograder.sandbox.local import LocalConversation

MEMORY = 8 << 30
# By the processor's time, so that a busy machine makes no mutant late; by the clock, for what
# sleeps, only after so many times as much.
PATIENCE = 10
TIMERS = {signal.ITIMER_PROF: (signal.SIGPROF, 1), signal.ITIMER_REAL: (signal.SIGALRM, PATIENCE)}


class TookTooLong(BaseException):
    """A call has run into the alarm; no `except Exception` of a mutant's stops it."""


class Watched(LocalConversation):
    """A conversation without a sandbox that counts calls and ends those that run too long.

    `late` says that one has: whoever asks for more should not wait again.
    """

    def __init__(self, modules: dict[str, ModuleType], limit_s: float) -> None:
        super().__init__(modules)
        self.calls = 0
        self.late = False
        self._limit_s = limit_s

    def request(self, operation: str, value: Any) -> Any:
        """The reply's value; raises StudentFault."""
        self.calls += operation in {"call", "call_and_fetch", "each", "together"}
        with self._alarm():
            return super().request(operation, value)

    @contextmanager
    def _alarm(self) -> Iterator[None]:
        old = {number: signal.signal(number, self._too_long) for number, _ in TIMERS.values()}
        for timer, (_, times) in TIMERS.items():
            signal.setitimer(timer, times * self._limit_s)
        try:
            yield
        finally:
            for timer in TIMERS:
                signal.setitimer(timer, 0)
            for number, handler in old.items():
                signal.signal(number, handler)

    def _too_long(self, _signal: int, _frame: FrameType | None) -> None:
        self.late = True
        raise TookTooLong


def modules_of(sources: Mapping[str, str]) -> dict[str, ModuleType]:
    """Import sources (file name -> text) as modules of their own; they may import one another.

    What does not change from mutant to mutant is compiled once.
    """
    finder = _InMemory({name.removesuffix(".py"): text for name, text in sources.items()})
    hidden = {name: sys.modules.pop(name) for name in finder.texts if name in sys.modules}
    sys.meta_path.insert(0, finder)
    try:
        return {name: importlib.import_module(name) for name in finder.texts}
    finally:
        sys.meta_path.remove(finder)
        for name in finder.texts:
            sys.modules.pop(name, None)
        sys.modules.update(hidden)


class _InMemory(MetaPathFinder, Loader):
    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts

    def find_spec(
        self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return spec_from_loader(name, self) if name in self.texts else None

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        exec(_compiled(f"{name}.py", self.texts[name]), module.__dict__)


@lru_cache(maxsize=500)
def _compiled(name: str, text: str) -> CodeType:
    return compile(text, name, "exec")


@contextmanager
def bounded_memory() -> Iterator[None]:
    """A mutation that asks for far too much gets a MemoryError."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
