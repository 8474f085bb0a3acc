"""Trusted implementations in this process: what takes too long is ended, and only that."""

import signal
import time

import pytest

from autograder.audit.watched import Watched, modules_of
from autograder.sandbox.faults import Raised
from autograder.sandbox.inside.wire import Ref

SOURCE = """
import time

def loop():
    while True:
        try:
            while True: pass
        except Exception:
            pass

def sleep(seconds):
    time.sleep(seconds)
    return seconds
"""


def call(watched: Watched, function: str, *args: object) -> object:
    """Call a function of the module."""
    return watched.request("call", (Ref(0, (("attr", function),)), args, {}))


@pytest.fixture
def watched() -> Watched:
    """A conversation whose calls may take a tenth of a second on the processor."""
    made = Watched(modules_of({"m.py": SOURCE}), 0.1)
    made.begin("m")
    return made


def test_a_loop_is_ended(watched: Watched) -> None:
    """Soon, and it is remembered; nothing rings afterwards."""
    started = time.perf_counter()
    with pytest.raises(Raised):
        call(watched, "loop")
    assert time.perf_counter() - started < 5
    assert watched.late
    assert signal.getitimer(signal.ITIMER_PROF) == signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_time_without_a_processor_is_not_its_own(watched: Watched) -> None:
    """A call that waits for its turn is not late, unless it is for very long."""
    assert call(watched, "sleep", 0.3) == 0.3
    assert not watched.late
    with pytest.raises(Raised):
        call(watched, "sleep", 30)
    assert watched.late
    assert watched.calls == 2
