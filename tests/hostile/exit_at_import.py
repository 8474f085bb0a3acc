# threat: early exit
# tries: end with exit status 0 before anything can be tested
# file: arithmetic.py
# expect: iterations = failed
# expect: updates = failed
# expect: memory_bytes = failed
# expect: n_loads = failed
# expect: training_time = failed

import sys

print("5 passed in 0.01s")
sys.exit(0)
