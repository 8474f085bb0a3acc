# threat: process bombs
# tries: nothing bad: it leaves idle threads and a finished child behind
# file: losses.py

import threading
import time
from concurrent.futures import ThreadPoolExecutor

_own_svm_loss_naive = svm_loss_naive
_pool = ThreadPoolExecutor(2)


def svm_loss_naive(W, X, y, reg):
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    return _pool.submit(_own_svm_loss_naive, W, X, y, reg).result()
