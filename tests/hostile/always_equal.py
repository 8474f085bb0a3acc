# threat: lying objects
# tries: return what says of itself that it equals everything
# file: losses.py
# expect: softmax_loss = failed
# expect: svm_loss_vectorized = failed
# expect: softmax_loss_vectorized = blocked
# expect: svm_and_softmax = blocked


class _Equal(np.ndarray):
    def __eq__(self, other):
        return True

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return True

    def __array_function__(self, function, types, args, kwargs):
        return True


class _Number(float):
    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0.0

    __rsub__ = __sub__


def softmax_loss(x, y):
    return _Number(0.0), np.zeros_like(x).view(_Equal)


def svm_loss_vectorized(W, X, y, reg):
    return _Number(0.0), np.zeros_like(W).view(_Equal)
