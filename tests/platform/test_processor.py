"""How much processor time a submission has used, read from the kernel behind each wall."""

import os
from collections.abc import Callable
from contextlib import suppress

import pytest
from misbehaving import Student

from autograder.sandbox import processor
from autograder.sandbox.backend import Backend
from autograder.sandbox.faults import TimedOut

SOURCE = """
import os, time

def work(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass

def work_below(seconds):
    if os.fork() == 0:
        work(seconds)
        os._exit(0)
    os.wait()

def sleep(seconds):
    time.sleep(seconds)

def loop(_):
    while True:
        pass
"""


def used(backend: Backend, function: str, seconds: float) -> float:
    """Call a function in an exercise; the submission's seconds on the processor."""
    student = Student(backend, SOURCE, call_s=0.5 if function == "loop" else 9)
    with suppress(TimedOut):
        student.call(function, seconds)
    student.session.close()
    if student.session.processor_seconds is None:
        pytest.skip("nobody tells here")
    return student.session.processor_seconds


@pytest.mark.parametrize("function", ["work", "work_below"])
def test_work_is_counted(backend: Backend, function: str) -> None:
    """Also what a process has used that is over, and not what earlier submissions have."""
    for _ in range(2):
        assert 0.28 <= used(backend, function, 0.3) <= 1.5


def test_sleep_is_not(backend: Backend) -> None:
    """Waiting takes no processor."""
    assert used(backend, "sleep", 0.5) <= 0.4


def test_a_loop_is_counted_when_it_is_ended(backend: Backend) -> None:
    """What takes too long is ended with all of its sandbox, after it was counted."""
    assert used(backend, "loop", 0) >= 0.2


def test_nobody_tells_of_what_is_not_there(gone: Callable[[], int]) -> None:
    """A process that has ended, and a container of another machine."""
    assert processor.of_tree(gone()) is None
    assert processor.of_container("0" * 64) is None


@pytest.fixture
def gone() -> Callable[[], int]:
    """`gone()` is the id of a process that is no more."""

    def make() -> int:
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        return child

    return make
