"""The dynamic half of the gate: what the hidden tests say of the handout and of the solution."""

from collections.abc import Callable, Iterator, Mapping

from autograder.assignment import Assignment, suite_hash
from autograder.errors import Rejected
from autograder.grading.one import Grader, verify_reference
from autograder.release.gate.model import Kind, Leak
from autograder.report import TestResult, TestStatus
from autograder.sandbox.process import ProcessBackend
from autograder.submission import Submission
from autograder.submission.notebook import extract
from autograder.suite.plugin import Suite, run_session
from autograder.suite.seeds import course_secret


def run(assignment: Assignment, files: Mapping[str, bytes]) -> list[Leak]:
    """Return a finding for each hidden test that the handout passes or the solution fails.

    A suite that the reference fails on our own side is a StaffError.
    """
    leaks: list[Leak] = []
    backend = ProcessBackend(assignment.root, assignment.runtime)

    def drive(suite: Suite) -> None:
        verify_reference(suite)
        grader = Grader(suite, backend, suite_hash(assignment))
        for where, submission in _handed_out(assignment, files):
            leaks.extend(_results(grader, submission, where, Kind.PASSES, _passes))
        solution = {name: (assignment.solutions / name).read_bytes() for name in assignment.files}
        where = f"solutions/{assignment.slug}/"
        submission = Submission("solution", solution, "")
        leaks.extend(_results(grader, submission, where, Kind.REFERENCE, _fails))

    try:
        run_session(assignment, course_secret(assignment.root), drive)
    finally:
        backend.shutdown()
    return sorted(leaks, key=lambda leak: leak.order)


def _handed_out(
    assignment: Assignment, files: Mapping[str, bytes]
) -> Iterator[tuple[str, Submission]]:
    """The bundle's code files, and what its notebooks define: both handed in as they are."""
    code = {name: files[name] for name in assignment.files if name in files}
    missing = tuple(name for name in assignment.files if name not in files)
    yield "", Submission("handout", code, "", missing)
    for path in sorted(files):
        if path.endswith(".ipynb"):
            try:
                given = extract(files[path], assignment).files
            except Rejected:
                continue  # the static half says what is wrong with it
            if given:
                missing = tuple(name for name in assignment.files if name not in given)
                yield path, Submission("handout", given, "", missing)


def _results(
    grader: Grader,
    submission: Submission,
    where: str,
    kind: Kind,
    wanted: Callable[[TestResult], bool],
) -> Iterator[Leak]:
    assignment = grader.suite.assignment
    for result in grader.grade(submission).exercises:
        file = assignment.exercise(result.name).file
        path = where if where.endswith(".ipynb") else f"{where}{file}"
        for test in filter(wanted, result.tests):
            said = f"{result.name}: tests/hidden/{assignment.slug}/{_node(test.id)}"
            if test.diagnosis and kind is Kind.REFERENCE:
                said += f": {test.diagnosis.message}"
            yield Leak(kind, path, None, None, said)


def _passes(test: TestResult) -> bool:
    return test.status is TestStatus.PASSED


def _fails(test: TestResult) -> bool:
    return not _passes(test)


def _node(test: str) -> str:
    """The test's address as pytest takes it."""
    return test.replace("::", ".py::", 1)
