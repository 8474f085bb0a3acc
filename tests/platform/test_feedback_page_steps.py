"""What a student is told to look at next."""

from graded_notebooks import exercise, failed, passed, report

from autograder.feedback.steps import steps
from autograder.report import Report

SUMMARIES = {"svm": "The hinge loss", "hog": "Oriented gradients."}


def titles(about: Report) -> list[str]:
    """The titles of the steps, in order."""
    return [step.title for step in steps(about, SUMMARIES)]


def test_nothing_to_do() -> None:
    """Who has all points is told nothing."""
    assert steps(report(exercise("svm", 5, passed("Mean."))), SUMMARIES) == ()


def test_at_most_three_by_points() -> None:
    """Three steps, those that may bring most first."""
    lost = [exercise(f"e{n}", n, failed("Mean.", "is off")) for n in (1, 4, 2, 3)]
    assert titles(report(*lost)) == ["Correct `e4`", "Correct `e3`", "Correct `e2`"]


def test_a_file_that_cannot_be_imported_comes_first() -> None:
    """It comes first even where others are worth more, once for all its exercises."""
    said = "knn.py line 3: SyntaxError: invalid syntax"
    broken = [exercise(name, 1, failed("A.", said, code="import")) for name in ("one", "two")]
    about = report(exercise("svm", 9, failed("Mean.", "is off")), *broken)
    first, second = steps(about, SUMMARIES)
    assert (first.title, first.gain) == ("First of all, repair `knn.py`", 2)
    assert first.why.endswith("nothing in it can be judged: `one` and `two`.")
    assert second.title == "Correct `svm`"


def test_a_missing_file() -> None:
    """What was not handed in is one step for all its exercises."""
    said = "knn.py was not handed in"
    lost = [exercise(n, 2, failed("A.", said, "not_attempted")) for n in ("one", "two", "three")]
    about = report(*lost, exercise("svm", 9, passed("Mean.")), missing=("knn.py",))
    (step,) = steps(about, SUMMARIES)
    assert (step.title, step.gain) == ("Hand in `knn.py`", 6)
    assert "3 exercises of it could not be judged: `one`, `two` and `three`." in step.why


def test_forbidden_constructs() -> None:
    """What the rules forbid in a file is one step, though each exercise says another line."""
    said = ["losses.py line 3: `sum` is not allowed.", "losses.py line 9: `sum` is not allowed."]
    lost = [exercise(f"e{n}", 2, failed("A.", text, "forbidden")) for n, text in enumerate(said)]
    (step,) = steps(report(*lost), SUMMARIES)
    assert step.title == "Replace what the rules forbid in `losses.py`"
    assert step.why == f"{said[0]} `e0` and `e1` were not run because of it."


def test_what_waits_stands_with_its_cause() -> None:
    """A blocked exercise is no step of its own: the step names what waits, and counts it."""
    waits = "cannot be judged before svm passed"
    later = "cannot be judged before train passed"
    about = report(
        exercise("svm", 2, failed("Mean.", "dW is N times too large")),
        exercise("train", 3, failed("A.", waits, "blocked"), passed("B.")),
        exercise("digits", 4, failed("A.", later, "blocked")),
        exercise("hog", 4, failed("A.", "not written yet", "not_attempted")),
    )
    first, second = steps(about, SUMMARIES)
    assert (first.title, first.gain) == ("Correct `svm`", 7.5)
    assert first.why == "dW is N times too large. `train` and `digits` wait for it."
    assert (second.title, second.why) == ("Write `hog`", "Oriented gradients.")


def test_the_kind_of_work() -> None:
    """A step says what is to be done: write, complete, make faster, correct."""
    about = report(
        exercise("a", 4, failed("A.", "took too long", "timeout")),
        exercise("b", 6, failed("A.", "is off"), passed("B.")),
        exercise("c", 2, failed("A.", "took too much", "out_of_memory")),
    )
    assert titles(about) == ["Make `a` faster", "Complete `b`", "Make `c` use less memory"]


def test_nothing_written_yet() -> None:
    """Who has written nothing is told where to begin, in the order of the exercises."""
    stub = failed("A.", "not written yet: NotImplementedError", "not_attempted")
    about = report(*(exercise(name, n, stub) for n, name in enumerate(("svm", "hog", "c"), 1)))
    assert titles(about) == ["Begin with `svm`", "Then write `hog`", "Then write `c`"]
    assert steps(about, SUMMARIES)[0].why.startswith("The hinge loss. Every test that passes")


def test_exercises_that_wait_for_each_other() -> None:
    """A report that makes no sense still ends in steps."""
    about = report(
        exercise("a", 4, failed("A.", "cannot be judged before b passed", "blocked")),
        exercise("b", 4, failed("A.", "cannot be judged before a passed", "blocked")),
    )
    assert titles(about) == ["Correct `a`"]
