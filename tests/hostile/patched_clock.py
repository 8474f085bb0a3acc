# threat: patched libraries
# tries: stop every clock before taking all the time in the world
# file: arithmetic.py
# expect: training_time = timeout

import time

_own_training_time = training_time


def training_time(steps, minutes_per_step):
    for name in ("time", "monotonic", "perf_counter", "process_time", "time_ns", "monotonic_ns"):
        setattr(time, name, lambda: 0)
    nap = 0
    while nap < 10**12:
        nap += 1
    return _own_training_time(steps, minutes_per_step)
