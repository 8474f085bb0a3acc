# threat: output floods
# tries: nothing bad: it prints in colours, warns and logs as beginners do
# file: losses.py

import logging
import sys
import warnings

_own_svm_loss_naive = svm_loss_naive

print("\x1b[31mloading\x1b[0m my solution \N{ROCKET}")
logging.basicConfig(level=logging.DEBUG)


def svm_loss_naive(W, X, y, reg):
    print("shapes:", W.shape, X.shape, y.shape, flush=True)
    logging.info("reg = %s", reg)
    warnings.warn("this is slow", stacklevel=2)
    sys.stderr.write("\r50%\r100%\n")
    return _own_svm_loss_naive(W, X, y, reg)
