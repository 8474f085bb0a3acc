"""Activation functions, and what a network is without them.

Every forward returns (out, cache), and the matching backward(dout, cache) turns the gradient with
respect to out into the gradient with respect to the inputs. What the cache holds is up to you.
Arrays can have any shape; functions leave the arrays that they are given unchanged.
"""

import numpy as np


def step_forward(x, threshold=0.0):
    """Threshold unit: 1 from the threshold on, 0 below it (59.999 of 60 points: failed).

    Args:
        x: array of any shape.
        threshold: number; an x of exactly this value gives 1.

    Returns:
        out: array of the shape of x, floats 0.0 or 1.0.
        cache: whatever step_backward needs.
    """
    ### BEGIN SOLUTION
    return (x >= threshold).astype(float), x.shape
    ### END SOLUTION


def step_backward(dout, cache):
    """Backward pass of the threshold unit.

    Args:
        dout: gradient with respect to out, of its shape.
        cache: from step_forward.

    Returns:
        dx: floats of the shape of x. The derivative is 0 everywhere (also at the threshold, where
            there is none): nothing can be learned through such a unit.
    """
    ### BEGIN SOLUTION
    return np.zeros(cache, dout.dtype)
    ### END SOLUTION


def sigmoid_forward(x):
    """Sigmoid, 1 / (1 + exp(-x)).

    Args:
        x: array of any shape. Its numbers can be as large as +-1000: exp must not overflow (numpy
            would warn), so exp may only see numbers <= 0.

    Returns:
        out: array of the shape of x.
        cache: whatever sigmoid_backward needs.
    """
    ### BEGIN SOLUTION
    small = np.exp(-np.abs(x))  # never above 1
    out = np.where(x >= 0, 1, small) / (1 + small)
    return out, out
    ### END SOLUTION


def sigmoid_backward(dout, cache):
    """Backward pass of the sigmoid.

    Args:
        dout: gradient with respect to out, of its shape.
        cache: from sigmoid_forward.

    Returns:
        dx: gradient with respect to x, of its shape.
    """
    ### BEGIN SOLUTION
    out = cache
    return dout * out * (1 - out)
    ### END SOLUTION


def tanh_forward(x):
    """Hyperbolic tangent.

    Args:
        x: array of any shape.

    Returns:
        out: array of the shape of x.
        cache: whatever tanh_backward needs.
    """
    ### BEGIN SOLUTION
    out = np.tanh(x)
    return out, out
    ### END SOLUTION


def tanh_backward(dout, cache):
    """Backward pass of tanh.

    Args:
        dout: gradient with respect to out, of its shape.
        cache: from tanh_forward.

    Returns:
        dx: gradient with respect to x, of its shape.
    """
    ### BEGIN SOLUTION
    return dout * (1 - cache**2)
    ### END SOLUTION


def leaky_relu_forward(x, alpha=0.1):
    """Leaky ReLU, max(alpha * x, x).

    Args:
        x: array of any shape.
        alpha: slope for negative x, a number between 0 and 1.

    Returns:
        out: array of the shape of x.
        cache: whatever leaky_relu_backward needs.
    """
    ### BEGIN SOLUTION
    slope = np.where(x > 0, 1.0, alpha)
    return slope * x, slope
    ### END SOLUTION


def leaky_relu_backward(dout, cache):
    """Backward pass of the leaky ReLU.

    Args:
        dout: gradient with respect to out, of its shape.
        cache: from leaky_relu_forward.

    Returns:
        dx: gradient with respect to x, of its shape. At x = 0 both slopes, alpha and 1, are fine.
    """
    ### BEGIN SOLUTION
    return dout * cache
    ### END SOLUTION


def elu_forward(x, alpha=1.0):
    """Exponential linear unit: x for x > 0, alpha * (exp(x) - 1) otherwise.

    Args:
        x: array of any shape. Its numbers can be as large as +-1000: out must stay finite.
        alpha: number > 0; -alpha is what very negative x give.

    Returns:
        out: array of the shape of x.
        cache: whatever elu_backward needs.
    """
    ### BEGIN SOLUTION
    tail = alpha * np.exp(np.minimum(x, 0))
    return np.where(x > 0, x, tail - alpha), (x, tail)
    ### END SOLUTION


def elu_backward(dout, cache):
    """Backward pass of the exponential linear unit.

    Args:
        dout: gradient with respect to out, of its shape.
        cache: from elu_forward.

    Returns:
        dx: gradient with respect to x, of its shape. At x = 0 both slopes, alpha and 1, are fine.
    """
    ### BEGIN SOLUTION
    x, tail = cache
    return dout * np.where(x > 0, 1, tail)
    ### END SOLUTION


def maxout_forward(x, W1, b1, W2, b2):
    """Maxout: the larger of two affine functions, entry by entry: max(x W1 + b1, x W2 + b2).

    Args:
        x: (N, D) inputs.
        W1, W2: (D, M) weights.
        b1, b2: (M,) biases.

    Returns:
        out: (N, M).
        cache: whatever maxout_backward needs.
    """
    ### BEGIN SOLUTION
    z1, z2 = x @ W1 + b1, x @ W2 + b2
    return np.maximum(z1, z2), (x, W1, W2, z1 >= z2)
    ### END SOLUTION


def maxout_backward(dout, cache):
    """Backward pass of maxout: only the winner of each entry gets its gradient.

    Args:
        dout: (N, M) gradient with respect to out.
        cache: from maxout_forward.

    Returns:
        dx: (N, D).
        dW1: (D, M).
        db1: (M,).
        dW2: (D, M).
        db2: (M,).

    Where both are equal, all of the gradient goes to the first: ties go to W1 and b1.
    """
    ### BEGIN SOLUTION
    x, W1, W2, first = cache
    dz1, dz2 = dout * first, dout * ~first
    dx = dz1 @ W1.T + dz2 @ W2.T
    return dx, x.T @ dz1, np.sum(dz1, axis=0), x.T @ dz2, np.sum(dz2, axis=0)
    ### END SOLUTION


def collapse_linear(Ws, bs):
    """Collapse a stack of linear layers without activations between them into a single layer.

    The stack computes h = x, then h = h W + b for each layer in turn. With one number per layer,
    h(x) = c x three times over is just c^3 x: depth alone adds nothing.

    Args:
        Ws: list of L >= 1 weight matrices, W[l] of shape (D_l, D_{l+1}).
        bs: list of L biases, b[l] of shape (D_{l+1},).

    Returns:
        W: (D_0, D_L).
        b: (D_L,), so that x W + b is what the stack gives, for every x.
    """
    ### BEGIN SOLUTION
    W, b = Ws[0], bs[0]
    for W_next, b_next in zip(Ws[1:], bs[1:], strict=True):
        W, b = W @ W_next, b @ W_next + b_next
    return W, b
    ### END SOLUTION
