"""What `doctor` hands in as if it were a student's file: each function tries what must not work.

A function returns True where it got through; it runs in the sandbox and imports nothing of ours.
"""

import ctypes
import os
import socket
import tempfile
from pathlib import Path


def works() -> bool:
    """Import what an honest submission may import, and write to its own folder."""
    import collections.abc
    import statistics

    import numpy.ma
    import numpy.random

    Path("own.txt").write_text("mine")
    return None not in (collections.abc.Mapping, statistics.mean, numpy.ma, numpy.random)


def network(port: int) -> bool:
    """Reach a server on this machine's loopback address."""
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        return True


def read_file(path: str) -> bool:
    """Read a file of the course."""
    return bool(Path(path).read_bytes())


def write_outside(folders: list[str]) -> bool:
    """Leave a file outside of the submission's own folder."""
    for folder in folders:
        try:
            with tempfile.NamedTemporaryFile(dir=folder):
                return True
        except OSError:
            continue
    return False


def signal_process(pid: int) -> bool:
    """Send a signal (none that harms) to the grader, or to the process that started this one."""
    reached = False
    for target in (pid, os.getppid(), os.getpgid(os.getppid())):
        try:
            os.kill(target, 0)
            reached = reached or target == pid
        except OSError:
            continue
    return reached


def see_process(pid: int) -> bool:
    """Look at the grader's command line."""
    return bool(Path(f"/proc/{pid}/cmdline").read_bytes())


def read_keeper() -> bool:
    """Read the memory of the process that serves all submissions."""
    keeper = int(Path(f"/proc/{os.getppid()}/stat").read_text().rpartition(")")[2].split()[1])
    with Path(f"/proc/{keeper}/mem").open("rb") as memory:
        return memory.readable()


def memory(size: int) -> bool:
    """Take more memory than the limit."""
    return len(bytearray(size)) == size


def processes(count: int) -> bool:
    """Start more processes than the limit; each ends by itself."""
    children = []
    try:
        for _ in range(count):
            child = os.fork()
            if child == 0:
                os.read(0, 1)
                os._exit(0)
            children.append(child)
    except OSError:
        return False
    finally:
        for child in children:
            os.waitpid(child, 0)
    return True


def gain_privileges() -> bool:
    """Become root, or hold a capability."""
    held = Path("/proc/self/status").read_text().partition("CapEff:")[2].split()[0]
    return os.geteuid() == 0 or int(held, 16) != 0


def make_namespace() -> bool:
    """Make a user namespace, the usual first step of a break-out."""
    return bool(ctypes.CDLL(None).unshare(0x10000000) == 0)


def endless() -> bool:
    """Never come back."""
    while True:
        pass
