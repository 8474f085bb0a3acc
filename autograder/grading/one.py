"""From one submission to its Report: rules, then each exercise's tests on the sandboxed code.

    drive(suite) inside `suite.plugin.run_session`:
        Grader(suite, backend).grade(submission) -> Report

`grade_files` does all of it for one dict of files.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from autograder import rules, timing
from autograder.assignment import Assignment, Exercise, suite_hash
from autograder.errors import Rejected, StaffError
from autograder.grading.keys import keys_of
from autograder.grading.results import block, result_of
from autograder.report import (
    Diagnosis,
    ExerciseResult,
    Report,
    ReportStatus,
    SandboxInfo,
    SubmissionInfo,
    TestResult,
    TestStatus,
    total,
)
from autograder.rules.sealed import sealed
from autograder.sandbox.backend import Backend
from autograder.sandbox.gpu.session import conversation
from autograder.sandbox.imports import Load
from autograder.sandbox.local import StrictConversation
from autograder.sandbox.process import ProcessBackend
from autograder.sandbox.session import Session
from autograder.submission import Submission
from autograder.suite.plugin import Suite, run_session
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
        kept = self.kept(submission, before)
        known = kept | self._decided(submission, kept)
        to_run = [each for each in assignment.exercises if each.name not in known]
        session = self._session(submission, to_run, apart=apart)
        try:
            known |= {each.name: self._judged(each, session) for each in to_run}
        finally:
            session.close()
        results = block(assignment, [known[each.name] for each in assignment.exercises])
        sandbox = self.backend.describe() if session.opens else _sandbox_of(before, kept)
        return self._report(submission, results, session, sandbox)

    def _report(
        self,
        submission: Submission,
        results: Sequence[ExerciseResult],
        session: Session,
        sandbox: SandboxInfo | None,
    ) -> Report:
        return Report(
            assignment=self.suite.assignment.slug,
            suite=self.suite_id,
            submission=info_of(submission),
            status=ReportStatus.GRADED,
            score=total(results),
            max_score=self.suite.assignment.max_score,
            seconds=round(session.budget.spent, 3),
            processor_seconds=_rounded(session.processor_seconds),
            sandbox=sandbox,
            exercises=tuple(results),
            message=" ".join(submission.notes),
        )

    def _session(
        self, submission: Submission, to_run: Sequence[Exercise], *, apart: bool
    ) -> Session:
        load = load_of(submission, self.suite.assignment)
        sealed = frozenset[str]() if apart else self._sealed(submission)
        scripts = self.suite.scripts(to_run, self.backend.describe().device)
        return conversation(self.backend, load, self.suite.assignment.limits, sealed, scripts)

    @timing.counted("rules")
    def _sealed(self, submission: Submission) -> frozenset[str]:
        """The modules whose exercises may share a process; torch has a state of its own."""
        is_numpy = self.suite.assignment.runtime == "numpy"
        return sealed(submission.files) if is_numpy else frozenset()

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

    def _decided(self, submission: Submission, kept: Collection[str]) -> dict[str, ExerciseResult]:
        """The results of exercises that nothing needs to be run for, beside those that are kept."""
        with timing.part("rules"):
            violations = rules.check(submission.files, self.suite.assignment)
        decided = {}
        for exercise in self.suite.assignment.exercises:
            why = _why_unrun(exercise, submission, violations.get(exercise.name, ()))
            if why is not None and exercise.name not in kept:
                decided[exercise.name] = self._unrun(exercise, *why)
        return decided

    def _judged(self, exercise: Exercise, session: Session) -> ExerciseResult:
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


def _why_unrun(
    exercise: Exercise, submission: Submission, violations: Sequence[rules.Violation]
) -> tuple[TestStatus, str, str] | None:
    """Status, code and message of an exercise that is not run; None for the others."""
    file = exercise.file
    if file in submission.missing:
        said = submission.problems.get(file, f"{file} was not handed in")
        return TestStatus.NOT_ATTEMPTED, "not_attempted", said
    if file in submission.problems:
        return TestStatus.FAILED, "import", submission.problems[file]
    if violations:
        said = " ".join(violation.message for violation in violations[:SHOWN])
        more = len(violations) - SHOWN
        said += f" And {more} more." if more > 0 else ""
        return TestStatus.FORBIDDEN, "forbidden", said
    return None


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(max(0.0, seconds), 3)


def _sandbox_of(before: Report | None, kept: Mapping[str, ExerciseResult]) -> SandboxInfo | None:
    return before.sandbox if before is not None and kept else None


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
