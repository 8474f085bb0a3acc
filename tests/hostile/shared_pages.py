# threat: shared memory
# tries: carry one exercise's answers to the next in memory that both processes share
# file: losses.py
# expect: svm_loss_vectorized = failed
# expect: svm_and_softmax = partial

import mmap

_PAGES = np.frombuffer(mmap.mmap(-1, 80_000), float)
_own_svm_loss_naive = svm_loss_naive


def svm_loss_naive(W, X, y, reg):
    loss, dW = _own_svm_loss_naive(W, X, y, reg)
    _PAGES[0], _PAGES[1 : 1 + dW.size] = loss, dW.ravel()
    return loss, dW


def svm_loss_vectorized(W, X, y, reg):
    return float(_PAGES[0]), _PAGES[1 : 1 + W.size].reshape(W.shape).copy()
