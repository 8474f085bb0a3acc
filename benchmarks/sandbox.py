"""What the sandboxes cost: one submission graded behind each, beside the same suite run bare.

All kinds run the whole hidden suite of a1_linear on the reference solution inside one collected
pytest session, in turn, so that a change of the machine's speed meets all of them. "Bare" calls the
solution's functions in this process and remembers no reference results: the floor, and no way to
grade. Then a class is graded in each, in as many lanes as there are cores, where containers that
are started and removed compete with those that work. The Docker kinds are left out where there is
no engine or no image.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from machine import machine

from autograder import assignment as assignments
from autograder.assignment import Assignment, suite_hash
from autograder.errors import SandboxError
from autograder.grading import Settings, grade_class
from autograder.grading.one import Grader
from autograder.sandbox import backends, choice
from autograder.sandbox.backend import Backend
from autograder.sandbox.choice import Sandbox
from autograder.sandbox.container.plan import Plan
from autograder.sandbox.imports import Load
from autograder.sandbox.inside.servant import ROOT
from autograder.sandbox.inside.wire import Ref
from autograder.sandbox.local import LocalConversation
from autograder.sandbox.session import Session
from autograder.submission import Entry, Submission
from autograder.suite.plugin import Suite, run_session
from autograder.suite.reference import load_modules
from autograder.suite.seeds import course_secret

HERE = Path(__file__).parent
MANY = 10**6
FEW, SEVERAL = 6, 46  # the difference leaves out what a class costs once
SETTLE_S = 0.3  # for containers of the last kind to be removed
TRIVIAL = Load({"trivial.py": b"def one(): return 1\n"}, ["trivial"])


def main() -> None:
    """Measure, print and write the result."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=30, help="of each kind, in turn")
    parser.add_argument("--slug", default="a1_linear")
    parser.add_argument("--out", type=Path, default=HERE / "sandbox.json")
    told = parser.parse_args()
    result = measure(assignments.load(told.slug, assignments.find_root()), told.rounds)
    told.out.write_text(json.dumps(result, indent=2) + "\n")
    columns = ("median_ms", "ratio_to_process", "first_reply_ms", "in_a_class_ms")
    print(" " * 22, *(f"{column:>16}" for column in columns))
    for name, figures in result["kinds"].items():
        print(f"{name:>22}", *(f"{figures.get(column, ''):>16}" for column in columns))
    print(f"on {result['machine']}")


def measure(assignment: Assignment, rounds: int) -> dict:
    """Time all kinds in turn inside one session."""
    files = {name: (assignment.solutions / name).read_bytes() for name in assignment.files}
    submission = Submission("reference", files, "", (), (), {})
    times: dict[str, list[float]] = {}
    plans = _plans(assignment)
    with ExitStack() as stack:
        backends = _backends(assignment, plans, stack)

        def drive(suite: Suite) -> None:
            kinds: dict[str, Callable[[], object]] = {
                name: lambda used=used: Grader(suite, used, suite_hash(assignment)).grade(
                    submission
                )
                for name, used in backends.items()
            }
            local = LocalConversation(load_modules(assignment.solutions, assignment.files))
            kinds["bare"] = lambda: [suite.judge(each, local) for each in assignment.exercises]
            _in_turn(suite, kinds, rounds, times)

        run_session(assignment, course_secret(assignment.root), drive)
        more = {
            name: {"first_reply_ms": _ms(_first_replies(used, rounds))}
            for name, used in backends.items()
        }
        held = {name: list(used.describe().confinement) for name, used in backends.items()}
    for name, plan in plans.items():
        more[name]["in_a_class_ms"] = _ms(_in_a_class(assignment, plan))
    return {
        "assignment": assignment.slug,
        "exercises": len(assignment.exercises),
        "rounds": rounds,
        "machine": machine(),
        "sandboxes": held,
        "kinds": _kinds(times, more),
    }


def _plans(assignment: Assignment) -> dict[str, Plan | None]:
    plans: dict[str, Plan | None] = {"process": None}
    try:
        plan, _ = choice.plan(Sandbox.DOCKER, assignment.runtime)
    except SandboxError as error:
        print(f"without Docker: {error}", file=sys.stderr)
    else:
        assert plan is not None
        plans["docker, reused"] = replace(plan, reuse=MANY)
        plans["docker, with spares"] = plan
        plans["docker, no spares"] = replace(plan, spares=0)
    return plans


def _backends(
    assignment: Assignment, plans: dict[str, Plan | None], stack: ExitStack
) -> dict[str, Backend]:
    made = {}
    for name, each in plans.items():
        made[name] = backends.of_plan(each, assignment.root, assignment.runtime)
        stack.callback(made[name].shutdown)
    return made


def _in_turn(
    suite: Suite, kinds: dict[str, Callable[[], object]], rounds: int, times: dict[str, list[float]]
) -> None:
    for number in range(rounds + 2):
        for name, run in kinds.items():
            suite.remember = name != "bare"
            time.sleep(SETTLE_S)
            started = time.perf_counter()
            run()
            if number >= 2:  # the first ones warm up
                times.setdefault(name, []).append(time.perf_counter() - started)


def _first_replies(backend: Backend, rounds: int) -> float:
    """The median time from asking for a sandbox to the first reply of a function in it."""
    taken = []
    for _ in range(rounds):
        session = Session(backend, TRIVIAL, assignments.Limits())
        started = time.perf_counter()
        session.begin("trivial")
        session.request("call", (Ref(ROOT, (("attr", "one"),)), (), {}))
        taken.append(time.perf_counter() - started)
        session.close()
    return statistics.median(taken)


def _in_a_class(assignment: Assignment, plan: Plan | None) -> float:
    """How long each further submission of a class takes, in seconds."""
    taken = []
    with tempfile.TemporaryDirectory() as folder:
        for count in (FEW, SEVERAL):
            out = Path(folder, str(count))
            entries = [Entry(f"student{n}", assignment.solutions) for n in range(count)]
            settings = Settings(assignment.slug, str(assignment.root), str(out), containers=plan)
            started = time.perf_counter()
            grade_class(assignment, entries, settings, os.cpu_count() or 1)
            taken.append(time.perf_counter() - started)
    return (taken[1] - taken[0]) / (SEVERAL - FEW)


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 1)


def _kinds(
    times: dict[str, list[float]], more: dict[str, dict[str, float]]
) -> dict[str, dict[str, float]]:
    process, bare = (statistics.median(times[name]) for name in ("process", "bare"))
    kinds = {}
    for name, taken in times.items():
        median = statistics.median(taken)
        kinds[name] = {
            "median_ms": _ms(median),
            "min_ms": _ms(min(taken)),
            "max_ms": _ms(max(taken)),
            "beyond_process_ms": _ms(median - process),
            "ratio_to_process": round(median / process, 2),
            "ratio_to_bare": round(median / bare, 2),
            **more.get(name, {}),
        }
    return kinds


if __name__ == "__main__":
    sys.exit(main())
