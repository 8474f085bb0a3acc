# threat: lying objects
# tries: return numbers whose differences are always zero
# file: losses.py
# expect: svm_loss_naive = failed
# expect: regularization = failed


class _Near(np.float64):
    def __sub__(self, other):
        return 0.0

    def __rsub__(self, other):
        return 0.0

    def __abs__(self):
        return 0.0

    def __le__(self, other):
        return True


def svm_loss_naive(W, X, y, reg):
    return _Near(7), np.zeros_like(W)


def l2_reg(W, lam, bias_row=False):
    return _Near(7), np.zeros_like(W)


l1_reg = l2_reg


def elastic_reg(W, lam1, lam2, bias_row=False):
    return _Near(7), np.zeros_like(W)
