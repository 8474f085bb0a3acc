"""Exercises that can have left nothing behind share a process; all others have one each."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder import assignment as assignments
from autograder.assignment import Limits
from autograder.grading.one import grade_files
from autograder.sandbox.backend import Backend
from autograder.sandbox.connection import Connection
from autograder.sandbox.faults import Raised, TimedOut
from autograder.sandbox.imports import Load
from autograder.sandbox.inside.servant import FIRST_LAID
from autograder.sandbox.inside.wire import Ref
from autograder.sandbox.session import Session

SOURCE = b"""
import os, random, time
import numpy as np

class Net:
    pass

def where(): return os.getpid()
def draw(): return random.random(), np.random.rand(), *(one.random() for one in generators())
def generators(): return [np.random.default_rng() for _ in range(2)] + [np.random.RandomState()]
def keep(): return Net()
def nap(seconds): time.sleep(seconds)
def end(): os._exit(3)
"""
LIMITS = Limits(call_s=2, exercise_s=5, submission_s=20)


@pytest.fixture
def session(backend: Backend) -> Iterator[Session]:
    """A session in which exercises on m and n may share a process, and those on o may not."""
    files = dict.fromkeys(["m.py", "n.py", "o.py"], SOURCE)
    session = Session(backend, Load(files, ["m", "n", "o"]), LIMITS, sealed=frozenset("mn"))
    yield session
    session.close()


def call(session: Session, function: str, *args: Any) -> Any:
    """Call a function of the exercise's module."""
    return session.request("call", (Ref(0, (("attr", function),)), args, {}))


def processes(session: Session, modules: str) -> int:
    """How many processes exercises on these modules have, one after the other."""
    found = []
    for module in modules:
        session.begin(module)
        found.append(call(session, "where"))
    return len(set(found))


def test_only_proven_modules_share(session: Session) -> None:
    """One that may keep something has a process for each exercise, also between two others."""
    assert processes(session, "mmnm") == 1
    assert processes(session, "ooo") == 3
    assert processes(session, "mom") == 3


def test_objects_are_gone_and_numbers_start_anew(session: Session) -> None:
    """What the last exercise held has no name any more; chance is what it was."""
    session.begin("m")
    ref = call(session, "keep")
    first = call(session, "draw")
    assert len(set(first)) == len(first)
    session.request("put", (FIRST_LAID, np.ones(2)))
    session.begin("m")
    assert call(session, "draw") == first
    for gone in (ref, Ref(FIRST_LAID)):
        with pytest.raises(Raised):
            session.request("fetch", gone)


@pytest.mark.parametrize(
    ("operation", "value"),
    [
        ("set", (Ref(0, (("attr", "keep"),)), None)),
        ("set", (Ref(0, (("attr", "Net"), ("attr", "rate"))), 1)),
        ("define", (FIRST_LAID, "student.keep = None\ndef f(): pass", "f")),
        ("together", ("define", (FIRST_LAID, "seen = []\ndef f(): pass", "f"), "fetch", Ref(0))),
    ],
)
def test_a_test_that_leaves_a_mark(session: Session, operation: str, value: Any) -> None:
    """Whose test changes the module itself ends its process."""
    session.begin("m")
    before = call(session, "where")
    session.request(operation, value)
    assert call(session, "where") == before
    session.begin("m")
    assert call(session, "where") != before


def test_a_mark_by_the_first_question(session: Session) -> None:
    """The one that starts the process counts like any other."""
    session.begin("m")
    session.request("define", (FIRST_LAID, "student.keep = None\ndef f(): pass", "f"))
    before = call(session, "where")
    session.begin("m")
    assert call(session, "where") != before


def test_objects_may_be_changed(session: Session) -> None:
    """They end with their exercise; so do definitions that keep nothing."""
    session.begin("m")
    before = call(session, "where")
    net = call(session, "keep")
    session.request("set", (Ref(net.handle, (("attr", "rate"),)), 1))
    session.request("define", (FIRST_LAID, "def f(x): return student.keep()", "f"))
    session.begin("n")
    assert call(session, "where") == before


def test_a_second_chance_alone(session: Session) -> None:
    """Who had a process that others had before begins anew, for nothing; alone, nobody does."""
    session.begin("m")
    call(session, "where")
    assert not session.again()
    session.begin("m")
    spent = session.budget.spent
    with pytest.raises(TimedOut):
        call(session, "nap", 60)
    assert session.again()
    assert session.budget.spent == spent
    call(session, "where")
    assert not session.again()


def test_a_process_that_ends_is_followed_by_another(session: Session) -> None:
    """And that one is the exercise's own."""
    session.begin("m")
    before = call(session, "where")
    session.begin("m")
    with pytest.raises(Exception, match="ended"):
        call(session, "end")
    assert call(session, "where") != before


def test_the_solution_of_a1_needs_one_process(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its files keep nothing, and neither does what its hidden tests define."""
    started: set[int] = set()
    new_process = Connection.new_process

    def note(self: Connection) -> None:
        new_process(self)
        started.add(self._begun)

    monkeypatch.setattr(Connection, "new_process", note)
    course = assignments.load("a1_linear", repo)
    report = grade_files(course, {n: (course.solutions / n).read_bytes() for n in course.files})
    assert report.score == report.max_score
    assert started == {1}
