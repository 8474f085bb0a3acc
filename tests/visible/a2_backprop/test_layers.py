"""Checks for layers.py that you can run as often as you like: small cases to follow by hand.

They lead the way; they do not grade. The graded tests use other data and more kinds of it.
"""

import layers
import numpy as np
import pytest


def slope(f, x, h=1e-5):
    """Numerical gradient of the number f(x): what any analytic gradient must agree with."""
    grad = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[place] = h
        grad[place] = (f(x + step) - f(x - step)) / (2 * h)
    return grad


def some_data():
    """Four examples of shape (2, 3), five neurons."""
    rng = np.random.default_rng(231)
    inputs = [rng.normal(size=shape) for shape in ((4, 2, 3), (6, 5), (5,))]
    return inputs, rng.normal(size=(4, 5))


def check_gradients(forward, backward):
    """Hold dx, dw and db against numerical gradients."""
    inputs, dout = some_data()
    _, cache = forward(*inputs)
    grads = backward(dout, cache)
    for place, (name, grad) in enumerate(zip(("dx", "dw", "db"), grads, strict=True)):

        def value(v, place=place):
            return np.sum(forward(*inputs[:place], v, *inputs[place + 1 :])[0] * dout)

        assert np.shape(grad) == inputs[place].shape, f"{name} has the shape of {name[1]}"
        want = slope(value, inputs[place])
        assert grad == pytest.approx(want, abs=1e-7), f"{name} is not the numerical gradient"


def test_affine_by_hand():
    """One example (1, 2), two neurons."""
    x, w, b = np.array([[1.0, 2.0]]), np.array([[1.0, 3.0], [2.0, -1.0]]), np.array([0.5, -0.5])
    out, _ = layers.affine_forward(x, w, b)
    assert out == pytest.approx(np.array([[5.5, 0.5]])), "1 * 1 + 2 * 2 + 0.5 and 1 * 3 - 2 - 0.5"


def test_affine_of_images():
    """An image is a row of numbers to a fully connected layer."""
    (x, w, b), _ = some_data()
    out, _ = layers.affine_forward(x, w, b)
    assert out.shape == (4, 5), "one row per example, one column per neuron"
    assert out == pytest.approx(x.reshape(4, 6) @ w + b), "lay each example out as a row"


def test_affine_gradients_agree_with_the_slope():
    """dx, dw and db."""
    check_gradients(layers.affine_forward, layers.affine_backward)


def test_relu():
    """Negative numbers become 0 and get no gradient; neither does 0."""
    x = np.array([[-1.0, 0.0, 2.0]])
    out, cache = layers.relu_forward(x)
    assert out == pytest.approx(np.array([[0.0, 0.0, 2.0]])), "max(0, x)"
    dx = layers.relu_backward(np.array([[3.0, 4.0, -5.0]]), cache)
    assert dx == pytest.approx(np.array([[0.0, 0.0, -5.0]])), "the sign of x decides, not of dout"
    assert x[0, 0] == -1, "x stays as it is"


def test_affine_relu_gradients_agree_with_the_slope():
    """Both layers in a row."""
    (x, w, b), _ = some_data()
    out, _ = layers.affine_relu_forward(x, w, b)
    assert np.min(out) == 0, "the rectifier comes last"
    check_gradients(layers.affine_relu_forward, layers.affine_relu_backward)


def test_softmax_loss():
    """Equal scores cost log C; the gradient's rows add up to 0; large scores are no problem."""
    loss, dx = layers.softmax_loss(np.zeros((3, 10)), np.array([0, 4, 9]))
    assert loss == pytest.approx(np.log(10)), "-log(1 / 10)"
    assert np.sum(dx, axis=1) == pytest.approx(np.zeros(3)), "probabilities minus one-hot"
    assert dx[1, 4] == pytest.approx(-0.3), "(1/10 - 1) / 3"
    loss, _ = layers.softmax_loss(np.array([[1000.0, 0.0]]), np.array([1]))
    assert loss == pytest.approx(1000.0), "subtract the row's maximum before exp"
