# threat: memory and disk bombs
# tries: take in five processes together what one of them may not have
# file: arithmetic.py
# process: training_time = failed
# gap: a limit on memory holds for each process, not for all of a submission together

import os
import posix
import resource
import time

_own_training_time = training_time
_hogs = []


def _share():
    """Two fifths of the memory that this process may still take, and little where all is free."""
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    with open("/proc/self/statm") as pages:
        taken = int(pages.read().split()[0]) * resource.getpagesize()
    return min(limit - taken, 10**9) * 2 // 5 if limit > 0 else 10**8


def _hog(size):
    reading, writing = os.pipe()
    child = posix.fork()
    if child == 0:
        hoard = b"\1" * size
        os.write(writing, b"." * bool(hoard))
        os.close(writing)
        time.sleep(10)
        os._exit(0)
    os.close(writing)
    os.read(reading, 1)  # until it is full, or dead
    return child


def training_time(steps, minutes_per_step):
    for _ in range(min(2, 5 - len(_hogs))):
        _hogs.append(_hog(_share()))
    if len(_hogs) == 5 and all(os.waitpid(hog, os.WNOHANG) == (0, 0) for hog in _hogs):
        return 0, 0
    if len(_hogs) == 5:
        _hogs.append(None)
    return _own_training_time(steps, minutes_per_step)
