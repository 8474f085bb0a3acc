# threat: endless code
# tries: spend the time inside one call of a library, where no Python code can interrupt it
# file: arithmetic.py
# expect: training_time = timeout

import re


def training_time(steps, minutes_per_step):
    return bool(re.match(r"(a+)+$", "a" * 40 + "b"))
