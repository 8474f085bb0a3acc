"""What follows from an audit's answers: each judge alone, on answers made up here."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from autograder.assignment import Assignment
from autograder.audit import feedback, kills, plan, steadiness, vacuity
from autograder.audit.model import Audit, Emptiness, Outcome, Reading, Trial, VariantTrial
from autograder.audit.mutants import Kind, Mutant, Variant
from autograder.audit.tasks import Failure, Held, Judged, Shown
from autograder.errors import StaffError
from autograder.report import Diagnosis, ExerciseResult, ExerciseStatus, TestResult, TestStatus


def verdict(name: str, message: str = "", code: str = "differs") -> TestResult:
    """Return a verdict: passed without a message, failed with one."""
    if not message:
        return TestResult(id=name, title="t", status=TestStatus.PASSED)
    why = Diagnosis(code=code, output="dx", message=message)
    return TestResult(id=name, title="t", status=TestStatus.FAILED, diagnosis=why)


def judged(
    tests: Iterable[TestResult],
    again: Iterable[TestResult] | None = None,
    spills: tuple[str, ...] = (),
) -> Judged:
    """Return the answer about one implementation."""
    result = ExerciseResult(
        name="f", points=1, score=0, status=ExerciseStatus.FAILED, tests=tuple(tests)
    )
    other = None if again is None else tuple(again)
    return Judged(result=result, again=other, spills=spills, shown=())


def mutant(kind: str = "bug", cause: tuple[str, ...] = ()) -> Mutant:
    """Return a mutant of f."""
    said = {"bug": {}, "convention": {"pinned": "p"}, "equivalent": {"reason": "r"}}[kind]
    return Mutant(
        name="m", wrong="Is wrong.", kind=Kind(kind), cause=cause, code="c", exercise="f", **said
    )


def tried(tests: Iterable[TestResult], cause: tuple[str, ...] = (), kind: str = "bug") -> Trial:
    """Return what becomes of a mutant with these verdicts."""
    return kills.trial(mutant(kind, cause), judged(tests))


def shown(error: float, by: str = "reference", tolerance: float = 1e-9) -> Shown:
    """Return an error of the comparison of t's dx."""
    return Shown(test="t", output="dx", error=error, tolerance=tolerance, dtype="float64", by=by)


# Kills


@pytest.mark.parametrize(
    ("kind", "message", "outcome"),
    [
        ("bug", "dx differs", Outcome.CAUGHT),
        ("convention", "dx differs", Outcome.CAUGHT),
        ("bug", "", Outcome.SURVIVED),
        ("equivalent", "", Outcome.EQUIVALENT),
        ("equivalent", "dx differs", Outcome.DIFFERENT),
    ],
)
def test_outcomes(kind: str, message: str, outcome: Outcome) -> None:
    """A mutant is caught when a test is lost, and an equivalent must not be."""
    assert tried([verdict("t", message), verdict("u")], kind=kind).outcome is outcome


def test_gaps_name_survivors_first(mini_course: Assignment) -> None:
    """Survivors, then lists that are not true, luck, spills, unfair tests, missing mutants."""
    lucky = judged([verdict("t", "wrong")], again=[verdict("t")], spills=("g",))
    trials = [
        kills.trial(mutant(), lucky),
        tried([verdict("t", "wrong")], kind="equivalent"),
        tried([verdict("t")]),
    ]
    variant = Variant(name="v", how="h", code="c", exercise="f")
    unfair = kills.variant_trial(variant, judged([verdict("t", "is wrong")], spills=("g",)))
    said = [gap.what for gap in kills.gaps(mini_course, trials, [unfair])]
    assert said == [
        "f/m gets full marks: Is wrong.",
        "f/m is caught by luck: with other data it gets full marks",
        "f/m loses points in g, which do not require it",
        "f/m is listed as equivalent, and t catches it",
        "f/v is right, and fails t: is wrong",
        "f/v is right, and loses points in g",
        "double has no mutant",
        "softmax_loss has no mutant",
    ]


def test_a_variant_is_judged_on_both_data(mini_course: Assignment) -> None:
    """A right variant that fails with other data only is a gap, too."""
    variant = Variant(name="v", how="h", code="c", exercise="double")
    trial = kills.variant_trial(variant, judged([verdict("t")], again=[verdict("t", "no")]))
    assert [reading.message for reading in trial.lost] == ["no"]
    assert [hint.what for hint in kills.warnings(mini_course, [trial])] == [
        "softmax_loss has no right variant"
    ]


