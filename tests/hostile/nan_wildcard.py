# threat: loose comparison
# tries: return NaN, which no error is larger than
# file: losses.py
# expect: svm_loss_naive = failed


def svm_loss_naive(W, X, y, reg):
    return np.nan, np.full_like(W, np.nan)
