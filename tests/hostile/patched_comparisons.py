# threat: patched libraries
# tries: make every comparison of numpy and pytest succeed, then return zeros
# file: losses.py
# expect: svm_loss_naive = failed

import contextlib

with contextlib.suppress(ImportError):
    import pytest

    pytest.fail = lambda *_, **__: None
    pytest.approx = lambda *_, **__: np.testing

for _name in dir(np.testing):
    if _name.startswith("assert"):
        setattr(np.testing, _name, lambda *_, **__: None)
np.allclose = np.array_equal = np.array_equiv = lambda *_, **__: True
np.isclose = lambda a, *_, **__: np.ones(np.shape(a), bool)


def svm_loss_naive(W, X, y, reg):
    return 0.0, np.zeros_like(W)
