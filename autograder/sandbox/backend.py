"""What a session needs of a sandbox, whichever it is."""

from __future__ import annotations

from typing import Protocol

from autograder.assignment import Limits
from autograder.report import SandboxInfo
from autograder.sandbox.channel import Channel
from autograder.sandbox.imports import Load


class Backend(Protocol):
    """Starts and ends the processes in which a submission runs."""

    name: str

    def open(self, load: Load, limits: Limits) -> Channel:
        """A channel to a process that will import `load.modules`; raises SandboxError."""

    def close(self, channel: Channel, *, kill: bool) -> None:
        """End that process and all that it started; `kill` where it may no longer listen."""

    def lost(self) -> bool:
        """Whether the sandbox itself has ended, which no student's fault explains."""

    def out_of_memory(self) -> bool:
        """Whether the kernel ended a process because the sandbox's memory was used up.

        To be followed by `close`: finding it out may take the sandbox's end.
        """

    def processor_seconds(self) -> float | None:
        """Processor time that the sandbox has used since `open`; None where nobody tells."""

    def describe(self) -> SandboxInfo:
        """Where student code runs and what holds it back, for the report."""

    def renew(self) -> None:
        """Start afresh with the next submission: the sandbox has failed."""

    def shutdown(self) -> None:
        """End everything that this backend started."""
