# threat: crashed grader
# tries: return integers, texts and arrays too large to compare
# file: arithmetic.py
# expect: iterations = failed
# expect: memory_bytes = failed
# expect: n_loads = failed
# expect: training_time = failed


def iterations(n, batch, epochs=1, drop_last=False):
    return 1 << 1_000_000


def memory_bytes(shape, dtype="float32"):
    return np.zeros((3000, 4000))


def n_loads(total, ram):
    return "9" * 10_000_000


def training_time(steps, minutes_per_step):
    return tuple(range(100_000))
