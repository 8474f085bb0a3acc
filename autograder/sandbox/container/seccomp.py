"""The system calls that a sandbox container may make: an allow-list, grouped by what it is for.

Whatever is not here is refused with EPERM: the network (`socket`), tracing and reading other
processes' memory, mounts, namespaces, keys, io_uring, BPF, performance counters, System V and POSIX
queues and shared memory, and all that needs a privilege. Names are those of Linux; a name that this
machine's processor does not have is skipped by the engine.
"""

from __future__ import annotations

from typing import Any

FILES = """
    access chdir chmod chown close close_range copy_file_range creat dup dup2 dup3 faccessat
    faccessat2 fadvise64 fallocate fchdir fchmod fchmodat fchmodat2 fchown fchownat fcntl fdatasync
    fgetxattr flistxattr flock fstat fstatfs fsync ftruncate getcwd getdents getdents64 getxattr
    inotify_add_watch inotify_init inotify_init1 inotify_rm_watch ioctl lchown lgetxattr link linkat
    listxattr llistxattr lseek lstat mkdir mkdirat mknod mknodat newfstatat open openat openat2
    pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv rename
    renameat renameat2 rmdir sendfile splice stat statfs statx symlink symlinkat
    sync_file_range tee truncate umask unlink unlinkat utime utimensat utimes write writev
"""
MEMORY = """
    brk cachestat get_mempolicy madvise map_shadow_stack mbind membarrier mincore mlock mlock2
    mlockall mmap mprotect mremap msync munlock munlockall munmap pkey_alloc pkey_free pkey_mprotect
    set_mempolicy
"""
PROCESSES = """
    arch_prctl capget capset execve execveat exit exit_group fork get_robust_list getcpu getegid
    geteuid getgid getgroups getpgid getpgrp getpid getppid getpriority getresgid getresuid
    getrlimit getrusage getsid gettid getuid kill landlock_add_rule landlock_create_ruleset
    landlock_restrict_self pidfd_open pidfd_send_signal prctl restart_syscall rseq
    sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam
    sched_getscheduler sched_yield set_robust_list set_tid_address setfsgid
    setfsuid setgid setgroups setpgid setregid setresgid setresuid setreuid setrlimit setsid setuid
    tgkill tkill vfork wait4 waitid waitpid
"""
SIGNALS_AND_TIME = """
    alarm clock_getres clock_gettime clock_nanosleep getitimer gettimeofday nanosleep pause
    rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend
    rt_sigtimedwait rt_tgsigqueueinfo setitimer sigaltstack signalfd signalfd4 time timer_create
    timer_delete timer_getoverrun timer_gettime timer_settime timerfd_create timerfd_gettime
    timerfd_settime times
"""
WAITING = """
    epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 futex
    futex_requeue futex_wait futex_waitv futex_wake poll ppoll pselect6 select
"""
# On a pair of connected sockets, which leads nowhere; `socket`, `connect`, `bind` are not here.
PAIRS = """
    getpeername getsockname getsockopt pipe pipe2 recvfrom recvmmsg recvmsg sendmmsg sendmsg sendto
    setsockopt shutdown
"""
MACHINE = "getrandom sysinfo uname"

NAMESPACES = 0x7E020000  # CLONE_NEW*: ns, cgroup, uts, ipc, user, pid, net
AF_UNIX, SOCK_STREAM, SOCK_TYPE = 1, 1, 0xF
OWN = ("prlimit64", "sched_setaffinity")
ENOSYS, EPERM = 38, 1


def profile() -> dict[str, Any]:
    """The profile as the engine takes it; JSON."""
    groups = (FILES, MEMORY, PROCESSES, SIGNALS_AND_TIME, WAITING, PAIRS, MACHINE)
    no_namespaces = {"index": 0, "value": NAMESPACES, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}
    local = {"index": 0, "value": AF_UNIX, "op": "SCMP_CMP_EQ"}
    stream = {"index": 1, "value": SOCK_TYPE, "valueTwo": SOCK_STREAM, "op": "SCMP_CMP_MASKED_EQ"}
    own = {"index": 0, "value": 0, "op": "SCMP_CMP_EQ"}
    return {
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": EPERM,
        "archMap": [
            {"architecture": "SCMP_ARCH_X86_64", "subArchitectures": []},
            {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": []},
        ],
        "syscalls": [
            {"names": sorted(" ".join(groups).split()), "action": "SCMP_ACT_ALLOW"},
            {"names": ["clone"], "action": "SCMP_ACT_ALLOW", "args": [no_namespaces]},
            {"names": ["socketpair"], "action": "SCMP_ACT_ALLOW", "args": [local, stream]},
            # Of the calling process: the keeper may have the same user.
            {"names": list(OWN), "action": "SCMP_ACT_ALLOW", "args": [own]},
            # Its flags lie in memory, where no filter sees them; libraries then take `clone`.
            {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": ENOSYS},
        ],
    }
