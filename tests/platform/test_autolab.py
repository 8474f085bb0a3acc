"""Autolab reads the last line, and students the others."""

import json

import pytest
from exports import AWKWARD, said
from reports import graded, ungraded

from autograder.assignment import Assignment
from autograder.errors import UsageError
from autograder.export.formats import autolab


def last(text: str) -> dict[str, object]:
    """Read what Autolab reads."""
    told: dict[str, object] = json.loads(text.rstrip("\n").split("\n")[-1])
    return told


def test_the_last_line(mini_course: Assignment) -> None:
    """Each exercise is a problem, and the scoreboard has the sum."""
    made = graded(scores={"double": 40.0, "softmax_loss": 1.5}).report
    text = autolab.render(mini_course, made)
    assert last(text) == {"scores": {"double": 40, "softmax_loss": 1.5}, "scoreboard": [41.5]}
    assert "double: 40 of 40 points\n" in text
    assert "softmax_loss: 1.5 of 60 points. The result is twice too large.\n" in text


def test_a_refused_submission(mini_course: Assignment) -> None:
    """Has a zero in every problem, and the reason."""
    text = autolab.render(mini_course, ungraded("rejected", "That is no zip.").report)
    assert last(text)["scores"] == {"double": 0, "softmax_loss": 0}
    assert text.startswith("That is no zip.\n")


def test_a_fault_of_ours(mini_course: Assignment) -> None:
    """Is never a zero."""
    with pytest.raises(UsageError, match="ann has no score: lost"):
        autolab.render(mini_course, ungraded("error", "lost").report)


@pytest.mark.parametrize("text", AWKWARD)
def test_no_text_is_the_last_line(mini_course: Assignment, text: str) -> None:
    """Each stays on its line."""
    made = autolab.render(mini_course, said(text))
    assert last(made) == {"scores": {"double": 10, "softmax_loss": 0}, "scoreboard": [10]}
    assert len(made.splitlines()) <= 4
    assert " ".join(text.split()) in made
