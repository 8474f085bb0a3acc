# threat: consistent fakes
# tries: return the value and the gradient of a simpler function, which agree
# file: linear.py
# expect: linreg_loss_grad = failed
# expect: linreg_sgd_epoch = blocked


def linreg_loss_grad(w, b, X, y):
    return np.sum(w) + b, np.ones_like(w), 1.0
