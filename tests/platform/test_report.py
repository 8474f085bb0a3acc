"""The report: its scoring rule, its JSON and what it refuses to say."""

import json
import math
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from autograder import report
from autograder.errors import StaffError
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
)


def result(status: TestStatus, weight: float = 1.0) -> TestResult:
    """Build a test's result with only its status and weight."""
    return TestResult(id="t", title="T", status=status, weight=weight)


def graded() -> Report:
    """Build a report with every kind of field in use."""
    diagnosis = Diagnosis(code="scaled", output="dx", message="dx is N times too large.")
    tests = (
        TestResult(id="a", title="A", status=TestStatus.PASSED, weight=3),
        TestResult(id="b", title="B", status=TestStatus.FAILED, diagnosis=diagnosis),
    )
    exercise = ExerciseResult(
        name="softmax_loss", points=8, score=6, status=ExerciseStatus.PARTIAL, tests=tests
    )
    return Report(
        assignment="a1",
        suite="sha256:00",
        submission=SubmissionInfo(student="ann", sha256="11", problems={"a.py": "line 1: no"}),
        status=ReportStatus.GRADED,
        score=6,
        max_score=8,
        seconds=0.25,
        sandbox=SandboxInfo(backend="process", confinement=("no network",)),
        exercises=(exercise,),
    )


def refused(status: ReportStatus, score: float | None) -> Report:
    """Build a report of a submission that was not graded."""
    info = SubmissionInfo(student="bob", sha256="22")
    return Report(
        assignment="a1",
        suite="sha256:00",
        submission=info,
        status=status,
        score=score,
        max_score=8,
        message="The archive is empty.",
    )


@pytest.mark.parametrize(
    ("statuses", "score"),
    [
        (["passed", "passed", "passed"], 10.0),
        (["passed", "failed", "timeout"], 3.3333),
        (["failed", "crashed"], 0.0),
        ([], 0.0),
    ],
)
def test_score_is_the_share_of_passed_tests(statuses: list[str], score: float) -> None:
    """Only passed tests give points; every other status gives none."""
    tests = [result(TestStatus(status)) for status in statuses]
    assert report.score_exercise(10, tests) == score


def test_tests_share_points_by_weight() -> None:
    """A test of weight 3 is worth three of weight 1."""
    tests = [result(TestStatus.PASSED, 3), result(TestStatus.FAILED, 1)]
    assert report.score_exercise(8, tests) == 6


@given(
    st.floats(0.5, 100).map(lambda p: round(p, 1)),
    st.lists(st.floats(0.1, 9), min_size=1, max_size=9),
)
def test_all_passed_is_exactly_full_marks(points: float, weights: list[float]) -> None:
    """No rounding takes a point from somebody who passed everything."""
    tests = [result(TestStatus.PASSED, weight) for weight in weights]
    assert report.score_exercise(points, tests) == points


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["passed", "passed"], "passed"),
        (["passed", "timeout"], "partial"),
        (["failed", "not_attempted"], "failed"),
        (["failed", "timeout", "crashed"], "timeout"),
        (["not_attempted", "not_attempted"], "not_attempted"),
        (["blocked", "not_attempted"], "blocked"),
        (["forbidden", "forbidden"], "forbidden"),
        (["failed", "out_of_memory"], "out_of_memory"),
        (["failed", "protocol_error"], "protocol_error"),
        ([], "not_attempted"),
    ],
)
def test_status_of_an_exercise(statuses: list[str], expected: str) -> None:
    """Some points are `partial`; without points the loudest test gives its name."""
    tests = [result(TestStatus(status)) for status in statuses]
    assert report.exercise_status(tests) is ExerciseStatus(expected)


def test_a_test_s_status_is_an_exercise_s_too() -> None:
    """An exercise knows every status of a test, and `partial` besides."""
    assert {s.value for s in TestStatus} | {"partial"} == {s.value for s in ExerciseStatus}


def test_dump_and_load() -> None:
    """What was dumped is read back as the same value and dumped to the same bytes."""
    text = graded().dump()
    assert Report.load(text) == graded()
    assert Report.load(text).dump() == text
    assert text.endswith("}\n")


def test_json_has_the_documented_shape() -> None:
    """The names and the nesting are those of the contract."""
    said = json.loads(graded().dump())
    assert list(said) == [
        "version", "assignment", "suite", "submission", "status", "score", "max_score", "seconds",
        "processor_seconds", "sandbox", "exercises", "message",
    ]  # fmt: skip
    assert said["version"] == 1
    assert said["exercises"][0]["tests"][1]["diagnosis"]["code"] == "scaled"


@pytest.mark.parametrize(
    "said", [graded(), refused(ReportStatus.REJECTED, 0.0), refused(ReportStatus.ERROR, None)]
)
def test_reports_follow_the_schema(said: Report) -> None:
    """Real reports of each kind are valid under the JSON Schema."""
    jsonschema.Draft202012Validator.check_schema(report.schema())
    jsonschema.validate(json.loads(said.dump()), report.schema())


def test_the_schema_refuses_other_keys() -> None:
    """A key that the contract does not know is not valid."""
    said = json.loads(graded().dump()) | {"grade": 1}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(said, report.schema())


def test_the_published_schema_is_current(repo: Path) -> None:
    """docs/report.schema.json is what `schema` returns."""
    published = (repo / "docs" / "report.schema.json").read_text("utf-8")
    assert json.loads(published) == report.schema()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"version": 2}', graded().dump().replace('"a1"', "7")]
)
def test_load_refuses_anything_else(text: str) -> None:
    """A torn or foreign file is a staff error in one line."""
    with pytest.raises(StaffError, match="not a report of version 1") as caught:
        Report.load(text)
    assert "\n" not in str(caught.value)


def test_an_error_of_ours_is_never_a_score() -> None:
    """`error` has no score, and a verdict always has one."""
    for status, score in [(ReportStatus.ERROR, 0.0), (ReportStatus.REJECTED, None)]:
        with pytest.raises(ValidationError, match="no score"):
            refused(status, score)


def test_the_score_is_the_sum_of_the_exercises() -> None:
    """A report cannot contradict its exercises."""
    with pytest.raises(ValidationError, match="its exercises have 6"):
        Report.model_validate(graded().model_dump() | {"score": 7})


@pytest.mark.parametrize("score", [9.0, -1.0, math.nan, math.inf])
def test_an_exercise_stays_within_its_points(score: float) -> None:
    """No score above the points, below zero or not a number."""
    with pytest.raises(ValidationError):
        ExerciseResult(name="x", points=8, score=score, status=ExerciseStatus.PARTIAL)


@given(st.text(st.characters(), max_size=50))
def test_any_text_can_be_written(text: str) -> None:
    """Whatever a student's side says, the report can be dumped, encoded and read back."""
    said = Diagnosis(code="x", message=text + "\ud800\x1b[31m\u202e")
    assert not set(said.message) & {"\x1b", "\u202e", "\ud800"}
    assert Diagnosis.model_validate_json(said.model_dump_json().encode()) == said


def test_long_texts_are_cut() -> None:
    """A message of a million characters becomes a short one, and stays the same when read."""
    said = Diagnosis(code="x", message="a" * 1_000_000).message
    assert (len(said), said[-1]) == (report.MAX_TEXT, "…")
    assert Diagnosis(code="x", message=said).message == said


def test_lines_and_tabs_stay() -> None:
    """Line breaks and tabs are no control characters here."""
    assert report.safe_text("a\r\n\tb") == "a\n\tb"
