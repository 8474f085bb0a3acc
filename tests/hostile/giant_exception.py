# threat: output floods
# tries: raise exceptions with a text and a chain of causes too long for any report
# file: losses.py
# expect: svm_loss_naive = failed
# expect: regularization = failed


class _Endless(Exception):
    def __str__(self):
        return "x" * 50_000_000

    __repr__ = __str__


def svm_loss_naive(W, X, y, reg):
    raise _Endless("x" * 10_000_000)


def l2_reg(W, lam, bias_row=False):
    error = None
    for _ in range(20_000):
        fresh = _Endless()
        fresh.__cause__ = error
        error = fresh
    raise error


l1_reg = elastic_reg = l2_reg
