"""A student whose functions do what must not harm anybody, and short ways to call them."""

from typing import Any

import pytest

from autograder.assignment import Limits
from autograder.sandbox import faults
from autograder.sandbox.backend import Backend
from autograder.sandbox.imports import Load
from autograder.sandbox.inside.wire import Ref
from autograder.sandbox.session import Session
from autograder.sandbox.walls import Walls, strongest_walls

LIMITS = Limits(import_s=1, call_s=1, exercise_s=8, submission_s=60, memory_mb=256, processes=24)
ORDER = [Walls.BUBBLEWRAP, Walls.NAMESPACES, Walls.NONE]
STUDENT = """
import atexit, ctypes, gc, os, resource, signal, socket, sys, threading, time
import numpy as np

state = {"count": 0}

def count():
    state["count"] += 1
    np.sum = lambda *_: state["count"]
    return state["count"], int(np.sum(np.zeros(3)))

def works(): return "fine"
def loop():
    while True:
        try:
            while True: pass
        except BaseException: pass
def nap(): time.sleep(100)
def deaf():
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    while True: pass
def hog(): return np.ones(10**9).sum()
def hog_slowly():
    kept = []
    while True: kept.append(bytearray(10**6))
def segfault(): ctypes.string_at(0)
def abort(): os.abort()
def stop_itself(): os.kill(os.getpid(), signal.SIGSTOP)
def leave(): os._exit(0)
def leave_politely(): sys.exit(0)
def leave_in_thread():
    threading.Thread(target=os._exit, args=(0,)).start()
    time.sleep(100)
def leave_on_deletion():
    class Late:
        def __del__(self): os._exit(0)
    Late()
    return 1
def leave_at_exit():
    atexit.register(os._exit, 3)
    return 1
def recurse(): return recurse()
def write_everywhere():
    for descriptor in range(256):
        try: os.write(descriptor, b"junk" * 10)
        except OSError: pass
    return 1
def forge_frames():
    reply = b\'{"done":true,"id":1,"value":1}\'
    import struct
    for descriptor in range(3, 256):
        try: os.write(descriptor, struct.pack("<4sIQ", b"AGW1", len(reply), 0) + reply)
        except OSError: pass
    return 2
def close_everything():
    os.closerange(0, 256)
    return 1
def close_output():
    sys.stdout.close(); sys.stderr.close(); os.close(1); os.close(2)
    return "closed"
def shut_down():
    for descriptor in range(3, 256):
        try: socket.socket(fileno=os.dup(descriptor)).shutdown(socket.SHUT_RDWR)
        except OSError: pass
    return 1
def flood():
    for _ in range(20000): print("x" * 1000)
    os.write(2, b"x" * 100000)
    return "printed"
def read_input(): return sys.stdin.read()
def bomb_for_ever():
    while True:
        try: os.fork()
        except OSError: pass
def daemon():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            while True: time.sleep(1)
        os._exit(0)
    return 1
def threads():
    def busy():
        while True: time.sleep(0.01)
    for _ in range(8): threading.Thread(target=busy).start()
    return "left"
def kill_keeper():
    for target in (os.getppid(), 1, -1, os.getpgid(os.getppid())):
        for number in (1, 2, 3, signal.SIGTERM, signal.SIGKILL):
            try: os.kill(target, number)
            except OSError: pass
    return 1
def squeeze_keeper():
    keepers = [os.getppid(), 1]
    keepers.append(int(open(f"/proc/{os.getppid()}/stat").read().rpartition(")")[2].split()[1]))
    for keeper in keepers:
        for what in (resource.RLIMIT_NOFILE, resource.RLIMIT_AS, resource.RLIMIT_NPROC):
            try: resource.prlimit(keeper, what, (0, 0))
            except OSError: pass
        try: os.sched_setaffinity(keeper, {0})
        except OSError: pass
    return 1
def send_elsewhere(path):
    ours, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    ours.sendto(b"hello", path)
    return "sent"
def processors(): return len(os.sched_getaffinity(0))
def litter():
    open("left.txt", "w").write("hello")
    os.makedirs("locked/inner"); open("locked/inner/file", "w").close()
    os.symlink("/", "locked/root"); os.mkfifo("fifo"); os.chmod("locked/inner", 0)
    os.chmod("locked", 0)
    os.chmod(".", 0)
    return 1
def dig():
    for _ in range(100):
        os.mkdir("d" * 100); os.chdir("d" * 100)
    return 1
def found(): return sorted(os.listdir("."))
def parents(): return [os.getppid()]
def big(): return np.zeros(10**7)
def endless_list():
    endless = []; endless.append(endless)
    return endless
def patched_exit():
    os._exit = lambda _code: time.sleep(100)
    return 1
def network():
    return socket.create_connection(("127.0.0.1", 9), timeout=1)
def descriptors(): return sorted(d for d in range(256) if _is_open(d))
def _is_open(descriptor):
    try: os.fstat(descriptor)
    except OSError: return False
    return True
def unlock(path):
    for mode in ("r", "rb"):
        try: return open(path, mode).read(100).hex()
        except Exception: pass
    return "refused"
def hunt(needle):
    seen, parent = [], "/proc/%d" % os.getppid()
    for place in ("/proc/self", parent, "/proc/1", "/tmp", "/root", "/home", os.getcwd()):
        for parent, _, names in os.walk(place):
            for name in names[:200]:
                if name.startswith(("kmsg", "trace", "pagemap", "kpage")): continue
                try:
                    descriptor = os.open(os.path.join(parent, name), os.O_RDONLY | os.O_NONBLOCK)
                    if needle.encode()[::-1] in os.read(descriptor, 10**6): seen.append(name)
                    os.close(descriptor)
                except OSError: pass
    texts = [o for o in gc.get_objects() if isinstance(o, (dict, list, tuple))]
    frame = sys._getframe()
    while frame:
        texts += [dict(frame.f_locals), dict(frame.f_globals)]
        frame = frame.f_back
    text = "".join(repr(list(t.values()) if type(t) is dict else t)[:10**4] for t in texts[-3000:])
    if needle[::-1] in text: seen.append("memory")
    if needle[::-1] in repr(dict(os.environ)) + repr(sys.argv): seen.append("environment")
    return seen
"""


