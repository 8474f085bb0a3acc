"""The system calls that containers may make: which are, and above all which are not."""

import json

import jsonschema
import pytest

from autograder.sandbox.container import seccomp

# As the engine's own source has it (profiles/seccomp); what is misspelt would be left out silently.
ACTION = {"enum": ["SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO"]}
ARGUMENT = {
    "type": "object",
    "properties": {
        "index": {"type": "integer", "minimum": 0, "maximum": 5},
        "value": {"type": "integer", "minimum": 0},
        "valueTwo": {"type": "integer", "minimum": 0},
        "op": {"enum": ["SCMP_CMP_EQ", "SCMP_CMP_MASKED_EQ"]},
    },
    "required": ["index", "value", "op"],
    "additionalProperties": False,
}
RULE = {
    "type": "object",
    "properties": {
        "names": {"type": "array", "minItems": 1, "items": {"pattern": "^[a-z0-9_]+$"}},
        "action": ACTION,
        "args": {"type": "array", "minItems": 1, "items": ARGUMENT},
        "errnoRet": {"type": "integer", "minimum": 1},
    },
    "required": ["names", "action"],
    "additionalProperties": False,
}
ARCHITECTURE = {
    "type": "object",
    "properties": {
        "architecture": {"pattern": "^SCMP_ARCH_[A-Z0-9_]+$"},
        "subArchitectures": {"type": "array", "maxItems": 0},
    },
    "required": ["architecture", "subArchitectures"],
    "additionalProperties": False,
}
FORM = {
    "type": "object",
    "properties": {
        "defaultAction": ACTION,
        "defaultErrnoRet": {"type": "integer"},
        "archMap": {"type": "array", "minItems": 1, "items": ARCHITECTURE},
        "syscalls": {"type": "array", "minItems": 1, "items": RULE},
    },
    "required": ["defaultAction", "archMap", "syscalls"],
    "additionalProperties": False,
}

NETWORK = "socket connect bind listen accept accept4 socketcall"
OTHER_PROCESSES = """
    ptrace process_vm_readv process_vm_writev kcmp pidfd_getfd process_madvise process_mrelease
    move_pages migrate_pages perf_event_open setpriority ioprio_set sched_setscheduler
    sched_setparam sched_setattr
"""
KERNEL = """
    io_uring_setup io_uring_enter io_uring_register bpf userfaultfd seccomp personality memfd_secret
    memfd_create keyctl add_key request_key lookup_dcookie syslog kexec_load kexec_file_load
    init_module finit_module delete_module reboot swapon swapoff acct quotactl quotactl_fd
    nfsservctl uselib ustat sysfs _sysctl vhangup iopl ioperm modify_ldt vmsplice
    name_to_handle_at open_by_handle_at fanotify_init fanotify_mark
"""
NAMESPACES = """
    mount mount_setattr move_mount open_tree fsopen fsconfig fsmount fspick umount umount2
    pivot_root chroot unshare setns statmount listmount
"""
QUEUES = """
    shmget shmat shmctl shmdt msgget msgsnd msgrcv msgctl semget semop semtimedop semctl
    mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr
"""
CLOCK = """
    clock_settime clock_settime64 clock_adjtime adjtimex settimeofday stime sethostname
    setdomainname
"""
REFUSED = " ".join([NETWORK, OTHER_PROCESSES, KERNEL, NAMESPACES, QUEUES, CLOCK]).split()
# clone's flags, from <sched.h>; for a new time namespace it has none.
CLONE_NEW = {
    "mount": 0x20000,
    "cgroup": 0x2000000,
    "uts": 0x4000000,
    "ipc": 0x8000000,
    "user": 0x10000000,
    "pid": 0x20000000,
    "net": 0x40000000,
}
THREAD = 0x3D0F00  # what glibc's pthread_create asks for
FORK = 0x1200011  # and its fork
RULES = seccomp.profile()["syscalls"]
ALLOWED = {name for rule in RULES if rule["action"] == "SCMP_ACT_ALLOW" for name in rule["names"]}


def test_it_is_of_the_engines_form() -> None:
    """Every key and every value is one that the engine knows; it comes through JSON unchanged."""
    profile = seccomp.profile()
    jsonschema.validate(profile, FORM)
    assert json.loads(json.dumps(profile)) == profile


def test_what_is_not_listed_is_refused() -> None:
    """The rule for all the rest is an error, and the program goes on."""
    profile = seccomp.profile()
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
    assert profile["defaultErrnoRet"] == 1


def test_no_call_has_two_rules() -> None:
    """A call that one rule restricts is not allowed by another."""
    names = [name for rule in RULES for name in rule["names"]]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_dangerous_is_not_allowed(name: str) -> None:
    """The network, other processes, the kernel's far corners, namespaces, queues, the clock."""
    assert name not in ALLOWED


def test_programs_for_other_processors_are_not_allowed() -> None:
    """No 32-bit calls beside the 64-bit ones: they have numbers, and flaws, of their own."""
    assert all(each["subArchitectures"] == [] for each in seccomp.profile()["archMap"])


def clone_is_allowed(flags: int) -> bool:
    """Return what the filter makes of these flags: (flags & value) == valueTwo."""
    (rule,) = (rule for rule in RULES if "clone" in rule["names"])
    (condition,) = rule["args"]
    assert (condition["index"], condition["op"]) == (0, "SCMP_CMP_MASKED_EQ")
    return bool((flags & condition["value"]) == condition["valueTwo"])


@pytest.mark.parametrize("flags", [FORK, THREAD])
def test_processes_and_threads_can_be_started(flags: int) -> None:
    """As the C library does it."""
    assert clone_is_allowed(flags)


@pytest.mark.parametrize("kind", CLONE_NEW)
def test_no_namespace_can_be_made(kind: str) -> None:
    """Neither alone nor with what else a process may share."""
    assert not clone_is_allowed(CLONE_NEW[kind])
    assert not clone_is_allowed(FORK | CLONE_NEW[kind])


def test_clone3_is_said_not_to_exist() -> None:
    """ENOSYS sends the C library back to `clone`; any other error would end the program."""
    (rule,) = (rule for rule in RULES if "clone3" in rule["names"])
    assert rule == {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}
