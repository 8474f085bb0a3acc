# threat: leaked inputs
# tries: return an empty array whose shape spells a hidden input, for the message to show
# file: losses.py
# expect: regularization = partial

_own_l2_reg = l2_reg


def l2_reg(W, lam, bias_row=False):
    digits = f"{abs(W[0, 0]):.16f}".replace(".", "")
    shape = (int(digits[place : place + 4]) for place in (0, 4, 8, 12))
    return _own_l2_reg(W, lam, bias_row)[0], np.empty((*shape, 0))


def elastic_reg(W, lam1, lam2, bias_row=False):
    return l2_reg(W, lam2, bias_row)
