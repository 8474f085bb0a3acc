# threat: loose comparison
# tries: return arrays without entries, all of which are right
# file: losses.py
# expect: svm_loss_naive = failed
# expect: regularization = failed


def svm_loss_naive(W, X, y, reg):
    return np.empty(0), np.empty((0, *W.shape))


def l2_reg(W, lam, bias_row=False):
    return ()


def l1_reg(W, lam, bias_row=False):
    return [], {}


def elastic_reg(W, lam1, lam2, bias_row=False):
    return np.empty((2, 0))
