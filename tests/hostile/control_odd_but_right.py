# threat: loose comparison
# tries: nothing bad: right results in other byte orders, strides and number types
# file: losses.py

_own_svm_loss_naive, _own_l2_reg = svm_loss_naive, l2_reg


def svm_loss_naive(W, X, y, reg):
    loss, dW = _own_svm_loss_naive(W, X, y, reg)
    big = dW.astype(">f8", order="F")
    big.flags.writeable = False
    return np.array(loss), big


def l2_reg(W, lam, bias_row=False):
    loss, dW = _own_l2_reg(W, lam, bias_row)
    return [float(loss), dW[::-1][::-1]]
