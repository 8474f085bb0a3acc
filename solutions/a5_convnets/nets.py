"""A small convolutional network, put together from your own layers."""

import numpy as np
from im2col import conv_backward_fast, conv_forward_fast
from layers import max_pool_backward_naive, max_pool_forward_naive


class ThreeLayerConvNet:
    """conv - relu - 2x2 max pool - affine - relu - affine - softmax.

    Images come as (N, C, H, W) with even H and W. The convolution has stride 1 and keeps height and
    width; the pooling halves both. All parameters are in the dict self.params.
    """

    def __init__(
        self,
        input_dim=(3, 32, 32),
        num_filters=32,
        filter_size=7,
        hidden_dim=100,
        num_classes=10,
        weight_scale=1e-3,
        reg=0.0,
        dtype=np.float32,
    ):
        """Draw the weights and set the biases to zero.

        input_dim: (C, H, W) of one image.  num_filters: F, filters of the convolution.
        filter_size: height and width of the filters, odd.  hidden_dim: M, hidden units.
        num_classes: K.  weight_scale: standard deviation of the weights, which are drawn from a
        normal distribution around 0.  reg: strength of the L2 regularisation.
        dtype: numpy type of all parameters.

        self.params gets
            "W1": (F, C, filter_size, filter_size), "b1": (F,) of the convolution,
            "W2": (F * H/2 * W/2, M),               "b2": (M,) of the hidden layer,
            "W3": (M, K),                           "b3": (K,) of the output layer.
        """
        ### BEGIN SOLUTION
        C, H, W = input_dim
        shapes = {
            "W1": (num_filters, C, filter_size, filter_size),
            "W2": (num_filters * (H // 2) * (W // 2), hidden_dim),
            "W3": (hidden_dim, num_classes),
        }
        biases = {"b1": num_filters, "b2": hidden_dim, "b3": num_classes}
        rng = np.random.default_rng()
        params = {name: rng.normal(0, weight_scale, shape) for name, shape in shapes.items()}
        params |= {name: np.zeros(size) for name, size in biases.items()}
        self.params = {name: value.astype(dtype) for name, value in params.items()}
        self.reg = reg
        ### END SOLUTION

    def loss(self, X, y=None):
        """Scores of a batch; with labels, the loss and its gradients.

        X: (N, C, H, W) images.  y: (N,) labels from 0 to K - 1, or None.

        Returns, without y, the scores (N, K) that come before the softmax. With y:
            loss: number, the mean cross-entropy of the softmax plus
                0.5 * reg * (sum(W1 * W1) + sum(W2 * W2) + sum(W3 * W3)); no bias is regularised.
            grads: dict with the gradient of that loss for each name in self.params.

        The flattened features of an image are in the order of its (F, H/2, W/2) feature maps.
        The affine, relu and softmax functions of your earlier assignments are welcome here: copy
        them to this file or to layers.py.
        """
        ### BEGIN SOLUTION
        W1, b1, W2, b2, W3, b3 = (
            self.params[name] for name in ("W1", "b1", "W2", "b2", "W3", "b3")
        )
        conv_param = {"stride": 1, "pad": (W1.shape[2] - 1) // 2}
        pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}

        maps, conv_cache = conv_forward_fast(X, W1, b1, conv_param)
        pooled, pool_cache = max_pool_forward_naive(np.maximum(0, maps), pool_param)
        features = pooled.reshape(X.shape[0], -1)
        hidden = np.maximum(0, features @ W2 + b2)
        scores = hidden @ W3 + b3
        if y is None:
            return scores

        loss, dscores = _softmax_loss(scores, y)
        dhidden = dscores @ W3.T * (hidden > 0)
        dpooled = (dhidden @ W2.T).reshape(pooled.shape)
        dmaps = max_pool_backward_naive(dpooled, pool_cache) * (maps > 0)
        _, dW1, db1 = conv_backward_fast(dmaps, conv_cache)
        grads = {
            "W1": dW1 + self.reg * W1,
            "W2": features.T @ dhidden + self.reg * W2,
            "W3": hidden.T @ dscores + self.reg * W3,
            "b1": db1,
            "b2": np.sum(dhidden, axis=0),
            "b3": np.sum(dscores, axis=0),
        }
        penalty = 0.5 * self.reg * sum(np.sum(W * W) for W in (W1, W2, W3))
        return loss + penalty, grads
        ### END SOLUTION


### BEGIN SOLUTION
def _softmax_loss(scores, y):
    """Mean cross-entropy of scores (N, K) against labels (N,), and its gradient (N, K)."""
    rows = np.arange(len(y))
    shifted = scores - np.max(scores, axis=1, keepdims=True)
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    dscores = np.exp(log_p)
    dscores[rows, y] -= 1
    return -np.mean(log_p[rows, y]), dscores / len(y)


### END SOLUTION
