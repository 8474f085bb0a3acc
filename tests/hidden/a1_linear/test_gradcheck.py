"""Hidden checks of gradcheck.py: the order of the error, the array restored, what f sees."""

import numpy as np

from autograder.suite import exercise

CUBIC = """
class Cubic:
    def __init__(self, a): self.a = a
    def __call__(self, x): return float((self.a * x**3).sum() + x.ravel()[0] * x.sum())
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
        "The difference is divided by 2 and multiplied by h: put 2 * h in parentheses.": (
            lambda: (up - down) / 2 * h
        ),
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
def test_default_step(student, rng, close, sandbox):
    """Without h the steps are 1e-5: small enough for the slope, large enough for rounding."""
    a, x = rng.uniform(1, 3, (2, 3)), rng.uniform(0.15, 0.45, (2, 3))
    want = a * (3 * x**2 + 1e-5**2) + x.ravel()[0]
    want.ravel()[0] += x.sum()
    got = student.eval_numerical_gradient(sandbox.define(CUBIC, "Cubic")(a), x)
    close(got, want, rtol=1e-8)


@exercise("eval_numerical_gradient")
def test_x_is_restored_exactly(student, reference, rng, close, check, sandbox):
    """Afterwards x holds bit by bit what it held, for a step that rounds."""
    a, x = rng.normal(2, 1, (4, 3)), rng.normal(size=(4, 3))
    theirs = sandbox.put(x)
    got = student.eval_numerical_gradient(sandbox.define(CUBIC, "Cubic")(a), theirs, h=0.1)
    sentence = (
        "x is not exactly as before: keep each old value and put it back, for adding and "
        "subtracting h rounds."
    )
    check(np.array_equal(sandbox.fetch(theirs), x), sentence)
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
