# Generated from solutions/a2_backprop/nets.py by `autograder starter`.
# Write your code where it says NotImplementedError.
"""Networks: layers in a row, forwards to a loss and backwards to the gradient of every parameter.

A network keeps its parameters in the dict `params` and has one method, `loss`, that gives scores
without labels, and loss and gradients with them. N examples, D numbers each, C classes.
"""

from contextlib import suppress

import numpy as np

with suppress(Exception):  # only the two classes need layers.py, the rest works without it
    from layers import affine_backward, affine_forward, relu_backward, relu_forward, softmax_loss


def three_layer_forward(X, params):
    """Scores of a three-layer network, W3 max(0, W2 max(0, W1 x)) with biases and examples in rows.

    Args:
        X: (N, D) examples.
        params: dict with "W1" (D, H1), "b1" (H1,), "W2" (H1, H2), "b2" (H2,), "W3" (H2, C) and
            "b3" (C,).

    Returns:
        scores: (N, C). A rectifier follows the first and the second layer, none the last.
    """
    raise NotImplementedError("three_layer_forward: your code here")


class TwoLayerNet:
    """A classifier with one hidden layer: affine - relu - affine - softmax.

    Args:
        input_dim: D, how many numbers an example has.
        hidden_dim: H, how many neurons the hidden layer has.
        num_classes: C.
        weight_scale: standard deviation of the normal distribution from which weights are drawn.
        reg: L2 strength, a number >= 0.

    `self.params` holds "W1" (D, H), "b1" (H,), "W2" (H, C) and "b2" (C,): weights drawn at random,
    biases 0.
    """

    def __init__(
        self, input_dim=3 * 32 * 32, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0
    ):
        self.params = {}
        self.reg = reg
        raise NotImplementedError("TwoLayerNet.__init__: your code here")

    def loss(self, X, y=None):
        """Scores of a batch, or its loss and gradients, at the present values of self.params.

        Args:
            X: (N, d_1, ..., d_k) examples with d_1 * ... * d_k = D.
            y: (N,) true classes, or None.

        Returns:
            scores: (N, C), when y is None. Otherwise:
            loss: number, mean cross-entropy plus 0.5 * reg * sum(W * W) for each of W1 and W2. The
                biases are not regularised.
            grads: dict with the same names as self.params, the gradient of that loss with respect
                to each.
        """
        raise NotImplementedError("TwoLayerNet.loss: your code here")


class FullyConnectedNet:
    """A classifier with any number of hidden layers: (affine - relu) x (L - 1) - affine - softmax.

    Args:
        hidden_dims: list with the sizes of the hidden layers; L = len(hidden_dims) + 1 layers.
        input_dim: D, how many numbers an example has.
        num_classes: C.
        reg: L2 strength, a number >= 0.
        weight_scale: standard deviation of the normal distribution from which weights are drawn.
        dtype: floating type of the parameters; examples are converted to it.
        seed: for layers that draw random numbers later in the course; no layer here does.

    `self.params` holds "W1", "b1", ..., "WL", "bL": weights drawn at random, biases 0. W of layer l
    has the shape (size of the layer before, size of layer l), with D before the first and C last.
    """

    def __init__(
        self,
        hidden_dims,
        input_dim=3 * 32 * 32,
        num_classes=10,
        reg=0.0,
        weight_scale=1e-2,
        *,
        dtype=np.float32,
        seed=None,
    ):
        self.params = {}
        self.reg = reg
        self.dtype = dtype
        self.num_layers = len(hidden_dims) + 1
        self.seed = seed
        raise NotImplementedError("FullyConnectedNet.__init__: your code here")

    def loss(self, X, y=None):
        """Scores of a batch, or its loss and gradients, at the present values of self.params.

        Args:
            X: (N, d_1, ..., d_k) examples with d_1 * ... * d_k = D, of any floating type.
            y: (N,) true classes, or None.

        Returns:
            scores: (N, C), when y is None. Otherwise:
            loss: number, mean cross-entropy plus 0.5 * reg * sum(W * W) for the W of every layer.
                The biases are not regularised.
            grads: dict with the same names as self.params, the gradient of that loss with respect
                to each.
        """
        raise NotImplementedError("FullyConnectedNet.loss: your code here")


def overfit_small(model, X, y):
    """Train a network on a handful of examples until it knows them by heart.

    A network that cannot learn twenty examples by heart has a bug: try this before any long run.
    Plain gradient descent on all of X is enough: model.loss(X, y), then p <- p - rate * gradient
    for each parameter p. Which rate works is for you to find out.

    Args:
        model: has `params` (dict name -> array, with names of any kind) and `loss(X, y)`, which
            gives (loss, grads), as the networks above have. Its parameters are trained: afterwards
            model.params holds the new ones.
        X: (N, D) examples, numbers between 0 and 1.
        y: (N,) true classes.

    Returns:
        losses: list of floats, the loss before each step, as model.loss gave it. There are at most
            300 steps; after them the network reads every one of the N examples correctly.
    """
    raise NotImplementedError("overfit_small: your code here")
