"""PrairieLearn's results have what its documentation asks for."""

import json
from typing import Any

import pytest
from exports import AWKWARD, said
from reports import graded, ungraded

from autograder.assignment import Assignment
from autograder.errors import UsageError
from autograder.export.formats import prairielearn
from autograder.report import Report


def results(assignment: Assignment, report: Report) -> dict[str, Any]:
    """Read the file."""
    told: dict[str, Any] = json.loads(prairielearn.render(assignment, report))
    return told


def test_a_graded_submission(mini_course: Assignment) -> None:
    """Has a share as its score, and a test for each exercise."""
    made = graded(scores={"double": 40.0, "softmax_loss": 15.0}).report
    told = results(mini_course, made)
    assert (told["gradable"], told["score"]) == (True, 0.55)
    first, second = told["tests"]
    assert (first["name"], first["points"], first["max_points"]) == ("double", 40, 40)
    assert first["description"] == mini_course.exercises[0].summary
    assert (second["points"], second["message"]) == (15, "The result is twice too large.")


def test_a_refused_submission(mini_course: Assignment) -> None:
    """Is not gradable, which costs no attempt."""
    told = results(mini_course, ungraded("rejected", "no zip").report)
    assert (told["gradable"], told["format_errors"]) == (False, ["no zip"])
    assert "score" not in told


def test_a_fault_of_ours(mini_course: Assignment) -> None:
    """Is no result at all."""
    with pytest.raises(UsageError, match="ann has no score: lost"):
        results(mini_course, ungraded("error", "lost").report)


@pytest.mark.parametrize("text", AWKWARD)
def test_words_come_back(mini_course: Assignment, text: str) -> None:
    """Whatever they hold; PrairieLearn escapes them."""
    assert results(mini_course, said(text))["tests"][0]["message"] == text
