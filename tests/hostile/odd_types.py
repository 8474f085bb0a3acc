# threat: loose comparison
# tries: have the right numbers accepted in types that comparisons are lenient with
# file: losses.py
# expect: svm_loss_naive = failed
# expect: regularization = failed

_own_svm_loss_naive = svm_loss_naive
_own_l2_reg, _own_l1_reg, _own_elastic_reg = l2_reg, l1_reg, elastic_reg


def svm_loss_naive(W, X, y, reg):
    loss, dW = _own_svm_loss_naive(W, X, y, reg)
    return complex(loss, 1e-300), dW + 1e-300j


def l2_reg(W, lam, bias_row=False):
    loss, dW = _own_l2_reg(W, lam, bias_row)
    return str(loss), dW.astype(object)


def l1_reg(W, lam, bias_row=False):
    loss, dW = _own_l1_reg(W, lam, bias_row)
    return loss, np.asmatrix(dW)


def elastic_reg(W, lam1, lam2, bias_row=False):
    return True, np.zeros(W.shape, bool)
