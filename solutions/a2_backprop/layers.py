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
    ### BEGIN SOLUTION
    rows = x.reshape(x.shape[0], -1)  # (N, D)
    return rows @ w + b, (x, w)
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    x, w = cache
    dx = (dout @ w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T @ dout
    db = np.sum(dout, axis=0)
    return dx, dw, db
    ### END SOLUTION


def relu_forward(x):
    """Forward pass of the rectifier: max(0, x), entry by entry.

    Args:
        x: array of any shape.

    Returns:
        out: array of the shape of x.
        cache: whatever relu_backward needs.
    """
    ### BEGIN SOLUTION
    return np.maximum(0, x), x
    ### END SOLUTION


def relu_backward(dout, cache):
    """Backward pass of the rectifier.

    Args:
        dout: gradient with respect to out, of its shape.
        cache: from relu_forward.

    Returns:
        dx: gradient with respect to x, of its shape. The slope of relu at 0 is taken as 0.
    """
    ### BEGIN SOLUTION
    x = cache
    return dout * (x > 0)
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    a, affine_cache = affine_forward(x, w, b)
    out, relu_cache = relu_forward(a)
    return out, (affine_cache, relu_cache)
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    affine_cache, relu_cache = cache
    return affine_backward(relu_backward(dout, relu_cache), affine_cache)
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    N = x.shape[0]
    rows = np.arange(N)
    shifted = x - np.max(x, axis=1, keepdims=True)
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    dx = np.exp(log_p)
    dx[rows, y] -= 1
    return -np.sum(log_p[rows, y]) / N, dx / N
    ### END SOLUTION
