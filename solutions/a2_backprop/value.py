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
        ### BEGIN SOLUTION
        other = _as_value(other)
        return Value(self.data + other.data, ((self, 1.0), (other, 1.0)))
        ### END SOLUTION

    def __mul__(self, other):
        """Return self * other, where other is a Value or a number."""
        ### BEGIN SOLUTION
        other = _as_value(other)
        return Value(self.data * other.data, ((self, other.data), (other, self.data)))
        ### END SOLUTION

    def __pow__(self, exponent):
        """Return self to the power of a number, which can be negative or a fraction."""
        ### BEGIN SOLUTION
        slope = exponent * self.data ** (exponent - 1)
        return Value(self.data**exponent, ((self, slope),))
        ### END SOLUTION

    def exp(self):
        """Return e to the power of self."""
        ### BEGIN SOLUTION
        power = math.exp(self.data)
        return Value(power, ((self, power),))
        ### END SOLUTION

    def tanh(self):
        """Return the hyperbolic tangent of self."""
        ### BEGIN SOLUTION
        t = math.tanh(self.data)
        return Value(t, ((self, 1 - t * t),))
        ### END SOLUTION

    def relu(self):
        """Return max(0, self). The slope of relu at 0 is taken as 0."""
        ### BEGIN SOLUTION
        return Value(max(0.0, self.data), ((self, float(self.data > 0)),))
        ### END SOLUTION

    ### BEGIN SOLUTION
    def _history(self):
        """All values that lead to this one, parents before children."""
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            value, parents_done = stack.pop()
            if parents_done:
                order.append(value)
            elif id(value) not in seen:
                seen.add(id(value))
                stack.append((value, True))
                stack.extend((parent, False) for parent, _ in value.parents)
        return order

    ### END SOLUTION
    def backward(self):
        """Fill in `grad` of every Value that this one was computed from: d self / d value.

        A Value that is used several times gets the sum over all the ways in which it is used, and
        it can hand its gradient on only when all of them have arrived: go through the graph in
        reverse topological order. The graph can be thousands of operations deep, deeper than
        Python's recursion goes.

        Every call starts afresh: first the gradients of all these Values become 0, then that of
        self becomes 1. Calling it twice gives the same gradients, not their double.
        """
        ### BEGIN SOLUTION
        history = self._history()
        for value in history:
            value.grad = 0.0
        self.grad = 1.0
        for value in reversed(history):
            for parent, slope in value.parents:
                parent.grad += slope * value.grad
        ### END SOLUTION

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


### BEGIN SOLUTION
def _as_value(other):
    """Return a number as a leaf, and a Value as it is."""
    return other if isinstance(other, Value) else Value(other)


### END SOLUTION
