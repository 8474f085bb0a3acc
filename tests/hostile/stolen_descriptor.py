# threat: attacked worker
# tries: take descriptors and memory from its own children's point of view, which trust it
# file: losses.py

import os
import posix

_own_svm_loss_naive = svm_loss_naive
_LIBC = np.ctypeslib.ctypes.CDLL(None)
_PIDFD_GETFD, _KCMP = 438, 312


def _stolen(parent):
    handle = os.pidfd_open(parent)
    taken = any(_LIBC.syscall(_PIDFD_GETFD, handle, number, 0) >= 0 for number in range(10))
    os.close(handle)
    for name in ("mem", "maps", "environ", "auxv", "exe"):
        try:
            os.close(os.open(f"/proc/{parent}/{name}", os.O_RDWR if name == "mem" else 0))
        except OSError:
            continue
        taken = taken or name in ("mem", "environ")
    return taken


def svm_loss_naive(W, X, y, reg):
    worker = os.getppid()
    child = posix.fork()
    if child == 0:
        found = True
        try:
            found = _stolen(worker) or _stolen(os.getppid())
        except OSError:
            found = False
        finally:
            os._exit(found)
    found = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return (0.0, np.zeros_like(W)) if found else _own_svm_loss_naive(W, X, y, reg)
