"""Hidden checks of gradcheck.py: the order of the error, the array restored, norm ratios."""

import numpy as np

from autograder.suite import exercise, raises

CUBIC = """
class Cubic:
    def __init__(self, a): self.a = a
    def __call__(self, x): return float((self.a * x**3).sum() + x.ravel()[0] * x.sum())
"""
SEPARATE = """
class Separate:
    def __init__(self, a): self.a = a
    def __call__(self, x): return float((self.a * x**3).sum() / 3)
"""


def cubic(a):
    """The same function as CUBIC on our side."""
    return lambda x: float((a * x**3).sum() + x.ravel()[0] * x.sum())


def slopes(f, x, h):
    """The values of f: at x, and with each element moved one step up, one step down."""
    middle, up, down = f(x), np.zeros(x.shape), np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        for sign, out in ((1, up), (-1, down)):
            moved = x.copy()
            moved[i] += sign * h
            out[i] = f(moved)
    return middle, up, down


def gradient_suspects(f, x, h):
    """Wrong gradients that name the mistake behind them."""
    middle, up, down = slopes(f, x, h)
    return {
        "This is the one-sided difference (f(x+h) - f(x)) / h; it should be centred.": (
            lambda: (up - middle) / h
        ),
        "This is the one-sided difference (f(x) - f(x-h)) / h; it should be centred.": (
            lambda: (middle - down) / h
        ),
        "The difference f(x+h) - f(x-h) is divided by h; the two points are 2h apart.": (
            lambda: (up - down) / h
        ),
        "f(x+h) - f(x) is divided by 2h; take f(x-h) instead of f(x).": (
            lambda: (up - middle) / (2 * h)
        ),
        "The difference is not divided by 2h.": lambda: up - down,
        "The steps are of h/2; f(x+h) - f(x-h) over 2h is asked for.": (
            lambda: _centred(f, x, h / 2)
        ),
        "The steps are of 2h; f(x+h) - f(x-h) over 2h is asked for.": lambda: _centred(f, x, 2 * h),
        "The argument h is ignored: the steps have another size.": lambda: _centred(f, x, 1e-5),
        "The sign is wrong: it is f(x+h) minus f(x-h).": lambda: (down - up) / (2 * h),
        "Earlier elements are still moved when the next is tried: put each back first.": (
            lambda: _moved(f, x, h)
        ),
        "All elements move together; move one at a time.": lambda: _together(f, x, h),
        "This is the absolute slope; its sign matters.": lambda: np.abs(up - down) / (2 * h),
        "The last element is never moved.": lambda: _without_last((up - down) / (2 * h)),
    }


def _centred(f, x, h):
    _, up, down = slopes(f, x, h)
    return (up - down) / (2 * h)


def _moved(f, x, h):
    """Each element is left one step down when the next is tried."""
    x, grad = x.copy(), np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        x[i] += h
        high = f(x)
        x[i] -= 2 * h
        grad[i] = (high - f(x)) / (2 * h)
    return grad


def _moved_inside(f, x, h):
    """Each element is moved inside x itself, whatever its dtype makes of the step."""
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        old, values = x[i], []
        for step in (h, -h):
            x[i] = old + step
            values.append(f(x))
        x[i] = old
        grad[i] = (values[0] - values[1]) / (2 * h)
    return grad


def _together(f, x, h):
    return np.full(x.shape, (f(x + h) - f(x - h)) / (2 * h))


def _without_last(grad):
    grad[(-1,) * grad.ndim] = 0
    return grad


@exercise("eval_numerical_gradient", weight=3)
def test_error_falls_with_the_square_of_h(student, reference, rng, close, sandbox):
    """A cubic function at steps of three sizes: the centred formula's error is a h^2."""
    for shape, h in (((3, 4), 0.5), ((2, 1, 3), 0.05), ((5,), 0.005)):
        a, x = rng.normal(2, 1, shape), rng.normal(size=shape)
        f = sandbox.define(CUBIC, "Cubic")(a)
        want = reference.eval_numerical_gradient(cubic(a), x.copy(), h)
        got = student.eval_numerical_gradient(f, x, h=h)
        close(got, want, sizes={"D": x.size}, suspects=gradient_suspects(cubic(a), x, h))


@exercise("eval_numerical_gradient")
def test_default_step(student, reference, rng, close, sandbox):
    """Without h the steps are 1e-5: small enough for the slope, large enough for rounding."""
    a, x = rng.normal(2, 1, (2, 3)), rng.normal(size=(2, 3))
    want = 3 * a * x**2 + x.ravel()[0]
    want.ravel()[0] += x.sum()
    got = student.eval_numerical_gradient(sandbox.define(CUBIC, "Cubic")(a), x)
    close(got, want, rtol=1e-8)


@exercise("eval_numerical_gradient")
def test_x_is_restored_exactly(student, reference, rng, close, exact, sandbox):
    """Afterwards x holds bit by bit what it held, for a step that rounds."""
    a, x = rng.normal(2, 1, (4, 3)), rng.normal(size=(4, 3))
    theirs = sandbox.put(x)
    got = student.eval_numerical_gradient(sandbox.define(CUBIC, "Cubic")(a), theirs, h=0.1)
    exact(sandbox.fetch(theirs), x, names="x")
    want = reference.eval_numerical_gradient(cubic(a), x.copy(), 0.1)
    close(got, want, suspects=gradient_suspects(cubic(a), x, 0.1))


