"""What the sandbox costs: one submission graded behind it, beside the same suite run bare.

Both run the whole hidden suite of a1_linear on the reference solution inside one collected pytest
session, in turn, so that a change of the machine's speed meets both. "Bare" calls the solution's
functions in this process and remembers no reference results: the floor, and no way to grade.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from autograder import assignment as assignments
from autograder.grading import Grader
from autograder.sandbox.local import LocalConversation
from autograder.sandbox.process import ProcessBackend
from autograder.submission import Submission
from autograder.suite.plugin import Suite, run_session, suite_hash
from autograder.suite.reference import load_modules
from autograder.suite.seeds import course_secret

HERE = Path(__file__).parent


def main() -> None:
    """Measure, print and write the result."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=30, help="of each kind, in turn")
    parser.add_argument("--slug", default="a1_linear")
    parser.add_argument("--out", type=Path, default=HERE / "sandbox.json")
    told = parser.parse_args()
    result = measure(told.slug, told.rounds)
    told.out.write_text(json.dumps(result, indent=2) + "\n")
    for name in ("sandboxed", "bare"):
        figures = result[name]
        print(f"{name:>10}: median {figures['median_ms']:.0f} ms a submission", end="")
        print(f" (min {figures['min_ms']:.0f}, max {figures['max_ms']:.0f})")
    print(f"     ratio: {result['ratio']:.2f}   on {result['machine']}")


def measure(slug: str, rounds: int) -> dict[str, object]:
    """Time both kinds in turn inside one session."""
    assignment = assignments.load(slug, assignments.find_root())
    files = {name: (assignment.solutions / name).read_bytes() for name in assignment.files}
    submission = Submission("reference", files, "", (), (), {})
    backend = ProcessBackend(assignment.root)
    times: dict[str, list[float]] = {"sandboxed": [], "bare": []}

    def drive(suite: Suite) -> None:
        grader = Grader(suite, backend, suite_hash(assignment))
        conversation = LocalConversation(load_modules(assignment.solutions, assignment.files))
        kinds: dict[str, Callable[[], object]] = {
            "sandboxed": lambda: grader.grade(submission),
            "bare": lambda: [suite.judge(each, conversation) for each in assignment.exercises],
        }
        for number in range(rounds + 2):
            for name, run in kinds.items():
                suite.remember = name == "sandboxed"
                started = time.perf_counter()
                run()
                if number >= 2:  # the first ones warm up
                    times[name].append(time.perf_counter() - started)

    try:
        run_session(assignment, course_secret(assignment.root), drive)
    finally:
        backend.shutdown()
    result: dict[str, object] = {name: _figures(taken) for name, taken in times.items()}
    ratio = statistics.median(times["sandboxed"]) / statistics.median(times["bare"])
    return {
        "assignment": slug,
        "exercises": len(assignment.exercises),
        "rounds": rounds,
        "machine": _machine(),
        "sandbox": list(backend.describe().confinement),
        **result,
        "ratio": round(ratio, 2),
    }


def _figures(taken: list[float]) -> dict[str, float]:
    median, least, most = statistics.median(taken), min(taken), max(taken)
    named = {"median_ms": median, "min_ms": least, "max_ms": most}
    return {name: round(1000 * seconds, 1) for name, seconds in named.items()}


def _machine() -> str:
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        cpu = models[0].partition(":")[2].strip() if models else cpu
    python = f"Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {cpu}, Linux {platform.release().split('-')[0]}, {python}"


if __name__ == "__main__":
    sys.exit(main())
