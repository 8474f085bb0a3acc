"""The conversation without a sandbox."""

import numpy as np
import pytest

from autograder.assignment import Assignment
from autograder.sandbox.faults import NotAttempted, Raised
from autograder.sandbox.inside.servant import FIRST_LAID
from autograder.sandbox.inside.wire import Ref, WireError
from autograder.sandbox.local import LocalConversation, StrictConversation
from autograder.suite.reference import load_modules

DOUBLE = Ref(0, (("attr", "double"),))


@pytest.fixture
def local(mini_course: Assignment) -> LocalConversation:
    """A conversation with the reference's basics.py, begun."""
    conversation = LocalConversation(load_modules(mini_course.solutions, mini_course.files))
    conversation.begin("basics")
    return conversation


def test_calls_are_answered(local: LocalConversation) -> None:
    """A call gives the function's result."""
    assert local.request("call", (DOUBLE, (np.ones(2),), {})).tolist() == [2, 2]


def test_faults_are_raised_as_in_a_sandbox(local: LocalConversation) -> None:
    """A missing name and a wrong call are the same faults."""
    with pytest.raises(NotAttempted):
        local.request("call", (Ref(0, (("attr", "nothing"),)), (), {}))
    with pytest.raises(Raised):
        local.request("call", (DOUBLE, (), {}))


def test_each_exercise_begins_afresh(local: LocalConversation) -> None:
    """Handles of an earlier exercise are gone."""
    ref = Ref(FIRST_LAID)
    local.request("put", (FIRST_LAID, 1))
    assert local.request("fetch", ref) == 1
    local.end()
    local.begin("losses")
    with pytest.raises(Raised):
        local.request("fetch", ref)


@pytest.mark.parametrize("value", [1j, {1: 2}, np.array([object()])])
def test_the_strict_one_refuses_what_cannot_cross(mini_course: Assignment, value: object) -> None:
    """A suite that hands over a complex number would fail every student, so it fails here."""
    strict = StrictConversation(load_modules(mini_course.solutions, mini_course.files))
    strict.begin("basics")
    with pytest.raises(WireError):
        strict.request("call", (DOUBLE, (value,), {}))
