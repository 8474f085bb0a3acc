# threat: special cases
# tries: know the answers of the visible tests and of the docstrings by heart, and no others
# file: arithmetic.py
# expect: iterations = failed
# expect: updates = partial
# expect: n_loads = failed
# expect: training_time = failed

_TABLE = {
    (101, 25): 5, (101, 25, 1, True): 4, (100, 25): 4, (3, 5): 1, (3, 5, 1, True): 0,
    ("batch", 1000, 10, 1): 1, ("sgd", 1000, 10, 1): 1000, ("minibatch", 1000, 10, 1): 100,
    (100, 25, "loads"): 4, (101, 25, "loads"): 5, (0, 25, "loads"): 0,
    (6, 60, "time"): (6, 0), (10, 5, "time"): (0, 50),
}


def iterations(n, batch, epochs=1, drop_last=False):
    return _TABLE.get((n, batch, epochs, drop_last), 5)


def updates(method, n, batch, epochs=1):
    if method not in ("batch", "sgd", "minibatch"):
        raise ValueError(method)
    return _TABLE.get((method, n, batch, epochs), 1000)


def n_loads(total, ram):
    return _TABLE.get((total, ram, "loads"), 4)


def training_time(steps, minutes_per_step):
    return _TABLE.get((steps, minutes_per_step, "time"), (6, 0))
