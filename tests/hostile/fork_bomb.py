# threat: process bombs
# tries: start more processes than a submission may have
# file: losses.py

import os
import posix
import time

_own_svm_loss_naive = svm_loss_naive
_children = []


def svm_loss_naive(W, X, y, reg):
    while len(_children) < 150:
        try:
            child = posix.fork()
        except OSError:
            return _own_svm_loss_naive(W, X, y, reg)
        if child == 0:
            time.sleep(30)
            os._exit(0)
        _children.append(child)
    return 0.0, np.zeros_like(W)
