# threat: patched libraries
# tries: replace the builtins that a comparison would need
# file: losses.py
# expect: svm_loss_naive = failed

import logging.config


def svm_loss_naive(W, X, y, reg):
    mine = logging.config.BaseConfigurator.importer("builtins")
    mine.abs = mine.max = mine.min = mine.sum = lambda *_, **__: 0
    mine.all = mine.any = lambda *_: True
    mine.AssertionError = mine.StopIteration
    return 0.0, np.zeros_like(W)
