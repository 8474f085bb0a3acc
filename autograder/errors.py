"""Every exception that the platform raises on purpose, in one tree.

    AutograderError          nothing below it is a bug of ours
    ├── StaffError           an assignment, a suite or a setting is wrong: names the place
    ├── UsageError           the command line asks for something that does not exist
    ├── Rejected             intake refuses a submission: `.reason` is safe for the student
    └── SandboxError         the infrastructure failed: tried again, never a zero
        ├── NoEngine         no Docker engine answers
        └── NoGpu            no GPU can be had

A student's fault is a result and not an exception; `Rejected` becomes one at intake.
"""


class AutograderError(Exception):
    """The root: whatever is said here is meant for a person, in one line."""


class StaffError(AutograderError):
    """An assignment, a suite or a setting is wrong; `where` names the file (and line) or the thing.

    >>> str(StaffError("points add up to 90, not 100", where="assignments/a1/assignment.toml"))
    'assignments/a1/assignment.toml: points add up to 90, not 100'
    """

    def __init__(self, message: str, where: object = "") -> None:
        super().__init__(message, where)
        self.message = message
        self.where = str(where)

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


class UsageError(AutograderError):
    """The command line names something that does not exist or cannot be done."""


class Rejected(AutograderError):
    """A submission that intake refuses; `reason` is a sentence that the student may read."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SandboxError(AutograderError):
    """The sandbox could not be started or was lost through no fault of the student."""


class NoEngine(SandboxError):
    """No Docker engine answers."""


class NoGpu(SandboxError):
    """This machine has no GPU that could be used."""
