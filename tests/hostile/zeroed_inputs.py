# threat: changed inputs
# tries: zero the inputs in place, so that a reference that runs later gets zero as well
# file: losses.py
# expect: svm_loss_naive = failed
# expect: jiggle_sensitivity = failed


def _wipe(*arrays):
    for array in arrays:
        array.setflags(write=True)
        array[...] = 0


def svm_loss_naive(W, X, y, reg):
    _wipe(W, X, y)
    return 0.0, np.zeros_like(W)


def jiggle_sensitivity(loss, x, y, eps):
    _wipe(x, y)
    return np.zeros_like(x)
