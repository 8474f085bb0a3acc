# threat: crashed grader
# tries: return what a grader may not have thought of
# file: losses.py
# expect: svm_loss_naive = failed
# expect: jiggle_sensitivity = partial
# expect: regularization = failed


def svm_loss_naive(W, X, y, reg):
    return "\ud800\udfff\0", {"\ud800": b"\xff"}


def jiggle_sensitivity(loss, x, y, eps):
    return (value for value in iter(int, 1))


def l2_reg(W, lam, bias_row=False):
    return np.zeros((1,) * 40), np.zeros(3, "datetime64[s]")


def l1_reg(W, lam, bias_row=False):
    return np.zeros((2**31 - 1, 2**31 - 1, 0)), np.zeros((), "V100")


def elastic_reg(W, lam1, lam2, bias_row=False):
    return type, NotImplemented