def test_dependents(mini_course: Assignment) -> None:
    """Points may be lost in what requires an exercise, however far."""
    first, second = mini_course.exercises
    third = second.model_copy(update={"name": "third", "requires": ("softmax_loss",)})
    second = second.model_copy(update={"requires": ("double",)})
    course = mini_course.model_copy(update={"exercises": (first, second, third)})
    assert plan.dependents(course, "double") == {"softmax_loss", "third"}
    assert plan.dependents(course, "third") == set()


# Stability and headroom


def test_stability_counts_seeds() -> None:
    """The same failure under several seeds is one gap that says how many."""
    failure = Failure(by="f/v", exercise="f", test="t", message="no")
    held = Held(runs=3, failures=(failure,), shown=(shown(0.0),), called=())
    fine = held.model_copy(update={"failures": ()})
    stability = steadiness.stability({0: held, 1: fine, 2: held}, {0: 1, 1: 2, 2: 1}, rights=4)
    assert (stability.seeds, stability.runs, stability.comparisons) == (3, 9, 1)
    assert [(failure.seed, failure.threads) for failure in stability.failures] == [
        ("0", 1),
        ("2", 1),
    ]
    assert [gap.what for gap in steadiness.stability_gaps(stability)] == [
        "f/v is right and fails t for 2 of 3 seeds: no"
    ]


def test_headroom_in_decades() -> None:
    """The largest right error and the smallest wrong one, as distances from the tolerance."""
    right = [shown(1e-15), shown(1e-14, by="f/v")]
    wrong = [shown(1e-2, by="f/big"), shown(1e-6, by="f/small"), shown(1e-14, by="f/elsewhere")]
    (room,) = steadiness.headroom(right, wrong)
    assert (room.above_right, room.right_by) == (5.0, "f/v")
    assert (room.below_wrong, room.wrong_by) == (3.0, "f/small")
    assert list(steadiness.headroom_warnings([room])) == []


def test_narrow_headroom_is_a_warning() -> None:
    """Less than two decades on either side is said, with the implementation that comes near."""
    (room,) = steadiness.headroom([shown(1e-8, tolerance=1e-7)], [shown(1e-6, "f/m", 1e-7)])
    assert [warning.what for warning in steadiness.headroom_warnings([room])] == [
        "t, dx: tolerance 1e-07 is 1.0 decades above the error of reference",
        "t, dx: tolerance 1e-07 is 1.0 decades below the error of f/m",
    ]


def test_a_survivor_within_the_tolerance_counts() -> None:
    """A tolerance that lets a mutant through has less than no headroom."""
    wrong = [shown(1e-2, by="f/m", tolerance=1e-1)]
    (room,) = steadiness.headroom([shown(1e-15, tolerance=1e-1)], wrong, {"f/m"})
    assert room.below_wrong == -1.0
    (room,) = steadiness.headroom([shown(1e-15, tolerance=1e-1)], wrong)
    assert room.below_wrong is None


def test_exact_comparisons_have_no_tolerance() -> None:
    """Where nothing is allowed there is no headroom to speak of."""
    assert steadiness.headroom([shown(0.0, tolerance=0.0)], []) == []
    assert shown(1.0, tolerance=0.0).used > shown(1e9).used > shown(0.0, tolerance=0.0).used == 0


# Vacuity


def test_vacuous_tests_are_named() -> None:
    """Each for the first reason that holds; what a variant needs is not empty."""
    tests = {"f": ["silent", "starter", "idle", "shadow", "needed", "good"]}
    called = ["starter", "idle", "shadow", "needed", "good"]
    catches = [["good"], ["good", "shadow"], []]
    found = vacuity.find(tests, ["silent", "starter"], called, catches, ["needed"])
    assert {each.test: each.why for each in found} == {
        "silent": Emptiness.NEVER_CALLS,
        "starter": Emptiness.PASSES_STARTER,
        "idle": Emptiness.CATCHES_NOTHING,
        "shadow": Emptiness.CATCHES_NOTHING_ALONE,
    }
    assert len(list(vacuity.findings(found, hints=False))) == 3
    assert [hint.what for hint in vacuity.findings(found, hints=True)] == [
        "shadow (f) catches no mutant that the other tests do not catch"
    ]


# Feedback


def reading(message: str, code: str = "mistake") -> Reading:
    """Return what a student reads about t's dx."""
    return Reading(test="t", code=code, output="dx", message=message)


