# threat: early exit
# tries: die of a signal, of a bad pointer and of an abort, and leave no reply to judge
# file: arithmetic.py
# expect: iterations = crashed
# expect: updates = crashed
# expect: n_loads = crashed

import os
import signal


def iterations(n, batch, epochs=1, drop_last=False):
    signal.raise_signal(signal.SIGKILL)


def updates(method, n, batch, epochs=1):
    np.ctypeslib.ctypes.string_at(0)


def n_loads(total, ram):
    os.abort()
