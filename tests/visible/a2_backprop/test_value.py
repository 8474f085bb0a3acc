"""Checks for value.py that you can run as often as you like: small graphs to follow by hand.

They lead the way; they do not grade. The graded tests use other graphs and more kinds of them.
"""

import math

import pytest
from value import Value


def test_the_classic_example():
    """(x + y) z at x = -2, y = 5, z = -4."""
    x, y, z = Value(-2.0), Value(5.0), Value(-4.0)
    f = (x + y) * z
    assert f.data == pytest.approx(-12.0), "3 * -4"
    f.backward()
    assert (x.grad, y.grad, z.grad) == pytest.approx((-4.0, -4.0, 3.0)), "as by hand"


def test_numbers_mix_with_values():
    """Numbers may stand where a Value may, on either side."""
    a = Value(3.0)
    f = 2 * a + 1 - a / 2
    f.backward()
    assert f.data == pytest.approx(5.5), "6 + 1 - 1.5"
    assert a.grad == pytest.approx(1.5), "2 - 1/2"


def test_power():
    """The slope of a^3 at 2 is 12, that of 1/a is -1/4."""
    for exponent, data, grad in ((3, 8.0, 12.0), (-1, 0.5, -0.25)):
        a = Value(2.0)
        f = a**exponent
        f.backward()
        assert f.data == pytest.approx(data), f"2 ** {exponent}"
        assert a.grad == pytest.approx(grad), "n a^(n - 1)"


def test_functions():
    """Slopes of exp, tanh and relu."""
    for name, data, grad in (
        ("exp", math.exp(0.5), math.exp(0.5)),
        ("tanh", math.tanh(0.5), 1 - math.tanh(0.5) ** 2),
        ("relu", 0.5, 1.0),
    ):
        a = Value(0.5)
        f = getattr(a, name)()
        f.backward()
        assert f.data == pytest.approx(data), f"{name}(0.5)"
        assert a.grad == pytest.approx(grad), f"the slope of {name} at 0.5"
    a = Value(-0.5)
    a.relu().backward()
    assert a.grad == pytest.approx(0.0), "relu is flat below 0"


def test_a_value_that_is_used_twice():
    """The slope of a + a is 2, that of a * a is 2 a."""
    a = Value(3.0)
    (a + a).backward()
    assert a.grad == pytest.approx(2.0), "gradients add up: +=, not ="
    a = Value(3.0)
    (a * a).backward()
    assert a.grad == pytest.approx(6.0), "gradients add up: 3 + 3"


def test_a_diamond():
    """With u = a b, f = u + u^2 b: the gradient of u is complete before it goes on to a."""
    a, b = Value(2.0), Value(0.5)
    u = a * b
    f = u + u * u * b
    f.backward()
    assert u.grad == pytest.approx(2.0), "1 + 2 u b with u = 1"
    assert a.grad == pytest.approx(1.0), "2 b: u's whole gradient times b"
    assert b.grad == pytest.approx(5.0), "u's whole gradient times a, and u^2"


def test_backward_starts_afresh():
    """Calling backward twice gives the same gradients."""
    a = Value(3.0)
    f = a * a
    f.backward()
    f.backward()
    assert a.grad == pytest.approx(6.0), "set all gradients to 0 first"


def test_a_long_chain():
    """Five thousand additions in a row."""
    a = Value(1.0)
    f = a
    for _ in range(5000):
        f = f + 0.001
    try:
        f.backward()
    except RecursionError:
        pytest.fail("deeper than Python's recursion goes: keep a list of what is to be visited")
    assert a.grad == pytest.approx(1.0), "a sum hands its gradient on as it is"
