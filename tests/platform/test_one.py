"""One submission: from its files to its report."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder import assignment as assignments
from autograder.assignment import Assignment
from autograder.errors import Rejected, SandboxError, StaffError
from autograder.grading.one import Grader, grade_files, rejected
from autograder.grading.results import block, result_of
from autograder.release import starter
from autograder.report import (
    Diagnosis,
    ExerciseResult,
    ExerciseStatus,
    Report,
    ReportStatus,
    TestResult,
    TestStatus,
)
from autograder.sandbox.process import ProcessBackend
from autograder.submission import Submission
from autograder.suite.plugin import run_session

Grade = Callable[..., Report]


@pytest.fixture(scope="module")
def backend() -> Iterator[ProcessBackend]:
    """A sandbox for all tests of this module."""
    backend = ProcessBackend(Path(__file__).parents[2])
    yield backend
    backend.shutdown()


@pytest.fixture
def grade(mini_course: Assignment, backend: ProcessBackend) -> Grade:
    """`grade(basics="...")` grades the solution with files replaced; None leaves one out."""
    solution = {name: (mini_course.solutions / name).read_bytes() for name in mini_course.files}

    def grade(**changes: str | None) -> Report:
        files: dict[str, Any] = solution | {f"{name}.py": text for name, text in changes.items()}
        bare = {name: text for name, text in files.items() if text is not None}
        encoded = {n: t.encode() if isinstance(t, str) else t for n, t in bare.items()}
        return grade_files(assignments.load("mini", mini_course.root), encoded, backend)

    return grade


def of(report: Report) -> dict[str, tuple[str, float]]:
    """Return each exercise's status and score."""
    return {each.name: (each.status, each.score) for each in report.exercises}


def test_the_reference_gets_everything(grade: Grade) -> None:
    """All points, all passed, and a sandbox that says what it is."""
    report = grade()
    assert (report.status, report.score, report.max_score) == (ReportStatus.GRADED, 100, 100)
    assert of(report) == {"double": ("passed", 40), "softmax_loss": ("passed", 60)}
    assert report.sandbox is not None
    assert report.sandbox.backend == "process"


def test_the_starter_gets_nothing(grade: Grade, mini_course: Assignment) -> None:
    """Every exercise of the untouched starter is not attempted."""
    files = {Path(name).stem: text for name, text in starter.generate(mini_course).items()
             if name.endswith(".py")}  # fmt: skip
    report = grade(**{name: str(text) for name, text in files.items()})
    assert report.score == 0
    assert {each.status for each in report.exercises} == {ExerciseStatus.NOT_ATTEMPTED}


def test_part_of_the_tests_give_part_of_the_points(grade: Grade) -> None:
    """Points are shared by weight: the loss without its shift passes two thirds."""
    report = grade(losses=(
        "import numpy as np\n"
        "def softmax_loss(x, y):\n"
        "    p = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)\n"
        "    rows = np.arange(len(y))\n"
        "    loss = -np.log(p[rows, y]).mean()\n"
        "    p[rows, y] -= 1\n"
        "    return loss, p / len(y)\n"
    ))  # fmt: skip
    assert of(report)["softmax_loss"] == ("partial", 40)
    assert report.exercises[1].tests[1].diagnosis is not None
    assert report.exercises[1].tests[1].diagnosis.code == "not_finite"


BAD = {
    "raise ValueError": "failed",
    "import os; os._exit(0)": "crashed",
    "while True: pass": "timeout",
    "import numpy; numpy.ones(10**10)": "out_of_memory",
    "raise NotImplementedError": "not_attempted",
    "import os; os.closerange(3, 99); os.write(1, b'x')": "crashed",
    "import os; [os.write(d, b'junk') for d in range(3, 20) if _is_socket(d)]": "protocol_error",
}
HELP = """
def _is_socket(d):
    import os, stat
    try: return stat.S_ISSOCK(os.fstat(d).st_mode)
    except OSError: return False
"""


@pytest.mark.parametrize("body", BAD)
def test_one_bad_exercise_costs_itself_alone(
    grade: Grade, mini_course: Assignment, body: str
) -> None:
    """Whatever `double` does, it gets its verdict and the other exercise its points."""
    text = mini_course.toml.read_text().replace("call_s = 2", "call_s = 0.8")
    mini_course.toml.write_text(text)
    report = grade(basics=f"{HELP}\ndef double(x):\n    {body}\n")
    assert of(report) == {"double": (BAD[body], 0), "softmax_loss": ("passed", 60)}


def test_what_one_exercise_breaks_costs_no_other(grade: Grade) -> None:
    """A `double` that is right, but breaks numpy and the other file, harms nothing else."""
    basics = (
        "import numpy as np, losses\n"
        "def double(x):\n"
        "    np.exp = np.log = losses.softmax_loss = None\n"
        "    return 2 * x\n"
    )
    assert of(grade(basics=basics)) == {"double": ("passed", 40), "softmax_loss": ("passed", 60)}


def test_a_missing_file_costs_its_own_exercises(grade: Grade) -> None:
    """The others are graded."""
    report = grade(basics=None)
    assert of(report) == {"double": ("not_attempted", 0), "softmax_loss": ("passed", 60)}
    assert report.exercises[0].message == "basics.py was not handed in"


def test_a_forbidden_import_is_not_run(grade: Grade) -> None:
    """Rules are checked before, and the message says which line."""
    report = grade(basics="import scipy\ndef double(x): return 2 * x\n")
    assert of(report)["double"] == ("forbidden", 0)
    assert "line 1" in report.exercises[0].message


