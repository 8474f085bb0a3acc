# threat: lying objects
# tries: return an object that says it is an array, and lends out memory of its own
# file: losses.py
# expect: svm_loss_naive = failed


class _Liar:
    def __init__(self, array):
        self._array = array
        self.__array_interface__ = array.__array_interface__

    @property
    def __class__(self):
        return np.ndarray

    def __eq__(self, other):
        return np.True_

    __hash__ = None

    shape = property(lambda self: self._array.shape)
    dtype = property(lambda self: self._array.dtype)
    ndim = property(lambda self: self._array.ndim)


def svm_loss_naive(W, X, y, reg):
    return _Liar(np.zeros(())), _Liar(np.zeros_like(W))
