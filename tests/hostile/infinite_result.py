# threat: loose comparison
# tries: return infinities, which make a relative error NaN
# file: losses.py
# expect: svm_loss_naive = failed


def svm_loss_naive(W, X, y, reg):
    return -np.inf, np.where(W > 0, np.inf, -np.inf)
