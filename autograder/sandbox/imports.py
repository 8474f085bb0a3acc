"""What a fresh process says while it imports the student's files, each within its own time."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from autograder.assignment import Limits
from autograder.sandbox import faults
from autograder.sandbox.channel import Channel, Gone, Late
from autograder.sandbox.inside.wire import WireError
from autograder.sandbox.replies import crash, import_fault


@dataclass(frozen=True)
class Load:
    """What a sandbox is given: file contents by name, and the modules to import, in order."""

    files: Mapping[str, bytes]
    modules: Sequence[str]
    one_process: bool = False  # which serves all exercises, in place of one for each


@dataclass
class Imports:
    """Listens to the imports of one process; `failed` holds those that merely raised."""

    channel: Channel
    load: Load
    limits: Limits
    end: float  # when the whole submission's time is used up
    current: str = ""
    failed: dict[str, faults.StudentFault] = field(default_factory=dict)

    def hear(self) -> faults.StudentFault | None:
        """Listen to the end; the fault that ended or hung the process, if one did."""
        try:
            for module in self.load.modules:
                self._hear_one(module)
            self._expect("imported", value=True, deadline=self._deadline())
        except Late:
            took = f"importing {self.current}.py took longer than {self.limits.import_s:g} s"
            return faults.TimedOut(took)
        except faults.Crashed as fault:
            return fault
        except (Gone, WireError):
            return faults.BrokenWire(f"importing {self.current}.py broke the grader's connection")
        return None

    def _hear_one(self, module: str) -> None:
        self._expect("importing", module, self._deadline())
        self.current = module
        report = self._expect("import_ended", module, self._deadline())
        if report is not None:
            self.failed[module] = import_fault(report, self.load.files)

    def _expect(self, word: str, value: object, deadline: float) -> object:
        header, report = self.channel.receive(deadline)
        if "submission_over" in header:
            raise crash(header["submission_over"], f"while {self.current}.py was imported, ")
        if header != {word: value}:
            raise WireError("a process says something else than what it imports")
        return report

    def _deadline(self) -> float:
        return min(time.monotonic() + self.limits.import_s, self.end)
