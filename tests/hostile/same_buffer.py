# threat: shared memory
# tries: return one and the same buffer each time, which the next call overwrites
# file: losses.py

_own_svm_loss_naive = svm_loss_naive
_SPACE = np.zeros(10_000)


def svm_loss_naive(W, X, y, reg):
    loss, dW = _own_svm_loss_naive(W, X, y, reg)
    shared = _SPACE[: dW.size].reshape(dW.shape)
    shared[...] = dW
    return loss, shared
