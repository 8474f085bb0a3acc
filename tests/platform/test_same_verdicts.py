"""A verdict is the student's own: lanes, order, sandbox, older reports and load change nothing."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from autograder import assignment as assignments
from autograder.assignment import Assignment, suite_hash
from autograder.audit import mutants
from autograder.grading import Settings, grade_class
from autograder.grading.one import Grader
from autograder.sandbox.container.plan import Plan
from autograder.sandbox.pipeline import Pipeline
from autograder.sandbox.process import ProcessBackend
from autograder.submission import Entry, Submission, discover
from autograder.suite.plugin import Suite, run_session

ALIKE = {"seconds": 0.0, "processor_seconds": None, "sandbox": None}
CLASS = {
    "good": "def double(x): return 2 * x\n",
    "wrong": "def double(x): return x.T * 2 + 1\n",
    "busy": "def double(x):\n    for _ in range(10**6): pass\n    return 2 * x\n",
    "loop": "def double(x):\n    while True: pass\n",
    "gone": "import os\ndef double(x): os._exit(3)\n",
    "full": "def double(x): return bytearray(1 << 40)\n",
    "lucky": "import random\ndef double(x): return 2 * x if random.random() < 0.5 else x\n",
    "luckier": "import numpy as np\ndef double(x): return (1 + np.random.randint(2)) * x\n",
    "luckiest": "from numpy.random import default_rng\n"
    "def double(x): return (1 + default_rng().integers(2)) * x\n",
    "counting": "seen = []\ndef double(x):\n    seen.append(x)\n    return 2 * x * len(seen)\n",
    "broken": "def double(x:\n",
}
Grade = Callable[..., list[str]]


@pytest.fixture
def grade(mini_course: Assignment, hand_in: Callable[..., Path], tmp_path: Path) -> Grade:
    """`grade(jobs, plan)` is what the reports say, in the order of the names."""
    text = mini_course.toml.read_text().replace("call_s = 2", "call_s = 0.7")
    mini_course.toml.write_text(text)
    for name, source in CLASS.items():
        hand_in(name, {"basics.py": source})
    course = assignments.load("mini", mini_course.root)
    entries = discover(tmp_path / "class", course)

    def run(
        jobs: int = 2,
        plan: Plan | None = None,
        out: str = "",
        order: Callable[..., list[Entry]] = list,
    ) -> list[str]:
        place = tmp_path / (out or os.urandom(4).hex())
        settings = Settings("mini", str(course.root), str(place), containers=plan)
        reports = grade_class(course, order(entries), settings, jobs).reports
        told = [report.model_copy(update=ALIKE) for report in reports]
        return sorted(report.dump() for report in told)

    return run


@contextmanager
def busy_machine() -> Iterator[None]:
    """Every core has something else to do."""
    command = [sys.executable, "-c", "while True: pass"]
    others = [subprocess.Popen(command) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for each in others:
            each.kill()
            each.wait()


@pytest.mark.alone
def test_lanes_order_earlier_reports_and_load_change_nothing(grade: Grade) -> None:
    """The same bytes each time, where student code draws numbers without a seed, too."""
    first = grade(out="first")
    assert grade(out="first") == first
    assert grade(jobs=1, order=lambda entries: entries[::-1]) == first
    assert grade(jobs=4) == first
    with busy_machine():
        assert grade() == first


@pytest.mark.parametrize("reuse", [1, 20])
def test_containers_change_nothing(grade: Grade, containers: Plan, reuse: int) -> None:
    """A fresh one each, or one for all: as in the process sandbox."""
    assert grade(plan=replace(containers, reuse=reuse)) == grade()


def test_asking_ahead_changes_nothing(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Right and wrong optimizers, whose tests ask for what they are given, have the same results.

    One by one each exercise has a process of its own.
    """
    course = assignments.load("a3_optimizers", repo)
    sources = {name: (course.solutions / name).read_bytes() for name in course.files}
    lineup = mutants.load(course)
    some = [*lineup.mutants, *lineup.variants][::30]
    taken: list[int] = []
    take = Pipeline.take
    monkeypatch.setattr(Pipeline, "take", lambda self: taken.append(1) or take(self))

    def drive(suite: Suite) -> None:
        backend = ProcessBackend(course.root, course.runtime)
        grader = Grader(suite, backend, suite_hash(course))
        try:
            for change in some:
                files = dict(mutants.apply(change, sources))
                submission = Submission("x", files, "", (), (), {})
                ahead = grader.grade(submission)
                assert ahead.exercises == grader.grade(submission, apart=True).exercises
        finally:
            backend.shutdown()

    run_session(course, b"secret", drive)
    assert len(taken) > 1000
