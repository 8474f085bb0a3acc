"""Checks for gradcheck.py that you can run as often as you like: small cases to follow by hand.

They lead the way; they do not grade. The graded tests use other data and more kinds of it.
"""

import numpy as np
import pytest
from gradcheck import eval_numerical_gradient, gradient_check


def cubes(x):
    """f(x) = sum of x^3, whose gradient is 3 x^2."""
    return float((x**3).sum())


def test_gradient_of_cubes():
    """At (1, 2) the gradient is (3, 12)."""
    grad = eval_numerical_gradient(cubes, np.array([1.0, 2.0]))
    assert grad == pytest.approx([3.0, 12.0], rel=1e-8), "(f(x + h) - f(x - h)) / (2 h)"


def test_centred_formula():
    """((1 + h)^3 - (1 - h)^3) / (2 h) is 3 + h^2: 3.25 for h = 0.5."""
    grad = eval_numerical_gradient(cubes, np.array([1.0]), h=0.5)
    assert grad == pytest.approx([3.25]), "one-sided differences give 4.75 or 1.75"


def test_x_is_restored():
    """Afterwards x holds exactly what it held before."""
    x = np.array([0.3, 0.7])
    eval_numerical_gradient(cubes, x, h=0.1)
    assert x.tolist() == [0.3, 0.7], "put the old value back; 0.3 + 0.1 - 0.1 is not 0.3"


def test_f_may_look_at_the_weights():
    """The function reads w itself and ignores what it is called with, as a network's loss does."""
    w = np.array([[1.0, 2.0], [3.0, 4.0]])
    grad = eval_numerical_gradient(lambda _: cubes(w), w)
    assert grad == pytest.approx(3 * w**2), "change x in place, not a copy"


def test_integers():
    """An integer x cannot hold a step of 0.00001."""
    grad = eval_numerical_gradient(cubes, np.array([1, 2]))
    assert grad == pytest.approx([3.0, 12.0]), "copy an integer x to float64 first"


def test_right_gradient():
    """The gradient 3 x^2 passes."""
    x = np.array([[1.0, -2.0], [0.5, 3.0]])
    assert gradient_check(cubes, 3 * x**2, x) < 1e-7, "a right gradient gives nearly 0"


def test_wrong_gradient():
    """The gradient is (3, 0), and (0, 3) is proposed: sqrt(18) / (3 + 3)."""
    got = gradient_check(cubes, np.array([0.0, 3.0]), np.array([1.0, 0.0]))
    assert got == pytest.approx(np.sqrt(18) / 6), "|a - b| / (|a| + |b|)"


def test_two_zeros():
    """A constant function, and a gradient of zeros: equal, so 0."""
    got = gradient_check(lambda _: 7.0, np.zeros(3), np.ones(3))
    assert got == 0, "0 / 0 is NaN: return 0 for two gradients of zeros"


def test_shapes_differ():
    """A column is no row, although numpy would subtract them."""
    with pytest.raises(ValueError):  # noqa: PT011  any message will do
        gradient_check(cubes, np.ones((2, 1)), np.ones(2))
