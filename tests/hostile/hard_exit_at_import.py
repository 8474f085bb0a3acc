# threat: early exit
# tries: end the process with status 0 while the file is imported, past every handler
# file: arithmetic.py
# expect: iterations = crashed
# expect: updates = crashed
# expect: memory_bytes = crashed
# expect: n_loads = crashed
# expect: training_time = crashed

import os

os._exit(0)
