"""results.json for Gradescope: its fields, what students see of it, lateness and failures."""

import io
import json
import math
import unittest
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from gradescope_utils.autograder_utils import decorators
from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner
from reports import FAILED, WHY, graded, ungraded

from autograder.assignment import Assignment
from autograder.export.gradescope import results
from autograder.export.gradescope.metadata import Metadata
from autograder.feedback.lateness import Late, Policy
from autograder.report import Report, SandboxInfo, SubmissionInfo, TestStatus

DUE = datetime(2026, 12, 1, 22, 59)
DAY = timedelta(days=1)
IN_TIME = Metadata(DUE, DUE)
PERCENT = Late(policy=Policy.PERCENT_PER_DAY, percent=10, max_days=5)
HALF = {"double": 40.0, "softmax_loss": 0.0}
# Gradescope's own lists, field by field.
VISIBILITY = {"hidden", "after_due_date", "after_published", "visible"}
FORMAT = {"text", "html", "simple_format", "md", "ansi"}
TOP: dict[str, Any] = {
    "score": float, "execution_time": float, "output": str, "output_format": FORMAT,
    "test_output_format": FORMAT, "test_name_format": FORMAT, "visibility": VISIBILITY,
    "stdout_visibility": VISIBILITY, "extra_data": dict, "tests": list, "leaderboard": list,
}  # fmt: skip
TEST: dict[str, Any] = {
    "score": float, "max_score": float, "status": {"passed", "failed"}, "name": str,
    "name_format": FORMAT, "number": str, "output": str, "output_format": FORMAT, "tags": list,
    "visibility": VISIBILITY, "extra_data": dict,
}  # fmt: skip
BOARD: dict[str, Any] = {"name": str, "value": (int, float, str), "order": {"asc", "desc"}}


def conforms(told: dict[str, Any], fields: dict[str, Any]) -> bool:
    """Whether every field is a documented one, with a value of its kind."""
    return all(
        value in fields[name] if isinstance(fields[name], set) else isinstance(value, fields[name])
        for name, value in told.items()
    )


def checked(told: dict[str, Any]) -> dict[str, Any]:
    """What Gradescope would read, once it has been compared with its lists."""
    read: dict[str, Any] = json.loads(results.dump(told))
    assert conforms(read, TOP)
    assert all(conforms(test, TEST) for test in read["tests"])
    assert all(conforms(column, BOARD) for column in read.get("leaderboard", []))
    assert math.isfinite(read["score"])
    return read


def made(
    report: Report,
    course: Assignment,
    metadata: Metadata = IN_TIME,
    late: Late = PERCENT,
    *,
    leaderboard: bool = False,
) -> dict[str, Any]:
    """Return the results of a report, checked."""
    return checked(results.results(report, course, metadata, late, leaderboard=leaderboard))


def shown(told: dict[str, Any]) -> str:
    """Everything that a student sees."""
    seen = [test for test in told["tests"] if test["visibility"] == "visible"]
    return json.dumps([told["output"], seen])


def test_an_entry_for_each_exercise(mini_course: Assignment) -> None:
    """With its points, its status and what is wrong, in the order of the assignment."""
    told = made(graded(scores=HALF).report, mini_course)
    seen = [test for test in told["tests"] if test["visibility"] == "visible"]
    assert [(t["number"], t["name"], t["status"], t["score"], t["max_score"]) for t in seen] == [
        ("1", "double", "passed", 40.0, 40.0),
        ("2", "softmax_loss", "failed", 0.0, 60.0),
    ]
    assert seen[0]["output"] == "passed."
    assert seen[1]["output"] == f"Not right yet: 0 of 1 test.\n{WHY}"
    assert (told["score"], told["output"]) == (40.0, "40 points of 100.")


def test_students_do_not_see_the_tests(mini_course: Assignment) -> None:
    """A hidden test's name, title and number stay with staff, who see every one."""
    named = FAILED.model_copy(
        update={"id": "test_losses.py::test_secret", "title": "A secret case"}
    )
    result = graded(scores=HALF).report.exercises[1].model_copy(update={"tests": (named,)})
    report = graded(scores=HALF).report
    report = report.model_copy(update={"exercises": (report.exercises[0], result)})
    told = made(report, mini_course)
    assert "secret" not in shown(told)
    (hidden,) = [test for test in told["tests"] if test["visibility"] == "hidden"]
    assert (hidden["number"], hidden["name"]) == ("2.1", "softmax_loss: A secret case")
    assert "test_losses.py::test_secret" in hidden["output"]
    assert WHY in hidden["output"]


