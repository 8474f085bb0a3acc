# Generated from solutions/a2_backprop/activations.py by `autograder starter`.
# Write your code where it says NotImplementedError.
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
    raise NotImplementedError("step_forward: your code here")


def step_backward(dout, cache):
    """Backward pass of the threshold unit.

    Args:
        dout: gradient with respect to out, of its shape.
        cache: from step_forward.

    Returns:
        dx: floats of the shape of x. The derivative is 0 everywhere (also at the threshold, where
            there is none): nothing can be learned through such a unit.
    """
    raise NotImplementedError("step_backward: your code here")


def sigmoid_forward(x):
    """Sigmoid, 1 / (1 + exp(-x)).

    Args:
        x: array of any shape. Its numbers can be as large as +-1000: exp must not overflow (numpy
            would warn), so exp may only see numbers <= 0.

    Returns:
        out: array of the shape of x.
        cache: whatever sigmoid_backward needs.
    """
    raise NotImplementedError("sigmoid_forward: your code here")


def sigmoid_backward(dout, cache):
    """Backward pass of the sigmoid.

    Args:
        dout: gradient with respect to out, of its shape.
        cache: from sigmoid_forward.

    Returns:
        dx: gradient with respect to x, of its shape.
    """
    raise NotImplementedError("sigmoid_backward: your code here")


def tanh_forward(x):
    """Hyperbolic tangent.

    Args:
        x: array of any shape.

    Returns:
        out: array of the shape of x.
        cache: whatever tanh_backward needs.
    """
    raise NotImplementedError("tanh_forward: your code here")


def tanh_backward(dout, cache):
    """Backward pass of tanh.

    Args:
        dout: gradient with respect to out, of its shape.
        cache: from tanh_forward.

    Returns:
        dx: gradient with respect to x, of its shape.
    """
    raise NotImplementedError("tanh_backward: your code here")


def leaky_relu_forward(x, alpha=0.1):
    """Leaky ReLU, max(alpha * x, x).

    Args:
        x: array of any shape.
        alpha: slope for negative x, a number between 0 and 1.

    Returns:
        out: array of the shape of x.
        cache: whatever leaky_relu_backward needs.
    """
    raise NotImplementedError("leaky_relu_forward: your code here")


def leaky_relu_backward(dout, cache):
    """Backward pass of the leaky ReLU.

    Args:
        dout: gradient with respect to out, of its shape.
        cache: from leaky_relu_forward.

    Returns:
        dx: gradient with respect to x, of its shape. At x = 0 both slopes, alpha and 1, are fine.
    """
    raise NotImplementedError("leaky_relu_backward: your code here")


def elu_forward(x, alpha=1.0):
    """Exponential linear unit: x for x > 0, alpha * (exp(x) - 1) otherwise.

    Args:
        x: array of any shape. Its numbers can be as large as +-1000: out must stay finite.
        alpha: number > 0; -alpha is what very negative x give.

    Returns:
        out: array of the shape of x.
        cache: whatever elu_backward needs.
    """
    raise NotImplementedError("elu_forward: your code here")


def elu_backward(dout, cache):
    """Backward pass of the exponential linear unit.

    Args:
        dout: gradient with respect to out, of its shape.
        cache: from elu_forward.

    Returns:
        dx: gradient with respect to x, of its shape. At x = 0 both slopes, alpha and 1, are fine.
    """
    raise NotImplementedError("elu_backward: your code here")


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
    raise NotImplementedError("maxout_forward: your code here")


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
    raise NotImplementedError("maxout_backward: your code here")


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
    raise NotImplementedError("collapse_linear: your code here")
