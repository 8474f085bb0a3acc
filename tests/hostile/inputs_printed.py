# threat: leaked inputs
# tries: print and log the hidden inputs, and leave them in files, while being right
# file: losses.py

import logging
import sys
import warnings

_own_svm_loss_naive = svm_loss_naive


def svm_loss_naive(W, X, y, reg):
    print(W.tolist(), flush=True)
    print(X.tolist(), file=sys.stderr)
    logging.getLogger().error("%r", y)
    warnings.warn(repr(W), stacklevel=1)
    with open("inputs.txt", "a") as file:
        file.write(repr(W.tolist()))
    return _own_svm_loss_naive(W, X, y, reg)
