"""Checks for layers.py that you can run as often as you like: small cases to follow by hand.

They lead the way; they do not grade. The graded tests use other data and more kinds of it.
"""

import layers
import numpy as np
import pytest


def slope(f, x, dout, h=1e-5):
    """Numerical gradient of sum(f(x) * dout) with respect to x."""
    grad = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[place] = h
        grad[place] = np.sum((f(x + step) - f(x - step)) * dout) / (2 * h)
    return grad


def some_data():
    """Five examples with three features, scale, shift and an upstream gradient."""
    rng = np.random.default_rng(231)
    x, dout = 3 * rng.normal(size=(5, 3)) + 1, rng.normal(size=(5, 3))
    return x, np.array([1.0, 2.0, -0.5]), np.array([0.5, -1.0, 3.0]), dout


def test_batchnorm_by_hand():
    """The column (1, 3): mean 2, variance 1. With eps = 3 it becomes (-1/2, 1/2)."""
    x, param = np.array([[1.0], [3.0]]), {"mode": "train", "eps": 3.0}
    out, _ = layers.batchnorm_forward(x, np.array([4.0]), np.array([10.0]), param)
    assert out == pytest.approx(np.array([[8.0], [12.0]])), "4 * (-1/2) + 10 and 4 * 1/2 + 10"


def test_batchnorm_normalises_columns():
    """With gamma 1 and beta 0 every column has mean 0 and variance 1."""
    x, *_ = some_data()
    out, _ = layers.batchnorm_forward(x, np.ones(3), np.zeros(3), {"mode": "train"})
    assert out.mean(axis=0) == pytest.approx(np.zeros(3), abs=1e-9), "mean over the batch, axis 0"
    assert out.var(axis=0) == pytest.approx(np.ones(3), abs=1e-3), "variance over the batch"


def test_running_statistics():
    """From 0 a tenth of the way to the batch's mean 2 and variance 1, then a tenth again."""
    x, param = np.array([[1.0], [3.0]]), {"mode": "train"}
    layers.batchnorm_forward(x, np.ones(1), np.zeros(1), param)
    assert param["running_mean"] == pytest.approx([0.2]), "0.9 * 0 + 0.1 * 2, kept in bn_param"
    assert param["running_var"] == pytest.approx([0.1]), "0.9 * 0 + 0.1 * 1"
    layers.batchnorm_forward(x, np.ones(1), np.zeros(1), param)
    assert param["running_mean"] == pytest.approx([0.38]), "0.9 * 0.2 + 0.1 * 2"


def test_test_mode():
    """One example alone: (5 - 1) / sqrt(3 + 1) = 2, and the statistics stay."""
    param = {"mode": "test", "eps": 1.0, "running_mean": np.ones(1), "running_var": 3 * np.ones(1)}
    out, _ = layers.batchnorm_forward(np.array([[5.0]]), np.ones(1), np.zeros(1), param)
    assert out == pytest.approx(np.array([[2.0]])), "use the running statistics, not the batch's"
    assert param["running_mean"] == pytest.approx([1.0]), "only training moves them"


def test_unknown_mode():
    """There is no mode called sleep."""
    with pytest.raises(ValueError):  # noqa: PT011  any message will do
        layers.batchnorm_forward(np.ones((2, 1)), np.ones(1), np.ones(1), {"mode": "sleep"})


@pytest.mark.parametrize("name", ["batchnorm_backward", "batchnorm_backward_alt"])
def test_batchnorm_gradients(name):
    """The analytic gradients are the numerical ones."""
    x, gamma, beta, dout = some_data()

    def out(x, gamma, beta):
        return layers.batchnorm_forward(x, gamma, beta, {"mode": "train", "eps": 0.1})[0]

    _, cache = layers.batchnorm_forward(x, gamma, beta, {"mode": "train", "eps": 0.1})
    dx, dgamma, dbeta = getattr(layers, name)(dout, cache)
    want = slope(lambda g: out(x, g, beta), gamma, dout)
    assert dgamma == pytest.approx(want, abs=1e-6), "gamma multiplies x_hat"
    want = slope(lambda b: out(x, gamma, b), beta, dout)
    assert dbeta == pytest.approx(want, abs=1e-6), "beta is added to each example"
    want = slope(lambda x: out(x, gamma, beta), x, dout)
    assert dx == pytest.approx(want, abs=1e-6), "x also moves the mean and the variance"


def test_layernorm_by_hand():
    """The row (1, 3): mean 2, variance 1. With eps = 3 it becomes (-1/2, 1/2)."""
    gamma, beta = np.array([2.0, 4.0]), np.array([10.0, 20.0])
    out, _ = layers.layernorm_forward(np.array([[1.0, 3.0]]), gamma, beta, {"eps": 3.0})
    assert out == pytest.approx(np.array([[9.0, 22.0]])), "2 * (-1/2) + 10 and 4 * 1/2 + 20"


def test_layernorm_gradients():
    """The analytic gradients are the numerical ones."""
    x, gamma, beta, dout = some_data()

    def out(x, gamma, beta):
        return layers.layernorm_forward(x, gamma, beta, {"eps": 0.1})[0]

    _, cache = layers.layernorm_forward(x, gamma, beta, {"eps": 0.1})
    dx, dgamma, dbeta = layers.layernorm_backward(dout, cache)
    assert dgamma == pytest.approx(slope(lambda g: out(x, g, beta), gamma, dout), abs=1e-6)
    assert dbeta == pytest.approx(slope(lambda b: out(x, gamma, b), beta, dout), abs=1e-6)
    want = slope(lambda x: out(x, gamma, beta), x, dout)
    assert dx == pytest.approx(want, abs=1e-6), "the means are those of each row"


def test_dropout_keeps_the_mean():
    """With p = 0.25 a quarter of the ones is kept, as fours."""
    out, _ = layers.dropout_forward(np.ones((200, 200)), {"mode": "train", "p": 0.25})
    assert set(np.unique(out)) <= {0.0, 4.0}, "what is kept is divided by p: 1 / 0.25"
    assert np.mean(out > 0) == pytest.approx(0.25, abs=0.02), "p is the probability to KEEP"
    assert out.mean() == pytest.approx(1.0, abs=0.08), "the mean stays"


def test_dropout_at_test_time():
    """Nothing happens at test time."""
    x = np.arange(6.0).reshape(2, 3)
    out, cache = layers.dropout_forward(x, {"mode": "test", "p": 0.3})
    assert out == pytest.approx(x), "inverted dropout leaves test time alone"
    assert layers.dropout_backward(np.ones((2, 3)), cache) == pytest.approx(np.ones((2, 3)))


def test_dropout_gradient():
    """The gradient goes where the numbers went, with the same scale."""
    param = {"mode": "train", "p": 0.5, "seed": 3}
    out, cache = layers.dropout_forward(np.ones((4, 5)), param)
    assert layers.dropout_forward(np.ones((4, 5)), param)[0] == pytest.approx(out), "same seed"
    dx = layers.dropout_backward(np.full((4, 5), 3.0), cache)
    assert dx == pytest.approx(3 * out), "out is the mask here: dx = dout * mask"
