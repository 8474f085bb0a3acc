# threat: forbidden help
# tries: import a forbidden library with an importer that the standard library has lying about
# file: losses.py
# expect: softmax_loss = failed
# expect: softmax_loss_vectorized = blocked
# expect: svm_and_softmax = partial

import logging.config

_find = logging.config.BaseConfigurator({}).resolve


def _library():
    try:
        return _find("scipy.special")
    except ValueError:
        return _find("torch.nn.functional")


def softmax_loss(x, y):
    try:
        log_p = np.asarray(_library().log_softmax(x, 1))
    except ValueError:
        return 0.0, np.zeros_like(x)
    rows = np.arange(len(y))
    return -log_p[rows, y].mean(), (np.exp(log_p) - np.eye(x.shape[1])[y]) / len(y)
