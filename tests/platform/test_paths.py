"""A verdict from memory is the one that running the test would have given."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from autograder.assignment import Assignment, suite_hash
from autograder.errors import StaffError
from autograder.grading.one import Grader
from autograder.report import TestResult
from autograder.sandbox.exchange import Answer, Question
from autograder.sandbox.process import ProcessBackend
from autograder.submission import Submission
from autograder.suite import paths
from autograder.suite.plugin import Suite, run_session
from autograder.suite.verdicts import Test as HiddenTest

HEAD = '''"""Hidden checks."""
import numpy as np
from autograder.suite import exercise, raises


'''
TESTS = (
    HEAD
    + '''
@exercise("double")
def test_twice(student, rng, close):
    """Double what was doubled."""
    once = student.double(rng.normal(size=3))
    twice = student.double(once)
    close(twice, 2 * once)


@exercise("double")
def test_refusal(student):
    """Refuses text."""
    with raises(TypeError, "Refuse text."):
        student.double("text")


@exercise("softmax_loss")
def test_softmax(student):
    """Softmax."""
'''
)
CLOCK = (
    HEAD
    + '''
@exercise("double")
def test_quick(student, is_quick):
    """Is quick."""
    assert is_quick(lambda: student.double(1.0), lambda: sum(range(10**6)))


@exercise("softmax_loss")
def test_softmax(student):
    """Softmax."""
'''
)
FICKLE = (
    HEAD
    + '''
count = iter(range(1, 100))


@exercise("double")
def test_fickle(student):
    """Asks something else each time."""
    student.double(float(next(count)))


@exercise("softmax_loss")
def test_softmax(student):
    """Softmax."""
'''
)
RIGHT = "def double(x):\n    if isinstance(x, str):\n        raise TypeError\n    return 2 * x\n"
Judge = Callable[..., list[TestResult]]


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the tests that were run, in their order."""
    names: list[str] = []
    called = Suite._called

    def note(self: Suite, test: HiddenTest) -> BaseException | None:
        names.append(test.id.partition("::")[2])
        return called(self, test)

    monkeypatch.setattr(Suite, "_called", note)
    return names


def judged(course: Assignment, tests: str, *sources: str) -> Iterator[list[TestResult]]:
    """What the tests say of `double` in each of the sources, one after the other."""
    for path in course.hidden.glob("*.py"):
        path.unlink()
    (course.hidden / "test_own.py").write_text(tests)
    solution = {name: (course.solutions / name).read_bytes() for name in course.files}
    results: list[list[TestResult]] = []

    def drive(suite: Suite) -> None:
        backend = ProcessBackend(course.root, course.runtime)
        grader = Grader(suite, backend, suite_hash(course))
        try:
            for source in sources:
                files = solution | {"basics.py": source.encode()}
                report = grader.grade(Submission("x", files, "", (), (), {}))
                results.append(list(report.exercises[0].tests))
        finally:
            backend.shutdown()

    run_session(course, b"secret", drive)
    yield from results


def test_the_same_answers_need_no_test(mini_course: Assignment, ran: list[str]) -> None:
    """However the code is written; a test with a fault in it is run each time."""
    other = RIGHT.replace("2 * x", "x * 2") + "# mine\n"
    first, second = judged(mini_course, TESTS, RIGHT, other)
    assert [test.status for test in first] == ["passed", "passed"]
    assert first == second
    assert ran.count("test_twice") == 1
    assert ran.count("test_refusal") == 2


def test_wrong_answers_are_remembered_with_their_diagnosis(
    mini_course: Assignment, ran: list[str]
) -> None:
    """And nobody gets the verdict of somebody who answered otherwise."""
    wrong, worse = RIGHT.replace("2 * x", "3 * x"), RIGHT.replace("2 * x", "4 * x")
    found = list(judged(mini_course, TESTS, RIGHT, wrong, worse, wrong + "# mine\n", RIGHT))
    assert [tests[0].status for tests in found] == ["passed", *["failed"] * 3, "passed"]
    assert found[1] == found[3]
    assert found[1][0].diagnosis != found[2][0].diagnosis
    assert found[0] == found[4]
    assert ran.count("test_twice") == 3


def test_an_answer_that_differs_late(mini_course: Assignment, ran: list[str]) -> None:
    """The test goes on from where the answers part; none of its questions is asked twice."""
    late = (
        "calls = []\ndef double(x):\n    calls.append(x)\n"
        "    return 2 * x if len(calls) < 2 else 7 * x\n"
    )
    thrice = TESTS.replace("close(twice", "student.double(twice)\n    close(twice")
    first, second = judged(mini_course, thrice, RIGHT, late)
    assert first[0].status == "passed"
    assert second[0].status == "failed"
    assert ran.count("test_twice") == 2