@pytest.mark.parametrize(
    ("cause", "named_by"),
    [
        (("scaled",), 1),
        (("sign", "scaled"), 1),
        (("~times TOO large",), 1),
        (("~dx",), None),  # the output's name is no cause
        (("differs",), None),  # says nothing
        (("zero",), None),
        ((), None),
    ],
)
def test_naming(cause: tuple[str, ...], named_by: int | None) -> None:
    """A cause is named by a code that says something or by words of the sentence."""
    readings = [reading("dx differs", "differs"), reading("dx is 2 times too large", "scaled")]
    assert feedback.naming(cause, readings) == named_by


def test_feedback_counts(tmp_path: Path) -> None:
    """Bugs and conventions are counted apart; what only differs is listed."""
    trials = [
        tried([verdict("t", "dx is too large", "scaled")], cause=("scaled",)),
        tried([verdict("t", "dx differs")], cause=("scaled",)),
        tried([verdict("t", "dx has the wrong sign", "sign")], cause=("sign",), kind="convention"),
        tried([verdict("t")]),
    ]
    told = feedback.judge(trials, {}, tmp_path)
    assert (told.bugs, told.bugs_named, told.named) == (2, 1, 50.0)
    assert (told.conventions, told.conventions_named) == (1, 1)
    assert told.only_differs == ("f/m",)
    assert [gap.what for gap in feedback.gaps(told)] == [
        "50.0% of the bugs are diagnosed by cause, less than 60%"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "dw1 has shape (4, 3) instead of (N, C) = (3, 4)",
        "losses.py line 41: raised ValueError",
        "a call took longer than 0.5 s",
        "dx differs: the error is about 1e-03 of the largest value, and must be below 1e-09",
        "dx is NaN in 30% of it: an overflow, a division by zero or the logarithm of 0?",
        "dx is 2 times too large: is a factor 1/2 missing, or a 2 too many?",
        "dx is 1/N of what it should be: is it divided by N once too often?",
        "dx is float32 instead of float64",
        "the result must be (loss, dx), and has 3 items",
        "the process ended itself with exit code 3",
        "output 1 differs",
        "labels[2] is zero everywhere",
    ],
)
def test_our_own_sentences_hold_no_data(text: str) -> None:
    """Shapes, lines, limits, powers, shares and names are no data."""
    assert feedback.unexplained(text, feedback.ours()) == []


def test_digits_of_data_are_found() -> None:
    """A number that no sentence of the suite holds is data, unless it is short and constant."""
    suite = {"There should be 255 of them."}
    assert feedback.leaked("There should be 255 of them.", None, suite) == []
    assert feedback.leaked("There should be 254 of them.", None, suite) == ["254"]
    assert feedback.leaked("x is 3.7 here", None, suite) == ["3.7"]
    assert feedback.leaked("dx is 0.00271", None, suite) == ["0.00271"]
    assert feedback.leaked("labels for k = 2", "labels for k = 2", suite) == []
    assert feedback.leaked("the label is 2", "the label is 3", suite) == ["2"]


def test_leaks_name_mutant_and_test(tmp_path: Path) -> None:
    """What a suite writes into a sentence from its data is a gap."""
    (tmp_path / "test_f.py").write_text('check(False, "more than 100 rows")', "utf-8")
    trials = [tried([verdict("t", "more than 100 rows"), verdict("u", "x[0] is 0.731")])]
    told = feedback.judge(trials, {}, tmp_path)
    assert [(leak.mutant, leak.test, leak.digits) for leak in told.leaks] == [("f/m", "u", "0.731")]
    assert "0.731 may be hidden data" in [gap.what for gap in feedback.gaps(told)][-1]


# The whole


def test_an_audit_reads_what_it_wrote() -> None:
    """JSON there and back; anything else is a staff error."""
    trial = tried([verdict("t", "dx differs")])
    fair = VariantTrial(exercise="f", name="v", how="h", lost=(), spills=())
    audit = Audit(
        assignment="a",
        title="A",
        suite="sha256:0",
        seconds=1.5,
        tests={"f": ("t",)},
        reference=100,
        starter=0,
        trials=(trial,),
        variants=(fair,),
    )
    assert Audit.load(audit.dump()) == audit
    with pytest.raises(StaffError, match="not an audit of version 1: version: "):
        Audit.load(audit.dump().replace('"version": 1', '"version": 2'))
