# threat: lying objects
# tries: hang whoever measures, prints or compares the result
# file: arithmetic.py
# expect: training_time = failed
# expect: n_loads = failed

import time


def _hang(self, *_):
    time.sleep(1000)


class _Tar(tuple):
    __len__ = __iter__ = __getitem__ = __repr__ = __str__ = __eq__ = __bool__ = __hash__ = _hang


class _Pit(int):
    __repr__ = __str__ = __eq__ = __index__ = __int__ = __float__ = __bool__ = __hash__ = _hang
    bit_length = __sub__ = __rsub__ = __array__ = _hang


def training_time(steps, minutes_per_step):
    return _Tar((1, 2))


def n_loads(total, ram):
    return _Pit(3)
