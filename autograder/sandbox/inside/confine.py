"""Confinement that a process puts on itself before student code runs: each step one system call.

Steps that the kernel does not offer are skipped, and each function says whether it holds. Numbers
and structures are those of the Linux user API (linux/landlock.h, linux/seccomp.h, linux/prctl.h).
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache

PR_SET_PDEATHSIG, PR_GET_PDEATHSIG, PR_SET_DUMPABLE = 1, 2, 4
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, PR_SET_CHILD_SUBREAPER = 22, 38, 36
SIGKILL = 9

_libc = ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, argument: int, pointer: object = 0) -> bool:
    return bool(_libc.prctl(option, ctypes.c_ulong(argument), pointer, 0, 0) == 0)


def die_with_parent() -> None:
    """Be killed when the process that started this one ends."""
    _prctl(PR_SET_PDEATHSIG, SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent ends, so that none gets away."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def hide_memory() -> None:
    """Close this process's memory, environment and descriptors to others of the same user."""
    _prctl(PR_SET_DUMPABLE, 0)


def be_killed_first() -> None:
    """Where memory runs out, the kernel ends this process or a child of it before any other.

    This opens the process's own files below /proc; `hide_memory` closes them again.
    """
    _prctl(PR_SET_DUMPABLE, 1)
    with suppress(OSError), open("/proc/self/oom_score_adj", "wb", buffering=0) as score:
        score.write(b"1000")


def starved() -> int:
    """How often the kernel has ended a process of this container for want of memory."""
    for place in ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"):
        with suppress(OSError), open(place) as told:
            counts = dict(line.split() for line in told)
            return int(counts.get("oom_kill", 0))
    return 0


def forbid_new_privileges() -> bool:
    """No set-uid program raises this process or a child of it."""
    return _prctl(PR_SET_NO_NEW_PRIVS, 1)


def limit_resources(
    memory_bytes: int,
    processes: int | None,
    file_bytes: int = 64 * 1024 * 1024,
    *,
    reserving: bool = False,
) -> None:
    """Limit memory beyond today's, processes, file size, descriptors; no core dumps.

    The kernel counts a user's processes over all containers, where None leaves them uncounted.
    Where `reserving`, address space is free and only what can be written to counts: CUDA reserves
    as much as the machine and its GPUs have together.
    """
    limits = {
        **_memory_limit(memory_bytes, reserving=reserving),
        resource.RLIMIT_FSIZE: file_bytes,
        resource.RLIMIT_NOFILE: 256,
        resource.RLIMIT_CORE: 0,
    }
    if processes is not None:
        limits[resource.RLIMIT_NPROC] = processes
    for what, value in limits.items():
        hard = resource.getrlimit(what)[1]
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(what, (allowed, allowed))


def _memory_limit(memory_bytes: int, *, reserving: bool) -> dict[int, int]:
    """The kind of limit and its value: today's use and so many bytes."""
    kind, field = (resource.RLIMIT_DATA, 5) if reserving else (resource.RLIMIT_AS, 0)
    with open("/proc/self/statm", "rb", buffering=0) as statm:
        used = int(statm.read().split()[field]) * resource.getpagesize()
    return {kind: used + memory_bytes}


def become(uid: int) -> bool:
    """Run as an own user from here on; False where this process may not change its user."""
    try:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    except OSError:
        return False
    return True


@contextmanager
def acting_as(uid: int | None) -> Iterator[None]:
    """Own nothing but that user's files for a while, if it is one; raises OSError.

    A change of user would end the promise to end with the parent.
    """
    if uid is None:
        yield
        return
    ends_with_parent = ctypes.c_int(0)
    _prctl(PR_GET_PDEATHSIG, ctypes.addressof(ends_with_parent))
    own = os.geteuid()
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(own)
        _prctl(PR_SET_PDEATHSIG, ends_with_parent.value)
        hide_memory()


# Landlock: an allow-list of folders; no signals, abstract sockets or TCP to the outside.

_FS_READ = (1 << 0) | (1 << 2) | (1 << 3)  # execute, read file, read folder
_FS_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_FS_FILE = (1 << 0) | (1 << 1) | (1 << 2) | (1 << 14) | (1 << 15)  # rights that a file can have
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446


def landlock_version() -> int:
    """The kernel's Landlock version, 0 where it has none."""
    return max(0, int(_libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)))


def restrict_files(readable: list[str], writable: list[str]) -> int:
    """Only these can be opened from here on; the Landlock version, 0 where there is none."""
    version = landlock_version()
    if not version:
        return 0
    rights = _FS_BY_ABI[max(v for v in _FS_BY_ABI if v <= version)]
    net = 3 if version >= 4 else 0
    scoped = 3 if version >= 6 else 0
    attributes = struct.pack("<QQQ", rights, net, scoped)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = _libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(size), 0)
    if ruleset < 0:
        return 0
    for paths, allowed in ((readable, rights & _FS_READ), (writable, rights & ~1)):
        for path in paths:
            _allow(ruleset, path, allowed)
    done = _libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return version if done else 0


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not os.path.isdir(path):
        rights &= _FS_FILE
    rule = struct.pack("<Qi", rights, descriptor)
    _libc.syscall(_ADD_RULE, ruleset, 1, rule, 0)
    os.close(descriptor)


