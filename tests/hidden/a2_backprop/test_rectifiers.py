"""Hidden suite for activations.py: leaky ReLU and ELU."""

import numpy as np

from autograder.suite import exercise

PAIR = "forward must return (out, cache), a tuple of two."


def data(rng, *shape):
    """Inputs of either sign away from 0, and a random gradient from above."""
    return rng.choice([-1, 1], shape) * rng.uniform(0.3, 2, shape), rng.normal(size=shape)


def pair(check, got):
    """(out, cache), or the verdict that it is none."""
    check(isinstance(got, tuple | list) and len(got) == 2, PAIR)
    return got


def stays(sandbox, check, forward, backward, x, dout):
    """Check that neither pass changes the arrays that it is given."""
    kept, kept_dout = sandbox.put(x), sandbox.put(dout)
    _, cache = pair(check, forward(kept))
    check(np.array_equal(sandbox.fetch(kept), x), "x is changed by forward: work on a copy.")
    backward(kept_dout, cache)
    same = np.array_equal(sandbox.fetch(kept_dout), dout)
    check(same, "dout is changed by backward: work on a copy.")


def at_kink(student, check, kind, alpha, rng):
    """At x = 0 the value is 0, and the slope is one that a line through the kink can have."""
    x, dout = np.array([[0.0, -1.0, 0.0, 2.0]]), rng.uniform(1, 2, (1, 4))
    out, cache = pair(check, getattr(student, f"{kind}_forward")(x, alpha))
    fine = type(out) is np.ndarray and out.shape == x.shape
    check(fine and np.all(np.abs(out[x == 0]) <= 1e-12), "The value at exactly 0 should be 0.")
    dx = getattr(student, f"{kind}_backward")(dout, cache)
    fine = type(dx) is np.ndarray and dx.shape == x.shape
    check(fine, "dx must be an array of the shape of x.")
    slope = (dx / dout)[x == 0]
    low, high = min(alpha, 1) - 1e-9, max(alpha, 1) + 1e-9
    check(
        np.all((low <= slope) & (slope <= high)),
        "The slope at exactly 0 lies outside of the two slopes beside it, alpha and one.",
    )


# --- leaky ReLU ---


@exercise("leaky_relu")
def test_leaky_forward(student, reference, rng, close, check):
    """Positive x pass, negative x shrink by alpha: by 0.1 unless another alpha is given."""
    x, _ = data(rng, 3, 5, 2)
    x.flags.writeable = False
    for args in ((), (0.3,), (0.0,)):
        alpha = args[0] if args else 0.1
        suspects = {
            "alpha is 0.01 here; the default is 0.1.": lambda: np.maximum(0.01 * x, x),
            "alpha is fixed at 0.1; use the argument.": lambda: np.maximum(0.1 * x, x),
            "The positive x shrink; the negative ones should.": (
                lambda a=alpha: np.minimum(a * x, x)
            ),
            "Negative x become positive: alpha * |x|.": (
                lambda a=alpha: np.where(x > 0, x, -a * x)
            ),
            "Negative x become 0: that is the plain rectifier.": lambda: np.maximum(x, 0),
            "Everything shrinks by alpha.": lambda a=alpha: a * x,
            "Negative x become alpha itself; alpha * x is asked for.": (
                lambda a=alpha: np.where(x > 0, x, a)
            ),
            "alpha is subtracted; it should multiply.": lambda a=alpha: np.where(x > 0, x, x - a),
        }
        out, _ = pair(check, student.leaky_relu_forward(x, *args))
        close(out, reference.leaky_relu_forward(x, *args)[0], names="out", suspects=suspects)


@exercise("leaky_relu")
def test_leaky_backward(student, reference, rng, close, check):
    """The slope is one for positive x and alpha for negative ones."""
    x, dout = data(rng, 4, 6)
    for args in ((), (0.3,)):
        alpha = args[0] if args else 0.1
        _, cache = pair(check, student.leaky_relu_forward(x, *args))
        _, ours = reference.leaky_relu_forward(x, *args)
        suspects = leaky_suspects(x, dout, alpha)
        want = reference.leaky_relu_backward(dout, ours)
        for _ in range(2):
            close(student.leaky_relu_backward(dout, cache), want, names="dx", suspects=suspects)


def leaky_suspects(x, dout, alpha):
    """Wrong gradients that name the mistake behind them."""
    return {
        "The slopes are on the wrong sides: alpha belongs to negative x.": (
            lambda: dout * np.where(x > 0, alpha, 1)
        ),
        "dout is missing: the slope must be multiplied by it.": lambda: np.where(x > 0, 1, alpha),
        "The gradient is 0 for negative x: that is the plain rectifier.": lambda: dout * (x > 0),
        "The slope of negative x is alpha x; it should be alpha.": (
            lambda: dout * np.where(x > 0, 1, alpha * x)
        ),
        "The gradient of negative x is alpha alone, without dout.": (
            lambda: np.where(x > 0, dout, alpha)
        ),
        "The side is chosen by the sign of dout; it is the sign of x that matters.": (
            lambda: np.where(dout > 0, dout, alpha * dout)
        ),
        "The slope of negative x is minus alpha.": lambda: dout * np.where(x > 0, 1, -alpha),
        "The default slope is used, whatever alpha forward was given: keep it in the cache.": (
            lambda: dout * np.where(x > 0, 1, 0.1)
        ),
        "The slope is 0.01; the default alpha is 0.1.": lambda: dout * np.where(x > 0, 1, 0.01),
        "dout is let through as it is.": lambda: dout,
    }


