# threat: loose comparison
# tries: return right results of a shape that is broadcast until it fits
# file: losses.py
# expect: svm_loss_naive = failed
# expect: regularization = failed

_own_svm_loss_naive = svm_loss_naive


def svm_loss_naive(W, X, y, reg):
    loss, dW = _own_svm_loss_naive(W, X, y, reg)
    return np.full((1, 1), loss), dW[np.newaxis]


def l2_reg(W, lam, bias_row=False):
    return 0.0, 0.0


def l1_reg(W, lam, bias_row=False):
    return 0.0, np.zeros((1, W.shape[1]))


def elastic_reg(W, lam1, lam2, bias_row=False):
    return np.broadcast_to(0.0, W.shape), np.zeros((W.shape[0], 1))
