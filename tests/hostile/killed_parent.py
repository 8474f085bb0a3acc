# threat: attacked worker
# tries: kill the process that has imported the files, and with it all exercises to come
# file: arithmetic.py
# expect: memory_bytes = crashed

import os
import posix
import time


def memory_bytes(shape, dtype="float32"):
    posix.kill(os.getppid(), 9)
    time.sleep(60)
    return 0
