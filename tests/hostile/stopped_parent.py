# threat: attacked worker
# tries: stop the process that starts the exercises, so that the next one never begins
# file: arithmetic.py
# expect: n_loads = timeout

import os
import posix
import signal

_own_memory_bytes = memory_bytes


def memory_bytes(shape, dtype="float32"):
    posix.kill(os.getppid(), signal.SIGSTOP)
    return _own_memory_bytes(shape, dtype)
