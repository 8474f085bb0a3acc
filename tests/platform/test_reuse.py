"""A reused sandbox shows nothing of one submission to the next: each way to leave something."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from misbehaving import Student

from autograder.sandbox import backends, faults
from autograder.sandbox.backend import Backend
from autograder.sandbox.container.plan import Plan

SOURCE = """
import builtins, ctypes, glob, os, sys, time
import numpy as np
MARK = "left by another"

def leave_files():
    for place in (".", "..", "/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run", "/dev"):
        try: open(place + "/" + MARK, "w").write(MARK)
        except OSError: pass
def find_files():
    return [p for place in ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run", "/dev")
            for p in glob.glob(place + "/**", recursive=True) if MARK in p]

def leave_processes():
    for _ in range(3):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                while True: time.sleep(1)
            os._exit(0)
    while True:
        if len(find_processes()) > 4: return
def find_processes():
    mine = {str(os.getpid()), str(os.getppid()), "1"}
    return [p for p in os.listdir("/proc") if p.isdigit() and p not in mine]

def leave_shared_memory():
    with open("/dev/shm/block", "wb") as block: block.write(b"x" * 10**6)
def find_shared_memory():
    libc = ctypes.CDLL(None)
    segments = [libc.shmget(key, 64, 0) for key in range(1, 4)]
    return os.listdir("/dev/shm") + [s for s in segments if s != -1]

def leave_segment():
    libc = ctypes.CDLL(None)
    for key in range(1, 4): libc.shmget(key, 64, 0o1666)
find_segment = find_shared_memory

def leave_environment(): os.environ["MARK"] = MARK; os.putenv("MARK", MARK); os.umask(0)
def find_environment():
    mask = os.umask(0o22)
    return [k for k in os.environ if k == "MARK"] + ([mask] if mask != 0o22 else [])

def leave_modules():
    sys.modules["evil"] = sys; sys.path.insert(0, "/evil"); np.MARK = builtins.MARK = MARK
    np.sum = None; np.random.seed(1)
def find_modules():
    return [x for x in (sys.modules.get("evil"), getattr(np, "MARK", None),
            getattr(builtins, "MARK", None)) if x] + [p for p in sys.path if "evil" in p]

def leave_settings():
    np.seterr(all="raise"); os.sched_setaffinity(0, {0}); os.chdir("/"); sys.setrecursionlimit(100)
def find_settings():
    found = [k for k, v in np.geterr().items() if v == "raise"]
    if os.sched_getaffinity(0) != os.sched_getaffinity(1): found.append("affinity")
    if os.getcwd() == "/": found.append("folder")
    if sys.getrecursionlimit() < 1000: found.append("recursion")
    return found
"""
WAYS = ("files", "processes", "shared_memory", "segment", "environment", "modules", "settings")


@pytest.fixture(scope="module", params=["docker reused", "process"])
def reused(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """One container, or one keeper, for all submissions."""
    plan = None
    if request.param != "process":
        plan = replace(request.getfixturevalue("containers"), reuse=100)
    backend = backends.of_plan(plan, request.config.rootpath, "numpy")
    yield backend
    backend.shutdown()


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_left_for_the_next(reused: Backend, way: str) -> None:
    """What one submission leaves behind, the next one does not find."""
    first = Student(reused, SOURCE, call_s=5)
    with suppress(faults.Raised):
        first.call(f"leave_{way}")
    first.session.close()
    second = Student(reused, SOURCE, call_s=5)
    assert second.fetched(f"find_{way}") == []
    second.session.close()


def test_the_second_is_served_by_the_same_container(containers: Plan) -> None:
    """The tests above are about a container that was really used again."""
    backend = backends.of_plan(replace(containers, reuse=3), Path(__file__).parents[2], "numpy")
    source = "import os\ndef where(): return os.uname().nodename, os.getuid()"
    (one, first_user), (same, second_user) = (_where(backend, source) for _ in range(2))
    backend.shutdown()
    assert one == same
    assert first_user != second_user


def _where(backend: Backend, source: str) -> tuple[str, int]:
    student = Student(backend, source)
    said: tuple[str, int] = student.call("where")
    student.session.close()
    return said
