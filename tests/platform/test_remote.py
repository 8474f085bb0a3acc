"""Remotes: names for what stays in the worker, that cannot be mistaken for values."""

from typing import Any

import numpy as np
import pytest

from autograder.sandbox.faults import Raised
from autograder.sandbox.inside.wire import Ref
from autograder.suite.diagnosis import Code, Mismatch
from autograder.suite.marks import raises
from autograder.suite.remote import Remote, Sandbox, fetch, kind_of_remote, wrap


class Recorder:
    """A conversation that writes down what it is asked."""

    def __init__(self, *answers: Any) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.answers = list(answers)

    def request(self, operation: str, value: Any) -> Any:
        """Remember the request and give the next answer."""
        self.asked.append((operation, value))
        return self.answers.pop(0) if self.answers else None


def start(*answers: Any) -> tuple[Recorder, Remote]:
    """Return a conversation and the remote of its module."""
    recorder = Recorder(*answers)
    return recorder, Remote(recorder, Ref(0))  # type: ignore[arg-type]


def test_steps_ask_nothing() -> None:
    """Attributes and items only make longer names."""
    recorder, student = start()
    part = student.config["w"][0].shape
    assert recorder.asked == []
    assert part._ref == Ref(0, (("attr", "config"), ("item", "w"), ("item", 0), ("attr", "shape")))


def test_calls_carry_values_and_references() -> None:
    """Remotes among the arguments, also inside containers, are sent by name."""
    recorder, student = start(Ref(5, (), "Net"), "done")
    net = student.Net(3, hidden=4)
    assert net.forward([net, (1, {"m": net})]) == "done"
    assert recorder.asked[0] == ("call", (Ref(0, (("attr", "Net"),)), (3,), {"hidden": 4}))
    _, (called, arguments, _) = recorder.asked[1]
    assert called == Ref(5, (("attr", "forward"),), "")
    assert arguments == ([Ref(5, (), "Net"), (1, {"m": Ref(5, (), "Net")})],)


def test_setting_goes_to_the_worker() -> None:
    """Assignments to attributes and items are requests."""
    recorder, student = start()
    student.w = 1.0
    student["k"] = student
    assert recorder.asked == [
        ("set", (Ref(0, (("attr", "w"),)), 1.0)),
        ("set", (Ref(0, (("item", "k"),)), Ref(0))),
    ]


def test_the_sandboxs_hands() -> None:
    """Put, define and fetch are requests; values need no fetching."""
    recorder, _ = start(Ref(1), Ref(2), [1, Ref(3, (), "object")])
    sandbox = Sandbox(recorder)  # type: ignore[arg-type]
    put, function = sandbox.put({"a": 1}), sandbox.define("def f(): pass", "f")
    fetched = sandbox.fetch(put)
    assert [put._ref, function._ref] == [Ref(1), Ref(2)]
    assert fetched[0] == 1
    assert type(fetched[1]) is Remote
    assert sandbox.fetch(7) == 7
    assert [name for name, _ in recorder.asked] == ["put", "define", "fetch"]


@pytest.mark.parametrize(
    "use",
    [
        bool, len, iter, list, int, float, lambda r: r == 1, lambda r: r != 1, lambda r: r + 1,
        lambda r: r < 1, lambda r: 1 in r, np.isfinite, lambda r: r != np.zeros(2),
        lambda r: np.zeros(2) != r, lambda r: np.float64(1) - r, abs,
        lambda r: r in [1, 2],
    ],
)  # fmt: skip
def test_a_remote_is_no_value(use: Any) -> None:
    """What would take it for one raises; `!=` above all, which would otherwise always hold."""
    with pytest.raises(TypeError):
        use(start()[1])


def test_special_names_are_not_the_students() -> None:
    """Python and numpy ask for names with underscores, and get none."""
    student = start()[1]
    assert not hasattr(student, "__array__")
    assert not hasattr(student, "__len__")


def test_wrapping_leaves_values_alone() -> None:
    """Only references become remotes, at any depth."""
    recorder, _ = start()
    value = wrap(recorder, (np.ones(2), [Ref(1)], {"a": Ref(2), "b": None}))  # type: ignore[arg-type]
    assert value[0].tolist() == [1, 1]
    assert fetch(value[1][0]) is None
    assert value[2]["b"] is None
    assert recorder.asked == [("fetch", Ref(1))]


def test_kinds_that_everybody_knows_are_named() -> None:
    """The worker's word for a type is shown only where it is a known one."""
    recorder, _ = start()
    assert kind_of_remote(Remote(recorder, Ref(1, (), "MaskedArray"))) == "a MaskedArray"  # type: ignore[arg-type]
    assert kind_of_remote(Remote(recorder, Ref(1, (), "x=31415926"))) == "an object"  # type: ignore[arg-type]


def test_raises_wants_that_error() -> None:
    """The promised error passes; another one, or none, is told in the sentence."""
    with raises(ValueError, "unseen"):
        raise Raised("ValueError", "m.py", 3)
    with pytest.raises(Mismatch, match=r"Refuse it\. \(m\.py line 3: raised KeyError\)"):  # noqa: SIM117
        with raises(ValueError, "Refuse it."):
            raise Raised("KeyError", "m.py", 3)
    with pytest.raises(Mismatch, match="Refuse it") as difference:  # noqa: SIM117
        with raises(ValueError, "Refuse it."):
            pass
    assert difference.value.code is Code.NO_ERROR


def test_raises_lets_other_faults_pass() -> None:
    """A stub, a time-out or our own mistake is not taken for the student's error."""
    with pytest.raises(ZeroDivisionError), raises(ZeroDivisionError, "unseen"):
        raise ZeroDivisionError
