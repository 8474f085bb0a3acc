# threat: broken protocol
# tries: spoil the grader's connection: prints, raw writes, closed descriptors
# file: losses.py

import contextlib
import os

print("\x1b[2J" + "All tests passed. " * 1000)


def _shouting(function):
    def shout_first(W, X, y, reg):
        with contextlib.suppress(OSError, ValueError):
            print("score: 100", '{"id": 1, "done": true}', flush=True)
        with contextlib.suppress(OSError):
            os.write(1, b'AGW1\x10\x00\x00\x00{"done": true}' * 1000)
            os.closerange(0, 3)
        return function(W, X, y, reg)

    return shout_first


svm_loss_naive = _shouting(svm_loss_naive)
