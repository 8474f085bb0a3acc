"""Questions that are sent before their turn change no answer, and nobody who can look gets any."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from autograder.assignment import Limits
from autograder.sandbox import pipeline
from autograder.sandbox.backend import Backend
from autograder.sandbox.connection import Connection
from autograder.sandbox.exchange import Question
from autograder.sandbox.faults import Crashed, Raised, TimedOut
from autograder.sandbox.imports import Load
from autograder.sandbox.inside.wire import Ref
from autograder.sandbox.pipeline import Pipeline, Script
from autograder.sandbox.session import Session

# The sessions are told that it is sealed, so that the tests can see what happens.
SOURCE = b"""
import gc, os, random, socket, time
import numpy as np

class Counter:
    n = 0
    def up(self):
        self.n += 1
        return self.n

def new(): return Counter()
def same(x): return x
def where(): return os.getpid()
def draw(): return random.random(), np.random.rand()
def refuse(): raise ValueError
def nap(seconds): time.sleep(seconds)
def end(): os._exit(3)
def waiting():
    lengths = []
    for number in os.listdir("/proc/self/fd"):
        try: here = socket.socket(fileno=os.dup(int(number)))
        except OSError: continue
        try: lengths.append(len(here.recv(10**6, socket.MSG_PEEK | socket.MSG_DONTWAIT)))
        except OSError: pass
        finally: here.close()
    return max(lengths, default=0)
"""
LIMITS = Limits(call_s=1, exercise_s=6, submission_s=30)


def ask(function: str, *args: Any) -> Question:
    """A call of a function of the module."""
    return Question("call", (Ref(0, (("attr", function),)), args, {}))


def up(handle: int = 1) -> Question:
    """A call of a counter's method."""
    return Question("call", (Ref(handle, (("attr", "up"),)), (), {}))


Begin = Callable[..., Session]


@pytest.fixture
def begin(strong_backend: Backend) -> Iterator[Begin]:
    """`begin(script, ...)` begins an exercise on m, whose tests are expected to ask the scripts."""
    sessions: list[Session] = []

    def make(*scripts: Sequence[Question], sealed: str = "mn") -> Session:
        known = [
            Script(f"test{n}", "m", tuple(each), is_whole=bool(each))
            for n, each in enumerate(scripts)
        ]
        load = Load(dict.fromkeys(["m.py", "n.py"], SOURCE), ["m", "n"])
        sessions.append(
            Session(strong_backend, load, LIMITS, sealed=frozenset(sealed), scripts=known)
        )
        sessions[-1].begin("m")
        sessions[-1].next_test("test0")
        return sessions[-1]

    yield make
    for session in sessions:
        session.close()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes each sending has."""
    sizes: list[int] = []
    send = Connection.send

    def note(self: Connection, frames: bytes, deadline: float) -> None:
        sizes.append(len(frames))
        send(self, frames, deadline)

    monkeypatch.setattr(Connection, "send", note)
    return sizes


def values(session: Session, *questions: Question) -> list[Any]:
    """The answers' values."""
    return [session.ask(question).value for question in questions]


def test_tests_are_asked_together(begin: Begin, sent: list[int]) -> None:
    """What two tests ask crosses at once; a question of the same content is the same."""
    session = begin([ask("same", 1), ask("same", 2)], [ask("same", 3)])
    assert values(session, ask("same", 1), ask("same", 2)) == [1, 2]
    session.next_test("test1")
    assert values(session, ask("same", 3)) == [3]
    assert len(sent) == 1


@pytest.mark.parametrize("sealed", ["", "m"])
def test_who_can_look_is_asked_one_by_one(begin: Begin, sent: list[int], sealed: str) -> None:
    """Nothing waits in the socket of code that is not proven; nor where any file is not."""
    script = [ask("waiting"), ask("same", "secret")]
    assert values(begin(script, sealed=sealed), *script) == [0, "secret"]
    assert len(sent) == 2


def test_what_waits_could_be_seen(begin: Begin) -> None:
    """By code that looks, were it asked ahead: the test above can fail."""
    assert values(begin([ask("waiting"), ask("same", "secret")]), ask("waiting")) > [0]


