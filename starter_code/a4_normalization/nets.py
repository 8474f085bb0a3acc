# Generated from solutions/a4_normalization/nets.py by `autograder starter`.
# Write your code where it says NotImplementedError.
"""A fully connected network with normalisation and dropout.

The layers affine, ReLU and softmax are given here, as you wrote them earlier in the course. The
normalisation and dropout layers are yours, from layers.py. N examples, D numbers each, C classes.
"""

from contextlib import suppress

import numpy as np

with suppress(Exception):  # a network without extras works without layers.py
    from layers import (
        batchnorm_backward,
        batchnorm_backward_alt,  # noqa: F401  take whichever you like
        batchnorm_forward,
        dropout_backward,
        dropout_forward,
        layernorm_backward,
        layernorm_forward,
    )


def affine_forward(x, w, b):
    """Given: out = x @ w + b, for x of shape (N, D)."""
    return x @ w + b, (x, w)


def affine_backward(dout, cache):
    """Given: gradients (dx, dw, db) of affine_forward."""
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)


def relu_forward(x):
    """Given: out = max(0, x)."""
    return np.maximum(0, x), x


def relu_backward(dout, cache):
    """Given: the gradient dx of relu_forward; the slope at 0 is 0."""
    return dout * (cache > 0)


def softmax_loss(x, y):
    """Given: mean cross-entropy of the scores x, (N, C), against the labels y, (N,), and dx."""
    rows = np.arange(len(x))
    shifted = x - x.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    dx = np.exp(log_p)
    dx[rows, y] -= 1
    return -log_p[rows, y].mean(), dx / len(x)


class FullyConnectedNet:
    """A classifier: (affine - [norm] - relu - [dropout]) x (L - 1) - affine - softmax.

    What stands in brackets is there when it is asked for. The last affine layer gives the scores;
    no normalisation, ReLU or dropout follows it.

    Args:
        hidden_dims: list with the sizes of the L - 1 hidden layers.
        input_dim: D, how many numbers an example has.
        num_classes: C.
        dropout_keep_ratio: probability to KEEP a hidden unit; 1 means no dropout.
        normalization: "batchnorm", "layernorm" or None.
        reg: L2 strength, a number >= 0.
        weight_scale: standard deviation of the normal distribution from which weights are drawn.
        dtype: floating type of the parameters; examples are converted to it.
        seed: seed of the dropout masks, or None for other masks at every call.

    `self.params` holds "W1", "b1", ..., "WL", "bL": weights drawn at random, biases 0. W of layer l
    has the shape (size of the layer before, size of layer l), with D before the first and C last.
    With normalisation it also holds "gamma1", "beta1", ..., for each of the L - 1 hidden layers:
    scales 1 and shifts 0, of the shape (size of layer l,).
    """

    def __init__(
        self,
        hidden_dims,
        input_dim=3 * 32 * 32,
        num_classes=10,
        dropout_keep_ratio=1,
        normalization=None,
        *,
        reg=0.0,
        weight_scale=1e-2,
        dtype=np.float32,
        seed=None,
    ):
        self.params = {}
        self.reg = reg
        self.dtype = dtype
        self.normalization = normalization
        self.use_dropout = dropout_keep_ratio != 1
        self.num_layers = len(hidden_dims) + 1
        raise NotImplementedError("FullyConnectedNet.__init__: your code here")
        # Each hidden layer has a bn_param of its own, which holds its running statistics.
        self.bn_params = [{"mode": "train"} for _ in hidden_dims]
        # All dropout layers share one dropout_param.
        self.dropout_param = {"mode": "train", "p": dropout_keep_ratio}
        if seed is not None:
            self.dropout_param["seed"] = seed

    def loss(self, X, y=None):
        """Scores of a batch in test mode, or its loss and gradients in training mode.

        Args:
            X: (N, d_1, ..., d_k) examples with d_1 * ... * d_k = D, of any floating type.
            y: (N,) true classes, or None.

        Returns:
            scores: (N, C), when y is None: batch normalisation uses its running statistics, and
                nothing is dropped. Otherwise, with everything in training mode:
            loss: number, mean cross-entropy plus 0.5 * reg * sum(W * W) for the W of every layer.
                Biases, gamma and beta are not regularised.
            grads: dict with the same names as self.params, the gradient of that loss with respect
                to each.
        """
        X = X.astype(self.dtype).reshape(len(X), -1)
        mode = "test" if y is None else "train"
        self.dropout_param["mode"] = mode
        for bn_param in self.bn_params:
            bn_param["mode"] = mode
        raise NotImplementedError("FullyConnectedNet.loss: your code here")
