# threat: memory and disk bombs
# tries: fill the folders that everybody on the machine shares
# file: losses.py

import contextlib
import os

_own_svm_loss_naive = svm_loss_naive


def _fill(place, most):
    written = 0
    path = os.path.join(place, f"fill{os.getpid()}")
    with contextlib.suppress(OSError):
        with contextlib.suppress(OSError), open(path, "wb", buffering=0) as file:
            while written < most:
                written += file.write(bytes(1_000_000))
        os.remove(path)
    return written


def svm_loss_naive(W, X, y, reg):
    places = ("/tmp", "/dev/shm", "/var/tmp", "/run", "/home", "/")
    if sum(_fill(place, 40_000_000) for place in places) > 150_000_000:
        return 0.0, np.zeros_like(W)
    return _own_svm_loss_naive(W, X, y, reg)
