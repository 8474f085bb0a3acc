# threat: remembered answers
# tries: compute once for each shape, and return that for ever after
# file: losses.py
# expect: svm_loss_naive = partial

_own_svm_loss_naive = svm_loss_naive
_ANSWERS = {}


def svm_loss_naive(W, X, y, reg):
    key = W.shape, X.shape
    if key not in _ANSWERS:
        _ANSWERS[key] = _own_svm_loss_naive(W, X, y, reg)
    return _ANSWERS[key]
