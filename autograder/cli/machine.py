"""The verb about this machine: `doctor`."""

import json
import platform
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.assignment import find_root
from autograder.cli import choose
from autograder.errors import SandboxError

if TYPE_CHECKING:  # the sandbox needs POSIX, and this module is imported for every command
    from autograder.sandbox.backend import Backend
    from autograder.sandbox.doctor import Examined
    from autograder.sandbox.gpu.doctor import Examined as Gpu
    from autograder.sandbox.gpu.lease import Lease

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
RUNTIME = "numpy"


def doctor(engine_runtime: choose.EngineRuntime = "", as_json: AsJson = False) -> int:
    """Try what the sandboxes of this machine stop, and what its GPUs compute.

    Ends with 1 when something gets through the one that `grade` would use.
    """
    from autograder.sandbox import backends
    from autograder.sandbox.choice import Sandbox, plan
    from autograder.sandbox.doctor import examined

    root = find_root()
    tried = [examined(backends.of_plan(None, root, RUNTIME), root)]
    containers, unavailable = None, ""
    try:
        containers, _ = plan(Sandbox.DOCKER, RUNTIME, engine_runtime=engine_runtime)
    except SandboxError as error:
        unavailable = str(error)
    if containers is not None:
        tried.append(examined(backends.of_plan(containers, root, RUNTIME), root))
    gpus, no_gpu = _gpus(engine_runtime)
    if as_json:
        told = {"sandboxes": [asdict(each) for each in tried], "docker_unavailable": unavailable}
        told |= {"gpus": [asdict(each) for each in gpus], "gpus_unavailable": no_gpu}
        print(json.dumps(told, indent=2))
    else:
        _print(tried, unavailable)
        _print_gpus(gpus, no_gpu)
    return 0 if all(finding.stopped for finding in tried[-1].findings) else 1


def _gpus(engine_runtime: str) -> "tuple[list[Gpu], str]":
    """Every GPU, tried in each sandbox; or why there is none."""
    from autograder.sandbox import backends
    from autograder.sandbox.choice import Sandbox, plan
    from autograder.sandbox.gpu import doctor as on_gpus
    from autograder.sandbox.gpu import reach

    def in_process(lease: "Lease") -> "Backend":
        reach.check_torch()
        return backends.of_plan(None, find_root(), "torch", lease)

    def in_docker(lease: "Lease") -> "Backend":
        containers, _ = plan(Sandbox.DOCKER, "cuda", engine_runtime=engine_runtime)
        return backends.of_plan(containers, find_root(), "torch", lease)

    try:
        return on_gpus.examined({"process": in_process, "docker": in_docker}), ""
    except SandboxError as error:
        return [], str(error)


def _print_gpus(gpus: "list[Gpu]", no_gpu: str) -> None:
    console = Console(markup=False, emoji=False, highlight=False, soft_wrap=True)
    if no_gpu:
        console.print(f"GPUs: none: {no_gpu}")
    for gpu in gpus:
        state = "leased" if gpu.leased else "free"
        memory = f"{gpu.free_mb} of {gpu.total_mb} MB free"
        console.print(f"{gpu.name}, {gpu.uuid[:12]}: {memory}, driver {gpu.driver}, {state}")
        for each in gpu.tried:
            done = f"computes, {each.seconds} s" if each.seconds is not None else each.reason
            console.print(f"    {each.sandbox} sandbox: {done}")


def _print(tried: "list[Examined]", unavailable: str) -> None:
    console = Console(markup=False, emoji=False, highlight=False)
    console.print(f"Python {platform.python_version()} on {platform.system()}")
    for each in tried:
        console.print(f"{each.backend} sandbox: {', '.join(each.confinement)}")
    if unavailable:
        console.print(f"docker sandbox: not to be had: {unavailable}")
    table = Table("student code tries", box=box.SIMPLE_HEAD)
    for each in tried:
        table.add_column(each.backend)
    table.add_column("how, or what to do")
    for findings in zip(*(each.findings for each in tried), strict=True):
        words = [_word(finding.stopped) for finding in findings]
        notes = dict.fromkeys(f.how for f in findings if not f.stopped) or {findings[-1].how: None}
        table.add_row(findings[0].title, *words, "; ".join(notes))
    console.print(table)


def _word(stopped: bool) -> Text:
    return Text("stopped", "green") if stopped else Text("GETS THROUGH", "bold red")
