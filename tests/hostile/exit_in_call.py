# threat: early exit
# tries: leave a call with status 0, politely, abruptly, from a destructor and from a thread
# file: arithmetic.py
# expect: iterations = failed
# expect: updates = crashed
# expect: n_loads = crashed
# expect: memory_bytes = crashed

import os
import sys
import threading


def iterations(n, batch, epochs=1, drop_last=False):
    sys.exit(0)


def updates(method, n, batch, epochs=1):
    os._exit(0)


class _Last:
    def __del__(self):
        os._exit(0)


def n_loads(total, ram):
    _Last()
    return 0


def memory_bytes(shape, dtype="float32"):
    leaver = threading.Thread(target=os._exit, args=(0,))
    leaver.start()
    leaver.join()
    return 0
