"""Where the time goes: each second is counted once, in the innermost part."""

import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from autograder import timing


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    """No test leaves a measurement behind."""
    yield
    timing._now = None


def test_nothing_is_measured_before_it_is_wanted() -> None:
    """Parts cost next to nothing then, and leave nothing."""
    with timing.part("wire"):
        pass
    timing.move(1.0, "wire", "student")
    assert timing.taken() == {}


def test_inner_parts_are_taken_off_outer_ones() -> None:
    """Also where an inner part is the same one again, or ends with an exception."""

    @timing.counted("comparison")
    def compare() -> None:
        time.sleep(0.02)
        raise StopIteration

    timing.start()
    started = time.perf_counter()
    with timing.part("tests"):
        time.sleep(0.02)
        with timing.part("tests"), suppress(StopIteration):
            compare()
    whole = time.perf_counter() - started
    taken = timing.taken()
    assert taken.pop("start") > 0.1  # this process has imported pytest
    assert set(taken) == {"tests", "comparison"}
    assert min(taken.values()) >= 0.019
    assert sum(taken.values()) == pytest.approx(whole, abs=0.005)
    assert timing.taken() == {}


def test_a_share_can_be_moved() -> None:
    """What the sandbox says about its own time comes off the time of the wire."""
    timing.start()
    timing.taken()
    with timing.part("wire"):
        time.sleep(0.01)
    timing.move(0.004, "wire", "student")
    taken = timing.taken()
    assert taken["student"] == 0.004
    assert taken["wire"] >= 0.0059