# Seccomp: system calls that student code of a course never needs.

_DENIED = {
    "x86_64": {
        "socket": 41, "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312,
        "pidfd_getfd": 438, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
        "bpf": 321, "perf_event_open": 298, "userfaultfd": 323, "add_key": 248, "request_key": 249,
        "keyctl": 250, "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161, "unshare":
        272, "setns": 308, "open_tree": 428, "move_mount": 429, "fsopen": 430, "mount_setattr": 442,
        "shmget": 29, "shmat": 30, "semget": 64, "msgget": 68, "mq_open": 240, "personality": 135,
        "memfd_secret": 447, "memfd_create": 319, "open_by_handle_at": 304, "setpriority": 141,
        "bind": 49, "connect": 42, "sched_setscheduler": 144, "sched_setparam": 142,
        "sched_setattr": 314, "ioprio_set": 251,
    },
    "aarch64": {
        "socket": 198, "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "kcmp":
        272, "pidfd_getfd": 438, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register":
        427, "bpf": 280, "perf_event_open": 241, "userfaultfd": 282, "add_key": 217, "request_key":
        218, "keyctl": 219, "mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51, "unshare":
        97, "setns": 268, "open_tree": 428, "move_mount": 429, "fsopen": 430, "mount_setattr": 442,
        "shmget": 194, "shmat": 196, "semget": 190, "msgget": 186, "mq_open": 180, "personality":
        92, "memfd_secret": 447, "memfd_create": 279, "open_by_handle_at": 265, "setpriority": 140,
        "bind": 200, "connect": 203, "sched_setscheduler": 119, "sched_setparam": 118,
        "sched_setattr": 274, "ioprio_set": 30,
    },
}  # fmt: skip
# Calls that may be about this process alone, which is 0: others of its user include the keeper.
_OWN = {
    "x86_64": {"prlimit64": 302, "sched_setaffinity": 203},
    "aarch64": {"prlimit64": 261, "sched_setaffinity": 122},
}
_SOCKETPAIR = {"x86_64": 53, "aarch64": 199}  # of streams only: the others can write to any address
_SOCK_TYPE, _SOCK_STREAM = 0xF, 1
_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_CLONE3 = 435
_CLONE = {"x86_64": 56, "aarch64": 220}
_NAMESPACES = 0x7E020000  # CLONE_NEW*: ns, cgroup, uts, ipc, user, pid, net
_LOAD, _EQUAL, _AND, _AT_LEAST, _RETURN = 0x20, 0x15, 0x54, 0x35, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _ENOSYS = 1, 38
_STEP = struct.Struct("<HBBI")


def filter_calls() -> bool:
    """Refuse network, tracing, namespaces, mounts, keys, uncounted memory and io_uring."""
    code = call_filter()
    if code is None:
        return False
    header = struct.pack("@HxxxxxxP", len(code) // _STEP.size, ctypes.addressof(code))
    return _prctl(PR_SET_SECCOMP, 2, ctypes.c_char_p(header))


@cache
def call_filter() -> ctypes.Array[ctypes.c_char] | None:
    """The filter for this machine, None where there is none; made once for all forks."""
    machine = platform.machine()
    if machine not in _DENIED:
        return None
    code = b"".join(_STEP.pack(*step) for step in _filter(machine))
    return ctypes.create_string_buffer(code, len(code))


def _filter(machine: str) -> list[tuple[int, int, int, int]]:
    """The filter as classic BPF: (operation, jump if true, jump if false, constant)."""
    number, arch, first_argument, second_argument = 0, 4, 16, 24
    steps = [(_LOAD, 0, 0, arch), (_EQUAL, 1, 0, _AUDIT_ARCH[machine]), (_RETURN, 0, 0, _KILL)]
    steps.append((_LOAD, 0, 0, number))
    if machine == "x86_64":  # the x32 calls would pass by another number
        steps += [(_AT_LEAST, 0, 1, 0x40000000), (_RETURN, 0, 0, _ERRNO | _EPERM)]
    steps += [(_EQUAL, 0, 1, _CLONE3), (_RETURN, 0, 0, _ERRNO | _ENOSYS)]
    for denied in sorted(_DENIED[machine].values()):
        steps += [(_EQUAL, 0, 1, denied), (_RETURN, 0, 0, _ERRNO | _EPERM)]
    for own in sorted(_OWN[machine].values()):
        steps += _only_where(own, first_argument, 0xFFFFFFFF, 0)
    steps += _only_where(_SOCKETPAIR[machine], second_argument, _SOCK_TYPE, _SOCK_STREAM)
    steps += _only_where(_CLONE[machine], first_argument, _NAMESPACES, 0)
    return [*steps, (_RETURN, 0, 0, _ALLOW)]


def _only_where(call: int, argument: int, mask: int, value: int) -> list[tuple[int, int, int, int]]:
    """Refuse the call unless the masked argument has that value."""
    return [
        (_EQUAL, 0, 5, call),
        (_LOAD, 0, 0, argument),
        (_AND, 0, 0, mask),
        (_EQUAL, 1, 0, value),
        (_RETURN, 0, 0, _ERRNO | _EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]
