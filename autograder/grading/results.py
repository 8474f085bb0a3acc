"""An exercise's result: the score of its tests, and whether a failed prerequisite is to blame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograder.assignment import Assignment, Exercise
from autograder.report import (
    Diagnosis,
    ExerciseResult,
    ExerciseStatus,
    TestResult,
    TestStatus,
    exercise_status,
    score_exercise,
)


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
