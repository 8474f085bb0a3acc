"""What the reference is remembered to have said."""

from types import ModuleType

import numpy as np
import pytest

from autograder.suite.memory import Remembering


@pytest.fixture
def module() -> ModuleType:
    """A module that counts its calls."""
    made = ModuleType("made")
    source = """
calls = []
def double(x):
    calls.append("double")
    return 2 * x
def fill(config):
    calls.append("fill")
    config["t"] = config.get("t", 0) + 1
    return config["t"]
def of_object(thing):
    calls.append("of_object")
    return 1
def pair(x):
    calls.append("pair")
    return {"a": [x]}
class Thing:
    pass
"""
    exec(source, made.__dict__)
    return made


def test_the_same_question_is_asked_once(module: ModuleType) -> None:
    """Equal arrays get the remembered answer."""
    remembering = Remembering(module)
    first = remembering.double(np.arange(3.0))
    second = remembering.double(np.arange(3.0))
    assert module.calls == ["double"]
    assert first.tolist() == second.tolist() == [0.0, 2.0, 4.0]


@pytest.mark.parametrize(
    "other",
    [
        np.arange(3.0) + 1,
        np.arange(3),
        np.arange(3.0, dtype=np.float32),
        np.arange(3.0)[None],
        np.arange(6.0)[::2],
        [0.0, 1.0, 2.0],
    ],
    ids=["value", "kind", "precision", "shape", "layout", "list"],
)
def test_another_question_is_asked(module: ModuleType, other: object) -> None:
    """Values, dtype, shape, layout and type all make another question."""
    remembering = Remembering(module)
    remembering.pair(np.arange(3.0))
    remembering.pair(other)
    assert module.calls == ["pair", "pair"]


def test_an_answer_may_be_changed(module: ModuleType) -> None:
    """A test that changes an answer changes its own copy only."""
    remembering = Remembering(module)
    remembering.double(np.ones(2))[:] = 7
    remembering.pair(np.ones(2))["a"].clear()
    assert remembering.double(np.ones(2)).tolist() == [2.0, 2.0]
    assert len(remembering.pair(np.ones(2))["a"]) == 1


def test_an_answer_that_holds_its_argument_is_safe(module: ModuleType) -> None:
    """A test may change its own arrays after it has asked."""
    remembering, x = Remembering(module), np.ones(2)
    remembering.pair(x)
    x[:] = 7
    assert remembering.pair(np.ones(2))["a"][0].tolist() == [1.0, 1.0]


def test_a_change_in_place_happens_each_time(module: ModuleType) -> None:
    """A function that changes its argument is never remembered."""
    remembering = Remembering(module)
    configs: list[dict[str, int]] = [{}, {}]
    assert [remembering.fill(config) for config in configs] == [1, 1]
    assert configs == [{"t": 1}, {"t": 1}]


def test_objects_are_asked_about_anew(module: ModuleType) -> None:
    """An object has no bytes to be known by."""
    remembering = Remembering(module)
    thing = remembering.Thing()
    remembering.of_object(thing)
    remembering.of_object(thing)
    assert module.calls == ["of_object", "of_object"]


def test_the_memory_is_bounded(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest answer is forgotten when there are too many."""
    monkeypatch.setattr("autograder.suite.memory.MOST", 2)
    remembering = Remembering(module)
    for number in (1, 2, 3, 1):
        remembering.double(number)
    assert len(module.calls) == 4


def test_it_is_bounded_by_size_too(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest go where all are too large together; one that never fits is not kept."""
    monkeypatch.setattr("autograder.suite.memory.MOST_BYTES", 2 * 8 * 3)
    remembering = Remembering(module)
    for number in range(4):
        remembering.double(np.full(3, float(number)))
    assert len(remembering._answers) == 2
    assert remembering._bytes == 2 * 8 * 3
    assert remembering.double(np.zeros(100)).shape == (100,)
    assert (len(remembering._answers), remembering._bytes) == (0, 0)
