# threat: process bombs
# tries: get away by being another process every moment
# file: arithmetic.py

import os
import posix
import time

_own_memory_bytes = memory_bytes


def memory_bytes(shape, dtype="float32"):
    if not os.path.exists("hopping"):
        with open("hopping", "w"):
            pass
        if posix.fork() == 0:
            os.setsid()
            end = time.time() + 20
            while time.time() < end:
                if posix.fork():
                    os._exit(0)
                time.sleep(0.002)
            os._exit(0)
    return _own_memory_bytes(shape, dtype)
