# threat: leaked inputs
# tries: name types, attributes and keys of the results after the hidden inputs
# file: losses.py
# expect: svm_loss_naive = failed
# expect: jiggle_sensitivity = partial
# expect: regularization = failed


def _named(x):
    return type(f"T{np.ravel(x)[:20].tolist()}", (), {"__module__": repr(x)})()


def svm_loss_naive(W, X, y, reg):
    return {repr(value): value for value in W.ravel().tolist()}


def jiggle_sensitivity(loss, x, y, eps):
    return _named(x)


def l2_reg(W, lam, bias_row=False):
    return _named(W), {f"{W[0, 0]!r}": W}


def l1_reg(W, lam, bias_row=False):
    return repr(W.tolist()), np.array(repr(W.tolist()))


elastic_reg = l1_reg
