# threat: memory and disk bombs
# tries: write one file larger than any that a submission needs, sparse and in full
# file: losses.py

import contextlib

_own_svm_loss_naive = svm_loss_naive


def svm_loss_naive(W, X, y, reg):
    size = 0
    with contextlib.suppress(OSError), open("sparse", "wb") as file:
        size = file.truncate(10**12)
    with contextlib.suppress(OSError), open("full", "wb") as file:
        while size < 100_000_000:
            size += file.write(bytes(10_000_000))
    if size >= 100_000_000:
        return 0.0, np.zeros_like(W)
    return _own_svm_loss_naive(W, X, y, reg)
