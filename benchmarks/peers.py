"""Grading speed beside nbgrader and otter: the same six exercises, the same notebooks, one run.

Every platform gets the same submissions, notebooks with six functions, and has three cases for each
function. nbgrader runs `nbgrader autograde` on the class; otter runs `otter run` for each notebook,
as its users do outside of its containers; ours is `autograder grade` in each sandbox. The floor is
our suite bare, in one process and on one core (`bare.py`). All are commands, timed from start to
end, and their scores must agree. What takes seconds is run several times, in turn, so that a change
of the machine's speed meets all of it; its median counts. The peers live in an environment of their
own, which is made on the first run.
"""

import argparse
import csv
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from machine import machine
from nbformat import NO_CONVERT, read, write
from nbformat.v4 import new_code_cell, new_notebook

from autograder import assignment as assignments
from autograder.errors import SandboxError
from autograder.sandbox.choice import Sandbox, plan
from autograder.suite.reference import load_modules

HERE = Path(__file__).parent
COURSE = assignments.load("six", HERE / "six")
POINTS = {each.name: each.points for each in COURSE.exercises}
CASES = 3
BARE = "bare suite"
OURS = Path(sys.executable).parent
SETTLE_S = 3.0  # for the engine to remove the last containers
# What a student may get wrong: each costs one exercise.
MISTAKES = {
    "affine_forward": ("x @ w + b", "x @ w"),
    "affine_backward": ("x.T @ dout", "2 * x.T @ dout"),
    "relu_forward": ("np.maximum(x, 0)", "np.abs(x)"),
    "relu_backward": ("(x > 0)", "(x < 0)"),
    "softmax_loss": (".mean()", ".sum()"),
    "sgd": ("w - rate", "w + rate"),
}


def main() -> None:
    """Measure, print and write the result."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--ours", type=int, default=400, help="submissions for this platform")
    parser.add_argument("--rounds", type=int, default=5, help="of what takes seconds")
    parser.add_argument("--nbgrader", type=int, default=40)
    parser.add_argument("--otter", type=int, default=10)
    parser.add_argument("--environment", type=Path, default=HERE.parent / "build" / "peers")
    parser.add_argument("--out", type=Path, default=HERE / "peers.json")
    told = parser.parse_args()
    peers = environment(told.environment.resolve())
    with tempfile.TemporaryDirectory() as scratch:
        result = measure(Path(scratch), peers, told)
    told.out.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


def environment(place: Path) -> Path:
    """Make the peers' own environment, once; the folder of its programs."""
    programs = place / "bin"
    if not (programs / "otter").exists():
        subprocess.run([sys.executable, "-m", "venv", place], check=True)
        root = HERE.parent
        install = [programs / "python", "-m", "pip", "install", "--quiet"]
        wanted = ["-c", root / "constraints.txt", "-r", HERE / "peers.txt"]
        subprocess.run([*install, *wanted], check=True)
    return programs


def measure(scratch: Path, peers: Path, told: argparse.Namespace) -> dict[str, Any]:
    """Time all platforms: what is quick in turn, then the others."""
    counts = {"nbgrader": told.nbgrader, "otter": told.otter}
    students = [f"student{number:04}" for number in range(max(told.ours, *counts.values()))]
    source, release = handed_out(scratch, peers)
    notebooks = {name: notebook(release, number) for number, name in enumerate(students)}
    scores = {name: expected(number) for number, name in enumerate(students)}
    folder = handed_in(scratch, notebooks, students[: told.ours])
    quick, slow = _ours(folder, scores)
    times = {name: [] for name in [*quick, *slow, *counts]}
    for _ in range(told.rounds):
        for name, timed in quick.items():
            times[name].append(timed())
            time.sleep(SETTLE_S)
    for name, timed in slow.items():
        times[name].append(timed())
    few = students[: told.nbgrader]
    times["nbgrader"].append(autograde(source, peers, notebooks, few, scores))
    few = students[: told.otter]
    times["otter"].append(otter_run(scratch, peers, notebooks, few, scores))
    return _told(times, dict.fromkeys([*quick, *slow], told.ours) | counts)


def _told(times: dict[str, list[float]], counts: dict[str, int]) -> dict[str, Any]:
    each = {name: statistics.median(taken) / counts[name] for name, taken in times.items()}
    kinds = [name for name in each if name not in {"nbgrader", "otter", BARE}]
    return {
        "machine": machine(),
        "submissions": counts,
        "rounds": {name: len(taken) for name, taken in times.items()},
        "ms_a_submission": {name: round(1000 * value, 1) for name, value in each.items()},
        "from_to_ms": {
            name: [round(1000 * end / counts[name], 1) for end in (min(taken), max(taken))]
            for name, taken in times.items()
        },
        "times_the_bare_suite": {k: round(each[k] / each[BARE], 2) for k in kinds},
        "times_as_fast_as_nbgrader": {k: round(each["nbgrader"] / each[k], 1) for k in kinds},
        "times_as_fast_as_otter": {k: round(each["otter"] / each[k], 1) for k in kinds},
    }


