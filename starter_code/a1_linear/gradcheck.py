# Generated from solutions/a1_linear/gradcheck.py by `autograder starter`.
# Write your code where it says NotImplementedError.
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
    raise NotImplementedError("eval_numerical_gradient: your code here")


def gradient_check(f, grad, x, h=1e-5):
    """How far an analytic gradient is from the numerical one, as a ratio of norms.

    f: a function of one array that returns one number.  x: an array of any shape.
    grad: the analytic gradient of f at x, an array of x's shape.  h: the step of the differences.

    Returns the float |grad - num| / (|grad| + |num|), where num is the numerical gradient of f at x
    and |a| is the root of the sum of squares over all elements of a. It is between 0 (equal) and 1
    (opposite); a right gradient gives less than 1e-7. Two gradients of all zeros give 0.0.
    Raises ValueError when grad and x differ in shape. x is as before afterwards.
    """
    raise NotImplementedError("gradient_check: your code here")
