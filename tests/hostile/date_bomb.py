# threat: time bombs
# tries: be right only while the deadline has not passed on the machine's clock
# file: arithmetic.py
# expect: n_loads = failed

import datetime

_own_n_loads = n_loads


def n_loads(total, ram):
    if datetime.date.today().year < 2020:
        return _own_n_loads(total, ram)
    return 0
