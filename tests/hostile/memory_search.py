# threat: reading expected values
# tries: look through all objects of the process for an array that could be the answer
# file: losses.py
# expect: svm_loss_naive = failed

import logging.config

_own_svm_loss_naive = svm_loss_naive


def svm_loss_naive(W, X, y, reg):
    collector = logging.config.BaseConfigurator.importer("gc")
    for held in collector.get_objects():
        values = list(held.values()) if type(held) is dict else held
        if type(values) in (list, tuple):
            for value in values:
                if type(value) is np.ndarray and value.shape == W.shape and value is not W:
                    return float(np.sum(value)), value
    return 0.0, np.zeros_like(W)
