"""The process of one submission: it confines itself, imports the student's files, forks exercises.

Where one process may serve all exercises, it is this one that does.
From the first import on, whatever it and its children say is a claim.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

from . import ahead, confine, cuda, processes
from .line import Line
from .servant import Servant, describe
from .wire import WireError

DONE = b"."


def serve(line: Line, folder: str, header: dict[str, Any], files: Any) -> None:
    """Confine this process, import the student's files, then serve exercises."""
    os.setsid()
    confine.adopt_orphans()
    _silence()
    applied = _confine(folder, header)
    for name, content in files:
        with open(os.path.join(folder, name), "wb") as file:
            file.write(content.tobytes())
    os.chdir(folder)
    sys.path.append(folder)
    if header.get("gpu_memory"):
        if not _try_imports(line, partial(_import_on_gpu, line, folder, header, applied)):
            return
        task = partial(_serve_on_gpu, line, folder, header)
    else:
        line.send({"confined": applied})
        modules = _import_all(line, folder, header["modules"])
        if header["one_process"]:
            _serve_exercise(line, modules, folder)
            return
        task = partial(_serve_exercise, line, modules, folder)
    for number in itertools.count(1):
        ending = processes.ending_of(processes.start(task))
        processes.reap()
        line.send({"exercise_over": ending, "number": number})


def _silence() -> None:
    """Prints of student code go nowhere, and reading gives the end at once."""
    null = os.open("/dev/null", os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)


def _confine(folder: str, header: dict[str, Any]) -> dict[str, Any]:
    """Every step that this machine offers; which ones hold."""
    uid: int | None = header["uid"]
    os.mkdir(folder, 0o700)
    if uid is not None:
        os.chown(folder, uid, uid)
    own_user = uid is not None and confine.become(uid)
    confine.die_with_parent()  # after the change of user, which would undo it
    confine.be_killed_first()
    confine.hide_memory()
    confine.limit_resources(
        header["memory"], header["processes"], reserving=bool(header.get("gpu_memory"))
    )
    writable = [folder, "/dev/null", *header.get("devices", ())]
    return {
        "own_user": own_user,
        "no_new_privileges": confine.forbid_new_privileges(),
        "landlock": confine.restrict_files(header["readable"], writable),
        "seccomp": confine.filter_calls(),
    }


def _import_all(line: Line, folder: str, names: list[str]) -> dict[str, ModuleType]:
    """Import the student's files in order, saying what is being imported and what failed."""
    modules: dict[str, ModuleType] = {}
    for name in names:
        line.send({"importing": name})
        modules[name], failure = _import(name, folder)
        line.send({"import_ended": name}, failure)
    line.send({"imported": True})
    return modules


def _import(name: str, folder: str) -> tuple[ModuleType, list[Any] | None]:
    """Import one file under its own name, unless another one has; on failure say what and where."""
    known = sys.modules.get(name)
    if known is not None and os.path.dirname(getattr(known, "__file__", None) or "") == folder:
        return known, None
    spec = importlib.util.spec_from_file_location(name, os.path.join(folder, name + ".py"))
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException as error:  # noqa: BLE001 - student code may raise anything
        sys.modules.pop(name, None)
        return module, [*describe(error, folder), str(error)[:300]]
    return module, None


def _servant(modules: dict[str, ModuleType], folder: str, told: dict[str, Any]) -> Servant:
    """Begin a test: with chance as it was, which others may have drawn from here."""
    ahead.seed()
    return Servant(modules[told["exercise"]], folder, told["device"])


def _try_imports(line: Line, task: Callable[[int], None]) -> bool:
    """Import the files in a process of its own, so that this one never starts CUDA.

    What ends that process early would have ended this one, and is told so: then False.
    """
    done, say_done = os.pipe()
    os.set_blocking(done, False)
    ending = processes.ending_of(processes.start(partial(task, say_done)))
    processes.reap()
    os.close(say_done)
    try:
        came_to_its_end = os.read(done, 1) == DONE
    except BlockingIOError:  # something that it has started still lives
        came_to_its_end = False
    os.close(done)
    if not came_to_its_end:
        line.send({"submission_over": ending})
    return came_to_its_end


def _import_on_gpu(
    line: Line, folder: str, header: dict[str, Any], applied: dict[str, Any], say_done: int
) -> None:
    """Say whether CUDA starts, and then how the imports went."""
    confine.die_with_parent()
    reason = cuda.start(header["gpu_memory"])
    line.send({"confined": applied | {"no_gpu": reason}})
    if not reason:
        _import_all(line, folder, header["modules"])
        os.write(say_done, DONE)


def _serve_on_gpu(line: Line, folder: str, header: dict[str, Any]) -> None:
    """Start CUDA, import the student's files once more, and serve one exercise."""
    confine.die_with_parent()
    while "begin" not in line.receive()[0]:  # meant for a process that ended by itself
        pass
    reason = cuda.start(header["gpu_memory"])
    line.send({"no_gpu": reason})
    if reason:
        return
    modules = {name: _import(name, folder)[0] for name in header["modules"]}
    line.send({"imported": True})
    _serve_exercise(line, modules, folder)


def _serve_exercise(line: Line, modules: dict[str, ModuleType], folder: str) -> None:
    """Answer requests until the end; the first one of each test names the exercise's module."""
    confine.die_with_parent()
    servant: Servant | None = None
    while True:
        request, value = line.receive()
        if "exercise" in request:
            servant = _servant(modules, folder, request)
        if servant is None:  # meant for a process that ended by itself
            continue
        if request["op"] == "end":
            return
        started = time.perf_counter()
        header, result = servant.answer(request["op"], value)
        told = dict(header, id=request["id"], took=time.perf_counter() - started)
        try:
            line.send(told, result)
        except WireError as error:
            line.send({"unsendable": str(error), "id": request["id"]})
        except MemoryError:  # the result was made, and there is no room for it twice
            line.send({"memory": True, "id": request["id"]})
