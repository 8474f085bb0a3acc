"""A class of a1_linear at growing sizes: time and memory; one submission; and some exercises only.

Every submission is another one: the honest students of the demo class over and over, each file with
a line of its own. What they return is alike, and lanes remember answers: in a class in which nobody
returns the same numbers, each submission takes longer. Classes are graded by the command, timed
from start to end; its memory is what all of its processes hold together at once, pages that they
share counted once (PSS). A warm submission is one more for a lane that stands; a cold one is a
command of its own. Last, the same students side by side in one lane: as they are, in a lane that
remembers nothing, and with files that are not sealed.
"""

import argparse
import json
import math
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
from machine import machine

from autograder import assignment as assignments
from autograder import submission as intake
from autograder.assignment import Assignment, suite_hash
from autograder.demo import write_class
from autograder.errors import SandboxError
from autograder.grading import Lanes, Settings
from autograder.grading.one import Grader, load_of
from autograder.sandbox.choice import Sandbox, plan
from autograder.sandbox.process import ProcessBackend
from autograder.sandbox.session import Session
from autograder.submission import Entry, Submission
from autograder.suite.plugin import Suite, run_session
from autograder.suite.seeds import course_secret

HERE = Path(__file__).parent
COMMAND = Path(sys.executable).parent / "autograder"
JOBS = 2
WARM, COLD = 40, 5
COUNTS, ROUNDS = (1, 5, 10, 20, 29), 21
SOME, TURNS = 33, 5
HELP = {"as they are": (True, b""), "remembering nothing": (False, b""),
        "not sealed": (True, b"\n_seen = []\n")}  # fmt: skip