def test_what_staff_see_carries_no_points(mini_course: Assignment) -> None:
    """As Gradescope asks of entries that stay hidden."""
    told = made(graded(scores=HALF).report, mini_course, Metadata(problems=("x",)))
    hidden = [test for test in told["tests"] if test["visibility"] == "hidden"]
    assert len(hidden) == 2
    assert not any({"score", "max_score"} & test.keys() for test in hidden)


def test_every_different_thing_is_said_once(mini_course: Assignment) -> None:
    """Several tests that fail for the same reason give one line."""
    other = FAILED.model_copy(
        update={"diagnosis": FAILED.diagnosis.model_copy(update={"message": "dx is transposed"})}
    )
    right = FAILED.model_copy(update={"status": TestStatus.PASSED, "diagnosis": None})
    report = graded(scores=HALF).report
    tests = (FAILED, FAILED, other, right)
    result = report.exercises[1].model_copy(update={"tests": tests})
    told = made(report.model_copy(update={"exercises": (result,)}), mini_course)
    assert told["tests"][0]["output"].splitlines()[1:] == [WHY, "dx is transposed."]


def test_what_was_wrong_with_the_hand_in(mini_course: Assignment) -> None:
    """Missing, broken and superfluous files are said above everything else, in bounded length."""
    first = ", ".join(f"extra{n}.txt" for n in range(9))
    about = SubmissionInfo(
        student="submission",
        sha256="sha256:1",
        missing=("basics.py", "losses.py"),
        ignored=tuple(f"extra{n}.txt" for n in range(200)),
        problems={"losses.py": "losses.py line 3: SyntaxError."},
    )
    report = graded().report.model_copy(update={"submission": about, "message": "Use axes."})
    assert made(report, mini_course)["output"].splitlines() == [
        "100 points of 100.",
        "Use axes.",
        "losses.py line 3: SyntaxError.",
        "Not handed in: basics.py.",
        f"Not asked for, and ignored: {first} and 191 more.",
    ]


def test_staff_see_what_held_the_code(mini_course: Assignment) -> None:
    """The sandbox and each of its parts, for staff only."""
    held = SandboxInfo(backend="process", confinement=("own user", "seccomp"))
    told = made(graded().report.model_copy(update={"sandbox": held}), mini_course)
    assert told["tests"][-1]["output"] == "process, own user, seccomp"
    assert "own user" not in shown(told)


@pytest.mark.parametrize(
    ("gap", "late", "score", "said"),
    [
        (timedelta(), PERCENT, 40.0, ""),
        (timedelta(seconds=1), PERCENT, 36.0, "Handed in 1 day late: this costs 4 points."),
        (2 * DAY, PERCENT, 32.0, "Handed in 2 days late: this costs 8 points."),
        (9 * DAY, PERCENT, 0.0, "Handed in 9 days late: this costs 40 points."),
        (DAY, Late(policy=Policy.HARD), 0.0, "Handed in 1 day late: this costs 40 points."),
        (DAY, Late(), 40.0, "Handed in 1 day late; this costs nothing."),
    ],
)
def test_lateness_costs_what_the_course_says(
    mini_course: Assignment, gap: timedelta, late: Late, score: float, said: str
) -> None:
    """The total is less, and says why; the exercises keep their points."""
    told = made(graded(scores=HALF).report, mini_course, Metadata(DUE + gap, DUE), late)
    assert told["score"] == score
    assert said in told["output"]
    assert ("late" in told["output"]) is bool(said)
    assert told["tests"][0]["score"] == 40.0
    assert told["extra_data"]["score_before_lateness"] == 40.0


def test_after_the_last_day_for_late_work_nothing_is_left(mini_course: Assignment) -> None:
    """What only staff can hand in then gets points with an extension, or where lateness is free."""
    metadata = Metadata(DUE + 2 * DAY, DUE, DUE + DAY)
    told = made(graded().report, mini_course, metadata)
    assert told["score"] == 0.0
    assert "after the last day for late work: this costs 100 points." in told["output"]
    assert made(graded().report, mini_course, metadata, Late())["score"] == 100.0


def test_grace_days_are_left_to_staff(mini_course: Assignment) -> None:
    """They belong to a whole course, so none is spent here, and the student is told."""
    late = PERCENT.model_copy(update={"grace_days": 3})
    told = made(graded().report, mini_course, Metadata(DUE + DAY, DUE), late)
    assert told["score"] == 90.0
    assert "Grace days are not counted here" in told["output"]


def test_the_assignments_own_due_date(mini_course: Assignment) -> None:
    """It counts where Gradescope names none."""
    due = datetime.fromisoformat("2026-12-01T23:59:00+01:00")
    course = mini_course.model_copy(update={"due": due})
    assert made(graded().report, course, Metadata(DUE + DAY))["score"] == 90.0
    assert made(graded().report, course, Metadata(DUE + DAY, DUE + DAY))["score"] == 100.0


