"""From the name of a sandbox to the plan that it means."""

from __future__ import annotations

from contextlib import closing
from enum import StrEnum

from autograder.errors import NoEngine, SandboxError, UsageError
from autograder.sandbox.container.plan import Plan


class Sandbox(StrEnum):
    """Where student code is to run."""

    AUTO = "auto"  # in containers where an engine answers and has the image, else in processes
    PROCESS = "process"
    DOCKER = "docker"


def plan(
    sandbox: Sandbox, profile: str, *, reuse: int = 1, engine_runtime: str = ""
) -> tuple[Plan | None, str]:
    """How containers are used, or None for the process sandbox.

    The profile of their image is an assignment's runtime, or `cuda` where they get a GPU.
    The text says why `auto` makes no use of an engine that is there. Raises SandboxError where
    containers are asked for and cannot be had, and UsageError for what does not go together.
    """
    settled = reason = ""
    if sandbox is not Sandbox.PROCESS:
        try:
            return _docker(profile, reuse, engine_runtime), ""
        except SandboxError as error:
            if sandbox is Sandbox.DOCKER:
                raise
            reason = str(error)
            settled = "" if isinstance(error, NoEngine) else reason
    if reuse > 1:
        raise UsageError(f"only the Docker sandbox has containers to reuse: {reason or sandbox}")
    return None, settled


def _docker(name: str, reuse: int, engine_runtime: str) -> Plan:
    # Imported here, since grading processes must not be able to speak to the engine.
    from autograder.sandbox.container.engine import check_limits, connect
    from autograder.sandbox.images.build import to_run
    from autograder.sandbox.images.profiles import profile_of

    profile = profile_of(name)
    with closing(connect()) as client:
        check_limits(client)
        image = to_run(client, profile)
    return Plan(image.id, profile.keeper_mb, reuse, runtime=engine_runtime)
