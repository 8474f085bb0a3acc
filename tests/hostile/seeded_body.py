# threat: random luck
# tries: seed and replace the generator inside the functions, so that hidden data would repeat
# file: linear.py

_own_train, _own_loss_grad = LinearClassifier.train, linreg_loss_grad


def _seeded(self, *args, **kwargs):
    np.random.seed(3)
    return _own_train(self, *args, **kwargs)


LinearClassifier.train = _seeded


def linreg_loss_grad(w, b, X, y):
    np.random.seed(0)
    np.random.default_rng = lambda *_: np.random.Generator(np.random.PCG64(0))
    return _own_loss_grad(w, b, X, y)
