# threat: random luck
# tries: guess, and hope that the best of several runs counts
# file: arithmetic.py
# expect: iterations = failed
# expect: memory_bytes = failed
# expect: training_time = failed

import random
import time

random.seed(time.time_ns())


def iterations(n, batch, epochs=1, drop_last=False):
    return random.randrange(1000, 10**6)


def memory_bytes(shape, dtype="float32"):
    return random.randrange(10**3, 10**9)


def training_time(steps, minutes_per_step):
    return random.randrange(10**6), random.randrange(60)
