"""The stopwatch of hidden suites, and tests that are called without pytest's ceremony."""

from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.assignment import Assignment
from autograder.suite.plugin import Suite, run_session
from autograder.suite.tools import CALLS, CHANCES, NAMES, Stopwatch, Tools


def work(amount: int) -> Callable[[], int]:
    """So much work."""
    return lambda: sum(range(amount))


def counted(call: Callable[[], object], calls: list[int]) -> Callable[[], None]:
    """The same, written down."""

    def count() -> None:
        calls.append(1)
        call()

    return count


def test_quick_and_slow() -> None:
    """A hundredth of the work is quick, a hundred times as much is not."""
    assert Stopwatch().is_quick(work(1_000), work(1_000_000))
    assert not Stopwatch().is_quick(work(1_000_000), work(10_000))


def test_parts_of_the_work() -> None:
    """What is timed may be a part of what the call is compared with."""
    assert not Stopwatch().is_quick(work(100_000), work(200_000))
    assert Stopwatch().is_quick(work(100_000), work(200_000), parts=20)


def test_slow_work_is_timed_once_where_all_are_quick() -> None:
    """A class does not pay for it again and again, and the first quick call settles it."""
    stopwatch, slow, quick = Stopwatch(), list[int](), list[int]()
    for _ in range(5):
        assert stopwatch.is_quick(counted(work(10), quick), counted(work(1_000_000), slow))
    assert len(slow) == 1
    assert len(quick) == 5


def test_a_slow_call_gets_all_its_chances() -> None:
    """Both are timed again before it is called slow."""
    slow, late = list[int](), list[int]()
    assert not Stopwatch().is_quick(counted(work(1_000_000), late), counted(work(10), slow))
    assert (len(slow), len(late)) == (CHANCES, CHANCES * CALLS)


def test_every_tool_is_one() -> None:
    """Each name that a test may ask for."""
    assert all(callable(getattr(Tools, name)) for name in NAMES)


def test_tests_of_the_real_course_are_plain(repo: Path, mini_course: Assignment) -> None:
    """They ask for tools and parameters only, so pytest's own way to them is not needed."""
    found: list[bool] = []
    run_session(mini_course, b"secret", lambda suite: found.extend(plainness(suite)))
    assert found
    assert all(found)


def plainness(suite: Suite) -> list[bool]:
    """Whether each test is plain."""
    return [test.is_plain for tests in suite.tests.values() for test in tests]


@pytest.mark.parametrize(
    "extra",
    [
        "@pytest.fixture\ndef more():\n    return 1\n",
        "@pytest.fixture(autouse=True)\ndef more():\n    pass\n",
        "def setup_function():\n    pass\n",
    ],
)
def test_a_test_with_fixtures_of_its_own_is_run_by_pytest(
    mini_course: Assignment, extra: str
) -> None:
    """Whatever a suite adds to the tools still works."""
    path = mini_course.hidden / "test_basics.py"
    asks = "more, " if "def more():\n    return" in extra else ""
    body = f'@exercise("double")\ndef test_more({asks}student):\n    """More."""\n'
    path.write_text(f"import pytest\n{path.read_text()}\n\n{extra}\n\n{body}", "utf-8")
    found: list[bool] = []
    run_session(mini_course, b"secret", lambda suite: found.extend(plainness(suite)))
    assert not all(found)
