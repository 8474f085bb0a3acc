"""Checks for activations.py that you can run as often as you like: small cases to follow by hand.

They lead the way; they do not grade. The graded tests use other data and more kinds of it.
"""

import activations
import numpy as np
import pytest

KINDS = ["sigmoid", "tanh", "leaky_relu", "elu"]


def slope(f, x, h=1e-5):
    """Numerical gradient of the number f(x): what any analytic gradient must agree with."""
    grad = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[place] = h
        grad[place] = (f(x + step) - f(x - step)) / (2 * h)
    return grad


def test_pass_or_fail():
    """With 60 points to pass, 59.999 fail; and nothing can be learned from the verdict."""
    out, cache = activations.step_forward(np.array([59.999, 60.0, 75.0]), threshold=60)
    assert out == pytest.approx(np.array([0.0, 1.0, 1.0])), "1 from the threshold on"
    dx = activations.step_backward(np.array([1.0, -2.0, 3.0]), cache)
    assert dx == pytest.approx(np.zeros(3)), "a little more or less changes nothing: slope 0"


@pytest.mark.parametrize(
    ("kind", "want"),
    [
        ("sigmoid", [0.2689414214, 0.5, 0.880797078]),
        ("tanh", [-0.761594156, 0.0, 0.9640275801]),
        ("leaky_relu", [-0.1, 0.0, 2.0]),
        ("elu", [-0.6321205588, 0.0, 2.0]),
    ],
)
def test_values(kind, want):
    """The values at -1, 0 and 2."""
    out, _ = getattr(activations, f"{kind}_forward")(np.array([-1.0, 0.0, 2.0]))
    assert out == pytest.approx(np.array(want)), f"{kind} of -1, 0 and 2"


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_agree_with_the_slope(kind):
    """The backward pass gives the numerical gradient, for a random gradient from above."""
    forward = getattr(activations, f"{kind}_forward")
    backward = getattr(activations, f"{kind}_backward")
    rng = np.random.default_rng(231)
    x, dout = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    _, cache = forward(x)
    want = slope(lambda v: np.sum(forward(v)[0] * dout), x)
    assert backward(dout, cache) == pytest.approx(want, abs=1e-7), (
        "dx is dout times the local slope, entry by entry"
    )


def test_largest_slope_of_the_sigmoid():
    """The sigmoid is steepest at 0, and even there the slope is only 1/4."""
    _, cache = activations.sigmoid_forward(np.array([0.0]))
    dx = activations.sigmoid_backward(np.array([1.0]), cache)
    assert dx == pytest.approx(np.array([0.25])), "1/2 * (1 - 1/2)"


def test_sigmoid_does_not_overflow():
    """Far from 0 the sigmoid is 0 or 1, without a warning on the way."""
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        out, _ = activations.sigmoid_forward(np.array([-1000.0, 1000.0]))
    assert out == pytest.approx(np.array([0.0, 1.0])), "exp may only see numbers <= 0"


def test_alpha():
    """The slope and the depth of the negative side can be chosen."""
    x = np.array([-1.0, 3.0])
    out, _ = activations.leaky_relu_forward(x, alpha=0.3)
    assert out == pytest.approx(np.array([-0.3, 3.0])), "alpha * x below 0"
    out, _ = activations.elu_forward(x, alpha=2.0)
    assert out == pytest.approx(np.array([2 * (np.exp(-1) - 1), 3.0])), "alpha (exp(x) - 1) below 0"


def maxout_inputs():
    """Four examples with three features, two neurons."""
    rng = np.random.default_rng(231)
    shapes = ((4, 3), (3, 2), (2,), (3, 2), (2,))
    return [rng.normal(size=shape) for shape in shapes], rng.normal(size=(4, 2))


def test_relu_and_abs_are_maxouts():
    """max(x, 0) and max(x, -x) are maxouts with one input."""
    x, one, zero = np.array([[-2.0], [3.0]]), np.array([[1.0]]), np.zeros(1)
    out, _ = activations.maxout_forward(x, one, zero, 0 * one, zero)
    assert out == pytest.approx(np.array([[0.0], [3.0]])), "max(x, 0)"
    out, _ = activations.maxout_forward(x, one, zero, -one, zero)
    assert out == pytest.approx(np.array([[2.0], [3.0]])), "max(x, -x)"


def test_maxout_gradients_agree_with_the_slope():
    """All five gradients of maxout, for a random gradient from above."""
    inputs, dout = maxout_inputs()
    _, cache = activations.maxout_forward(*inputs)
    grads = activations.maxout_backward(dout, cache)
    names = ("dx", "dW1", "db1", "dW2", "db2")
    for place, (name, grad) in enumerate(zip(names, grads, strict=True)):

        def value(v, place=place):
            moved = [*inputs[:place], v, *inputs[place + 1 :]]
            return np.sum(activations.maxout_forward(*moved)[0] * dout)

        want = slope(value, inputs[place])
        assert grad == pytest.approx(want, abs=1e-7), f"{name}: only the winner gets its gradient"


def test_three_lines_are_one():
    """With h(x) = c x, three layers are c^3 x: depth alone adds nothing."""
    c = np.array([[3.0]])
    weights, b = activations.collapse_linear([c, c, c], [np.zeros(1)] * 3)
    assert weights == pytest.approx(np.array([[27.0]])), "3 * 3 * 3"
    assert b == pytest.approx(np.zeros(1)), "no bias in, no bias out"


def test_a_stack_of_layers_is_one_layer():
    """The collapsed layer gives what the stack gives."""
    rng = np.random.default_rng(231)
    Ws = [rng.normal(size=shape) for shape in ((3, 5), (5, 2), (2, 4))]
    bs = [rng.normal(size=size) for size in (5, 2, 4)]
    x = h = rng.normal(size=(6, 3))
    for W, b in zip(Ws, bs, strict=True):
        h = h @ W + b
    W, b = activations.collapse_linear(Ws, bs)
    assert x @ W + b == pytest.approx(h), "earlier biases pass through the layers after them"
