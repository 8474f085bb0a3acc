"""The hidden suite inside one pytest session: collected once, run often, its faults named."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from autograder.assignment import Assignment, load, suite_hash
from autograder.errors import SandboxError, StaffError
from autograder.grading.one import verify_reference
from autograder.report import TestResult, TestStatus
from autograder.sandbox.faults import OutOfMemory, TimedOut
from autograder.sandbox.local import LocalConversation
from autograder.suite.plugin import Suite, run_session
from autograder.suite.reference import load_modules

SECRET = b"secret"
HEAD = '''"""Hidden checks."""
import numpy as np
import pytest
from autograder.suite import exercise, raises


'''
SOFTMAX = '''
@exercise("softmax_loss")
def test_softmax(student):
    """Softmax."""
'''


@pytest.fixture
def write(mini_course: Assignment) -> Callable[[str], Assignment]:
    """`write(tests)` makes these the only hidden tests, beside one of `softmax_loss`."""

    def replace(tests: str) -> Assignment:
        for path in mini_course.hidden.glob("*.py"):
            path.unlink()
        (mini_course.hidden / "test_own.py").write_text(HEAD + tests + SOFTMAX)
        return mini_course

    return replace


def conversation(course: Assignment, changes: Mapping[str, Any] | None = None) -> LocalConversation:
    """Return a conversation with the reference, some of its functions replaced."""
    modules: Any = load_modules(course.solutions, course.files)
    for name, value in (changes or {}).items():
        module, _, function = name.partition(".")
        setattr(modules[module], function, value)
    return LocalConversation(modules)


def judge(course: Assignment, **changes: Any) -> list[TestResult]:
    """Return what the suite says of `double` in the changed reference."""
    found: list[TestResult] = []
    names = {name.replace("__", "."): value for name, value in changes.items()}

    def drive(suite: Suite) -> None:
        found.extend(suite.judge(course.exercise("double"), conversation(course, names)))

    run_session(course, SECRET, drive)
    return found


def only(results: list[TestResult]) -> tuple[str, str | None]:
    """Return the only result's status and code."""
    (result,) = results
    return result.status, result.diagnosis.code if result.diagnosis else None


def test_the_suite_accepts_its_reference(mini_course: Assignment) -> None:
    """Every test passes on the reference, with title, weight and a stable name."""
    results = judge(mini_course)
    assert [(r.id, r.title, r.status, r.weight) for r in results] == [
        ("test_basics::test_a_matrix", "A matrix is doubled.", "passed", 1.0),
        ("test_basics::test_the_argument_stays", "The argument is not changed in place.",
         "passed", 1.0),
    ]  # fmt: skip


def test_wrong_results_fail_with_a_diagnosis(mini_course: Assignment) -> None:
    """The test that tells the mistake fails, the other passes."""
    results = judge(mini_course, basics__double=lambda x: 3 * x)
    assert [result.status for result in results] == [TestStatus.FAILED, TestStatus.PASSED]
    assert results[0].diagnosis is not None
    assert results[0].diagnosis.output == "result"


def test_many_submissions_share_one_collection(mini_course: Assignment) -> None:
    """Running again gives the same verdicts on the same data, whatever came in between."""
    drawn: list[Any] = []

    def drive(suite: Suite) -> None:
        for factor in (2, 3, 2):
            changes = {"basics.double": lambda x, factor=factor: drawn.append(x) or x * factor}
            results = suite.judge(
                mini_course.exercise("double"), conversation(mini_course, changes)
            )
            assert (results[0].status is TestStatus.PASSED) == (factor == 2)

    run_session(mini_course, SECRET, drive)
    assert drawn[0].tolist() == drawn[2].tolist() == drawn[4].tolist()


def test_data_depend_on_the_secret(mini_course: Assignment) -> None:
    """Another course's secret draws other data."""
    drawn = []
    for secret in (b"one", b"two"):
        changes = {"basics.double": lambda x: drawn.append(x.tolist()) or x * 2}

        def drive(suite: Suite, changes: Any = changes) -> None:
            suite.judge(mini_course.exercise("double"), conversation(mini_course, changes))

        run_session(mini_course, secret, drive)
    assert drawn[0] != drawn[2]


