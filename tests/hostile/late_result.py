# threat: shared memory
# tries: return a list at once and fill it while the grader is already looking
# file: losses.py
# expect: svm_loss_naive = failed

import threading
import time

_own_svm_loss_naive = svm_loss_naive


def svm_loss_naive(W, X, y, reg):
    W, X, y = W.copy(), X.copy(), y.copy()
    result = [0.0, np.zeros_like(W)]

    def fill():
        time.sleep(0.3)
        result[:] = _own_svm_loss_naive(W, X, y, reg)

    threading.Thread(target=fill, daemon=True).start()
    return result