@exercise("leaky_relu", weight=0.5)
def test_leaky_kink_and_inputs(student, rng, check, sandbox):
    """At 0 the value is 0 and the slope alpha or one; x and dout stay unchanged."""
    at_kink(student, check, "leaky_relu", 0.3, rng)
    stays(sandbox, check, student.leaky_relu_forward, student.leaky_relu_backward, *data(rng, 3, 4))


# --- ELU ---


@exercise("elu")
def test_elu_forward(student, reference, rng, close, check):
    """Positive x pass, negative x tend to -alpha, for x of any size."""
    x, _ = data(rng, 3, 5, 2)
    x.flags.writeable = False
    for args in ((0.4,), (), (1.7,)):
        alpha = args[0] if args else 1.0
        tail = np.exp(np.minimum(x, 0))
        suspects = {
            "alpha is not used.": lambda t=tail: np.where(x > 0, x, t - 1),
            "The one is not subtracted from exp(x).": lambda a=alpha, t=tail: np.where(
                x > 0, x, a * t
            ),
            "alpha multiplies exp(x) alone; it multiplies exp(x) - 1.": (
                lambda a=alpha, t=tail: np.where(x > 0, x, a * t - 1)
            ),
            "exp(-x) stands where exp(x) should.": (
                lambda a=alpha: np.where(x > 0, x, a * (np.exp(-np.minimum(x, 0)) - 1))
            ),
            "The sign of the tail is wrong: exp(x) - 1 is negative.": (
                lambda a=alpha, t=tail: np.where(x > 0, x, a * (1 - t))
            ),
            "Negative x become alpha x: that is the leaky rectifier.": (
                lambda a=alpha: np.where(x > 0, x, a * x)
            ),
            "alpha multiplies positive x, too.": lambda a=alpha, t=tail: (
                a * np.where(x > 0, x, t - 1)
            ),
        }
        out, _ = pair(check, student.elu_forward(x, *args))
        close(out, reference.elu_forward(x, *args)[0], names="out", suspects=suspects)
    far = np.array([1000.0, -1000, 0.5, 720])
    out, _ = pair(check, student.elu_forward(far))
    close(out, reference.elu_forward(far)[0], names="out")


@exercise("elu")
def test_elu_backward(student, reference, rng, close, check):
    """The slope is one for positive x and alpha exp(x) for negative ones, for x of any size."""
    x, dout = data(rng, 4, 6)
    x[0, :2] = 1000, -1000
    for args in ((0.4,), (), (1.7,)):
        alpha = args[0] if args else 1.0
        _, cache = pair(check, student.elu_forward(x, *args))
        _, ours = reference.elu_forward(x, *args)
        want, suspects = reference.elu_backward(dout, ours), elu_suspects(x, dout, alpha)
        for _ in range(2):
            close(student.elu_backward(dout, cache), want, names="dx", suspects=suspects)


def elu_suspects(x, dout, alpha):
    """Wrong gradients that name the mistake behind them."""
    tail = np.exp(np.minimum(x, 0))
    return {
        "dout is missing: the slope must be multiplied by it.": (
            lambda: np.where(x > 0, 1, alpha * tail)
        ),
        "The slope of negative x lacks alpha.": lambda: dout * np.where(x > 0, 1, tail),
        "The slope of negative x is the value alpha (exp(x) - 1); the derivative of the constant "
        "is zero.": lambda: dout * np.where(x > 0, 1, alpha * (tail - 1)),
        "The slope of negative x is out - alpha; it should be out + alpha.": (
            lambda: dout * np.where(x > 0, 1, alpha * (tail - 2))
        ),
        "The slope of negative x is out + 1; that holds for an alpha of one only.": (
            lambda: dout * np.where(x > 0, 1, alpha * (tail - 1) + 1)
        ),
        "The slope of negative x is alpha: that is the leaky rectifier.": (
            lambda: dout * np.where(x > 0, 1, alpha)
        ),
        "The slope of negative x is 0: that is the plain rectifier.": lambda: dout * (x > 0),
        "Negative x get the slope one, and positive x the tail's.": (
            lambda: dout * np.where(x > 0, alpha * tail, 1)
        ),
        "The gradient of negative x lacks dout.": lambda: np.where(x > 0, dout, alpha * tail),
        "The slope of positive x is alpha; it should be one.": (
            lambda: dout * alpha * np.where(x > 0, 1, tail)
        ),
        "The side is chosen by the sign of dout; it is the sign of x that matters.": (
            lambda: np.where(dout > 0, dout, dout * alpha * tail)
        ),
        "The slope of positive x is x; it should be one.": (
            lambda: dout * np.where(x > 0, x, alpha * tail)
        ),
    }


@exercise("elu", weight=0.5)
def test_elu_kink_and_inputs(student, rng, check, sandbox):
    """At 0 the value is 0 and the slope alpha or one; x and dout stay unchanged."""
    at_kink(student, check, "elu", 0.4, rng)
    stays(sandbox, check, student.elu_forward, student.elu_backward, *data(rng, 3, 4))
