"""The gradebook's tables: sums of scores, odd names, big classes, as nbgrader itself sees them."""

import csv
import math
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbgrader.plugins import CsvExportPlugin
from reports import FULL, bring_in, by_hand, graded, marks, new_gradebook, opened, score
from sqlalchemy import text

from autograder.assignment import Assignment
from autograder.feedback import gradebook
from autograder.feedback.rows import Mark

THIRDS = {f"e{number}": 100 / 31 for number in range(31)}
LONG = "n" * 116 + "-\u00e9\u4e16"  # 120 letters
NAMES = [
    "o'neill",
    'the "one"',
    "a, b",
    "two  spaces",
    "Zo\u00eb-\u4e16\u754c",
    "'; DROP TABLE grade; --",
    "%_*?[a]",
    "-rf",
    LONG,
]

many_scores = st.lists(st.floats(0, 100 / 31).map(lambda s: round(s, 4)), min_size=31, max_size=31)


def exported(folder: Path, to: Path) -> list[dict[str, str]]:
    """The rows of what `nbgrader export` writes."""
    with opened(folder) as book:
        CsvExportPlugin(to=str(to)).export(book)
    with to.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("mark", "counts"),
    [
        (Mark(3.5, None, None, False), 3.5),
        (Mark(3.5, 2.0, None, True), 2.0),
        (Mark(3.5, 0.0, None, True), 0.0),
        (Mark(3.5, None, 1.25, False), 4.75),
        (Mark(None, 2.0, 1.0, False), 3.0),
        (Mark(None, None, None, True), 0.0),
        (Mark(None, None, 1.0, True), 0.0),
    ],
)
def test_what_counts_is_what_nbgrader_counts(
    mini_course: Assignment, tmp_path: Path, mark: Mark, counts: float
) -> None:
    """A manual score before ours, extra credit on top, and nothing while there is no score."""
    folder = new_gradebook(tmp_path / "book", FULL)
    bring_in(mini_course, folder, graded())
    told = {"auto_score": mark.auto, "manual_score": mark.manual, "extra_credit": mark.extra}
    by_hand(folder, "double", **told)
    assert mark.score == marks(folder, "double")[2] == counts
    assert gradebook.marks(folder, "mini")["ann"].grades["double"].score == counts


@given(many_scores)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_score_is_the_reports(
    mini_course: Assignment, tmp_path_factory: pytest.TempPathFactory, values: list[float]
) -> None:
    """To all four places in nbgrader and its CSV; its own sum of floats ends 1e-13 off at worst."""
    folder = new_gradebook(tmp_path_factory.mktemp("book"), THIRDS)
    each = graded("ann", dict(zip(THIRDS, values, strict=True)), THIRDS)
    bring_in(mini_course, folder, each)
    (row,) = exported(folder, folder / "grades.csv")
    assert f"{float(row['raw_score']):.4f}" == f"{each.report.score:.4f}"
    assert math.isclose(float(row["raw_score"]), each.report.score or 0, abs_tol=1e-12)
    assert row["late_submission_penalty"] == "0.0"


def test_every_exercise_is_there_to_the_last_digit(mini_course: Assignment, tmp_path: Path) -> None:
    """Scores of exercises are not touched at all."""
    folder = new_gradebook(tmp_path / "book", FULL)
    bring_in(mini_course, folder, graded("ann", {"double": 37.4333, "softmax_loss": 0.0001}))
    assert marks(folder, "double")[0] == 37.4333
    assert marks(folder, "softmax_loss")[0] == 0.0001
    assert f"{score(folder):.4f}" == "37.4334"


@pytest.mark.parametrize("name", NAMES)
def test_odd_names(mini_course: Assignment, tmp_path: Path, name: str) -> None:
    """Quotes, commas, other scripts, SQL, or 120 letters: a student is found by that name."""
    folder = new_gradebook(tmp_path / "book", FULL)
    each = graded(name, {"double": 10, "softmax_loss": 0})
    bring_in(mini_course, folder, each, graded("ann"))
    bring_in(mini_course, folder, each, graded("ann"))
    assert (score(folder, name), score(folder)) == (10, 100)
    assert set(gradebook.marks(folder, "mini")) == {name, "ann"}


def test_a_big_class(mini_course: Assignment, tmp_path: Path) -> None:
    """Three hundred students with thirty-one exercises come in, twice."""
    folder = new_gradebook(tmp_path / "book", THIRDS)
    least = dict.fromkeys(THIRDS, 1.0)
    every = [graded(f"s{number:03}", least, THIRDS) for number in range(300)]
    bring_in(mini_course, folder, *every)
    bring_in(mini_course, folder, *every)
    assert (score(folder, "s000"), score(folder, "s299")) == (31, 31)
    with opened(folder) as book:
        assert book.db.execute(text("SELECT count(*) FROM grade")).scalar() == 300 * 31
        assert book.db.execute(text("SELECT count(*) FROM comment")).scalar() == 300 * 31


def test_other_assignments_are_left_alone(mini_course: Assignment, tmp_path: Path) -> None:
    """An assignment of which nothing comes in keeps its grades."""
    folder = new_gradebook(tmp_path / "book", FULL)
    new_gradebook(folder, FULL, "other")
    other = mini_course.model_copy(update={"slug": "other"})
    bring_in(other, folder, graded(scores={"double": 7, "softmax_loss": 0}))
    bring_in(mini_course, folder, graded())
    assert score(folder, assignment="other") == 7
    assert score(folder) == 100
