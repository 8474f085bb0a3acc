# Generated from solutions/a2_backprop/value.py by `autograder starter`.
# Write your code where it says NotImplementedError.
"""Automatic differentiation in one small class: numbers that remember how they came about."""

import math


class Value:
    """A number in a computational graph.

    `data` is the number and `grad` the derivative of whatever backward() was called on with respect
    to it. Operators and functions return new Values that remember where they came from; numbers may
    stand wherever a Value may.

    `parents` is a suggestion: pairs (parent, derivative of this value with respect to that parent).
    You may keep something else, as long as Value(3.0) makes a leaf.
    """

    def __init__(self, data, parents=()):
        self.data = data
        self.grad = 0.0
        self.parents = parents

    def __add__(self, other):
        """Return self + other, where other is a Value or a number."""
        raise NotImplementedError("Value.__add__: your code here")

    def __mul__(self, other):
        """Return self * other, where other is a Value or a number."""
        raise NotImplementedError("Value.__mul__: your code here")

    def __pow__(self, exponent):
        """Return self to the power of a number, which can be negative or a fraction."""
        raise NotImplementedError("Value.__pow__: your code here")

    def exp(self):
        """Return e to the power of self."""
        raise NotImplementedError("Value.exp: your code here")

    def tanh(self):
        """Return the hyperbolic tangent of self."""
        raise NotImplementedError("Value.tanh: your code here")

    def relu(self):
        """Return max(0, self). The slope of relu at 0 is taken as 0."""
        raise NotImplementedError("Value.relu: your code here")

    def backward(self):
        """Fill in `grad` of every Value that this one was computed from: d self / d value.

        A Value that is used several times gets the sum over all the ways in which it is used, and
        it can hand its gradient on only when all of them have arrived: go through the graph in
        reverse topological order. The graph can be thousands of operations deep, deeper than
        Python's recursion goes.

        Every call starts afresh: first the gradients of all these Values become 0, then that of
        self becomes 1. Calling it twice gives the same gradients, not their double.
        """
        raise NotImplementedError("Value.backward: your code here")

    # The rest follows from the operations above.

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + other * -1

    def __truediv__(self, other):
        return self * other**-1

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __rsub__(self, other):
        return self * -1 + other

    def __rtruediv__(self, other):
        return self**-1 * other

    def __repr__(self):
        return f"Value(data={self.data}, grad={self.grad})"
