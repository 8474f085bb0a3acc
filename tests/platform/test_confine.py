"""Each step of confinement, tried in a process of its own; skipped where the kernel has it not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.sandbox.inside import confine

REPO = Path(__file__).parents[2]
HEAD = """
import ctypes, os, resource, signal, socket, sys, time
from autograder.sandbox.inside import confine
def tried(call, *arguments):
    try: call(*arguments)
    except OSError as error: return error.errno
    return 0
libc = ctypes.CDLL(None, use_errno=True)
def syscall(*arguments):
    if libc.syscall(*arguments) == -1: raise OSError(ctypes.get_errno(), "")
"""


def inside(program: str, *arguments: object) -> str:
    """Return what a program prints that has the module at hand."""
    ended = subprocess.run(
        [sys.executable, "-c", HEAD + program, *map(str, arguments)],
        capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": str(REPO)},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


landlock = pytest.mark.skipif(not confine.landlock_version(), reason="the kernel has no Landlock")
root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@landlock
def test_landlock_leaves_only_what_is_listed(tmp_path: Path) -> None:
    """Listed folders are readable or writable; all else is closed, for children too."""
    for name in ("read", "write", "closed"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").touch()
    said = inside("""
a = sys.argv[1]
assert confine.forbid_new_privileges()
assert confine.restrict_files([a + "/read"], [a + "/write"]) > 0
opened = [tried(open, f"{a}/{n}/file", m) for n in ("read", "write", "closed") for m in "ra"]
print(*opened, tried(os.listdir, "/"), tried(os.listdir, a + "/read"))
print(tried(os.rename, a + "/write/file", a + "/read/stolen") != 0, flush=True)
if os.fork() == 0: print(tried(open, a + "/closed/file"), flush=True)
else: os.wait()
""", tmp_path)  # fmt: skip
    assert said.splitlines() == ["0 13 0 0 13 13 13 0", "True", "13"]


@landlock
def test_landlock_skips_what_does_not_exist() -> None:
    """A machine without /usr/lib64 is served, too."""
    said = inside("""
confine.forbid_new_privileges()
print(confine.restrict_files(["/no/such/folder", "/usr"], []) > 0, tried(os.listdir, "/usr"))
""")
    assert said == "True 0"


@pytest.mark.skipif(confine.landlock_version() < 6, reason="Landlock below 6 scopes no signals")
def test_landlock_keeps_signals_inside() -> None:
    """A confined process cannot signal the one that started it, but can itself."""
    said = inside("""
confine.forbid_new_privileges()
confine.restrict_files(["/"], [])
print(tried(os.kill, os.getppid(), 0), tried(os.kill, os.getpid(), 0))
""")
    assert said == "1 0"


def test_seccomp_refuses_what_students_never_need() -> None:
    """Sockets, tracing, namespaces, mounts and uncounted memory are refused; threads work."""
    said = inside("""
assert confine.forbid_new_privileges()
if not confine.filter_calls(): sys.exit(print("none"))
x86 = os.uname().machine == "x86_64"
number = dict(ptrace=101, unshare=272, mount=165, memfd=319) if x86 else \\
    dict(ptrace=117, unshare=97, mount=40, memfd=279)
print(tried(socket.socket), *(tried(syscall, number[n], 0, 0, 0, 0, 0)
      for n in ("ptrace", "unshare", "mount", "memfd")), tried(syscall, 425, 1, 0))
print(tried(syscall, 435, 0, 0))
import threading
thread = threading.Thread(target=print, args=("a thread",))
thread.start(); thread.join()
print(os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)[1])
""")
    if said == "none":
        pytest.skip("no filter for this machine's calls")
    assert said.splitlines() == ["1 1 1 1 1 1", "38", "a thread", "0"]


def test_seccomp_refuses_namespaces_through_clone() -> None:
    """A user namespace is not to be had by clone either, and a plain fork is."""
    said = inside("""
