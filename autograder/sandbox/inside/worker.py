"""The program on the sandboxed side: keeper, submission process, exercise process.

The keeper has numpy imported, never runs student code, and is told over its control socket what to
serve. For each submission it forks a process that confines itself, imports the student's files once and
talks over a socket of its own; that one forks a process for each exercise, which answers calls. Each
tells the trusted side when its child has ended. What these processes say is a claim.
"""

from __future__ import annotations

import array
import gc
import importlib.util
import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from . import confine
from .servant import Servant
from .wire import PREFIX, WireError, pack, sizes, unpack


class Closed(Exception):
    """The trusted side has hung up."""


class Line:
    """Frames over a socket."""

    def __init__(self, peer: socket.socket) -> None:
        self.peer = peer

    def send(self, header: dict[str, Any], value: object = None) -> None:
        self.peer.sendall(pack(header, value))

    def receive(self) -> tuple[dict[str, Any], Any]:
        head, payload = sizes(bytes(self._read(PREFIX.size)))
        return unpack(bytes(self._read(head)), self._read(payload))

    def _read(self, count: int) -> bytearray:
        data = bytearray(count)
        view = memoryview(data)
        while view:
            got = self.peer.recv_into(view)
            if not got:
                raise Closed
            view = view[got:]
        return data


def main(control_fd: int) -> None:
    """Serve submissions, one at a time, until the trusted side hangs up."""
    confine.die_with_parent()
    confine.hide_memory()
    confine.adopt_orphans()
    gc.freeze()  # forked processes need not copy what they only read
    control = socket.socket(fileno=control_fd)
    line = Line(control)
    home, owns_pids = line.receive()[1], os.getpid() == 1
    folder = os.path.join(home, "submission")
    line.send({"ready": True, "owns_pids": owns_pids})
    while True:
        try:
            header, files = line.receive()
        except Closed:
            return
        peer = socket.socket(fileno=_receive_descriptor(control))
        child = os.fork()
        if child == 0:
            control.close()
            _leave(lambda peer=peer: _serve_submission(Line(peer), folder, header, files))
        status = os.waitpid(child, 0)[1]
        _try(lambda peer=peer, status=status: Line(peer).send({"submission_over": _ending(status)}))
        peer.close()
        _clear(child, header["uid"], folder, owns_pids)
        line.send({"cleared": True})


def _receive_descriptor(control: socket.socket) -> int:
    descriptors = array.array("i")
    _, ancillary, _, _ = control.recvmsg(1, socket.CMSG_SPACE(descriptors.itemsize))
    for _, _, data in ancillary:
        descriptors.frombytes(data[: descriptors.itemsize])
    return descriptors[0]


def _leave(task: Callable[[], None]) -> None:
    """Run the task as all that is left of this forked process to do."""
    try:
        task()
    except Closed:
        os._exit(0)
    except BaseException:
        os._exit(70)
    os._exit(0)


def _try(task: Callable[[], None]) -> None:
    try:
        task()
    except OSError:
        pass


def _ending(status: int) -> list[int]:
    """[signal, exit code] of an ended child."""
    if os.WIFSIGNALED(status):
        return [os.WTERMSIG(status), 0]
    return [0, os.WEXITSTATUS(status)]


def _clear(child: int, uid: int | None, folder: str, owns_pids: bool) -> None:
    """Nothing of a submission outlives it: its processes are killed, its files removed."""
    if owns_pids:
        _try(lambda: os.kill(-1, signal.SIGKILL))
    else:
        _try(lambda: os.killpg(child, signal.SIGKILL))
        if uid is not None:
            _in_child(lambda: confine.become(uid) and os.kill(-1, signal.SIGKILL))
    _reap()
    _in_child(lambda: (uid is None or confine.become(uid)) and _empty(folder))
    os.rmdir(folder)  # where something is left this fails, and with it the keeper: a new one is clean


def _in_child(task: Callable[[], Any]) -> None:
    pid = os.fork()
    if pid == 0:
        _leave(task)
    os.waitpid(pid, 0)


def _reap() -> None:
    """Wait for every adopted descendant, killing those that still run."""
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            orphans = _children()
            for orphan in orphans:
                _try(lambda orphan=orphan: os.kill(orphan, signal.SIGKILL))
            if not orphans:
                return


def _children() -> list[int]:
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as listing:
            return [int(pid) for pid in listing.read().split()]
    except OSError:  # an allow-list of files may leave /proc out
        return []


def _empty(folder: str) -> None:
    """Remove all that a folder holds, whatever permissions its owner left behind."""
    for parent, folders, files in os.walk(folder):
        for name in folders:
            path = os.path.join(parent, name)
            if not os.path.islink(path):
                os.chmod(path, 0o700)
        for name in files:
            os.unlink(os.path.join(parent, name))
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)
        else:
            os.unlink(entry.path)


def _serve_submission(line: Line, folder: str, header: dict[str, Any], files: Any) -> None:
    """Confine this process, import the student's files, then serve one exercise after another."""
    os.setsid()
    confine.adopt_orphans()
    _silence()
    applied = _confine(folder, header)
    for name, content in files:
        with open(os.path.join(folder, name), "wb") as file:
            file.write(content.tobytes())
    line.send({"confined": applied})
    os.chdir(folder)
    sys.path.append(folder)
    modules: dict[str, ModuleType] = {}
    for name in header["modules"]:
        line.send({"importing": name})
        modules[name], failure = _import(name, folder)
        if failure:
            line.send({"import_failed": name}, failure)
    line.send({"imported": True})
    while True:
        request, _ = line.receive()
        child = os.fork()
        if child == 0:
            _leave(lambda: _serve_exercise(line, modules[request["exercise"]], folder))
        ending = _ending(os.waitpid(child, 0)[1])
        _reap()
        line.send({"exercise_over": ending})


def _silence() -> None:
    """Prints of student code go nowhere, and reading gives the end at once."""
    null = os.open("/dev/null", os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)


def _confine(folder: str, header: dict[str, Any]) -> dict[str, Any]:
    uid = header["uid"]
    os.mkdir(folder, 0o700)
    if uid is not None:
        os.chown(folder, uid, uid)
    applied = {"uid": uid is not None and confine.become(uid)}
    confine.hide_memory()
    confine.limit_resources(header["memory"], header["processes"])
    applied["no_new_privs"] = confine.forbid_new_privileges()
    applied["landlock"] = confine.restrict_files(header["readable"], [folder, "/dev/null"])
    applied["seccomp"] = confine.filter_calls()
    return applied


def _import(name: str, folder: str) -> tuple[ModuleType, list[Any] | None]:
    """Import one of the student's files under its own name; on failure say what and where."""
    known = sys.modules.get(name)
    if known is not None and os.path.dirname(getattr(known, "__file__", None) or "") == folder:
        return known, None
    path = os.path.join(folder, name + ".py")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException as error:  # student code may raise anything, SystemExit included
        sys.modules.pop(name, None)
        place = Servant(module, folder)._describe(error)
        return module, [*place, str(error)[:300]]
    return module, None


def _serve_exercise(line: Line, module: ModuleType, folder: str) -> None:
    servant = Servant(module, folder)
    while True:
        request, value = line.receive()
        if request["op"] == "end":
            return
        header, result = servant.answer(request["op"], value)
        try:
            line.send(dict(header, id=request["id"]), result)
        except WireError as error:
            line.send({"unsendable": str(error), "id": request["id"]})
