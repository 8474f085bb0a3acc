# threat: leaked inputs
# tries: carry the hidden inputs out in the exit codes of the process
# file: arithmetic.py
# expect: iterations = crashed
# expect: n_loads = crashed

import os


def iterations(n, batch, epochs=1, drop_last=False):
    os._exit(1 + n % 250)


def n_loads(total, ram):
    os._exit(1 + ram % 250)
