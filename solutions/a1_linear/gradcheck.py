"""Gradient checking: the slope measured with two calls of f, against the slope from calculus."""

import numpy as np


def eval_numerical_gradient(f, x, h=1e-5):
    """The gradient of f at x by centred differences, one element at a time.

    f: a function of one array that returns one number.
    x: an array of any shape, float64 or integer.  h: the size of the step.

    Returns a float64 array of x's shape: element i is (f(x + h e_i) - f(x - h e_i)) / (2 h), where
    e_i is 1 at element i and 0 elsewhere. f is called twice for each element (one more call, at x
    itself, does no harm).

    A float64 x is changed in place while f runs, and f is called with x itself, so that an f that
    reads the same array under another name, such as a network's weights, sees the step. Afterwards
    every element holds exactly, bit by bit, what it held before. An integer x cannot hold a small
    step: it is copied to float64 first, and f is called with the copy.
    """
    ### BEGIN SOLUTION
    if not np.issubdtype(x.dtype, np.floating):
        x = x.astype(np.float64)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        old = x[i]
        x[i] = old + h
        f_plus = f(x)
        x[i] = old - h
        f_minus = f(x)
        x[i] = old
        grad[i] = (f_plus - f_minus) / (2 * h)
    return grad
    ### END SOLUTION


def gradient_check(f, grad, x, h=1e-5):
    """How far an analytic gradient is from the numerical one, as a ratio of norms.

    f: a function of one array that returns one number.  x: an array of any shape.
    grad: the analytic gradient of f at x, an array of x's shape.  h: the step of the differences.

    Returns the float |grad - num| / (|grad| + |num|), where num is the numerical gradient of f at x
    and |a| is the root of the sum of squares over all elements of a. It is between 0 (equal) and 1
    (opposite); a right gradient gives less than 1e-7. Two gradients of all zeros give 0.0.
    Raises ValueError when grad and x differ in shape. x is as before afterwards.
    """
    ### BEGIN SOLUTION
    if grad.shape != x.shape:
        raise ValueError(f"grad has the shape {grad.shape}, and x {x.shape}")
    numerical = eval_numerical_gradient(f, x, h=h)
    total = np.linalg.norm(grad) + np.linalg.norm(numerical)
    if total == 0:
        return 0.0
    return np.linalg.norm(grad - numerical) / total
    ### END SOLUTION