def main() -> None:
    """Measure, draw, and write the result."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--out", type=Path, default=HERE / "scale.json")
    told = parser.parse_args()
    assignment = assignments.load("a1_linear", assignments.find_root())
    with tempfile.TemporaryDirectory() as scratch:
        result = measure(assignment, Path(scratch), told.sizes)
    told.out.write_text(json.dumps(result, indent=2) + "\n")
    draw(result, told.out.with_suffix(".svg"))
    print(json.dumps(result, indent=2))


def measure(assignment: Assignment, scratch: Path, sizes: list[int]) -> dict[str, Any]:
    """Grade classes of these sizes in each sandbox, then single submissions."""
    kinds = {"process": ["--sandbox", "process"]}
    try:
        plan(Sandbox.DOCKER, assignment.runtime)
        kinds["docker, reused"] = ["--sandbox", "docker", "--reuse", "100"]
    except SandboxError as error:
        print(f"without containers: {error}", file=sys.stderr)
    classes = {size: made_up(assignment, scratch / f"class-{size}", size) for size in sizes}
    graded = {
        kind: {size: grade(scratch, kind, classes[size], options) for size in sizes}
        for kind, options in kinds.items()
    }
    return {
        "machine": machine(),
        "jobs": JOBS,
        "classes": graded,
        "exponent": {kind: exponent(found) for kind, found in graded.items()},
        "one_submission_ms": {
            "warm": spread(warm(assignment, scratch, classes[max(sizes)])),
            "cold": spread(cold(scratch, classes[max(sizes)])),
        },
        "exercises_ms": by_exercises(assignment),
        "side_by_side_ms": side_by_side(assignment, classes[max(sizes)]),
    }


def made_up(assignment: Assignment, folder: Path, size: int) -> Path:
    """Write a class of honest students, no two alike."""
    write_class(assignment, folder / "demo")
    models = [p for p in sorted((folder / "demo").iterdir()) if p.is_dir() and p.name[0] != "x"]
    for number in range(size):
        place = folder / "class" / f"student{number:04}"
        place.mkdir(parents=True)
        for path in models[number % len(models)].iterdir():
            own = f"# {place.name}\n".encode()
            (place / path.name).write_bytes(own + path.read_bytes())
    return folder / "class"


def grade(scratch: Path, kind: str, folder: Path, options: list[str]) -> dict[str, float]:
    """Grade a class by the command; seconds, and the most memory in MB."""
    out = scratch / f"graded {kind} {folder.parent.name}"
    command = [COMMAND, "grade", "a1_linear", folder, "--out", out, "--jobs", str(JOBS), *options]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    most = [0.0]
    watcher = threading.Thread(target=watch, args=(process, most))
    watcher.start()
    if process.wait():
        sys.exit(f"grading in {kind} has failed")
    taken = time.perf_counter() - began
    watcher.join()
    return {"seconds": round(taken, 1), "megabytes": round(most[0])}


def watch(process: subprocess.Popen[bytes], most: list[float]) -> None:
    """Keep the most memory that the process and all below it hold."""
    began = time.perf_counter()
    while process.poll() is None:
        total = 0
        try:
            for each in [psutil.Process(process.pid), *psutil.Process(process.pid).children(True)]:
                total += each.memory_full_info().pss
        except (psutil.Error, OSError):
            continue  # one has ended meanwhile
        most[0] = max(most[0], total / 1e6)
        time.sleep(max(0.5, (time.perf_counter() - began) / 20))  # looking takes time itself


def warm(assignment: Assignment, scratch: Path, folder: Path) -> list[float]:
    """Milliseconds of one submission after the other in a lane that stands."""
    out = str(scratch / "warm")
    settings = Settings(assignment.slug, str(assignment.root), out, force=True)
    entries = [Entry(path.name, path) for path in sorted(folder.iterdir())[: WARM + 1]]
    times = []
    with Lanes(assignment, settings) as lanes:
        for entry in entries:
            began = time.perf_counter()
            lanes.grade(entry)
            times.append(1000 * (time.perf_counter() - began))
    return times[1:]


def cold(scratch: Path, folder: Path) -> list[float]:
    """Milliseconds of a command for one submission."""
    times = []
    for number, path in enumerate(sorted(folder.iterdir())[:COLD]):
        out = scratch / f"cold-{number}"
        command = [COMMAND, "grade", "a1_linear", path, "--out", out, "--sandbox", "process"]
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(1000 * (time.perf_counter() - began))
    return times


def by_exercises(assignment: Assignment) -> dict[int, int]:
    """Milliseconds of one submission by how many exercises are graded, in their order."""
    files = {name: (assignment.solutions / name).read_bytes() for name in assignment.files}
    load = load_of(Submission("reference", files, "", (), (), {}), assignment)
    backend = ProcessBackend(assignment.root, assignment.runtime)
    times: dict[int, list[float]] = {count: [] for count in COUNTS}

    def drive(suite: Suite) -> None:
        for _ in range(ROUNDS):
            for count, taken in times.items():
                session = Session(backend, load, assignment.limits)
                began = time.perf_counter()
                for exercise in assignment.exercises[:count]:
                    suite.judge(exercise, session)
                session.close()
                taken.append(1000 * (time.perf_counter() - began))

    run_session(assignment, course_secret(assignment.root), drive)
    backend.shutdown()
    return {count: round(statistics.median(taken[1:])) for count, taken in times.items()}


def side_by_side(assignment: Assignment, folder: Path) -> dict[str, int]:
    """Milliseconds of a submission in one lane, with and without what makes it quick."""
    paths = sorted(folder.iterdir())[:SOME]
    some = [intake.read(path, assignment, path.name) for path in paths]
    backend = ProcessBackend(assignment.root, assignment.runtime)
    times: dict[str, list[float]] = {kind: [] for kind in HELP}

    def drive(suite: Suite) -> None:
        grader = Grader(suite, backend, suite_hash(assignment))
        for turn in range(TURNS + 1):
            for kind, (remember, more) in HELP.items():
                suite.remember = remember
                given = [_with(each, more + b"\n# %d\n" % turn) for each in some]
                began = time.perf_counter()
                for submission in given:
                    grader.grade(submission)
                times[kind].append(1000 * (time.perf_counter() - began) / len(some))

    run_session(assignment, course_secret(assignment.root), drive)
    backend.shutdown()
    return {kind: round(statistics.median(taken[1:])) for kind, taken in times.items()}


def _with(submission: Submission, more: bytes) -> Submission:
    return replace(submission, files={n: text + more for n, text in submission.files.items()})


def spread(times: list[float]) -> dict[str, int]:
    """The median and the 95th percentile."""
    return {
        "p50": round(statistics.median(times)),
        "p95": round(statistics.quantiles(times, n=20, method="inclusive")[-1]),
    }


def exponent(found: dict[int, dict[str, float]]) -> float:
    """How time grows with the size, from the second largest class to the largest."""
    few, many = sorted(found)[-2:]
    ratio = found[many]["seconds"] / found[few]["seconds"]
    return round(math.log(ratio) / math.log(many / few), 2)


def draw(result: dict[str, Any], place: Path) -> None:
    """Draw the time against the size of the class."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "autograder"  # the same picture, the same file
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(6, 4))
    for kind, found in result["classes"].items():
        axes.loglog(list(found), [each["seconds"] for each in found.values()], "o-", label=kind)
    axes.set_xlabel("submissions of a1_linear")
    axes.set_ylabel("seconds, two lanes")
    axes.set_title("Time to grade a class")
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(place, metadata={"Date": None})


if __name__ == "__main__":
    main()
