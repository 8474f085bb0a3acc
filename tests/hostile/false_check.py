# threat: consistent fakes
# tries: return a numerical gradient of zeros, and a check that finds every gradient right
# file: gradcheck.py
# expect: eval_numerical_gradient = failed
# expect: gradient_check = partial


def eval_numerical_gradient(f, x, h=1e-5):
    return np.zeros(x.shape)


def gradient_check(f, grad, x, h=1e-5):
    return 0.0