@pytest.mark.parametrize("asked", [[ask("new"), up(), up()], [ask("new"), up(), up(), up(), up()]])
def test_an_object_is_as_if_asked_in_turn(begin: Begin, asked: list[Question]) -> None:
    """A test that asks less or more than was expected finds its object as it has made it."""
    session = begin([ask("new"), up(), up(), up()], [ask("new"), up()])
    counts = values(session, *asked)[1:]
    session.next_test("test1")
    assert counts == list(range(1, len(asked)))
    assert values(session, ask("new"), up())[1] == 1


def test_something_else_in_between(begin: Begin) -> None:
    """What was sent ahead is forgotten, and what was asked is asked again."""
    session = begin([ask("new"), up(), up(), up()], [ask("same", 1)])
    assert values(session, ask("new"), up())[1] == 1
    assert values(session, ask("same", 0), up(), up()) == [0, 2, 3]
    session.next_test("test1")
    assert values(session, ask("same", 1)) == [1]


def test_chance_is_the_same_in_each_test(begin: Begin) -> None:
    """Whatever was drawn before, or ahead."""
    session = begin([ask("draw"), ask("draw"), ask("draw")], [ask("draw")])
    first, second = values(session, ask("draw"), ask("draw"))
    session.next_test("test1")
    assert values(session, ask("draw"), ask("same", 0), ask("draw")) == [first, 0, second]


def test_an_unknown_test_is_waited_for(begin: Begin, sent: list[int]) -> None:
    """Nothing is sent past a test of which nobody knows what it asks."""
    session = begin([ask("same", 1)], [], [ask("same", 3), ask("same", 4)])
    values(session, ask("same", 1))
    session.next_test("test1")
    assert values(session, ask("waiting"), ask("same", 2)) == [0, 2]
    session.next_test("test2")
    assert values(session, ask("same", 3), ask("same", 4)) == [3, 4]
    assert len(sent) == 4


def test_an_exception_ends_nothing(begin: Begin) -> None:
    """It is the answer to its question; the next ones have theirs."""
    session = begin([ask("refuse"), ask("same", 1)], [ask("same", 2)])
    with pytest.raises(Raised):
        session.ask(ask("refuse"))
    assert values(session, ask("same", 1)) == [1]
    session.next_test("test1")
    assert values(session, ask("same", 2)) == [2]


@pytest.mark.parametrize("trouble", [ask("nap", 60), ask("end")])
def test_trouble_that_nobody_asked_for(begin: Begin, trouble: Question) -> None:
    """A test that has failed before its last question is not followed by that one's trouble."""
    session = begin([ask("same", 1), trouble], [ask("new"), up()])
    values(session, ask("same", 1))
    session.next_test("test1")
    spent = session.budget.spent
    assert values(session, ask("new"), up())[1] == 1
    assert session.budget.spent < spent + 1
    assert session.opens == 2


@pytest.mark.parametrize(
    ("trouble", "fault"), [(ask("nap", 60), TimedOut), (ask("end"), Crashed)], ids=["late", "ended"]
)
def test_trouble_of_its_own(begin: Begin, trouble: Question, fault: type[Exception]) -> None:
    """Is the test's, and the next one finds a process."""
    session = begin([ask("same", 1), trouble, ask("same", 2)], [ask("new"), up()])
    values(session, ask("same", 1))
    with pytest.raises(fault):
        session.ask(trouble)
    session.next_test("test1")
    assert values(session, ask("new"), up())[1] == 1


def test_trouble_before_an_unexpected_question(begin: Begin) -> None:
    """A test that leaves its script meets nothing of what came after it there."""
    session = begin([ask("new"), up(), ask("end")], [])
    values(session, ask("new"), up())
    assert values(session, up()) == [2]


def test_exercises_follow_each_other(begin: Begin, sent: list[int]) -> None:
    """The process serves on, and what the next exercise's first test asks is on its way."""
    session = begin([ask("where"), ask("same", 1)], [ask("where")])
    first = values(session, ask("where"))
    session.begin("m")
    session.next_test("test1")
    assert values(session, ask("where")) == first
    assert len(sent) == 1


