# threat: early exit
# tries: replace the verdict when the interpreter ends, and keep it from ending otherwise
# file: losses.py
# expect: svm_loss_naive = failed

import atexit
import os
import sys


def _pass():
    print("7 passed in 0.02s")
    os._exit(0)


atexit.register(_pass)
sys.excepthook = sys.unraisablehook = lambda *_: _pass()


def svm_loss_naive(W, X, y, reg):
    os._exit = sys.exit
    raise SystemExit(0)
