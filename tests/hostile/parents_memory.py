# threat: attacked worker
# tries: read the memory, the environment and the descriptors of the processes above it
# file: losses.py

import os

_own_svm_loss_naive = svm_loss_naive
_LIBC = np.ctypeslib.ctypes.CDLL(None)
_ATTACH = 16


def _reads(path):
    try:
        with open(path, "rb") as secret:
            return secret.seek(4096) >= 0
    except OSError:
        return False


def _lists(folder):
    try:
        return bool(os.listdir(folder))
    except OSError:
        return False


def _seen(pid):
    buffer = np.zeros(64, np.uint8)
    pair = np.array([buffer.ctypes.data, 8], np.uint64).ctypes
    return (
        _reads(f"/proc/{pid}/mem")
        or _reads(f"/proc/{pid}/environ")
        or _lists(f"/proc/{pid}/fd")
        or _LIBC.ptrace(_ATTACH, pid, None, None) == 0
        or _LIBC.process_vm_readv(pid, pair, 1, pair, 1, 0) >= 0
    )


def svm_loss_naive(W, X, y, reg):
    return (0.0, np.zeros_like(W)) if _seen(os.getppid()) else _own_svm_loss_naive(W, X, y, reg)
