"""The reference solution, imported on the trusted side without leaving traces in `sys.modules`."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from autograder.assignment import Assignment
from autograder.errors import StaffError, UsageError


def load_reference(assignment: Assignment) -> dict[str, ModuleType]:
    """The assignment's solution; StaffError where it cannot be imported."""
    try:
        return load_modules(assignment.solutions, assignment.files)
    except ModuleNotFoundError as error:
        if error.name != assignment.runtime:
            raise StaffError(_said(error), where=f"solutions/{assignment.slug}") from error
        what = f"{assignment.slug} needs PyTorch on the grader's side, too: make torch"
        raise UsageError(what) from error
    except Exception as error:
        raise StaffError(_said(error), where=f"solutions/{assignment.slug}") from error


def _said(error: Exception) -> str:
    return f"the reference does not import: {type(error).__name__}: {error}"


@contextmanager
def forgetting(folder: Path) -> Iterator[None]:
    """Modules imported from the folder meanwhile are forgotten: another may have their names."""
    try:
        yield
    finally:
        for name, module in list(sys.modules.items()):
            if Path(getattr(module, "__file__", None) or "").is_relative_to(folder):
                del sys.modules[name]


def load_modules(folder: Path, files: Sequence[str]) -> dict[str, ModuleType]:
    """The folder's modules by name; they may import one another while they are loaded."""
    names = [file.removesuffix(".py") for file in files]
    with _importing_from(folder, names):
        return {name: importlib.import_module(name) for name in names}


@contextmanager
def _importing_from(folder: Path, names: Sequence[str]) -> Iterator[None]:
    """The folder comes first, and modules of the same names elsewhere are out of sight."""
    hidden = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    writes_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        sys.dont_write_bytecode = writes_bytecode
        for name in names:
            sys.modules.pop(name, None)
        sys.modules.update(hidden)
