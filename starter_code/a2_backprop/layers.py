# Generated from solutions/a2_backprop/layers.py by `autograder starter`.
# Write your code where it says NotImplementedError.
"""Layers: a forward pass that remembers, and a backward pass that uses what was remembered.

Every forward returns (out, cache), and the matching backward(dout, cache) turns the gradient of the
loss with respect to out into the gradients with respect to the inputs. What the cache holds is up
to you. Functions leave the arrays that they are given unchanged.
"""

import numpy as np


def affine_forward(x, w, b):
    """Forward pass of an affine (fully connected) layer: out = x w + b for each example.

    Args:
        x: (N, d_1, ..., d_k) N examples of any shape, for instance images; each is laid out as one
            row of D = d_1 * ... * d_k numbers, in the order of x[i].reshape(-1).
        w: (D, M) weights.
        b: (M,) biases.

    Returns:
        out: (N, M).
        cache: whatever affine_backward needs.
    """
    raise NotImplementedError("affine_forward: your code here")


def affine_backward(dout, cache):
    """Backward pass of an affine layer.

    Args:
        dout: (N, M) gradient with respect to out.
        cache: from affine_forward.

    Returns:
        dx: (N, d_1, ..., d_k), of the shape of x.
        dw: (D, M).
        db: (M,).

    dout already holds the gradient of the loss, with its mean over the examples: nothing is divided
    by N here.
    """
    raise NotImplementedError("affine_backward: your code here")


def relu_forward(x):
    """Forward pass of the rectifier: max(0, x), entry by entry.

    Args:
        x: array of any shape.

    Returns:
        out: array of the shape of x.
        cache: whatever relu_backward needs.
    """
    raise NotImplementedError("relu_forward: your code here")


def relu_backward(dout, cache):
    """Backward pass of the rectifier.

    Args:
        dout: gradient with respect to out, of its shape.
        cache: from relu_forward.

    Returns:
        dx: gradient with respect to x, of its shape. The slope of relu at 0 is taken as 0.
    """
    raise NotImplementedError("relu_backward: your code here")


def affine_relu_forward(x, w, b):
    """Affine layer followed by a rectifier; you may call the functions above.

    Args:
        x: (N, d_1, ..., d_k) examples.
        w: (D, M) weights.
        b: (M,) biases.

    Returns:
        out: (N, M), nothing in it below 0.
        cache: whatever affine_relu_backward needs.
    """
    raise NotImplementedError("affine_relu_forward: your code here")


def affine_relu_backward(dout, cache):
    """Backward pass of the pair: through the rectifier first, then through the affine layer.

    Args:
        dout: (N, M) gradient with respect to out.
        cache: from affine_relu_forward.

    Returns:
        dx: of the shape of x.
        dw: (D, M).
        db: (M,).
    """
    raise NotImplementedError("affine_relu_backward: your code here")


def softmax_loss(x, y):
    """Mean cross-entropy of scores against labels, and its gradient, as in the first assignment.

    Bring your own over: the networks in nets.py end in it.

    Args:
        x: (N, C) scores. They can be far from 0 (+-1000 and more, in one batch): the loss must stay
            finite and exact.
        y: (N,) true classes, integers from 0 to C - 1.

    Returns:
        loss: number, the mean over the N examples of -log p[i, y[i]].
        dx: (N, C) gradient with respect to x, of the floating type of x.
    """
    raise NotImplementedError("softmax_loss: your code here")