Timed = Callable[[], float]


def _ours(folder: Path, scores: dict[str, float]) -> tuple[dict[str, Timed], dict[str, Timed]]:
    """What is ours, and the floor: by name how it is timed, what takes seconds and what longer."""
    quick: dict[str, Timed] = {
        "process": lambda: grade(folder, scores, ["--sandbox", "process"]),
        BARE: lambda: bare(folder, scores),
    }
    try:
        plan(Sandbox.DOCKER, "numpy")
    except SandboxError as error:
        print(f"without containers: {error}", file=sys.stderr)
        return quick, {}
    docker = ["--sandbox", "docker"]
    quick["docker, reused"] = lambda: grade(folder, scores, [*docker, "--reuse", "100"])
    return quick, {"docker, fresh": lambda: grade(folder, scores, docker)}


# The six exercises for everybody


def functions(number: int) -> dict[str, str]:
    """Return a student's functions: all right, or one of them wrong."""
    text = (COURSE.solutions / "six.py").read_text("utf-8")
    text = re.sub(r" *### (BEGIN|END) SOLUTION\n", "", text)
    found = {
        each: re.search(rf"def {each}\(.*?(?=\n\n\ndef |\Z)", text, re.DOTALL) for each in POINTS
    }
    own = {name: f"# {number}\n{match[0].rstrip()}" for name, match in found.items() if match}
    if wrong := _mistake(number):
        own[wrong] = own[wrong].replace(*MISTAKES[wrong])
    return own


def _mistake(number: int) -> str | None:
    return [None, *MISTAKES][number % (len(MISTAKES) + 1)]


def expected(number: int) -> float:
    """Return the score that every platform has to give."""
    return 100.0 - POINTS.get(_mistake(number) or "", 0.0)


def cases(name: str) -> list[str]:
    """Return the code of three cases: arguments and results of the reference, as numbers."""
    rng = np.random.default_rng(sum(map(ord, name)))
    function = getattr(load_modules(COURSE.solutions, COURSE.files)["six"], name)
    shapes = {
        "affine_forward": [(5, 4), (4, 3), (3,)],
        "affine_backward": [(5, 3), (5, 4), (4, 3)],
        "relu_forward": [(5, 4)],
        "relu_backward": [(5, 4), (5, 4)],
        "softmax_loss": [(5, 4)],
        "sgd": [(4, 3), (4, 3)],
    }[name]
    extra = {"softmax_loss": lambda: [rng.integers(4, size=5)], "sgd": lambda: [0.1]}
    written = []
    for _ in range(CASES):
        given = [*(rng.normal(size=shape) for shape in shapes), *extra.get(name, list)()]
        want = function(*given)
        written.append(
            f"got = {name}({', '.join(map(_code, given))})\n"
            f"want = {_code(want)}\n"
            "for g, w in zip(got, want) if isinstance(want, tuple) else [(got, want)]:\n"
            "    assert np.shape(g) == np.shape(w) and np.allclose(g, w)"
        )
    return written


def _code(value: Any) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(map(_code, value))})"
    return f"np.array({value.tolist()})" if isinstance(value, np.ndarray) else repr(float(value))


def notebook(release: Path, number: int) -> Any:
    """Return a student's notebook: the release with their functions in it."""
    book, own = read(release, NO_CONVERT), functions(number)
    for cell in book.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if name.removesuffix("_code") in own and name.endswith("_code"):
            cell.source = own[name.removesuffix("_code")]
    return book


# The platforms


def handed_out(scratch: Path, peers: Path) -> tuple[Path, Path]:
    """Make nbgrader's course with the assignment; its folder, and the release notebook."""
    course = scratch / "nbgrader"
    cells = [_cell("import numpy as np", "imports", locked=True)]
    for name, own in functions(0).items():
        cells.append(_cell(f"### BEGIN SOLUTION\n{own}\n### END SOLUTION", f"{name}_code"))
        cells.append(_cell("\n".join(cases(name)), name, points=POINTS[name]))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    place = course / "source" / "six" / "six.ipynb"
    place.parent.mkdir(parents=True)
    write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), place)
    run(course, peers, "nbgrader", "generate_assignment", "six")
    return course, course / "release" / "six" / "six.ipynb"