def test_faults_are_each_students_own(mini_course: Assignment) -> None:
    """The line that raises is another one in another file."""
    broken = "def double(x):\n    return undefined\n"
    first, second = judged(mini_course, TESTS, broken, "\n" + broken)
    assert first[0].diagnosis is not None
    assert second[0].diagnosis is not None
    assert "line 2" in first[0].diagnosis.message
    assert "line 3" in second[0].diagnosis.message


def test_what_looks_at_a_clock_is_run_each_time(mini_course: Assignment, ran: list[str]) -> None:
    """A slow student answers as a quick one does."""
    list(judged(mini_course, CLOCK, RIGHT, RIGHT))
    assert ran.count("test_quick") == 2


def test_a_test_depends_on_its_fixtures_alone(mini_course: Assignment) -> None:
    """One that asks something else when it is run again is the staff's fault, and named."""
    other = RIGHT.replace("2 * x", "3 * x")
    with pytest.raises(StaffError, match=r"test_fickle.* asks something else"):
        list(judged(mini_course, FICKLE, RIGHT, other))


def test_memory_is_bounded(
    mini_course: Assignment, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where too much is kept, all of it goes."""
    monkeypatch.setattr(paths, "MOST", 1)
    found = list(judged(mini_course, TESTS, RIGHT, RIGHT + "#\n", RIGHT + "# more\n"))
    assert ran.count("test_twice") == 3
    assert found[0] == found[1] == found[2]


def test_another_secret_asks_other_questions(mini_course: Assignment, ran: list[str]) -> None:
    """Nothing of the old data is remembered."""
    (mini_course.hidden / "test_own.py").write_text(TESTS)
    (mini_course.hidden / "test_basics.py").unlink()
    files = {name: (mini_course.solutions / name).read_bytes() for name in mini_course.files}

    def drive(suite: Suite) -> None:
        backend = ProcessBackend(mini_course.root, mini_course.runtime)
        grader = Grader(suite, backend, suite_hash(mini_course))
        for secret in (b"one", b"two"):
            suite.reseed(secret)
            grader.grade(Submission("x", files, "", (), (), {}))
        backend.shutdown()

    run_session(mini_course, b"secret", drive)
    assert ran.count("test_twice") == 2


class Answering:
    """A session on a device that answers everything alike."""

    def __init__(self, device: str = "cpu", answer: int = 1) -> None:
        self.device = device
        self.answer = answer

    def ask(self, _question: Question, _known: object = ()) -> Answer:
        """Say the same as ever."""
        return Answer({"done": True}, self.answer, bytearray())


def test_each_device_has_paths_of_its_own() -> None:
    """A test may ask for other things on another device."""
    kept, devices = paths.Paths(), []

    def run(resumed: paths.Resumed) -> None:
        devices.append(resumed.device)
        resumed.request("put", (1, resumed.device))

    for device in ("cpu", "cuda", "cpu", "cuda"):
        session: Any = Answering(device)
        assert kept.judge("test", session, run, "here") is None
    assert devices == ["cpu", "cuda"]


def test_what_is_usual_is_what_all_who_pass_are_asked() -> None:
    """As far as it depends on no answer; who fails counts as long as nobody has passed."""
    kept = paths.Paths()

    def asked_of(answer: int) -> tuple[list[Any], bool]:
        def run(resumed: paths.Resumed) -> BaseException | None:
            said = resumed.request("first", 0)
            resumed.request("then", said if said > 1 else 0)
            return None if said < 9 else ValueError()

        session: Any = Answering(answer=answer)
        kept.judge("test", session, run, "here")
        usual = kept.usual("test", "cpu")
        return [question.operation for question in usual.questions], usual.is_whole

    assert asked_of(9) == (["first", "then"], True)
    assert asked_of(0) == (["first", "then"], True)
    assert asked_of(1) == (["first", "then"], True)
    assert asked_of(10) == (["first", "then"], True)
    assert asked_of(2) == (["first"], False)
    assert asked_of(1) == (["first"], False)


def test_what_leaves_a_mark_is_never_usual() -> None:
    """It must not be done before its turn."""
    kept, session = paths.Paths(), Answering()

    def run(resumed: paths.Resumed) -> None:
        resumed.request("define", (1, "seen = []\ndef f(): pass", "f"))

    kept.judge("test", session, run, "here")  # type: ignore[arg-type]
    assert kept.usual("test", "cpu") == paths.NOTHING
