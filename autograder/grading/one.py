"""From one submission to its Report: rules, then each exercise's tests on the sandboxed code.

    drive(suite) inside `suite.plugin.run_session`:
        Grader(suite, backend).grade(submission) -> Report

`grade_files` does all of it for one dict of files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from autograder import rules, timing
from autograder.assignment import Assignment, Exercise
from autograder.errors import Rejected, StaffError
from autograder.grading.keys import keys_of
from autograder.report import (
    Diagnosis,
    ExerciseResult,
    ExerciseStatus,
    Report,
    ReportStatus,
    SandboxInfo,
    SubmissionInfo,
    TestResult,
    TestStatus,
    exercise_status,
    score_exercise,
    total,
)
from autograder.rules.stateless import stateless
from autograder.sandbox.backend import Backend
from autograder.sandbox.gpu.session import conversation
from autograder.sandbox.imports import Load
from autograder.sandbox.local import StrictConversation
from autograder.sandbox.process import ProcessBackend
from autograder.sandbox.session import Conversation
from autograder.submission import Submission
from autograder.suite.plugin import Suite, run_session, suite_hash
from autograder.suite.reference import load_reference
from autograder.suite.seeds import course_secret

SHOWN = 2  # broken rules that a message names


@dataclass
class Grader:
    """Grades submissions of one assignment, one after the other."""

    suite: Suite
    backend: Backend
    suite_id: str

    def __post_init__(self) -> None:
        self.keys = keys_of(self.suite)

    def grade(
        self, submission: Submission, before: Report | None = None, *, apart: bool = False
    ) -> Report:
        """The report on one submission; raises SandboxError where the infrastructure fails.

        Of `before`, a report on the same submission, those results are kept that nothing has
        changed for. `apart` gives each exercise a process of its own, whatever is proven.
        """
        assignment = self.suite.assignment
        load = load_of(submission, assignment)
        proven = frozenset[str]() if apart else self._proven(submission)
        session = conversation(self.backend, load, assignment.limits, stateless=proven)
        kept = self.kept(submission, before)
        try:
            results = block(assignment, list(self._results(submission, session, kept)))
        finally:
            session.close()
        return Report(
            assignment=assignment.slug,
            suite=self.suite_id,
            submission=info_of(submission),
            status=ReportStatus.GRADED,
            score=total(results),
            max_score=assignment.max_score,
            seconds=round(session.budget.spent, 3),
            processor_seconds=_rounded(session.processor_seconds),
            sandbox=self.backend.describe() if session.opens else _sandbox_of(before, kept),
            exercises=tuple(results),
            message=" ".join(submission.notes),
        )

    @timing.counted("rules")
    def _proven(self, submission: Submission) -> frozenset[str]:
        """The modules whose exercises may share a process; torch has a state of its own."""
        is_numpy = self.suite.assignment.runtime == "numpy"
        return stateless(submission.files) if is_numpy else frozenset()

    def _results(
        self, submission: Submission, session: Conversation, kept: Mapping[str, ExerciseResult]
    ) -> Iterator[ExerciseResult]:
        with timing.part("rules"):
            violations = rules.check(submission.files, self.suite.assignment)
        for exercise in self.suite.assignment.exercises:
            broken = violations.get(exercise.name, ())
            known = kept.get(exercise.name)
            yield known or self._exercise(exercise, submission, broken, session)

    def kept(self, submission: Submission, before: Report | None) -> dict[str, ExerciseResult]:
        """The results of an earlier report that are still what they would be today.

        One that was blocked hides what the tests had said.
        """
        if before is None or before.status is not ReportStatus.GRADED:
            return {}
        same = before.submission.sha256 == submission.sha256
        if not same or not self.runs_as(before.sandbox):
            return {}
        return {
            each.name: each
            for each in before.exercises
            if each.key == self.keys.get(each.name)
            and all(test.status is not TestStatus.BLOCKED for test in each.tests)
        }

    def runs_as(self, sandbox: SandboxInfo | None) -> bool:
        """Whether a report's sandbox, None where nothing ran, is the one of today."""
        today = self.backend.describe()
        alike = ("backend", "image", "device")
        return sandbox is None or all(getattr(sandbox, k) == getattr(today, k) for k in alike)

    def _exercise(
        self,
        exercise: Exercise,
        submission: Submission,
        violations: Sequence[rules.Violation],
        session: Conversation,
    ) -> ExerciseResult:
        if exercise.file in submission.missing:
            said = submission.problems.get(exercise.file, f"{exercise.file} was not handed in")
            return self._unrun(exercise, TestStatus.NOT_ATTEMPTED, "not_attempted", said)
        if exercise.file in submission.problems:
            problem = submission.problems[exercise.file]
            return self._unrun(exercise, TestStatus.FAILED, "import", problem)
        if violations:
            said = " ".join(violation.message for violation in violations[:SHOWN])
            more = len(violations) - SHOWN
            said += f" And {more} more." if more > 0 else ""
            return self._unrun(exercise, TestStatus.FORBIDDEN, "forbidden", said)
        return self._keyed(result_of(exercise, self.suite.judge(exercise, session)))

    def _keyed(self, result: ExerciseResult) -> ExerciseResult:
        return result.model_copy(update={"key": self.keys[result.name]})

    def _unrun(
        self, exercise: Exercise, status: TestStatus, code: str, message: str
    ) -> ExerciseResult:
        """An exercise that is decided before anything runs."""
        why = Diagnosis(code=code, message=message)
        tests = [
            TestResult(
                id=test.id, title=test.title, status=status, weight=test.weight, diagnosis=why
            )
            for test in self.suite.tests[exercise.name]
        ]
        return self._keyed(result_of(exercise, tests))


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(max(0.0, seconds), 3)


