# threat: crashed grader
# tries: return lists that are nested without an end, or with one that is far away
# file: arithmetic.py
# expect: iterations = failed
# expect: memory_bytes = failed
# expect: n_loads = failed
# expect: training_time = failed


def _deep(depth):
    nest = []
    for _ in range(depth):
        nest = [nest]
    return nest


def iterations(n, batch, epochs=1, drop_last=False):
    own = []
    own.append(own)
    return own


def memory_bytes(shape, dtype="float32"):
    return _deep(100_000)


def n_loads(total, ram):
    own = {}
    own["own"] = (own, own, [own])
    return own


def training_time(steps, minutes_per_step):
    shared = [0]
    for _ in range(3):
        shared = [shared] * 16
    return shared, shared
