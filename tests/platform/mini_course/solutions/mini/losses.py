"""A loss and its gradient."""

import numpy as np


### BEGIN SOLUTION
def _log_softmax(x):
    """Log-probabilities of the scores x (N, C)."""
    shifted = x - x.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


### END SOLUTION
def softmax_loss(x, y):
    """Average cross-entropy of the scores `x` (N, C) against the labels `y` (N,).

    Return `(loss, dx)`: a float and an array (N, C). The loss is the mean over the N rows.
    """
    ### BEGIN SOLUTION
    N = len(y)
    log_p = _log_softmax(x)
    dx = np.exp(log_p)
    dx[np.arange(N), y] -= 1
    return -log_p[np.arange(N), y].mean(), dx / N
    ### END SOLUTION
