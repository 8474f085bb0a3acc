"""One collected pytest session that judges many submissions: collected once, run again and again.

pytest does what it is good at (collection, parameters, fixtures); its own reports, captures and
caches are left out. `judge` runs one exercise's tests against a conversation and returns their
verdicts.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from autograder import timing
from autograder.assignment import Assignment, Exercise
from autograder.errors import AutograderError, StaffError
from autograder.report import TestResult, TestStatus
from autograder.sandbox.pipeline import Script
from autograder.sandbox.session import Conversation, Session
from autograder.suite.diagnosis import Seen
from autograder.suite.memory import Remembering
from autograder.suite.paths import NOTHING, Paths
from autograder.suite.reference import forgetting, load_reference
from autograder.suite.seeds import seed_of
from autograder.suite.tools import NAMES, Stopwatch, Tools, fixtures
from autograder.suite.verdicts import SHARED_FATE, Test, result, verdict

OPTIONS = [
    "--assert=plain", "--import-mode=importlib", "-c", "/dev/null", "-s", "--noconftest",
    *(f"-pno:{name}" for name in (
        "cacheprovider", "logging", "warnings", "faulthandler", "unraisableexception",
        "threadexception", "junitxml", "pastebin", "doctest", "stepwise", "terminal",
        "terminalprogress", "setuponly", "setupplan", "debugging", "recwarn", "tmpdir",
        "monkeypatch", "legacypath",
    )),
]  # fmt: skip


class Suite:
    """The hidden suite of one assignment inside a running pytest session."""

    def __init__(self, assignment: Assignment, secret: bytes) -> None:
        self.assignment = assignment
        self.tests: dict[str, list[Test]] = {}
        self.record: Callable[[Test, Seen], None] | None = None  # told every error
        self._secret = secret
        self.remember = True  # what the reference has answered
        self._modules = load_reference(assignment)
        self._remembering = {name: Remembering(each) for name, each in self._modules.items()}
        self._stopwatches: defaultdict[str, Stopwatch] = defaultdict(Stopwatch)
        self._current: Tools | None = None
        self._raised: BaseException | None = None
        self._paths = Paths()

    # What is run

    def judge(self, exercise: Exercise, conversation: Conversation) -> list[TestResult]:
        """Run the exercise's tests; after a time-out the rest is not run.

        Where a process that others had before has ended or run out of memory, only a second run in
        a process of its own counts.
        """
        conversation.begin(exercise.file.removesuffix(".py"))
        results = self._judged(exercise, conversation)
        if any(result.status in SHARED_FATE for result in results) and conversation.again():
            results = self._judged(exercise, conversation)
        return results

    def _judged(self, exercise: Exercise, conversation: Conversation) -> list[TestResult]:
        results: list[TestResult] = []
        for test in self.tests[exercise.name]:
            if results and results[-1].status is TestStatus.TIMEOUT:
                said = "not run after the time-out"
                results.append(result(test, TestStatus.TIMEOUT, "timeout", said))
            else:
                results.append(verdict(test, self.run(test, conversation)))
        return results

    def run(self, test: Test, conversation: Conversation) -> BaseException | None:
        """Run one test; what it raised, or None."""
        conversation.next_test(test.id)
        if self._recalls(test) and isinstance(conversation, Session):
            run = partial(self._run, test)
            raised = self._paths.judge(test.id, conversation, run, f"test {test.id}")
        else:
            raised = self._run(test, conversation)
        if isinstance(raised, (AutograderError, KeyboardInterrupt)):
            raise raised
        return raised

    def _recalls(self, test: Test) -> bool:
        return test.is_repeatable and self.remember and self.record is None

    def scripts(self, exercises: Iterable[Exercise], device: str) -> list[Script]:
        """What the tests of these exercises will ask, in their order, as far as it is known."""
        return [
            self._script(test, exercise, device)
            for exercise in exercises
            for test in self.tests[exercise.name]
        ]

    def _script(self, test: Test, exercise: Exercise, device: str) -> Script:
        usual = self._paths.usual(test.id, device) if self._recalls(test) else NOTHING
        module = exercise.file.removesuffix(".py")
        return Script(test.id, module, usual.questions, is_whole=usual.is_whole)

    def _run(self, test: Test, conversation: Conversation) -> BaseException | None:
        self._current = self._tools(test, conversation)
        return self._called(test) if test.is_plain else self._run_by_pytest(test)

    @timing.counted("tests")
    def _called(self, test: Test) -> BaseException | None:
        """Call the test's function: pytest's own way to it costs more than most tests."""
        names = test.item._fixtureinfo.argnames  # noqa: SLF001 - as pytest calls it
        given = getattr(test.item, "callspec", None)
        params = given.params if given else {}
        try:
            test.item.obj(
                **{n: params[n] if n in params else getattr(self.tools(), n)() for n in names}
            )
        except BaseException as error:  # noqa: BLE001 - the caller tells whose fault it is
            return error
        return None

    def tools(self) -> Tools:
        """The tools of the test that runs."""
        assert self._current is not None
        return self._current

    @timing.counted("pytest")
    def _run_by_pytest(self, test: Test) -> BaseException | None:
        """Run a test with fixtures or marks of its own."""
        self._raised = None
        test.item._request = False  # type: ignore[assignment]  # noqa: SLF001 - makes a new one
        everything_but_the_session: Any = test.item.session
        runtestprotocol(test.item, log=False, nextitem=everything_but_the_session)
        return self._raised

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> pytest.TestReport:
        """Keep what was raised; pytest's own report would format source lines and values."""
        if call.excinfo is not None:
            self._raised = call.excinfo.value
        outcome: Any = "passed" if call.excinfo is None else "failed"
        return pytest.TestReport(item.nodeid, item.location, {}, outcome, None, call.when)  # type: ignore[arg-type]

    # What is collected

    def pytest_configure(self, config: pytest.Config) -> None:
        """Make the mark known."""
        config.addinivalue_line(
            "markers", "exercise(name, weight): the exercise that a test judges"
        )

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A hidden test file that cannot be imported is the staff's fault."""
        if report.failed:
            last = str(report.longrepr).strip().splitlines()[-1]
            raise StaffError(last, where=f"tests/hidden/{self.assignment.slug} ({report.nodeid})")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Sort the tests by exercise; each names one, and each exercise has one."""
        self.tests = {exercise.name: [] for exercise in self.assignment.exercises}
        for item in items:
            test = self._test(item)
            self.tests[test.exercise].append(test)
        for name, tests in self.tests.items():
            if not tests:
                where = f"tests/hidden/{self.assignment.slug}"
                raise StaffError(f"exercise {name!r} has no test", where=where)

    def _test(self, item: pytest.Item) -> Test:
        where = f"{item.path.relative_to(self.assignment.root)}:{(item.location[1] or 0) + 1}"
        mark = item.get_closest_marker("exercise")
        if mark is None or not isinstance(item, pytest.Function):
            raise StaffError(f"test {item.name!r} names no exercise", where=where)
        name = mark.args[0]
        if name not in self.tests:
            raise StaffError(f"test {item.name!r} names an unknown exercise {name!r}", where=where)
        title = (item.function.__doc__ or "").strip().partition("\n")[0]
        if not title:
            raise StaffError(f"test {item.name!r} has no docstring to be its title", where=where)
        identity = f"{item.path.stem}::{item.name}"
        weight, seed = float(mark.kwargs["weight"]), self._seed(identity)
        return Test(item, identity, title, name, weight, seed, _is_plain(item))

    @property
    def fingerprint(self) -> bytes:
        """What the course's secret may be known by."""
        return hashlib.blake2b(self._secret, person=b"fingerprint").digest()

    def reseed(self, secret: bytes) -> None:
        """Draw other data from here on: those of another course secret."""
        self._secret = secret
        self._paths.forget()
        for name, tests in self.tests.items():
            self.tests[name] = [replace(test, seed=self._seed(test.id)) for test in tests]

    def _seed(self, test_id: str) -> int:
        return seed_of(self._secret, f"{self.assignment.slug}/{test_id}")

    # What tests are given

    def _tools(self, test: Test, conversation: Conversation) -> Tools:
        file = self.assignment.exercise(test.exercise).file
        modules = self._remembering if self.remember else self._modules
        record = partial(self.record, test) if self.record else None
        stopwatch = self._stopwatches[test.id]
        return Tools(conversation, modules[file.removesuffix(".py")], test.seed, stopwatch, record)


