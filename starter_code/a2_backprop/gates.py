# Generated from solutions/a2_backprop/gates.py by `autograder starter`.
# Write your code where it says NotImplementedError.
"""Computational graphs: local derivatives, and the chain rule from the output back to the inputs.

Every gate knows only its own inputs and its own output. The gradient that arrives from above is
multiplied by the local derivative and handed on. Inputs are numbers or arrays; arrays that go into
one gate have the same shape, and everything happens entry by entry.
"""

import numpy as np


def f_xyz(x, y, z):
    """Value and gradient of f = (x + y) * z: forwards through two gates, and back again.

    Args:
        x, y, z: numbers, or arrays of one shape.

    Returns:
        f: (x + y) * z.
        (dx, dy, dz): tuple with the derivatives of f with respect to x, y and z, each of the shape
            of its variable.
    """
    raise NotImplementedError("f_xyz: your code here")


class AddGate:
    """z = x + y: the gate that distributes the gradient."""

    def forward(self, x, y):
        """Return z = x + y and remember what backward needs."""
        raise NotImplementedError("AddGate.forward: your code here")

    def backward(self, dz):
        """Chain rule for the inputs of the last forward.

        Args:
            dz: gradient of the final result with respect to z, of the shape of z.

        Returns:
            (dx, dy): tuple, the gradients with respect to x and y.

        Calling it again with the same dz gives the same result.
        """
        raise NotImplementedError("AddGate.backward: your code here")


class MulGate:
    """z = x * y: the gate that swaps its inputs."""

    def forward(self, x, y):
        """Return z = x * y and remember what backward needs."""
        raise NotImplementedError("MulGate.forward: your code here")

    def backward(self, dz):
        """Chain rule for the inputs of the last forward.

        Args:
            dz: gradient of the final result with respect to z, of the shape of z.

        Returns:
            (dx, dy): tuple, the gradients with respect to x and y.

        Calling it again with the same dz gives the same result.
        """
        raise NotImplementedError("MulGate.backward: your code here")


class MaxGate:
    """z = max(x, y), entry by entry: the gate that routes the gradient to the winner."""

    def forward(self, x, y):
        """Return z = max(x, y) and remember what backward needs."""
        raise NotImplementedError("MaxGate.forward: your code here")

    def backward(self, dz):
        """Chain rule for the inputs of the last forward.

        Args:
            dz: gradient of the final result with respect to z, of the shape of z.

        Returns:
            (dx, dy): tuple, the gradients with respect to x and y. Where x = y, all of dz goes to
            x: ties go to the first.

        Calling it again with the same dz gives the same result.
        """
        raise NotImplementedError("MaxGate.backward: your code here")


class ExpGate:
    """z = e^x, the function that is its own derivative."""

    def forward(self, x):
        """Return z = e^x and remember what backward needs."""
        raise NotImplementedError("ExpGate.forward: your code here")

    def backward(self, dz):
        """Chain rule for the input of the last forward.

        Args:
            dz: gradient of the final result with respect to z, of the shape of z.

        Returns:
            dx: the gradient with respect to x.

        Calling it again with the same dz gives the same result.
        """
        raise NotImplementedError("ExpGate.backward: your code here")


class SigmoidGate:
    """z = 1 / (1 + e^-x): several gates in one, with a derivative that needs only the output z."""

    def forward(self, x):
        """Return z = 1 / (1 + e^-x) and remember what backward needs."""
        raise NotImplementedError("SigmoidGate.forward: your code here")

    def backward(self, dz):
        """Chain rule for the input of the last forward.

        Args:
            dz: gradient of the final result with respect to z, of the shape of z.

        Returns:
            dx: the gradient with respect to x.

        Calling it again with the same dz gives the same result.
        """
        raise NotImplementedError("SigmoidGate.backward: your code here")


def sigmoid_neuron(w, x):
    """One neuron, f = sigmoid(w[0] x[0] + ... + w[D-1] x[D-1] + w[D]), and its gradients.

    Args:
        w: (D + 1,) weights; the last one is the bias.
        x: (D,) inputs.

    Returns:
        f: number, the neuron's output.
        dx: (D,) derivatives of f with respect to x.
        dw: (D + 1,) derivatives of f with respect to w.
    """
    raise NotImplementedError("sigmoid_neuron: your code here")


def jacobian_relu(x):
    """Jacobian of relu(x) = max(0, x), entry by entry.

    Args:
        x: (D,) inputs.

    Returns:
        J: (D, D) floats, J[i, j] = d relu(x)[i] / d x[j]. The slope of relu at 0 is taken as 0.
    """
    raise NotImplementedError("jacobian_relu: your code here")


def jacobian_softmax(x):
    """Jacobian of s = softmax(x), s[i] = exp(x[i]) / sum_k exp(x[k]).

    Args:
        x: (D,) scores. They can be far from 0 (+-1000): subtract the largest before exp.

    Returns:
        J: (D, D) floats, J[i, j] = d s[i] / d x[j].
    """
    raise NotImplementedError("jacobian_softmax: your code here")


def vjp(J, dout):
    """Vector-Jacobian product: the chain rule for a whole layer, dx[j] = sum_i dout[i] J[i, j].

    Args:
        J: (M, D) Jacobian, J[i, j] = d out[i] / d x[j].
        dout: (M,) gradient of the loss with respect to the layer's output.

    Returns:
        dx: (D,) gradient of the loss with respect to the layer's input.
    """
    raise NotImplementedError("vjp: your code here")


def numeric_vs_analytic(report):
    """Find the layers whose backward pass is wrong, by comparing it with numerical gradients.

    Args:
        report: list of layers, each a tuple (forward, backward, x):
            forward(x): array `out`, of any shape.
            backward(dout, x): array of the shape of x; it should be the gradient of
                sum(out * dout) with respect to x, for every dout of the shape of `out`.
            x: array of floats, the point at which to look.

    Returns:
        List with the indices (counted from 0, rising) of the layers whose backward is wrong.

    The layers are smooth around x. Gradients can be of any size: in one layer they are about 1e-6,
    in another 1e8. A right backward is right to rounding errors; a wrong one misses the true
    gradient by more than 1 % of that gradient's norm for nearly every dout, though a dout of ones
    may hide it.
    """
    raise NotImplementedError("numeric_vs_analytic: your code here")
