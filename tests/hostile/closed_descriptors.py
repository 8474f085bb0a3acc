# threat: broken protocol
# tries: close everything that is open
# file: arithmetic.py
# expect: memory_bytes = crashed

import os


def memory_bytes(shape, dtype="float32"):
    os.closerange(0, 1024)
    return 0