BODIES = {
    "close(student.double(2.0), 4.0)": ("passed", None),
    "close(student.double(2.0), 5.0)": ("failed", "differs"),
    "check(student.double(2.0) < 0, 'It must be negative.')": ("failed", "property"),
    "assert student.double(2.0) == 5": ("failed", "property"),
    "a, b = student.double(2.0)": ("failed", "structure"),
    "student.double(2.0).shape": ("failed", "structure"),
    "student.nothing(1)": ("not_attempted", "not_attempted"),
    "student.double()": ("failed", "signature"),
    "raises_nothing = student.double(1)\n    with raises(ValueError, 'Refuse.'): student.double(1)":
        ("failed", "no_error"),
    "import sys; sys.exit(0)": ("failed", "structure"),
    "pytest.skip('later')": ("failed", "structure"),
    "pytest.fail('31415926')": ("failed", "structure"),
    "raise KeyError(31415926)": ("failed", "structure"),
}  # fmt: skip


@pytest.mark.parametrize("body", BODIES)
def test_only_a_test_that_ends_well_passes(write: Callable[[str], Assignment], body: str) -> None:
    """Mismatches, stumbling tests, exits and skips all fail, and say nothing of the data."""
    course = write(
        f'@exercise("double")\ndef test_it(student, close, check):\n    """It."""\n    {body}\n'
    )
    results = judge(course)
    assert only(results) == BODIES[body]
    assert "31415926" not in results[0].model_dump_json()


def test_a_fixture_that_stumbles_is_a_failed_test(write: Callable[[str], Assignment]) -> None:
    """A suite's own fixture may call the student, and one bad result never stops a class."""
    course = write('''
@pytest.fixture
def half(student):
    whole, half = student.double(1)
    return half

@exercise("double")
def test_half(half):
    """Half."""
''')
    assert only(judge(course)) == ("failed", "structure")


def test_parameters_are_tests_of_their_own(write: Callable[[str], Assignment]) -> None:
    """Each parameter has its own name, data and weight."""
    course = write('''
@pytest.mark.parametrize("n", [1, 2])
@exercise("double", weight=3)
def test_n(student, n, rng, close):
    """N."""
    close(student.double(rng.normal()), 0.0)
''')
    results = judge(course, basics__double=lambda _: 0.0)
    assert [(result.id, result.weight) for result in results] == [
        ("test_own::test_n[1]", 3.0),
        ("test_own::test_n[2]", 3.0),
    ]


class Late(LocalConversation):
    """A conversation in which every call is too slow."""

    def begin(self, _module: str) -> None:
        """Begin nothing."""

    def request(self, *_: Any) -> Any:
        """Raise a time-out."""
        raise TimedOut("a call took longer than 1 s")


def test_after_a_time_out_the_rest_is_not_run(mini_course: Assignment) -> None:
    """One endless loop costs its time once, not once a test."""
    results: list[TestResult] = []

    def drive(suite: Suite) -> None:
        results.extend(suite.judge(mini_course.exercise("double"), Late({})))

    run_session(mini_course, SECRET, drive)
    assert [result.status for result in results] == ["timeout", "timeout"]
    assert results[1].diagnosis is not None
    assert results[1].diagnosis.message == "not run after the time-out"


class Crowded(LocalConversation):
    """A conversation whose process has no memory left by what others did there."""

    alone = False

    def request(self, operation: str, value: Any) -> Any:
        """The reply's value, in a process of its own."""
        if not self.alone:
            raise OutOfMemory("too much")
        return super().request(operation, value)

    def again(self) -> bool:
        """Begin in a process of its own."""
        was_alone, self.alone = self.alone, True
        return not was_alone


def test_a_shared_process_is_no_verdict(mini_course: Assignment) -> None:
    """What others may have used up is judged again, alone."""
    results: list[TestResult] = []
    modules = load_modules(mini_course.solutions, mini_course.files)

    def drive(suite: Suite) -> None:
        results.extend(suite.judge(mini_course.exercise("double"), Crowded(modules)))

    run_session(mini_course, SECRET, drive)
    assert {result.status for result in results} == {"passed"}


class Lost(LocalConversation):
    """A conversation whose sandbox is lost."""

    def request(self, *_: Any) -> Any:
        """Raise what is nobody's verdict."""
        raise SandboxError("lost")


def test_a_lost_sandbox_is_no_verdict(mini_course: Assignment) -> None:
    """What is ours leaves the suite as an exception."""

    def drive(suite: Suite) -> None:
        suite.judge(mini_course.exercise("double"), Lost(conversation(mini_course)._modules))

    with pytest.raises(SandboxError):
        run_session(mini_course, SECRET, drive)


