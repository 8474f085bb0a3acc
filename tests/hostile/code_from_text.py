# threat: forbidden help
# tries: run code that is only put together while it runs
# file: arithmetic.py
# expect: iterations = forbidden
# expect: updates = forbidden
# expect: memory_bytes = forbidden
# expect: n_loads = forbidden
# expect: training_time = forbidden

import importlib
import subprocess


def n_loads(total, ram):
    exec(compile("result = " + subprocess.getoutput("cat /answers"), "", "exec"))
    return importlib.import_module("answers").n_loads(total, ram)