def test_a_problem_of_a_file_is_its_exercises_verdict(
    mini_course: Assignment, backend: ProcessBackend
) -> None:
    """A file that intake could not use is told as it was there."""
    problem = {"basics.py": "basics.py line 1: SyntaxError: '(' was never closed"}
    losses = (mini_course.solutions / "losses.py").read_bytes()
    submission = Submission("ann", {"losses.py": losses}, "sha256:1", (), ("x",), problem)
    reports = []

    def drive(suite: Any) -> None:
        reports.append(Grader(suite, backend, "sha256:2").grade(submission))

    run_session(mini_course, b"", drive)
    (report,) = reports
    assert of(report)["double"] == ("failed", 0)
    assert report.exercises[0].message == problem["basics.py"]
    assert report.submission.ignored == ("x",)
    assert (report.submission.sha256, report.suite) == ("sha256:1", "sha256:2")


def test_grading_twice_is_the_same_but_for_the_time(grade: Grade) -> None:
    """The same submission gets the same bytes, also where it is wrong in odd ways."""
    basics = "import numpy as np\ndef double(x): return 2 * x + np.random.normal()\n"
    first, second = (
        grade(basics=basics).model_copy(update={"seconds": 0.0, "processor_seconds": None})
        for _ in range(2)
    )
    assert first.dump() == second.dump()


def test_a_module_may_import_the_other(grade: Grade) -> None:
    """Files of one submission see each other, in any order."""
    report = grade(basics="import losses\ndef double(x): return 2 * x\n")
    assert report.score == 100


def test_a_suite_that_rejects_its_reference_grades_nobody(
    mini_course: Assignment, backend: ProcessBackend
) -> None:
    """Here too the staff's fault is not charged to the student."""
    path = mini_course.hidden / "test_basics.py"
    path.write_text(path.read_text().replace("reference.double(x)", "3 * x"))
    with pytest.raises(StaffError, match=r"test_basics::test_a_matrix: the reference fails"):
        grade_files(mini_course, {}, backend)


class Broken(ProcessBackend):
    """A sandbox that never starts."""

    def open(self, *_: Any) -> Any:
        """Fail."""
        raise SandboxError("no sandbox today")


def test_a_broken_sandbox_gives_no_report(mini_course: Assignment) -> None:
    """What is ours is never a zero."""
    with pytest.raises(SandboxError, match="today"):
        grade_files(mini_course, {"basics.py": b""}, Broken(mini_course.root))


def test_a_rejected_submission_has_its_reason(mini_course: Assignment) -> None:
    """Zero points, and the sentence of intake."""
    report = rejected(mini_course, "s", "ann", "", Rejected("The zip is empty."))
    assert (report.status, report.score, report.message) == ("rejected", 0, "The zip is empty.")


def result(name: str, status: TestStatus, points: float = 10) -> ExerciseResult:
    """Return an exercise's result with one test."""
    exercise = type("E", (), {"name": name, "points": points})()
    why = None if status is TestStatus.PASSED else Diagnosis(code="c", message="m")
    return result_of(exercise, [TestResult(id="t", title="T", status=status, diagnosis=why)])


@pytest.mark.parametrize(
    ("first", "second", "becomes"),
    [
        (TestStatus.FAILED, TestStatus.FAILED, "blocked"),
        (TestStatus.FAILED, TestStatus.PASSED, "passed"),
        (TestStatus.PASSED, TestStatus.FAILED, "failed"),
        (TestStatus.NOT_ATTEMPTED, TestStatus.NOT_ATTEMPTED, "not_attempted"),
        (TestStatus.TIMEOUT, TestStatus.FAILED, "blocked"),
    ],
)
def test_one_bug_is_not_charged_twice(
    mini_course: Assignment, first: TestStatus, second: TestStatus, becomes: str
) -> None:
    """What fails beside what it requires is blocked; what passes keeps its points."""
    text = mini_course.toml.read_text() + 'requires = ["double"]\n'
    mini_course.toml.write_text(text)
    course = assignments.load("mini", mini_course.root)
    results = block(course, [result("double", first, 40), result("softmax_loss", second, 60)])
    assert results[1].status == becomes
    assert results[1].score == (60 if becomes == "passed" else 0)
    assert becomes != "blocked" or "double" in results[1].message


def test_nothing_run_names_no_sandbox(mini_course: Assignment) -> None:
    """A submission without files says nothing of a sandbox, whoever was graded before it."""
    assert grade_files(mini_course, {}).sandbox is None


def test_one_exercise_cannot_help_the_next(mini_course: Assignment) -> None:
    """What is right only after another exercise has run is wrong."""
    solution = {p.name: p.read_bytes() for p in mini_course.solutions.glob("*.py")}
    mark = b"\nimport os\ndef double(x):\n    os.environ['WAS_HERE'] = '1'\n    return _double(x)\n"
    ask = (
        b"\nimport os\ndef softmax_loss(x, y):\n"
        b"    return _softmax_loss(x, y) if 'WAS_HERE' in os.environ else (0.0, x)\n"
    )
    files = {
        "basics.py": solution["basics.py"].replace(b"def double", b"def _double") + mark,
        "losses.py": solution["losses.py"].replace(b"def softmax_loss", b"def _softmax_loss") + ask,
    }
    report = grade_files(mini_course, files)
    assert [exercise.status for exercise in report.exercises] == ["passed", "failed"]