DOUBLE = '@exercise("double")\ndef test_d(student):\n    """D."""\n'
STAFF = {
    "a test without an exercise": (DOUBLE + "def test_x(): pass", "'test_x' names no exercise"),
    "an unknown exercise": (
        DOUBLE + '@exercise("treble")\ndef test_t():\n    """T."""', "unknown exercise 'treble'",
    ),
    "no title": (DOUBLE + '@exercise("double")\ndef test_n(): pass', "'test_n' has no docstring"),
    "an exercise without a test": ("", "exercise 'double' has no test"),
    "a file that does not import": (DOUBLE + "import nothing_here", "No module named 'nothing"),
    "a syntax error": (DOUBLE + "def (", "SyntaxError"),
}  # fmt: skip


@pytest.mark.parametrize("fault", STAFF)
def test_a_bad_suite_is_the_staffs_fault(write: Callable[[str], Assignment], fault: str) -> None:
    """The error names the place and what is wrong there, before anybody is graded."""
    tests, said = STAFF[fault]
    with pytest.raises(StaffError, match=said) as error:
        run_session(write(tests), SECRET, lambda _: pytest.fail("graded"))
    assert "tests/hidden/mini" in str(error.value)


REFUSED = {
    "it asks for what is wrong": "close(student.double(2.0), 5.0)",
    "it stumbles": "student.double(1)[0] + nothing",
    "it asks for no fixture": "pass",
    "it hands over what cannot cross": "student.double(2j)",
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_suite_that_rejects_its_reference_is_the_staffs_fault(
    write: Callable[[str], Assignment], fault: str
) -> None:
    """A test that even the reference fails is named, and not charged to a class."""
    extra = ", no_such_fixture" if "fixture" in fault else ""
    course = write(
        f'@exercise("double")\ndef test_bad(student, close{extra}):\n    """B."""\n'
        f"    {REFUSED[fault]}\n"
    )
    with pytest.raises(StaffError, match=r"tests/hidden/mini: test_own::test_bad: the reference"):
        run_session(course, SECRET, verify_reference)


def test_nothing_of_the_environment_reaches_the_suite(
    mini_course: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Options, plugins, ini files and conftests around a course change no verdict."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "--collect-only -k nothing")
    (mini_course.root / "pytest.ini").write_text("[pytest]\naddopts = -x --nonsense\n")
    (mini_course.hidden / "conftest.py").write_text("raise SystemExit")
    assert {result.status for result in judge(mini_course)} == {TestStatus.PASSED}
    assert os.environ["PYTEST_ADDOPTS"]


def test_collecting_writes_nothing(mini_course: Assignment) -> None:
    """No caches appear in the course."""
    before = sorted(mini_course.root.rglob("*"))
    judge(mini_course)
    assert sorted(mini_course.root.rglob("*")) == before


def test_what_the_driver_raises_comes_out(mini_course: Assignment) -> None:
    """Pytest swallows nothing of what grading raises."""

    def drive(_: Suite) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_session(mini_course, SECRET, drive)


@pytest.mark.parametrize("place", ["tests/hidden/mini/test_basics.py", "solutions/mini/basics.py"])
def test_the_hash_covers_what_decides(mini_course: Assignment, place: str) -> None:
    """Any change of suite or solution makes it another suite."""
    before = suite_hash(mini_course)
    path = Path(mini_course.root, place)
    path.write_text(path.read_text() + "\n# changed\n")
    assert suite_hash(mini_course) != before
    assert before.startswith("sha256:")


def toml_with(assignment: Assignment, line: str) -> Assignment:
    """Return the assignment with one more line at the top of its assignment.toml."""
    assignment.toml.write_text(f"{line}\n" + assignment.toml.read_text())
    return load(assignment.slug, assignment.root)


def test_the_hash_covers_the_assignment(mini_course: Assignment) -> None:
    """So does what assignment.toml says about grading."""
    (mini_course.root / "assignments" / "mini" / "data").mkdir()
    (mini_course.data_dir / "x.npz").write_bytes(b"data")
    before = suite_hash(mini_course)
    assert suite_hash(toml_with(mini_course, 'data = ["x.npz"]')) != before


@pytest.mark.parametrize("line", ['version = "2"', "due = 2026-12-01T23:59:00Z"])
def test_the_hash_leaves_dates_alone(mini_course: Assignment, line: str) -> None:
    """Another due date or release is no reason to grade a class anew."""
    assert suite_hash(toml_with(mini_course, line)) == suite_hash(mini_course)


def test_unrelated_files_leave_the_hash_alone(mini_course: Assignment) -> None:
    """A handout may be improved without grading a class anew."""
    before = suite_hash(mini_course)
    (mini_course.root / "assignments" / "mini" / "handout.md").write_text("better")
    assert suite_hash(mini_course) == before
