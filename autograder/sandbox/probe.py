"""What `doctor` hands in as if it were a student's file: each function tries what must not work.

A function returns True where it got through; it runs in the sandbox and imports nothing of ours.
"""

import ctypes
import os
import platform
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


def memory_of_many(size: int, count: int) -> bool:
    """Take more memory than the limit by several processes, each of them below it."""
    ready, wait = os.pipe(), os.pipe()
    for _ in range(count):
        if os.fork() == 0:
            hoard = bytearray(size)
            hoard[:: os.sysconf("SC_PAGE_SIZE")] = b"x" * len(hoard[:: os.sysconf("SC_PAGE_SIZE")])
            os.write(ready[1], b"x")
            os.close(wait[1])
            os.read(wait[0], 1)
            os._exit(0)
    os.close(ready[1])
    held = sum(len(os.read(ready[0], 1)) for _ in range(count))
    os.close(wait[1])
    return held == count


def fill_disk(size: int) -> bool:
    """Leave many files in its own folder."""
    piece = 16 * 1024 * 1024
    try:
        for number in range(size // piece):
            Path(f"fill{number}").write_bytes(bytes(piece))
    except OSError:
        return False
    finally:
        for path in Path().glob("fill*"):
            path.unlink()
    return True


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


def reach_engine(path: str) -> bool:
    """Speak to the Docker engine, which is as good as being root."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(path)
        return True


def odd_calls() -> bool:
    """Make calls that have helped others to break out: io_uring, BPF, keys, shared memory."""
    libc = ctypes.CDLL(None)
    numbers = {"x86_64": (425, 321, 248, 29, 101), "aarch64": (425, 280, 217, 194, 117)}
    calls = numbers.get(platform.machine(), ())
    return any(libc.syscall(number, 0, 0, 0, 0, 0) == 0 for number in calls)


def gain_privileges() -> bool:
    """Become root, or hold a capability."""
    held = Path("/proc/self/status").read_text().partition("CapEff:")[2].split()[0]
    return os.geteuid() == 0 or int(held, 16) != 0


def make_namespace() -> bool:
    """Make a user namespace, the usual first step of a break-out."""
    return bool(ctypes.CDLL(None).unshare(0x10000000) == 0)


def reach_gpu() -> bool:
    """Open the nodes through which NVIDIA's driver is spoken to."""
    found = [path for path in os.listdir("/dev") if path.startswith("nvidia")]
    return any(_opens(f"/dev/{name}") for name in found)


def _opens(path: str) -> bool:
    try:
        os.close(os.open(path, os.O_RDWR))
    except OSError:
        return False
    return True


def endless() -> bool:
    """Never come back."""
    while True:
        pass