def _sandbox_of(before: Report | None, kept: Mapping[str, ExerciseResult]) -> SandboxInfo | None:
    return before.sandbox if before is not None and kept else None


def result_of(exercise: Exercise, tests: Sequence[TestResult]) -> ExerciseResult:
    """The exercise's verdict and score from its tests' verdicts."""
    first = next((test for test in tests if test.diagnosis is not None), None)
    return ExerciseResult(
        name=exercise.name,
        points=exercise.points,
        score=score_exercise(exercise.points, tests),
        status=exercise_status(tests),
        message=first.diagnosis.message if first and first.diagnosis else "",
        tests=tuple(tests),
    )


def block(assignment: Assignment, results: Sequence[ExerciseResult]) -> list[ExerciseResult]:
    """Mark as blocked what failed where an exercise that it requires has failed, too."""
    by_name = {result.name: result for result in results}
    return [_blocked(assignment.exercise(result.name), result, by_name) for result in results]


def _blocked(
    exercise: Exercise, result: ExerciseResult, by_name: Mapping[str, ExerciseResult]
) -> ExerciseResult:
    at_fault = [n for n in exercise.requires if by_name[n].status is not ExerciseStatus.PASSED]
    if not at_fault or not any(_may_be_blocked(test) for test in result.tests):
        return result
    said = f"cannot be judged before {' and '.join(at_fault)} passed"
    why = Diagnosis(code="blocked", message=said)
    tests = [
        test.model_copy(update={"status": TestStatus.BLOCKED, "diagnosis": why})
        if _may_be_blocked(test)
        else test
        for test in result.tests
    ]
    return result_of(exercise, tests).model_copy(update={"key": result.key})


def _may_be_blocked(test: TestResult) -> bool:
    """Whether a wrong result, which a wrong prerequisite may explain; a file that fails is not."""
    imported = test.diagnosis is None or test.diagnosis.code != "import"
    return test.status is TestStatus.FAILED and imported


def load_of(submission: Submission, assignment: Assignment) -> Load:
    """The submission's files, the assignment's data, and the modules in the assignment's order."""
    data = {name: (assignment.data_dir / name).read_bytes() for name in assignment.data}
    modules = [name.removesuffix(".py") for name in assignment.files if name in submission.files]
    return Load({**submission.files, **data}, modules)


def info_of(submission: Submission) -> SubmissionInfo:
    """What the report says about what was handed in."""
    return SubmissionInfo(
        student=submission.student,
        sha256=submission.sha256,
        files=tuple(submission.files),
        missing=submission.missing,
        ignored=submission.ignored,
        problems=submission.problems,
    )


def rejected(
    assignment: Assignment, suite_id: str, student: str, sha256: str, why: Rejected
) -> Report:
    """The report on something that intake refused."""
    return Report(
        assignment=assignment.slug,
        suite=suite_id,
        submission=SubmissionInfo(student=student, sha256=sha256),
        status=ReportStatus.REJECTED,
        score=0.0,
        max_score=assignment.max_score,
        message=why.reason,
    )


def verify_reference(suite: Suite) -> None:
    """The suite must accept its own reference; else it is the staff's fault, and named."""
    modules = load_reference(suite.assignment)
    conversation = StrictConversation(modules)
    for exercise in suite.assignment.exercises:
        conversation.begin(exercise.file.removesuffix(".py"))
        for test in suite.tests[exercise.name]:
            if (raised := suite.run(test, conversation)) is not None:
                where = f"tests/hidden/{suite.assignment.slug}: {test.id}"
                kind = type(raised).__name__
                raise StaffError(f"the reference fails: {kind}: {raised}", where=where) from raised


def grade_files(
    assignment: Assignment, files: Mapping[str, bytes], backend: Backend | None = None
) -> Report:
    """Grade one dict of files as the submission of `student`."""
    missing = tuple(name for name in assignment.files if name not in files)
    submission = Submission("student", dict(files), "", missing, (), {})
    reports: list[Report] = []
    used = backend or ProcessBackend(assignment.root, assignment.runtime)

    def drive(suite: Suite) -> None:
        verify_reference(suite)
        reports.append(Grader(suite, used, suite_hash(assignment)).grade(submission))

    try:
        run_session(assignment, course_secret(assignment.root), drive)
    finally:
        if backend is None:
            used.shutdown()
    return reports[0]
