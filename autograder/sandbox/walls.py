"""What can be built around student code on this machine: bubblewrap, namespaces, or nothing."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import cycle
from pathlib import Path

import numpy as np

from autograder.errors import SandboxError

TRIAL_S = 30.0
SCRATCH_BYTES = 64 * 1024 * 1024
FIRST_UID = 20_000  # up to 60000: a range that neither people nor Debian's services use
BLOCKS, BLOCK = 400, 100  # a grading process takes its users in turn from a block of its own
INSIDE = Path(__file__).parent / "inside"
READABLE = (
    *("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/bin", "/bin", "/usr/share/zoneinfo"),
    *("/etc/ld.so.cache", "/dev/urandom", "/dev/random", "/dev/zero"),
)
NUMPY = ("numpy", "numpy.libs")
# PyTorch with what it imports itself; names that a build does not have are left out. The last three
# hold the libraries of the build with CUDA, without which it is not imported on the CPU either.
TORCH = (
    "torch", "torch.libs", "torchgen", "functorch", "typing_extensions.py", "filelock", "fsspec",
    "jinja2", "markupsafe", "mpmath", "networkx", "sympy", "nvidia", "triton", "cuda",
)  # fmt: skip
LIBRARIES = {"numpy": NUMPY, "torch": (*NUMPY, *TORCH)}


class Walls(StrEnum):
    """What stands around the keeper, from the strongest to nothing."""

    BUBBLEWRAP = "bubblewrap"
    NAMESPACES = "namespaces"
    NONE = "none"


@dataclass(frozen=True)
class Site:
    """What a sandbox needs of this machine: an interpreter and the runtime's libraries."""

    python: str
    prefix: Path
    libraries: Mapping[str, Path]  # by the names under which they are imported

    @classmethod
    def of(cls, runtime: str) -> Site:
        """The interpreter under this one's virtual environment, and where numpy is installed."""
        packages = Path(np.__file__).parent.parent
        present = [name for name in LIBRARIES[runtime] if (packages / name).exists()]
        python = getattr(sys, "_base_executable", sys.executable) or sys.executable
        libraries = {"inside": INSIDE} | {name: packages / name for name in present}
        return cls(os.path.realpath(python), Path(sys.base_prefix).resolve(), libraries)

    @property
    def readable(self) -> list[str]:
        """Folders and files that student code may read where only Landlock guards them."""
        own = [str(self.prefix / part) for part in ("lib", "bin")]
        return [*READABLE, *own, *map(str, self.libraries.values())]


@cache
def strongest_walls() -> Walls:
    """What this machine lets this user build, tried and not assumed."""
    trial = ["bwrap", "--ro-bind", "/", "/", "--unshare-pid", "--unshare-net", "true"]
    if shutil.which("bwrap") and _succeeds(trial):
        return Walls.BUBBLEWRAP
    if shutil.which("unshare") and _succeeds([*unshare(), "true"]):
        return Walls.NAMESPACES
    return Walls.NONE


def _succeeds(command: list[str]) -> bool:
    ended = subprocess.run(command, capture_output=True, timeout=TRIAL_S, check=False)
    return ended.returncode == 0


def unshare() -> list[str]:
    """The command that starts another in namespaces of its own, as process 1."""
    user = [] if os.geteuid() == 0 else ["--user", "--map-current-user"]
    return ["unshare", *user, "--pid", "--fork", "--kill-child", "--net", "--ipc", "--uts", "--"]


def bubblewrap(site: Site, root: Path, more: Sequence[str] = ()) -> list[str]:
    """Namespaces, no privileges, and a file system of interpreter, libraries, worker and `more`."""
    flags = [
        "--unshare-net", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try",
        "--die-with-parent", "--as-pid-1", "--new-session", "--cap-drop", "ALL",
    ]  # fmt: skip
    if os.geteuid() == 0:  # the keeper changes users, ends their processes, hands over folders
        for capability in ("CAP_SETUID", "CAP_SETGID", "CAP_KILL", "CAP_CHOWN"):
            flags += ["--cap-add", capability]
    # First, since the interpreter may lie in /tmp.
    flags += ["--perms", "0755", "--size", str(SCRATCH_BYTES), "--tmpfs", "/tmp"]
    bound = [Path("/usr"), *([] if site.prefix == Path("/usr") else [site.prefix])]
    flags += _system(bound)
    for masked in _masked(site, root, bound):
        flags += ["--tmpfs", masked]
    flags += ["--perms", "0755", "--dir", "/sandbox"]
    for name, path in site.libraries.items():
        flags += ["--ro-bind", str(path), f"/sandbox/{name}"]
    flags += ["--proc", "/proc", "--dev", "/dev", "--perms", "0755", "--tmpfs", "/dev/shm"]
    return [*flags, *more, "--chdir", "/tmp", "--"]


def _system(bound: list[Path]) -> list[str]:
    """The interpreter and the machine's own libraries, read-only."""
    flags: list[str] = []
    for folder in bound:
        for above in reversed(folder.parents[:-1]):  # or they would be closed to other users
            flags += ["--perms", "0755", "--dir", str(above)]
        flags += ["--ro-bind", str(folder), str(folder)]
    for name in ("lib", "lib64", "bin"):
        top = Path("/") / name
        if top.is_symlink():
            flags += ["--symlink", os.readlink(top), str(top)]
        elif top.is_dir():
            flags += ["--ro-bind", str(top), str(top)]
    return [*flags, "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]


def _masked(site: Site, root: Path, bound: list[Path]) -> Iterator[str]:
    """Folders below the bound ones that student code must not see: other libraries, the course."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    others = [
        site.prefix / "lib" / version / "site-packages",
        Path("/usr/lib/python3/dist-packages"),
        Path("/usr/local/lib") / version / "dist-packages",
        root.resolve(),
    ]
    for place in others:
        if place.is_dir() and any(place.is_relative_to(folder) for folder in bound):
            yield str(place)


def own_uids(site: Site, walls: Walls) -> Iterator[int]:
    """A user for each submission, where this process is root and that user could work."""
    import pwd  # only POSIX has it, and students' checks run everywhere

    if os.geteuid() != 0 or not (walls is Walls.BUBBLEWRAP or _open_to_others(site)):
        return
    used = {entry.pw_uid for entry in pwd.getpwall()}
    first, claim = _own_block()
    with claim:
        for uid in cycle(range(first, first + BLOCK)):
            if uid not in used:
                yield uid


def _own_block() -> tuple[int, socket.socket]:
    """The first user of a block that no other grading process uses, and what holds the claim.

    Two submissions under one user could end each other. A name in the abstract socket namespace
    belongs to one process of the machine, and is free again when that ends, however it does.
    """
    for number in range(BLOCKS):
        claim = socket.socket(socket.AF_UNIX)
        with suppress(OSError):
            claim.bind(f"\0autograder-users-{number}")
            return FIRST_UID + number * BLOCK, claim
        claim.close()
    raise SandboxError("too many grading processes run on this machine: no users are left")


def _open_to_others(site: Site) -> bool:
    """Whether users other than root can reach interpreter, libraries and folders of their own."""
    places = [Path(site.python), *site.libraries.values(), Path(tempfile.gettempdir())]
    return all(
        folder.stat().st_mode & 0o001 for place in places for folder in (place, *place.parents)
    )
