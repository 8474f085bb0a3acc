# threat: process bombs
# tries: start more threads than a submission may have
# file: losses.py

import threading
import time

_own_svm_loss_naive = svm_loss_naive


def svm_loss_naive(W, X, y, reg):
    threading.stack_size(64 * 1024)
    try:
        while threading.active_count() < 200:
            threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
    except RuntimeError:
        return _own_svm_loss_naive(W, X, y, reg)
    return 0.0, np.zeros_like(W)
