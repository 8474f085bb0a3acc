"""Checks for init.py that you can run as often as you like: small cases to follow by hand.

They lead the way; they do not grade. The graded tests use other data and more kinds of it.
"""

import numpy as np
import pytest
from init import (
    activation_stats,
    fans,
    kaiming_init,
    largest_chain_grad,
    preprocess_train_test,
    sigmoid_chain_grad,
    xavier_init,
)


def test_xavier_spread():
    """300 in, 100 out: the variance is 2 / 400 = 0.005, so the standard deviation 0.0707."""
    for dist in ("uniform", "normal"):
        W = xavier_init(300, 100, np.random.default_rng(0), dist=dist)
        assert W.shape == (300, 100), "one row for each number that comes in"
        assert np.std(W) == pytest.approx(0.0707, rel=0.03), f"{dist}: sqrt(2 / (300 + 100))"


def test_xavier_bound():
    """A uniform distribution on [-a, a] has the variance a^2 / 3: a = sqrt(6 / 400) = 0.1225."""
    W = xavier_init(300, 100, np.random.default_rng(0), dist="uniform")
    assert np.abs(W).max() <= 0.12248, "no weight is beyond the bound"


def test_xavier_unknown_dist():
    """There is no distribution called triangle."""
    with pytest.raises(ValueError):  # noqa: PT011  any message will do
        xavier_init(3, 2, np.random.default_rng(0), dist="triangle")


def test_fans():
    """A matrix and 8 filters of 5 x 5 over 3 channels."""
    assert tuple(fans((20, 10))) == (20, 10), "(D, M): D in, M out"
    assert tuple(fans((8, 3, 5, 5))) == (75, 200), "3 * 5 * 5 in, 8 * 5 * 5 out"


def test_kaiming_spread():
    """fan_in = 75 in both cases: the standard deviation is sqrt(2 / 75) = 0.163."""
    for shape in ((75, 400), (200, 3, 5, 5)):
        W = kaiming_init(shape, np.random.default_rng(0))
        assert W.shape == shape, "the weights have the shape that was asked for"
        assert np.std(W) == pytest.approx(0.163, rel=0.03), "sqrt(2 / fan_in)"


def test_activation_stats_by_hand():
    """Weights that double, and a rectifier: (-1, 3) becomes (0, 6), then (0, 12)."""
    X = np.array([[-1.0, 3.0]])
    means, stds = activation_stats(X, 2, lambda a, b: 2 * np.eye(a, b), lambda z: np.maximum(0, z))
    assert means == pytest.approx([3.0, 6.0]), "the means of (0, 6) and (0, 12), after act"
    assert stds == pytest.approx([3.0, 6.0]), "both numbers are that far from the mean"


def test_one_sigmoid():
    """At 0 a sigmoid has the slope 1/4; with a weight of 2 it is twice that."""
    assert sigmoid_chain_grad(np.array([0.0]), 1) == pytest.approx([0.25])
    assert sigmoid_chain_grad(np.array([0.0]), 1, w=2.0) == pytest.approx([0.5]), "chain rule"


def test_two_sigmoids():
    """s(0) = 0.5 is the input of the second one: 0.25 * s(0.5) * (1 - s(0.5)) = 0.05875."""
    assert sigmoid_chain_grad(np.array([0.0]), 2) == pytest.approx([0.05875], abs=1e-5)


def test_ten_sigmoids_leave_a_millionth():
    """The bound after ten layers is 0.25^10 = 9.54e-7."""
    assert largest_chain_grad(10) == pytest.approx(9.54e-7, rel=1e-3)
    assert largest_chain_grad(0) == 1, "no sigmoid, no loss"


def test_the_test_set_uses_the_training_mean():
    """The training mean is 2; a test example of 5 becomes 3."""
    train, test = preprocess_train_test(np.array([[1.0], [3.0]]), np.array([[5.0]]), kind="center")
    assert train == pytest.approx(np.array([[-1.0], [1.0]]))
    assert test == pytest.approx(np.array([[3.0]])), "subtract the training set's mean, not its own"


def test_standardize():
    """Column (0, 4): mean 2, variance 4. eps = 5 makes the divisor sqrt(9) = 3."""
    train, test = preprocess_train_test(np.array([[0.0], [4.0]]), np.array([[8.0]]), eps=5.0)
    assert train == pytest.approx(np.array([[-2 / 3], [2 / 3]])), "(x - mean) / sqrt(var + eps)"
    assert test == pytest.approx(np.array([[2.0]])), "(8 - 2) / 3"


def test_pca_and_whitening():
    """Rotated data are uncorrelated, the largest variance first; whitened ones have variance 1."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 3)) @ np.array([[3.0, 1, 0], [0, 1, 1], [0, 0, 0.5]])
    turned, _ = preprocess_train_test(X, X[:1], kind="pca")
    cov = turned.T @ turned / 200
    assert cov - np.diag(np.diag(cov)) == pytest.approx(np.zeros((3, 3)), abs=1e-9), "uncorrelated"
    assert np.all(np.diff(np.diag(cov)) < 0), "the direction of the largest variance comes first"
    white, _ = preprocess_train_test(X, X[:1], kind="whiten")
    assert white.T @ white / 200 == pytest.approx(np.eye(3), abs=1e-3), "all variances are 1"
