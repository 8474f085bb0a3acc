"""Limits that the analysing process puts on itself: memory, and processor time of each step."""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

MEMORY = 4_000_000_000  # bytes of addresses
FILE_S = 5.0  # processor seconds for the words of one file
PAIR_S = 20.0  # likewise, for one pair


class TooLong(Exception):
    """A step has used up its time."""


def confine() -> None:
    """Bound this process's memory; nothing is left behind when it crashes."""
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    bound = MEMORY if most == resource.RLIM_INFINITY else min(MEMORY, most)
    resource.setrlimit(resource.RLIMIT_AS, (bound, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise TooLong when the block takes more processor time than that."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TooLong

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