def _cell(source: str, name: str, *, points: float = 0.0, locked: bool = False) -> Any:
    told = {
        "grade": points > 0,
        "grade_id": name,
        "locked": locked or points > 0,
        "schema_version": 3,
        "solution": not locked and not points,
        "task": False,
    }
    return new_code_cell(
        source, metadata={"nbgrader": told | ({"points": points} if points else {})}
    )


def handed_in(scratch: Path, notebooks: dict[str, Any], students: list[str]) -> Path:
    """Write the class for our own commands; the folder that it lies in."""
    folder = scratch / "ours"
    (folder / "class").mkdir(parents=True)
    for name in students:
        write(notebooks[name], folder / "class" / f"{name}.ipynb")
    return folder


def grade(folder: Path, scores: dict[str, float], options: list[str]) -> float:
    """Time `autograder grade`."""
    with tempfile.TemporaryDirectory(dir=folder) as out:
        taken = run(folder, OURS, "autograder", "grade", "six", "class", "--out", out, *options)
        rows = json.loads(Path(out, "class.json").read_text("utf-8"))["students"]
    agree("autograder", {row["student"]: row["score"] for row in rows}, scores)
    return taken


def bare(folder: Path, scores: dict[str, float]) -> float:
    """Time the suite without a sandbox."""
    taken = run(folder, OURS, "python", str(HERE / "bare.py"), "class", "--out", "bare.json")
    agree("the bare suite", json.loads((folder / "bare.json").read_text("utf-8")), scores)
    return taken


def autograde(
    course: Path,
    peers: Path,
    notebooks: dict[str, Any],
    students: list[str],
    scores: dict[str, float],
) -> float:
    """Time `nbgrader autograde`."""
    for name in students:
        place = course / "submitted" / name / "six"
        place.mkdir(parents=True)
        write(notebooks[name], place / "six.ipynb")
    taken = run(course, peers, "nbgrader", "autograde", "six")
    run(course, peers, "nbgrader", "export")
    with (course / "grades.csv").open(newline="") as file:
        found = {row["student_id"]: float(row["raw_score"]) for row in csv.DictReader(file)}
    agree("nbgrader", found, scores)
    return taken


def otter_run(
    scratch: Path,
    peers: Path,
    notebooks: dict[str, Any],
    students: list[str],
    scores: dict[str, float],
) -> float:
    """Time `otter run`, once for each notebook."""
    folder = scratch / "otter"
    (folder / "tests").mkdir(parents=True)
    for name in POINTS:
        (folder / "tests" / f"{name}.py").write_text(_otter_test(name), "utf-8")
    run(folder, peers, "otter", "generate", "-o", "autograder.zip", "--no-environment")
    found, taken = {}, 0.0
    for name in students:
        write(notebooks[name], folder / f"{name}.ipynb")
        (folder / name).mkdir()
        command = ["run", "-a", "autograder.zip", "-o", name, "--no-logo", f"{name}.ipynb"]
        taken += run(folder, peers, "otter", *command)
        tests = json.loads((folder / name / "results.json").read_text("utf-8"))["tests"]
        found[name] = sum(test.get("score") or 0.0 for test in tests)
    agree("otter", found, scores)
    return taken


def _otter_test(name: str) -> str:
    head = "from otter.test_files import test_case\n\nOK_FORMAT = False\n"
    body = "\n".join(cases(name)).replace("\n", "\n    ")
    return (
        f'{head}name = "{name}"\npoints = {POINTS[name]}\n\n\n@test_case(points=None)\n'
        f"def test_all({name}):\n    import numpy as np\n    {body}\n"
    )


def agree(kind: str, found: dict[str, float], scores: dict[str, float]) -> None:
    """End where a platform gives other scores: then it has not done the same work."""
    wrong = {name: score for name, score in found.items() if abs(score - scores[name]) > 1e-6}
    if wrong or not found:
        sys.exit(f"{kind} gives other scores: {wrong or 'none at all'}")


def run(folder: Path, programs: Path, program: str, *arguments: str) -> float:
    """Run one command; the seconds that it took."""
    told: dict[str, str] = {
        "PATH": os.pathsep.join([str(programs), os.environ["PATH"]]),
        "AUTOGRADER_ROOT": str(COURSE.root),
        "PYTHONWARNINGS": "ignore",
    }
    began = time.perf_counter()
    done = subprocess.run(
        [programs / program, *arguments],
        cwd=folder,
        env=os.environ | told,
        capture_output=True,
        text=True,
        check=False,
    )
    taken = time.perf_counter() - began
    if done.returncode:
        sys.exit(f"{program} {' '.join(arguments)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return taken


if __name__ == "__main__":
    main()
