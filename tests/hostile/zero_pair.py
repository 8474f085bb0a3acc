# threat: consistent fakes
# tries: return a loss of zero and its true gradient, zero
# file: losses.py
# expect: svm_loss_vectorized = failed
# expect: svm_and_softmax = partial


def svm_loss_vectorized(W, X, y, reg):
    return 0.0, np.zeros_like(W)
