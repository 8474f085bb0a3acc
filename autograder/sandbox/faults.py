"""What a student's code can do wrong while it runs: each is a result, and none is an error of ours.

    StudentFault
    ├── NotAttempted     the stub is still there, or the name does not exist
    ├── Raised           an exception came out of the student's code
    ├── ImportFailed     a file could not be imported
    ├── TimedOut         a limit of our clock passed
    ├── OutOfMemory      the memory limit was reached
    ├── Crashed          the process ended: a signal, or an exit of its own
    ├── Unsendable       the result is too large or too deeply nested to be looked at
    └── BrokenWire       what came back is no reply

`code` is a diagnosis code and the text is safe to show: it never holds what student code has said
about a hidden test's data. Names that student code chooses appear only where they are known to
Python.
"""

from __future__ import annotations

import builtins
import signal

KNOWN_EXCEPTIONS = frozenset(
    name
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, BaseException)
) | {"LinAlgError", "AxisError", "UFuncTypeError", "_UFuncNoLoopError", "_ArrayMemoryError"}

TOO_MUCH_MEMORY = "the code asked for more memory than an exercise may use"
IMPORT_MEMORY = "importing the file took more memory than it may use"


class StudentFault(Exception):
    """The root; `status` is the verdict of the test in which it happens."""

    status = "failed"
    code = "raised"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotAttempted(StudentFault):
    """The stub is still there, or the name does not exist."""

    status = "not_attempted"
    code = "not_attempted"


class Raised(StudentFault):
    """An exception came out of the student's code; `kind` is its type's name."""

    def __init__(self, kind: str, file: str, line: int) -> None:
        self.kind = kind if kind in KNOWN_EXCEPTIONS else "an exception of your own"
        if file:
            message = f"{file} line {line}: raised {self.kind}"
        elif kind == "TypeError":
            message = "the call raised TypeError: are its arguments those of the docstring?"
            self.code = "signature"
        else:
            message = f"the call raised {self.kind}"
        super().__init__(message)


class ImportFailed(StudentFault):
    """A file could not be imported; no data is about yet, so the exception's own text is shown."""

    code = "import"


class TimedOut(StudentFault):
    """A limit of our clock passed."""

    status = "timeout"
    code = "timeout"


class OutOfMemory(StudentFault):
    """The memory limit was reached."""

    status = "out_of_memory"
    code = "out_of_memory"


class Crashed(StudentFault):
    """The process ended: a signal, or an exit of its own."""

    status = "crashed"
    code = "crashed"

    def __init__(self, number: int, exit_code: int, where: str = "") -> None:
        self.signal = number
        name = signal.Signals(number).name if number in set(signal.Signals) else "a signal"
        ending = "without an error" if exit_code == 0 else "with an error"  # a code could hold data
        how = f"was ended by {name}" if number else f"ended itself {ending}"
        super().__init__(f"{where}the process {how}")


class Unsendable(StudentFault):
    """The result is too large or too deeply nested to be looked at."""

    code = "structure"


class BrokenWire(StudentFault):
    """What came back is no reply: something in the process wrote where only replies belong."""

    status = "protocol_error"
    code = "protocol"
