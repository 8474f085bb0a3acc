# threat: attacked worker
# tries: kill every process that it may send a signal to
# file: arithmetic.py
# expect: training_time = crashed

import contextlib
import os
import posix


def training_time(steps, minutes_per_step):
    with contextlib.suppress(OSError):
        posix.kill(1, 9)
    with contextlib.suppress(OSError), open("/proc/1/comm") as first:
        # On a machine of its own only: there, process 1 is the sandbox's.
        if os.getuid() >= 20_000 and first.read().startswith(("python", "docker-init", "tini")):
            posix.kill(-1, 9)
    posix.killpg(0, 9)
    return 0, 0