def available(walls: Walls) -> bool:
    """Whether this machine lets us build these walls."""
    return ORDER.index(strongest_walls()) <= ORDER.index(walls)


class Student:
    """A session with the student's file, and short ways to call into it."""

    def __init__(self, backend: Backend, source: str = STUDENT, **limits: Any) -> None:
        load = Load({"m.py": source.encode(), "other.py": b"def works(): return 'fine'"},
                    ["m", "other"])  # fmt: skip
        self.backend = backend
        self.session = Session(backend, load, LIMITS.model_copy(update=limits))
        self.session.begin("m")

    def call(self, function: str, *args: Any, module: str = "m") -> Any:
        """Call the function in an exercise of its own."""
        self.session.begin(module)
        return self.again(function, *args)

    def again(self, function: str, *args: Any) -> Any:
        """Call the function in the exercise that runs."""
        return self.session.request("call", (Ref(0, (("attr", function),)), args, {}))

    def fetched(self, function: str, *args: Any) -> Any:
        """Call the function and bring its result over."""
        result = self.call(function, *args)
        return self.session.request("fetch", result) if type(result) is Ref else result

    def fault(self, function: str, *args: Any) -> str:
        """Return the status and the message of a call that must fail."""
        with pytest.raises(faults.StudentFault) as fault:
            self.call(function, *args)
        return f"{fault.value.status}: {fault.value.message}"


def check_next(backend: Backend) -> None:
    """The next submission of somebody else finds the sandbox as if it were new."""
    other = Student(backend)
    assert other.call("works") == "fine"
    assert other.fetched("found") == ["m.py", "other.py"]
    other.session.close()
