# threat: forbidden help
# tries: have another library do the work, inside a function and under another name
# file: arithmetic.py
# expect: iterations = forbidden
# expect: updates = forbidden
# expect: memory_bytes = forbidden
# expect: n_loads = forbidden
# expect: training_time = forbidden


def n_loads(total, ram):
    from torch import tensor as box

    return int(-(-box(total) // box(ram)))
