"""Hidden checks of gradcheck.py: the ratio of norms for wrong, right and zero gradients."""

import numpy as np

from autograder.suite import exercise, raises

SEPARATE = """
class Separate:
    def __init__(self, a): self.a = a
    def __call__(self, x): return float((self.a * x**3).sum() / 3)
"""


def ratio_suspects(grad, num):
    """Wrong ratios that name the mistake behind them."""
    norm, diff = np.linalg.norm, np.ravel(grad - num)
    grad, num = np.ravel(grad), np.ravel(num)
    total = norm(grad) + norm(num)
    return {
        "The norm of the difference is not divided by the sum of norms.": lambda: norm(diff),
        "The ratio is divided by the analytic gradient's norm alone; add the numerical one's.": (
            lambda: norm(diff) / norm(grad)
        ),
        "The ratio is divided by the numerical gradient's norm alone; add the analytic one's.": (
            lambda: norm(diff) / norm(num)
        ),
        "The ratio is divided by the larger norm; it should be the sum of both.": (
            lambda: norm(diff) / max(norm(grad), norm(num))
        ),
        "The ratio is divided by the norm of the sum; it should be the sum of the norms.": (
            lambda: norm(diff) / norm(grad + num)
        ),
        "The ratio is divided by the product of the norms; it should be their sum.": (
            lambda: norm(diff) / (norm(grad) * norm(num))
        ),
        "These are sums of squares: the roots of the norms are missing.": (
            lambda: diff @ diff / (grad @ grad + num @ num)
        ),
        "The norms are sums of absolute values; they should be roots of sums of squares.": (
            lambda: norm(diff, 1) / (norm(grad, 1) + norm(num, 1))
        ),
        "The norms are largest absolute values; they should be roots of sums of squares.": (
            lambda: np.abs(diff).max() / (np.abs(grad).max() + np.abs(num).max())
        ),
        "This is the largest ratio of a single element; take the norms of all together.": (
            lambda: np.max(np.abs(diff) / (np.abs(grad) + np.abs(num)))
        ),
        "This is the mean ratio of single elements; take the norms of all together.": (
            lambda: np.mean(np.abs(diff) / (np.abs(grad) + np.abs(num)))
        ),
        "This compares the two norms only: gradients of equal length need not be equal.": (
            lambda: abs(norm(grad) - norm(num)) / total
        ),
        "A constant is added below the line: tiny gradients then look right.": (
            lambda: norm(diff) / (total + 1e-8)
        ),
        "The ratio is upside down.": lambda: total / norm(diff),
        "This is 1 minus the ratio.": lambda: 1 - norm(diff) / total,
        "Absolute values are compared: opposite gradients then look equal.": (
            lambda: norm(np.abs(grad) - np.abs(num)) / total
        ),
    }


def away_from_zero(rng, shape):
    """Numbers of either sign and of size about 1: slopes well above the noise of differences."""
    return rng.uniform(0.5, 1.5, shape) * rng.choice([-1.0, 1.0], shape)


def ratio(grad, num):
    """The norm of the difference over the sum of norms."""
    total = np.linalg.norm(grad.ravel()) + np.linalg.norm(num.ravel())
    return float(np.linalg.norm((grad - num).ravel()) / total)


def together(suspects):
    """Suspects for several results at once: a mistake has to explain all of them."""
    return {
        sentence: lambda sentence=sentence: tuple(each[sentence]() for each in suspects)
        for sentence in suspects[0]
    }


@exercise("gradient_check", weight=3)
def test_ratio_of_wrong_gradients(student, rng, close, sandbox):
    """The ratio of norms for gradients that are wrong, large and tiny, of any shape."""
    got, want, suspects = [], [], []
    make = sandbox.define(SEPARATE, "Separate")
    for shape, size in (((3, 4), 1.0), ((2, 3, 2), 1e-7), ((5,), 1.0)):
        a, x = size * rng.uniform(1, 3, shape), away_from_zero(rng, shape)
        num, f = a * x**2, make(a)
        for grad in (1.3 * num, num + size * rng.normal(size=shape), -0.6 * num):
            got.append(student.gradient_check(f, grad, x))
            want.append(ratio(grad, num))
            suspects.append(ratio_suspects(grad, num))
    wrongs = ("a gradient that is too long", "a disturbed gradient", "a gradient of the wrong sign")
    names = [
        f"the ratio of {how}, for a {x}" for x in ("matrix", "tensor", "vector") for how in wrongs
    ]
    close(tuple(got), tuple(want), rtol=3e-8, names=names, suspects=together(suspects))


@exercise("gradient_check")
def test_ratio_at_large_steps(student, rng, close, check, sandbox):
    """The numerical gradient is taken with the step h, whose error shows when h is large."""
    a, x = rng.normal(2, 1, (3, 2)), rng.normal(size=(3, 2))
    grad, num = a * x**2, a * (x**2 + 0.1**2 / 3)
    got = student.gradient_check(sandbox.define(SEPARATE, "Separate")(a), grad, x, h=0.1)
    ignored = isinstance(got, float) and got < 1e-6
    check(not ignored, "The argument h is ignored: the numerical gradient has other steps.")
    one_sided = "The numerical gradient is one-sided: it should be centred."
    suspects = {one_sided: lambda: ratio(grad, num + 0.1 * a * x), **ratio_suspects(grad, num)}
    close(got, ratio(grad, num), suspects=suspects)


@exercise("gradient_check")
def test_ratio_of_right_gradients(student, rng, check, sandbox):
    """A right gradient gives nearly 0, and a float, whatever its scale; x is as before."""
    for size in (1.0, 1e-6, 1e6):
        a, x = size * rng.uniform(1, 3, (2, 3)), away_from_zero(rng, (2, 3))
        theirs = sandbox.put(x)
        f = sandbox.define(SEPARATE, "Separate")(a)
        got = student.gradient_check(f, a * x**2, theirs)
        small = isinstance(got, (float, np.floating)) and 0 <= got < 1e-7
        check(small, "gradient_check should return a float below 1e-7 for a right gradient.")
        check(np.array_equal(sandbox.fetch(theirs), x), "x should hold what it held before.")


@exercise("gradient_check")
def test_gradients_of_zeros(student, rng, close, check, sandbox):
    """Two gradients of zeros give 0, not NaN; one of zeros gives 1."""
    x = rng.normal(size=(2, 3))
    constant = sandbox.define("def f(x): return 2.0", "f")
    got = student.gradient_check(constant, np.zeros((2, 3)), x)
    nothing = isinstance(got, float) and np.isnan(got)
    check(not nothing, "Two gradients of zeros give 0 / 0, which is NaN: return 0.")
    different = {"Two gradients of zeros are equal: the ratio is 0, not 1.": lambda: 1.0}
    close(got, 0.0, suspects=different)
    got = student.gradient_check(constant, rng.normal(size=(2, 3)), x)
    equal = {"One gradient of zeros and another one are as different as can be: 1.": lambda: 0.0}
    close(got, 1.0, rtol=1e-6, suspects=equal)


@exercise("gradient_check", weight=0.5)
def test_gradient_of_another_shape(student, rng, sandbox):
    """Raises ValueError when the gradient and x differ in shape, also where they broadcast."""
    f = sandbox.define("def f(x): return float((x**2).sum())", "f")
    x = rng.normal(size=4)
    with raises(ValueError, "gradient_check should raise ValueError when the shapes differ."):
        student.gradient_check(f, 2 * x[:, None], x)
