# Generated from solutions/a5_convnets/nets.py by `autograder starter`.
# Write your code where it says NotImplementedError.
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
        raise NotImplementedError("ThreeLayerConvNet.__init__: your code here")

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
        raise NotImplementedError("ThreeLayerConvNet.loss: your code here")
