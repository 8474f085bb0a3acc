"""From a name on the command line to the assignment that it means."""

import os
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder import assignment
from autograder.assignment import Assignment
from autograder.errors import UsageError

if TYPE_CHECKING:  # sandboxes need POSIX, and this module is imported for every command
    from autograder.sandbox.container.plan import Plan
    from autograder.sandbox.gpu.choice import OnGpu

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
Slug = Annotated[str, typer.Argument(metavar="SLUG", help="The assignment, as `list` names it.")]
EngineRuntime = Annotated[
    str,
    typer.Option(
        envvar="AUTOGRADER_ENGINE_RUNTIME", help="A runtime of the engine, such as runsc."
    ),
]
AnySlug = Annotated[
    str | None, typer.Argument(metavar="SLUG", help="One assignment; all when left out")
]


def one(slug: str) -> Assignment:
    """Load the assignment; a wrong name is answered with the right ones."""
    root = assignment.find_root()
    known = assignment.slugs(root)
    if slug not in known:
        raise UsageError(_unknown(slug, known, root))
    return assignment.load(slug, root)


def containers(
    sandbox: str, assignment: Assignment, reuse: int, engine_runtime: str
) -> "tuple[Plan | None, str]":
    """How student code runs in containers, None where it runs in processes; and what to say."""
    from autograder.sandbox.choice import Sandbox, plan

    if sandbox not in list(Sandbox):
        raise UsageError(f"no sandbox {sandbox!r}; there are: {', '.join(Sandbox)}")
    name, runtime = Sandbox(sandbox), assignment.runtime
    chosen, settled = plan(name, runtime, reuse=reuse, engine_runtime=engine_runtime)
    note = f"Docker was not used: {settled}" if settled else ""
    return chosen, note


def sandboxes(
    sandbox: str,
    device: str,
    gpu_jobs: int,
    assignment: Assignment,
    reuse: int,
    engine_runtime: str,
) -> "tuple[tuple[Plan | None, OnGpu | None], list[str]]":
    """How student code runs, in containers or not and on GPUs or not; and what to say of it."""
    from autograder.sandbox.gpu.choice import Device, on_gpu

    if device not in list(Device):
        raise UsageError(f"no device {device!r}; there are: {', '.join(Device)}")
    chosen, no_docker = containers(sandbox, assignment, reuse, engine_runtime)
    gpu, no_gpu = on_gpu(Device(device), assignment, chosen, gpu_jobs)
    return (chosen, gpu), [note for note in (no_docker, no_gpu) if note]


def some(slug: str | None) -> list[Assignment]:
    """Load one assignment, or all of them."""
    if slug is not None:
        return [one(slug)]
    root = assignment.find_root()
    return [assignment.load(name, root) for name in assignment.slugs(root)]


def _unknown(slug: str, known: list[str], root: Path) -> str:
    if not known:
        return f"no assignment {slug!r}: {root / 'assignments'} has none"
    close = get_close_matches(slug, known, n=1, cutoff=0.5)
    meant = f"did you mean {close[0]!r}? " if close else ""
    return f"no assignment {slug!r}; {meant}There are: {', '.join(known)}"