confine.forbid_new_privileges()
if not confine.filter_calls(): sys.exit(print("none"))
clone = 56 if os.uname().machine == "x86_64" else 220
print(tried(syscall, clone, 0x10000000 | 17, 0, 0, 0, 0), flush=True)
if os.fork() == 0: os._exit(7)
print(os.waitstatus_to_exitcode(os.wait()[1]))
""")
    if said == "none":
        pytest.skip("no filter for this machine's calls")
    assert said.splitlines() == ["1", "7"]


def test_limits_hold() -> None:
    """Memory beyond today's, file size, open files and core dumps are limited."""
    said = inside("""
confine.limit_resources(200 * 2**20, 50, 1000)
try: bytearray(400 * 2**20)
except MemoryError: print("memory")
bytearray(50 * 2**20)
with open("/proc/self/limits") as limits: text = limits.read()
print(resource.getrlimit(resource.RLIMIT_FSIZE), resource.getrlimit(resource.RLIMIT_CORE))
print(resource.getrlimit(resource.RLIMIT_NOFILE)[1], resource.getrlimit(resource.RLIMIT_NPROC)[1])
""")
    assert said.splitlines() == ["memory", "(1000, 1000) (0, 0)", "256 50"]


def test_limits_are_never_raised() -> None:
    """A limit that was lower before stays."""
    said = inside("""
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
confine.limit_resources(2**30, 50)
print(resource.getrlimit(resource.RLIMIT_NOFILE))
""")
    assert said == "(64, 64)"


def test_memory_is_hidden_from_the_same_user() -> None:
    """Another process of the user reads neither memory nor environment."""
    said = inside("""
confine.hide_memory()
if os.getuid() == 0: assert confine.become(65534); confine.hide_memory()
parent = os.getpid()
if os.fork() == 0:
    print(*(tried(open, f"/proc/{parent}/{n}", "rb") for n in ("mem", "environ")), flush=True)
else: os.wait()
""")
    assert said == "13 13"


@root
def test_another_user_is_for_good() -> None:
    """After `become` there are no groups, no capabilities and no way back."""
    said = inside("""
assert confine.become(54321)
print(os.getresuid(), os.getresgid(), os.getgroups(), tried(os.setuid, 0))
print([line.split()[1] for line in open("/proc/self/status") if line.startswith("CapEff")])
""")
    assert said.splitlines() == [
        "(54321, 54321, 54321) (54321, 54321, 54321) [] 1",
        "['0000000000000000']",
    ]


@root
def test_acting_as_another_user_is_for_a_while(tmp_path: Path) -> None:
    """Only that user's files can be removed; then everything is as before, also the promises."""
    (tmp_path / "root's").touch()
    tmp_path.chmod(0o755)
    said = inside(
        """
confine.die_with_parent(); confine.hide_memory()
with confine.acting_as(54321):
    print(os.geteuid(), tried(os.unlink, sys.argv[1]))
told = ctypes.c_int()
libc.prctl(2, ctypes.byref(told))
print(os.getresuid(), told.value, libc.prctl(3))
""",
        tmp_path / "root's",
    )
    assert said.splitlines() == ["54321 13", "(0, 0, 0) 9 0"]


@pytest.mark.parametrize("uid", [None, pytest.param(54321, marks=root)])
def test_acting_as_another_user_ends_with_an_error_too(uid: int | None) -> None:
    """What fails meanwhile is raised, by who this was before."""
    with pytest.raises(ZeroDivisionError), confine.acting_as(uid):
        raise ZeroDivisionError
    assert os.geteuid() == os.getuid()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may become anybody")
def test_an_ordinary_user_stays_who_it_is() -> None:
    """Where it may not change, `become` says so and changes nothing."""
    assert not confine.become(54321)
    assert os.geteuid() != 54321


def test_a_process_dies_with_its_parent() -> None:
    """However the parent ends, the child does not run on."""
    said = inside("""
reading, writing = os.pipe()
middle = os.fork()
if middle == 0:
    if os.fork() == 0:
        confine.die_with_parent()
        os.write(writing, b"ready")
        time.sleep(60)
    time.sleep(60)
os.close(writing)
os.read(reading, 5)
os.kill(middle, signal.SIGKILL)
print(os.read(reading, 1))
""")
    assert said == "b''"


def test_orphans_are_adopted() -> None:
    """A grandchild whose parent ends belongs to this process."""
    said = inside("""
confine.adopt_orphans()
reading, writing = os.pipe()
if os.fork() == 0:
    if os.fork() == 0:
        os.read(reading, 1)
        os._exit(5)
    os._exit(0)
os.wait(); os.write(writing, b".")
print(os.waitstatus_to_exitcode(os.wait()[1]))
""")
    assert said == "5"