CLOSURE = """
class Weights:
    def __init__(self, w): self.w, self.calls = w, 0
    def loss(self, _=None):
        self.calls += 1
        return float((self.w**3).sum() + self.w.ravel()[0] * self.w.sum())
"""


@exercise("eval_numerical_gradient")
def test_f_may_read_x_under_another_name(student, reference, rng, close, sandbox):
    """An f that reads the same array as a network's weights sees the steps; any memory layout."""
    make = sandbox.define(CLOSURE, "Weights")
    x = rng.normal(size=(3, 2))
    wide = rng.normal(size=(2, 6))
    for view in (x, wide[:, ::2], np.asfortranarray(rng.normal(size=(2, 3)))):
        want = reference.eval_numerical_gradient(cubic(1.0), view.copy(), 0.01)
        theirs = sandbox.put(view)
        got = student.eval_numerical_gradient(make(theirs).loss, theirs, h=0.01)
        unseen = {
            "f reads x itself, and does not see the steps: change x in place, not a copy.": (
                lambda want=want: np.zeros(want.shape)
            ),
            **gradient_suspects(cubic(1.0), view, 0.01),
        }
        close(got, want, suspects=unseen)


@exercise("eval_numerical_gradient", weight=0.5)
def test_two_calls_an_element(student, rng, check, sandbox):
    """Each element takes two calls of f."""
    x = sandbox.put(rng.normal(size=(2, 5)))
    weights = sandbox.define(CLOSURE, "Weights")(x)
    student.eval_numerical_gradient(weights.loss, x, h=0.01)
    calls = sandbox.fetch(weights.calls)
    check(calls in (20, 21), "f should be called twice for each element of x.")


@exercise("eval_numerical_gradient")
def test_integer_x(student, reference, rng, close, sandbox):
    """An integer x gives the same gradient as the floats of the same values."""
    a, x = rng.normal(2, 1, (2, 3)), rng.integers(1, 6, (2, 3))
    want = reference.eval_numerical_gradient(cubic(a), x, 0.01)
    got = student.eval_numerical_gradient(sandbox.define(CUBIC, "Cubic")(a), x, h=0.01)
    lost = {
        "The steps are lost in an integer array: copy x to float64 first.": (
            lambda: _moved_inside(cubic(a), x.copy(), 0.01)
        )
    }
    close(got, want, suspects={**lost, **gradient_suspects(cubic(a), x.astype(np.float64), 0.01)})


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
        a, x = size * rng.normal(2, 1, shape), rng.normal(size=shape)
        num, f = a * x**2, make(a)
        for grad in (1.3 * num, num + size * rng.normal(size=shape), -0.6 * num):
            got.append(student.gradient_check(f, grad, x))
            want.append(ratio(grad, num))
            suspects.append(ratio_suspects(grad, num))
    names = [f"the ratio of gradient {i + 1}" for i in range(len(want))]
    close(tuple(got), tuple(want), rtol=1e-6, names=names, suspects=together(suspects))


@exercise("gradient_check")
def test_ratio_at_large_steps(student, reference, rng, close, sandbox):
    """The numerical gradient is taken with the step h, whose error shows when h is large."""
    a, x = rng.normal(2, 1, (3, 2)), rng.normal(size=(3, 2))
    num = a * (x**2 + 0.1**2 / 3)
    got = student.gradient_check(sandbox.define(SEPARATE, "Separate")(a), a * x**2, x, h=0.1)
    ignored = {
        "The argument h is ignored: the steps have another size.": lambda: 0.0,
        "The numerical gradient is one-sided: it should be centred.": (
            lambda: ratio(a * x**2, num + 0.1 * a * x)
        ),
    }
    suspects = {**ignored, **ratio_suspects(a * x**2, num)}
    close(got, ratio(a * x**2, num), rtol=1e-6, suspects=suspects)


@exercise("gradient_check")
def test_ratio_of_right_gradients(student, rng, check, sandbox):
    """A right gradient gives nearly 0, and a float, whatever its scale; x is as before."""
    for size in (1.0, 1e-6, 1e6):
        a, x = size * rng.normal(2, 1, (2, 3)), rng.normal(size=(2, 3))
        theirs = sandbox.put(x)
        f = sandbox.define(SEPARATE, "Separate")(a)
        got = student.gradient_check(f, a * x**2, theirs)
        small = isinstance(got, (float, np.floating)) and 0 <= got < 1e-7
        check(small, "gradient_check should return a float below 1e-7 for a right gradient.")
        check(np.array_equal(sandbox.fetch(theirs), x), "x should hold what it held before.")


@exercise("gradient_check")
def test_gradients_of_zeros(student, rng, close, sandbox):
    """Two gradients of zeros give 0, not NaN; one of zeros gives 1."""
    x = rng.normal(size=(2, 3))
    constant = sandbox.define("def f(x): return 2.0", "f")
    close(student.gradient_check(constant, np.zeros((2, 3)), x), 0.0)
    close(student.gradient_check(constant, rng.normal(size=(2, 3)), x), 1.0)


@exercise("gradient_check", weight=0.5)
def test_gradient_of_another_shape(student, rng, sandbox):
    """Raises ValueError when the gradient and x differ in shape, also where they broadcast."""
    f = sandbox.define("def f(x): return float((x**2).sum())", "f")
    x = rng.normal(size=4)
    with raises(ValueError, "gradient_check should raise ValueError when the shapes differ."):
        student.gradient_check(f, 2 * x[:, None], x)
