"""What a sandboxed process says about a call, an exception, an import or its end: claims, checked.

Numbers and names that student code could choose freely are not passed on: a report must not carry
out what a hidden test has put in.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from autograder.sandbox import faults
from autograder.sandbox.inside.wire import WireError

Sources = Mapping[str, bytes]  # the student's files by name

NOT_THERE = ". There are Python's modules, the assignment's library and your files: import no other"


def judge_reply(header: dict[str, Any], result: Any, sources: Sources) -> Any:
    """A reply's value, or the fault that it reports."""
    if header.get("done") is True:
        return result
    if header.get("memory") is True:
        raise faults.OutOfMemory(faults.TOO_MUCH_MEMORY)
    if isinstance(header.get("missing"), str):
        raise faults.NotAttempted("a name that the docstring asks for does not exist")
    if isinstance(header.get("unsendable"), str):
        raise faults.Unsendable("the result is too large or too deeply nested to be graded")
    raise _raised(header.get("raised"), sources)


def claimed_seconds(header: dict[str, Any]) -> float:
    """How long the student's function took, as the sandbox says: good for a profile only."""
    took = header.get("took")
    return took if type(took) is float and math.isfinite(took) else 0.0


def import_fault(report: Any, sources: Sources) -> faults.StudentFault:
    """Why a file could not be imported."""
    if type(report) is not list or len(report) != 4 or type(report[3]) is not str:
        raise WireError("an exception is not described as one")
    kind, file, line = _place(report, sources)
    if kind in ("MemoryError", "_ArrayMemoryError", "OutOfMemoryError"):
        return faults.OutOfMemory(faults.IMPORT_MEMORY)
    place = f"{file} line {line}: " if file else ""
    text = "".join(c if c.isprintable() else " " for c in report[3])
    advice = NOT_THERE if kind == "ModuleNotFoundError" else ""
    return faults.ImportFailed(f"{place}{faults.Raised(kind, '', 0).kind}: {text}{advice}")


def crash(ending: Any, where: str = "") -> faults.Crashed:
    """How a process ended: [signal, exit code]."""
    if type(ending) is not list or [type(part) for part in ending] != [int, int]:
        raise WireError("an ending is not one")
    return faults.Crashed(ending[0], ending[1], where)


def _raised(report: Any, sources: Sources) -> faults.StudentFault:
    kind, file, line = _place(report, sources)
    if kind == "NotImplementedError" and _is_stub(file, line, sources):
        return faults.NotAttempted("not written yet: NotImplementedError")
    if kind == "_ArrayMemoryError":
        return faults.OutOfMemory(faults.TOO_MUCH_MEMORY)
    return faults.Raised(kind, file, line)


def _is_stub(file: str, line: int, sources: Sources) -> bool:
    """Whether the line itself raises it: torch raises it, too, for what a device cannot do."""
    return not file or b"NotImplementedError" in sources[file].splitlines()[line - 1]


def _place(report: Any, sources: Sources) -> tuple[str, str, int]:
    """[type, file, line] of an exception; the place is empty unless it is in a student's file."""
    if type(report) is not list or [type(part) for part in report[:3]] != [str, str, int]:
        raise WireError("an exception is not described as one")
    kind, file, line = report[:3]
    if 1 <= line <= len(sources.get(file, b"").splitlines()):
        return kind, file, line
    return kind, "", 0
