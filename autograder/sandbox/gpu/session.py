"""A conversation with code on a GPU: each exercise starts CUDA and imports the files once more.

A process that has started CUDA cannot be forked. Starting it is on nobody's clock, and its failure
nobody's fault, since no student code of that process has run yet; the imports are the student's.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from autograder.assignment import Limits
from autograder.errors import SandboxError
from autograder.sandbox import faults
from autograder.sandbox.backend import Backend
from autograder.sandbox.channel import Gone, Late
from autograder.sandbox.imports import Load
from autograder.sandbox.inside.frames import pack
from autograder.sandbox.inside.wire import WireError
from autograder.sandbox.pipeline import Script
from autograder.sandbox.session import Session

START_S = 60.0
TRIES = 2  # the second in a fresh sandbox: what an exercise has left running may hold the GPU up


def conversation(
    backend: Backend,
    load: Load,
    limits: Limits,
    sealed: frozenset[str] = frozenset(),
    scripts: Sequence[Script] = (),
) -> Session:
    """A session on the backend's device."""
    device = backend.describe().device
    kind = Session if device == "cpu" else GpuSession
    return kind(backend, load, limits, device, sealed, scripts)


class GpuSession(Session):
    """Runs one submission on a GPU."""

    def _new_process(self) -> None:
        """Have CUDA started in the exercise's own process, and the files imported there."""
        for attempt in range(1, TRIES + 1):
            super()._new_process()
            try:
                self._start_cuda()
                break
            except SandboxError:
                self._line.abandon(kill=True)
                if attempt == TRIES:
                    raise
                self._open()
        self._import_once_more()

    def _start_cuda(self) -> None:
        """Start an exercise's process and hear how it went; raises SandboxError."""
        deadline = time.monotonic() + START_S
        try:
            self._line.send(pack({"begin": True}), deadline)
            told = self._line.receive(deadline).header
        except Late:
            raise SandboxError(f"CUDA did not start within {START_S:g} s") from None
        except (Gone, WireError, faults.StudentFault) as error:
            raise SandboxError(f"the process in which CUDA was started ended: {error}") from error
        if told != {"no_gpu": ""}:
            raise SandboxError(str(told.get("no_gpu", "CUDA did not start"))[:300])

    def _import_once_more(self) -> None:
        """Hear that the files are imported again; raises StudentFault."""
        limit = min(self.limits.import_s, self.budget.left)
        broken: faults.StudentFault | None = None
        try:
            with self.budget.charged(to_exercise=False):
                said = self._line.receive(time.monotonic() + limit).header
            if said != {"imported": True}:
                broken = faults.BrokenWire("importing the files broke the grader's connection")
        except Late:
            broken = faults.TimedOut(f"importing the files took longer than {limit:g} s")
        except (Gone, WireError):
            broken = faults.BrokenWire("importing the files broke the grader's connection")
        if broken is not None:
            self._line.abandon(kill=True)
            raise broken