def run_session(assignment: Assignment, secret: bytes, drive: Callable[[Suite], None]) -> None:
    """Collect the assignment's hidden suite and let `drive` use it for as long as it likes."""
    suite = Suite(assignment, secret)
    driver = _Driver(lambda: drive(suite))
    with _quiet_environment(), forgetting(assignment.hidden):
        options = [*OPTIONS, "--rootdir", str(assignment.hidden), str(assignment.hidden)]
        code = pytest.main(options, plugins=[suite, fixtures(suite.tools), driver])
    if driver.raised is not None:
        raise driver.raised
    if not driver.drove:
        where = f"tests/hidden/{assignment.slug}"
        raise StaffError(f"the hidden suite could not be collected (pytest: {code!r})", where=where)


class _Driver:
    """Takes the place of pytest's loop over its tests."""

    def __init__(self, drive: Callable[[], None]) -> None:
        self.drive = drive
        self.drove = False
        self.raised: BaseException | None = None

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Iterator[Any]:
        try:
            return (yield)
        except AutograderError as error:
            self.raised = error
            raise pytest.exit.Exception("staff error") from error

    def pytest_runtestloop(self) -> bool:
        self.drove = True
        try:
            self.drive()
        except BaseException as error:  # noqa: BLE001 - raised again outside of pytest
            self.raised = error
        return True


def _is_plain(item: pytest.Function) -> bool:
    """Whether calling the function is all that pytest would do."""
    given = getattr(item, "callspec", None)
    params = set(given.params) if given else set()
    direct = params <= set(item._fixtureinfo.argnames)  # noqa: SLF001
    own = {mark.name for mark in item.iter_markers()} <= {"exercise", "parametrize"}
    return own and direct and set(item.fixturenames) <= params | set(NAMES)


@contextmanager
def _quiet_environment() -> Iterator[None]:
    """No plugins but ours, and no options from the environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        patch.delenv("PYTEST_ADDOPTS", raising=False)
        patch.setattr("sys.dont_write_bytecode", True)
        yield