def test_an_exercise_begun_anew(begin: Begin) -> None:
    """In another process, and straight."""
    session = begin([ask("where")], [ask("where"), ask("same", 1), ask("same", 2)])
    first = values(session, ask("where"))
    session.begin("m")
    session.next_test("test1")
    assert values(session, ask("where")) == first
    assert session.again()
    session.next_test("test1")
    assert values(session, ask("where"), ask("same", 1))[0] != first[0]


def test_a_file_that_cannot_be_imported(strong_backend: Backend, sent: list[int]) -> None:
    """Then an exercise on it might be on its way: all are asked in turn."""
    scripts = [Script("a", "m", (ask("same", 1),)), Script("b", "n", (ask("same", 1),))]
    load = Load({"m.py": SOURCE, "n.py": b"oops"}, ["m", "n"])
    session = Session(strong_backend, load, LIMITS, sealed=frozenset("mn"), scripts=scripts)
    session.begin("m")
    session.next_test("a")
    assert values(session, ask("same", 1)) == [1]
    assert len(sent) == 1
    session.begin("n")
    session.next_test("b")
    with pytest.raises(Exception, match="NameError"):
        values(session, ask("same", 1))
    session.close()


# The order of what is sent


def numbers(made: Pipeline, last: int = 0) -> list[tuple[int, str | None]]:
    """What is sent now."""
    return [(sending.number, sending.module) for sending in made.fill(last)]


def following(*lengths: int) -> Pipeline:
    """Scripts of so many questions each; the first test's turn."""
    made = Pipeline(
        [
            Script(str(n), f"m{n}", tuple(ask("f", n, k) for k in range(length)), length > 0)
            for n, length in enumerate(lengths)
        ]
    )
    made.turn_to("0")
    return made


def test_each_test_names_its_module() -> None:
    """With its first question."""
    assert numbers(following(2, 1, 0, 1)) == [(1, "m0"), (2, None), (3, "m1")]


def test_no_more_than_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next ones go when half of them are answered; a question too large goes alone."""
    monkeypatch.setattr(pipeline, "MOST", 4)
    made = following(9)
    assert len(numbers(made)) == 4
    assert [made.take(), made.runs_low] == [1, False]
    assert [made.take(), made.runs_low] == [2, True]
    assert numbers(made, 4) == [(5, None), (6, None)]
    monkeypatch.setattr(pipeline, "MOST_BYTES", 10)
    assert len(numbers(following(3))) == 1


def test_a_turn_tells_what_is_left_over() -> None:
    """Of the tests before it, of which some may not have been run at all."""
    made = following(2, 2, 2, 0)
    numbers(made)
    assert made.turn_to("2") == [1, 2, 3, 4]
    assert made.expects(ask("f", 2, 0))
    assert [made.take(), made.take()] == [5, 6]
    assert not made


def test_a_test_may_leave_its_script() -> None:
    """Then nothing is expected before the next one's turn."""
    made = following(2, 2)
    assert not made.expects(ask("f", 0, 1))
    numbers(made)
    assert made.leave() == [1, 2, 3, 4]
    assert not made.expects(ask("f", 0, 0))
    assert made.turn_to("1") == []
    assert made.expects(ask("f", 1, 0))
    assert numbers(made, 4) == [(5, "m1"), (6, None)]


def test_nothing_follows_what_nobody_knows() -> None:
    """What a test asks later may depend on answers: its next test waits for its turn."""
    known = [Script("0", "m", (ask("f", 1),), is_whole=False), Script("1", "m", (ask("f", 2),))]
    made = Pipeline(known)
    made.turn_to("0")
    assert numbers(made) == [(1, "m")]
    assert made.take() == 1
    assert not made.expects(ask("f", 7))
    assert made.leave() == []
    made.turn_to("1")
    assert numbers(made, 1) == [(2, "m")]


def test_nothing_after_a_stop() -> None:
    """Whatever follows is asked in turn."""
    made = following(2, 2)
    numbers(made)
    made.stop()
    assert made.turn_to("1") == []
    assert not made.expects(ask("f", 1, 0))
    assert numbers(made) == []
