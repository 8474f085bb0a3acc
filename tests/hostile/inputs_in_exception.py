# threat: leaked inputs
# tries: show the hidden inputs in the text, the name and the notes of an exception
# file: losses.py
# expect: svm_loss_naive = failed
# expect: jiggle_sensitivity = failed
# expect: regularization = failed


def _digits(x):
    return " ".join(f"{value:.17g}" for value in np.ravel(x))


def svm_loss_naive(W, X, y, reg):
    raise ValueError(repr(W.tolist()))


def jiggle_sensitivity(loss, x, y, eps):
    raise type(f"Scores {_digits(x)}", (Exception,), {})(x)


def l2_reg(W, lam, bias_row=False):
    error = KeyError(_digits(W))
    error.add_note(_digits(W))
    raise error from AssertionError(_digits(W))


def l1_reg(W, lam, bias_row=False):
    raise AttributeError(_digits(W), name=_digits(W), obj=W)


elastic_reg = l2_reg
