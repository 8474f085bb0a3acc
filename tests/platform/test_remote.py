"""Remotes: names for what stays in the worker, that cannot be mistaken for values."""

from typing import Any

import numpy as np
import pytest

from autograder.sandbox.faults import Raised
from autograder.sandbox.inside.wire import Ref
from autograder.suite.diagnosis import Code, Mismatch
from autograder.suite.marks import raises
from autograder.suite.remote import Remote, Sandbox, each, fetch, kind_of_remote, wrap
from autograder.suite.requests import MOST, Requests


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
    return recorder, Remote(Requests(recorder), Ref(0))  # type: ignore[arg-type]


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


def hands(*answers: Any) -> tuple[Recorder, Remote, Sandbox]:
    """Return a conversation, the remote of its module, and a test's hands in its worker."""
    recorder, student = start(*answers)
    return recorder, student, Sandbox(student._requests)


def test_the_sandboxs_hands() -> None:
    """What is put and defined goes along with the next question; values need no fetching."""
    recorder, _, sandbox = hands([1, Ref(3, (), "object")])
    put, function = sandbox.put({"a": 1}), sandbox.define("def f(): pass", "f")
    assert recorder.asked == []
    fetched = sandbox.fetch(put)
    assert fetched[0] == 1
    assert type(fetched[1]) is Remote
    assert sandbox.fetch(7) == 7
    first, second = put._ref.handle, function._ref.handle
    said = ("put", (first, {"a": 1}), "define", (second, "def f(): pass", "f"), "fetch", put._ref)
    assert recorder.asked == [("together", said)]


def test_what_is_put_is_what_it_was_then() -> None:
    """A test that changes its array afterwards does not change what was laid down; nor its form."""
    recorder, _, sandbox = hands()
    x = np.arange(6.0)[::2]
    x.flags.writeable = False
    held = [np.ones(2), {"x": x}]
    put = sandbox.put(held)
    held[0][:] = 7
    sandbox.fetch(put)
    first, second = recorder.asked[0][1][1][1]
    assert first.tolist() == [1, 1]
    laid = second["x"]
    assert (laid.tolist(), laid.flags.writeable, laid.flags.c_contiguous) == (
        [0, 2, 4],
        False,
        False,
    )


def test_much_that_waits_goes_ahead() -> None:
    """A frame has its bounds: what waits is sent before they are near."""
    recorder, _, sandbox = hands()
    for number in range(MOST + 1):
        sandbox.put(number)
    assert [(name, len(value)) for name, value in recorder.asked] == [("together", 2 * MOST + 2)]


def test_cases_are_asked_together() -> None:
    """One request for all of them; objects among the answers are remotes; ours is just called."""
    recorder, student = start((1.0, Ref(4, (), "Net")))
    first, second = each(student.f, [(1, student.net), (2, 3)], keywords=["k"])
    assert first == 1.0
    assert type(second) is Remote
    net = student.net._ref
    assert recorder.asked == [("each", (student.f._ref, (((1,), {"k": net}), ((2,), {"k": 3}))))]
    assert each(lambda x, k=0: x + k, [(1, 2), (3, 4)], keywords=["k"]) == (3, 7)
    assert each(divmod, [(7, 2)]) == ((3, 1),)


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
    recorder, student = start()
    value = wrap(student._requests, (np.ones(2), [Ref(1)], {"a": Ref(2), "b": None}))
    assert value[0].tolist() == [1, 1]
    assert fetch(value[1][0]) is None
    assert value[2]["b"] is None
    assert recorder.asked == [("fetch", Ref(1))]


def test_kinds_that_everybody_knows_are_named() -> None:
    """The worker's word for a type is shown only where it is a known one."""
    requests = start()[1]._requests
    assert kind_of_remote(Remote(requests, Ref(1, (), "MaskedArray"))) == "a MaskedArray"
    assert kind_of_remote(Remote(requests, Ref(1, (), "x=31415926"))) == "an object"


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


def test_untouched_tells_what_was_changed_in_place() -> None:
    """The result comes back; an array that differs afterwards is the diagnosis."""
    x, w = np.arange(3.0), np.array([1.0, np.nan])
    _, student, sandbox = hands(("result", (x.copy(), w.copy())))
    assert sandbox.untouched(student.f, x=x, w=w) == "result"
    for changed in (x + 1, x[:2], np.broadcast_to(0.0, 3)):
        _, student, sandbox = hands(("result", (x, changed)))
        with pytest.raises(Mismatch, match="w is changed by the call"):
            sandbox.untouched(student.f, x=x, w=w)


def test_untouched_calls_functions_of_the_tests_own() -> None:
    """They call the student's with more than arrays; the arrays are fetched afterwards."""
    x = np.arange(3.0)
    recorder, student, sandbox = hands("result", (x,))
    assert sandbox.untouched(lambda x: student.f(x, 2), x=x) == "result"
    assert [name for name, _ in recorder.asked] == ["together", "fetch"]
    _, student, sandbox = hands("result", (x + 1,))
    with pytest.raises(Mismatch, match="x is changed by the call"):
        sandbox.untouched(lambda x: student.f(x, 2), x=x)
