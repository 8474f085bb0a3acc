"""A6 on the CPU and on a GPU: whether the verdicts agree, and how long each takes.

The reference solution and every mutant and variant of a6_architectures are judged on both devices
in one collected session; verdicts that differ are printed, and end it with 1. Then the reference's
whole assignment and its training exercise are timed on both, in turn. Where no GPU can be had this
says so in one line and ends with 2; nothing is written.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from machine import machine

from autograder import assignment as assignments
from autograder.assignment import Assignment, Exercise
from autograder.audit import mutants
from autograder.audit.mutants import Kind
from autograder.errors import AutograderError
from autograder.grading.results import result_of
from autograder.report import ExerciseStatus
from autograder.sandbox import backends, choice
from autograder.sandbox.backend import Backend
from autograder.sandbox.choice import Sandbox
from autograder.sandbox.gpu import found
from autograder.sandbox.gpu.choice import Device, on_gpu
from autograder.sandbox.gpu.session import conversation
from autograder.sandbox.imports import Load
from autograder.suite.plugin import Suite, run_session
from autograder.suite.seeds import course_secret

HERE = Path(__file__).parent
SLUG, TRAINING = "a6_architectures", "train_epoch"
Verdicts = dict[str, ExerciseStatus]


def main() -> int:
    """Judge, time, print and write the result."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="of each timing, in turn")
    parser.add_argument("--sandbox", default="process", choices=["process", "docker"])
    parser.add_argument("--out", type=Path, default=HERE / "gpu.json")
    told = parser.parse_args()
    course = assignments.load(SLUG, assignments.find_root())
    try:
        devices = _devices(course, Sandbox(told.sandbox))
    except AutograderError as error:
        print(f"benchmarks/gpu.py: no GPU can be used here: {error}", file=sys.stderr)
        return 2
    result = measure(course, devices, told.rounds)
    told.out.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))
    return 1 if result["verdicts_differ"] else 0


def _devices(course: Assignment, sandbox: Sandbox) -> dict[str, Backend]:
    """A sandbox on each device; raises AutograderError where no GPU can be had."""
    containers, _ = choice.plan(sandbox, course.runtime)
    gpu, _ = on_gpu(Device.CUDA, course, containers, 1)
    (cuda,) = backends.of_assignment(course, containers, gpu)
    return {"cpu": backends.of_plan(containers, course.root, course.runtime), "cuda": cuda}


def measure(course: Assignment, devices: Mapping[str, Backend], rounds: int) -> dict:
    """Everything, inside one session."""
    result: dict = {"machine": machine(), "gpus": [asdict(gpu) for gpu in found.gpus()]}
    sources = {name: (course.solutions / name).read_bytes() for name in course.files}

    def drive(suite: Suite) -> None:
        on_cpu, on_cuda = (verdicts(suite, sources, each) for each in devices.values())
        result["judged"] = len(on_cpu)
        result["verdicts_differ"] = {
            name: {"cpu": on_cpu[name], "cuda": on_cuda[name]}
            for name in on_cpu
            if on_cpu[name] != on_cuda[name]
        }
        result["seconds"] = timed(suite, sources, devices, rounds)

    try:
        run_session(course, course_secret(course.root), drive)
    finally:
        for backend in devices.values():
            backend.shutdown()
    return result


def verdicts(suite: Suite, sources: Mapping[str, bytes], backend: Backend) -> Verdicts:
    """Of the reference's exercises, and of each change in its own exercise."""
    course = suite.assignment
    said = {
        f"reference/{each.name}": judged(suite, each, sources, backend) for each in course.exercises
    }
    lineup = mutants.load(course)
    wrong = [each for each in lineup.mutants if each.kind is not Kind.EQUIVALENT]
    for change in (*wrong, *lineup.variants):
        changed = mutants.apply(change, sources)
        said[change.id] = judged(suite, course.exercise(change.exercise), changed, backend)
    return said


def judged(
    suite: Suite, exercise: Exercise, sources: Mapping[str, bytes], backend: Backend
) -> ExerciseStatus:
    """What becomes of one exercise."""
    modules = [name.removesuffix(".py") for name in suite.assignment.files]
    with closing(conversation(backend, Load(sources, modules), suite.assignment.limits)) as session:
        return result_of(exercise, suite.judge(exercise, session)).status


def timed(
    suite: Suite, sources: Mapping[str, bytes], devices: Mapping[str, Backend], rounds: int
) -> dict:
    """The median seconds of the training exercise and of the whole assignment on each device."""
    course = suite.assignment
    parts = {"training": [course.exercise(TRAINING)], "whole": course.exercises}
    taken: dict[str, list[float]] = {}
    for _ in range(rounds):
        for device, backend in devices.items():
            for part, exercises in parts.items():
                started = time.perf_counter()
                for exercise in exercises:
                    judged(suite, exercise, sources, backend)
                taken.setdefault(f"{part} on {device}", []).append(time.perf_counter() - started)
    return {name: round(statistics.median(each), 3) for name, each in taken.items()}


if __name__ == "__main__":
    sys.exit(main())