def test_unreadable_metadata_cost_nothing(mini_course: Assignment) -> None:
    """Nothing is late then; staff are told, students are not."""
    told = made(graded().report, mini_course, Metadata(problems=("created_at is no time",)))
    assert told["score"] == 100.0
    assert "created_at is no time" in told["tests"][-1]["output"]
    assert "created_at" not in shown(told)


def test_what_was_refused_has_zero_and_a_reason(mini_course: Assignment) -> None:
    """One entry with all points, none of them reached."""
    told = made(ungraded("rejected", "The zip is locked.").report, mini_course)
    assert told["score"] == 0.0
    assert told["output"] == "This could not be graded: The zip is locked."
    (entry,) = told["tests"]
    assert (entry["score"], entry["max_score"], entry["output"]) == (
        0.0,
        100.0,
        "The zip is locked.",
    )


def test_a_failure_of_ours_gives_no_points_away(mini_course: Assignment) -> None:
    """The student is told that it is no score and whom to ask; only staff read what has failed."""
    told = made(ungraded("error", "tests/hidden/mini: the reference fails").report, mini_course)
    assert told["score"] == 0.0
    assert "tell the course staff" in told["output"]
    assert "hidden/mini" not in shown(told)
    assert "hidden/mini" in told["tests"][1]["output"]
    assert not any({"score", "max_score"} & test.keys() for test in told["tests"])


def test_a_failure_may_say_anything() -> None:
    """Its reason is bounded and free of control characters."""
    told = checked(results.failed("\x1b[31m\ud800" + "x" * 10_000))
    assert len(told["tests"][1]["output"]) <= 2000
    assert "\x1b" not in told["tests"][1]["output"]


def test_texts_are_plain_text(mini_course: Assignment) -> None:
    """Nothing of a submission is taken for markup, in no field."""
    about = SubmissionInfo(student="x", sha256="", ignored=("<script>alert(1)</script>.md",))
    told = made(graded().report.model_copy(update={"submission": about}), mini_course)
    formats = ("output_format", "test_output_format", "test_name_format")
    assert {told[name] for name in formats} == {"text"}
    assert not any({"output_format", "name_format"} & test.keys() for test in told["tests"])
    assert results.dump(told).isascii()


def test_a_leaderboard_where_it_is_wanted(mini_course: Assignment) -> None:
    """The score that counts, and how many exercises are right; nothing about speed."""
    report, late = graded(scores=HALF).report, Metadata(DUE + DAY, DUE)
    assert "leaderboard" not in made(report, mini_course)
    assert made(report, mini_course, late, leaderboard=True)["leaderboard"] == [
        {"name": "Score", "value": 36.0},
        {"name": "Exercises passed", "value": 1},
    ]


def test_the_same_report_gives_the_same_bytes(mini_course: Assignment) -> None:
    """Nothing in it depends on when or where it was made."""
    report = replace(graded(scores=HALF)).report
    first, second = (made(report, mini_course, leaderboard=True) for _ in range(2))
    assert results.dump(first) == results.dump(second)


class Example(unittest.TestCase):
    """Tests as Gradescope's own Python library knows them."""

    __test__ = False  # they are data here

    @decorators.weight(2)
    @decorators.number("1")
    @decorators.tags("a tag")
    @decorators.visibility("visible")
    def test_right(self) -> None:
        """A test that passes."""

    @decorators.weight(3)
    def test_wrong(self) -> None:
        """A test that fails."""
        self.fail("because")

    @decorators.leaderboard("speed", "asc")
    def test_speed(self, set_leaderboard_value: Any = None) -> None:
        """A column of the leaderboard."""
        set_leaderboard_value(1.5)


def test_the_shapes_of_gradescopes_own_library(mini_course: Assignment) -> None:
    """Fields that both write have one type; `execution_time` is a number in the documents."""
    stream = io.StringIO()
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(Example)
    JSONTestRunner(stream=stream, visibility="visible", stdout_visibility="hidden").run(suite)
    theirs = json.loads(stream.getvalue())
    ours = made(graded(scores=HALF).report, mini_course, leaderboard=True)
    assert theirs.keys() <= ours.keys()
    for name in theirs.keys() - {"execution_time"}:
        assert number(type(theirs[name])) is number(type(ours[name])), name
    for mine, other in zip(ours["tests"], theirs["tests"], strict=False):
        assert other.keys() <= mine.keys()
        assert {name: number(type(mine[name])) for name in other} == {
            name: number(type(value)) for name, value in other.items()
        }
    assert {"name", "value"} <= theirs["leaderboard"][0].keys()


def number(kind: type) -> type:
    """JSON has one kind of number."""
    return float if kind is int else kind
