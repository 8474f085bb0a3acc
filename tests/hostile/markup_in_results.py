# threat: markup in feedback
# tries: put markup into everything that could be quoted: texts, keys, types and exceptions
# file: losses.py
# expect: svm_loss_naive = failed
# expect: jiggle_sensitivity = partial
# expect: regularization = failed

_BAD = "<script>alert(1)</script>\x1b[31m\u202e"


def svm_loss_naive(W, X, y, reg):
    return _BAD, {_BAD: _BAD}


def jiggle_sensitivity(loss, x, y, eps):
    return type(_BAD, (), {"__repr__": lambda self: _BAD})()


def l2_reg(W, lam, bias_row=False):
    raise type(_BAD, (Exception,), {})(_BAD)


l1_reg = elastic_reg = l2_reg
