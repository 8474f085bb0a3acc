# threat: broken protocol
# tries: put a pipe full of junk in the place of every descriptor
# file: arithmetic.py
# expect: memory_bytes = crashed

import contextlib
import os


def memory_bytes(shape, dtype="float32"):
    reading, writing = os.pipe()
    os.write(writing, b"AGW1" * 100)
    for descriptor in range(100):
        if descriptor not in (reading, writing):
            with contextlib.suppress(OSError):
                os.dup2(writing if descriptor % 2 else reading, descriptor)
    return 0
