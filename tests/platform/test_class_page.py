"""The instructor's page: numbers, scores, exercises, diagnoses, students."""

import time

import pytest
from graded_notebooks import Parsed, exercise, failed, passed, report, ungraded

from autograder.assignment import Assignment
from autograder.feedback import class_page
from autograder.report import Report, ReportStatus

OFF = "dW is N times too large"


def student(name: str, *, double: bool = True, loss: bool = True) -> Report:
    """A report on who got the exercises right that are said to be."""
    return report(
        exercise("double", 40, passed("A.") if double else failed("A.", OFF)),
        exercise("softmax_loss", 60, passed("B.") if loss else failed("B.", OFF)),
        student=name,
    )


CLASS = (
    student("ada"),
    student("ben", loss=False),
    student("cleo", double=False, loss=False),
    ungraded(ReportStatus.REJECTED, "dan.rar is not a zip file", student="dan"),
    ungraded(ReportStatus.ERROR, "the grading process was lost", student="eve"),
)


def words(course: Assignment, *reports: Report, **options: object) -> str:
    """The text of a class's page."""
    return Parsed(class_page.render(course, reports, **options)).words  # type: ignore[arg-type]


def test_numbers(mini_course: Assignment) -> None:
    """How many there are, how many were graded, and their mean and median."""
    shown = words(mini_course, *CLASS)
    assert "Students 5 Graded 3 Not graded 2 Mean of 100 46.67 Median 40" in shown


def test_histogram(mini_course: Assignment) -> None:
    """Ten bins with their counts; full marks are in the last one."""
    shown = words(mini_course, *CLASS)
    assert "0 to 10 points: 1 students" in shown
    assert "40 to 50 points: 1 students" in shown
    assert "90 to 100 points: 1 students" in shown


def test_the_hardest_exercise_first(mini_course: Assignment) -> None:
    """Exercises stand in the order of their means, with how many passed."""
    shown = words(mini_course, *CLASS)
    assert "softmax_loss 33 % 1 passed, 2 failed double 67 % 2 passed, 1 failed" in shown


def test_commonest_diagnoses(mini_course: Assignment) -> None:
    """A sentence is counted once a student, with its code and its exercises."""
    shown = words(mini_course, *CLASS)
    assert f"2 students {OFF}. scaled; softmax_loss, double" in shown


def test_places_do_not_keep_diagnoses_apart(mini_course: Assignment) -> None:
    """The same error in other lines is the same diagnosis; what was not written is none."""
    texts = ["losses.py line 3: raised KeyError", "losses.py line 9: raised KeyError"]
    raised = [report(exercise("double", 40, failed("A.", t)), student=t[15]) for t in texts]
    stub = report(exercise("double", 40, failed("A.", "stub", "not_attempted", "not_attempted")))
    shown = words(mini_course, *raised, stub)
    assert "2 students raised KeyError." in shown
    assert "stub" not in shown


def test_who_was_not_graded_comes_first(mini_course: Assignment) -> None:
    """Errors and rejections stand before the others, with their reasons."""
    shown = words(mini_course, *CLASS)
    places = [shown.index(said) for said in ("to be graded again:", "rejected:", "all passed")]
    assert places == sorted(places)
    assert "eve \N{EN DASH} to be graded again: the grading process was lost" in shown


def test_final_scores(mini_course: Assignment) -> None:
    """Scores of the gradebook count, out of their own maximum; an error is no zero."""
    scores = {"ada": 104.5, "ben": 42.0, "cleo": 0.0, "eve": 0.0}
    shown = words(mini_course, *CLASS, scores=scores, max_score=105)
    assert "Mean of 105 48.83 Median 42" in shown
    assert "ada 104.5 all passed" in shown
    assert "eve \N{EN DASH}" in shown


def test_links(mini_course: Assignment) -> None:
    """A student's page is where `link` says, and no name leads elsewhere."""
    names = ["ada", "javascript:alert(1)", "../..", 'a"b', "\ud800"]
    html = class_page.render(
        mini_course, [student(n) for n in names], link="{student}/p/{slug}.html"
    )
    links = {link for link in Parsed(html).links if not link.startswith("#")}
    assert links == {
        "ada/p/mini.html",
        "javascript%3Aalert%281%29/p/mini.html",
        "..%2F../p/mini.html",
        "a%22b/p/mini.html",
        "%EF%BF%BD/p/mini.html",
    }


def test_markup_stays_text(mini_course: Assignment) -> None:
    """Names and messages are text, and there is no script."""
    attack = "</style><script>alert(1)</script><img src=x onerror='x'>"
    reports = [report(exercise("double", 40, failed(attack, attack)), student=attack)]
    shown = Parsed(class_page.render(mini_course, [*reports, *CLASS]))
    assert not {"script", "img", "link"} & set(shown.tags)
    assert attack in shown.text
    assert "onerror" not in dict(shown.attributes)


@pytest.mark.parametrize("reports", [(), CLASS[:1], CLASS[3:], CLASS[4:]], ids=len)
def test_small_classes(mini_course: Assignment, reports: tuple[Report, ...]) -> None:
    """Nobody, one student, and nobody who was graded are classes, too."""
    assert f"Students {len(reports)}" in words(mini_course, *reports)


def test_a_thousand_students(mini_course: Assignment) -> None:
    """A large class takes no time worth mentioning."""
    reports = [student(f"s{n}", loss=bool(n % 3)) for n in range(1000)]
    begun = time.perf_counter()
    shown = words(mini_course, *reports)
    assert time.perf_counter() - begun < 5  # it takes a tenth of a second
    assert "Students 1000" in shown
