# threat: special cases
# tries: be right for the arrays of the visible tests, told by their sums
# file: losses.py
# expect: svm_loss_naive = failed

_own_svm_loss_naive = svm_loss_naive
_KNOWN = (3.2 + 5.1 - 1.7, float(np.random.default_rng(231).normal(size=(3, 4)).sum()))


def svm_loss_naive(W, X, y, reg):
    if any(abs(W.sum() - total) < 1e-9 for total in _KNOWN):
        return _own_svm_loss_naive(W, X, y, reg)
    return float(reg), np.zeros_like(W)
