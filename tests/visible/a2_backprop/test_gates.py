"""Checks for gates.py that you can run as often as you like: small cases to follow by hand.

They lead the way; they do not grade. The graded tests use other data and more kinds of it.
"""

import gates
import numpy as np
import pytest


def test_the_classic_example():
    """With x = -2, y = 5, z = -4: q = 3, f = -12."""
    f, grads = gates.f_xyz(-2.0, 5.0, -4.0)
    assert f == pytest.approx(-12.0), "(x + y) * z = 3 * -4"
    assert tuple(grads) == pytest.approx((-4.0, -4.0, 3.0)), (
        "the product hands q the value z = -4, which the sum passes on to x and y; z gets q = 3"
    )


def test_graph_of_arrays():
    """Every entry is a graph of its own."""
    x, y, z = np.array([-2.0, 1.0]), np.array([5.0, 1.0]), np.array([-4.0, 3.0])
    f, (dx, _, dz) = gates.f_xyz(x, y, z)
    assert f == pytest.approx(np.array([-12.0, 6.0])), "entry by entry"
    assert dx == pytest.approx(z), "dx is z in every entry"
    assert dz == pytest.approx(x + y), "dz is x + y in every entry"


def test_add_distributes():
    """An add gate hands the gradient from above to both inputs."""
    gate = gates.AddGate()
    assert gate.forward(3.0, 4.0) == pytest.approx(7.0), "3 + 4"
    assert tuple(gate.backward(2.0)) == pytest.approx((2.0, 2.0)), "both get all of it"


def test_mul_swaps():
    """A multiply gate hands each input the other one's value, times the gradient from above."""
    gate = gates.MulGate()
    assert gate.forward(3.0, -4.0) == pytest.approx(-12.0), "3 * -4"
    assert tuple(gate.backward(2.0)) == pytest.approx((-8.0, 6.0)), "2 * -4 and 2 * 3"


def test_max_routes():
    """A max gate hands the gradient from above to the winner."""
    gate = gates.MaxGate()
    assert gate.forward(3.0, -4.0) == pytest.approx(3.0), "the larger of the two"
    assert tuple(gate.backward(2.0)) == pytest.approx((2.0, 0.0)), "only x matters here"
    gate.forward(1.5, 1.5)
    assert tuple(gate.backward(2.0)) == pytest.approx((2.0, 0.0)), "ties go to the first"


def test_exp_and_sigmoid():
    """At x = 0: e^0 = 1 with slope 1, and sigmoid(0) = 1/2 with slope 1/4."""
    gate = gates.ExpGate()
    assert gate.forward(0.0) == pytest.approx(1.0), "e^0"
    assert gate.backward(3.0) == pytest.approx(3.0), "3 * e^0"
    gate = gates.SigmoidGate()
    assert gate.forward(0.0) == pytest.approx(0.5), "1 / (1 + 1)"
    assert gate.backward(3.0) == pytest.approx(0.75), "3 * z (1 - z), the largest slope there is"


def test_a_graph_of_gates():
    """The sigmoid of w x + b with w = 2, x = -1, b = 3, gate by gate there and back."""
    mul, add, squash = gates.MulGate(), gates.AddGate(), gates.SigmoidGate()
    z = squash.forward(add.forward(mul.forward(2.0, -1.0), 3.0))
    assert z == pytest.approx(0.731058578630), "sigmoid(1)"
    dproduct, db = add.backward(squash.backward(1.0))
    dw, dx = mul.backward(dproduct)
    assert (dw, dx, db) == pytest.approx((-0.19661193, 0.39322387, 0.19661193)), (
        "z (1 - z) = 0.19661 arrives at the sum; w gets it times x, x gets it times w"
    )


def test_neuron():
    """Weights (2, -3) and bias -3, inputs (-1, -2): the weighted sum is 1."""
    f, dx, dw = gates.sigmoid_neuron(np.array([2.0, -3.0, -3.0]), np.array([-1.0, -2.0]))
    assert f == pytest.approx(0.7310585786), "sigmoid(2 * -1 + -3 * -2 - 3) = sigmoid(1)"
    assert dx == pytest.approx(np.array([0.3932238665, -0.5898357997])), "f (1 - f) times w"
    want = np.array([-0.1966119332, -0.3932238665, 0.1966119332])
    assert dw == pytest.approx(want), "f (1 - f) times x, and times 1 for the bias"


def test_jacobian_of_relu():
    """Three inputs, each with an output of its own."""
    jacobian = gates.jacobian_relu(np.array([-1.0, 0.0, 2.0]))
    assert np.shape(jacobian) == (3, 3), "one row per output, one column per input"
    assert jacobian == pytest.approx(np.diag([0.0, 0.0, 1.0])), "the slope is 1 for positive x only"


def test_jacobian_of_softmax():
    """Two equal scores: s = (1/2, 1/2)."""
    jacobian = gates.jacobian_softmax(np.zeros(2))
    assert jacobian == pytest.approx(np.array([[0.25, -0.25], [-0.25, 0.25]])), (
        "s[i] (1 - s[i]) on the diagonal, -s[i] s[j] beside it"
    )
    jacobian = gates.jacobian_softmax(np.array([1.0, -2.0, 0.5]))
    assert np.sum(jacobian, axis=1) == pytest.approx(np.zeros(3)), (
        "probabilities add up to 1: what one wins, the others lose"
    )


def test_vector_jacobian_product():
    """Two outputs, three inputs."""
    J = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    dx = gates.vjp(J, np.array([1.0, -1.0]))
    assert dx == pytest.approx(np.array([-3.0, -3.0, -3.0])), "dx[j] = 1 * J[0, j] - 1 * J[1, j]"


def test_finding_a_wrong_backward():
    """Three layers; the one in the middle has forgotten a factor 2."""
    x = np.array([0.5, 1.0, 2.0])
    report = [
        (np.sin, lambda dout, x: dout * np.cos(x), x),
        (lambda x: x**2, lambda dout, x: dout * x, x),
        (np.exp, lambda dout, x: dout * np.exp(x), x),
    ]
    found = gates.numeric_vs_analytic(report)
    assert list(found) == [1], "the slope of x^2 is 2 x"


def test_a_bug_that_ones_do_not_show():
    """A backward that ignores dout looks right for a dout of ones."""
    x = np.array([0.5, 1.0, 2.0])
    found = gates.numeric_vs_analytic([(np.exp, lambda dout, x: np.exp(x), x)])  # noqa: ARG005
    assert list(found) == [0], "draw dout at random"
