# threat: loose comparison
# tries: return an array whose every entry is masked, so that nothing is compared
# file: losses.py
# expect: svm_loss_naive = failed


def svm_loss_naive(W, X, y, reg):
    return np.ma.masked, np.ma.masked_all(W.shape)
