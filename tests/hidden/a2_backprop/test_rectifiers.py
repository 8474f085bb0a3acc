"""Hidden suite for activations.py: leaky ReLU, ELU and maxout."""

import numpy as np

from autograder.suite import exercise

PAIR = "forward must return (out, cache), a tuple of two."
MAXOUT = ("dx", "dW1", "db1", "dW2", "db2")
MAXOUT_AXES = {"dx": "N D", "dW1": "D M", "db1": "M", "dW2": "D M", "db2": "M"}


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


# --- maxout ---


def affines(rng, N, D, M):
    """Inputs, two affine maps and a gradient from above; both maps win somewhere."""
    x, W1, W2 = (rng.normal(size=shape) for shape in ((N, D), (D, M), (D, M)))
    return (x, W1, rng.normal(size=M), W2, rng.normal(size=M)), rng.normal(size=(N, M))


@exercise("maxout")
def test_maxout_forward(student, reference, rng, close, check):
    """Each entry is the larger of the two affine functions."""
    for N, D, M in ((6, 4, 3), (1, 3, 3), (3, 3, 3)):
        args, _ = affines(rng, N, D, M)
        x, W1, b1, W2, b2 = args
        z1, z2 = x @ W1 + b1, x @ W2 + b2
        suspects = {
            "This is the smaller one of the two.": lambda z1=z1, z2=z2: np.minimum(z1, z2),
            "The biases are missing.": lambda x=x, V=W1, W=W2: np.maximum(x @ V, x @ W),
            "The biases are added after the maximum.": (
                lambda x=x, V=W1, W=W2, b=b1, c=b2: np.maximum(x @ V, x @ W) + b + c
            ),
            "The second bias is missing.": lambda z1=z1, x=x, W=W2: np.maximum(z1, x @ W),
            "The first bias is missing.": lambda z2=z2, x=x, V=W1: np.maximum(x @ V, z2),
            "The first bias stands in both.": (
                lambda z1=z1, x=x, W=W2, b=b1: np.maximum(z1, x @ W + b)
            ),
            "The two are added.": lambda z1=z1, z2=z2: z1 + z2,
            "A 0 takes part in the maximum: that is a rectifier on top.": (
                lambda z1=z1, z2=z2: np.maximum(0, np.maximum(z1, z2))
            ),
            "Only the first function is computed.": lambda z1=z1: z1,
        }
        out, _ = pair(check, student.maxout_forward(*args))
        want, _ = reference.maxout_forward(*args)
        close(out, want, names="out", axes="N M", suspects=suspects)


@exercise("maxout", weight=2)
def test_maxout_backward(student, reference, rng, close, check):
    """Only the winner of each entry gets its gradient."""
    for N, D, M in ((7, 4, 5), (1, 3, 2), (6, 2, 1)):
        args, dout = affines(rng, N, D, M)
        for array in (*args, dout):
            array.flags.writeable = False
        _, cache = pair(check, student.maxout_forward(*args))
        want = reference.maxout_backward(dout, reference.maxout_forward(*args)[1])
        suspects, axes = maxout_suspects(args, dout, want), MAXOUT_AXES
        for _ in range(2):
            got = student.maxout_backward(dout, cache)
            close(got, want, names=MAXOUT, axes=axes, sizes={"N": N}, suspects=suspects)


def maxout_suspects(args, dout, want):
    """Wrong gradients that name the mistake behind them."""
    x, W1, b1, W2, b2 = args
    first = x @ W1 + b1 >= x @ W2 + b2
    d1, d2 = dout * first, dout * ~first

    def grads(d1, d2):
        return d1 @ W1.T + d2 @ W2.T, x.T @ d1, d1.sum(0), x.T @ d2, d2.sum(0)

    dx, _, db1, _, db2 = want
    return {
        "Both functions get the gradient; only the winner's changes matter.": (
            lambda: grads(dout, dout)
        ),
        "The loser gets the gradient, and the winner nothing.": lambda: grads(d2, d1),
        "The gradient is split in halves; all of it belongs to the winner.": (
            lambda: grads(dout / 2, dout / 2)
        ),
        "dout is missing: the winner gets ones.": lambda: grads(1.0 * first, 1.0 * ~first),
        "All gradients are averaged over the N examples; they add up.": (
            lambda: (dx, *(part / len(x) for part in want[1:]))
        ),
        "db1 and db2 are averaged over the N examples; they add up.": (
            lambda: {"dx": dx, "db1": db1 / len(x), "db2": db2 / len(x)}
        ),
        "The winner is chosen without the biases.": lambda: grads(
            dout * (x @ W1 >= x @ W2), dout * (x @ W1 < x @ W2)
        ),
        "dx takes the whole dout through W1.": lambda: {"dx": dout @ W1.T},
        "dx has only the part through W1.": lambda: {"dx": d1 @ W1.T},
        "dx has only the part through W2.": lambda: {"dx": d2 @ W2.T},
        "dx takes both whole parts; each entry goes through its winner only.": (
            lambda: {"dx": dout @ W1.T + dout @ W2.T}
        ),
        "In dx the weights of winner and loser are swapped.": lambda: {"dx": d1 @ W2.T + d2 @ W1.T},
        "dW1 and dW2 take the whole dout; each entry belongs to its winner only.": (
            lambda: {"dW1": x.T @ dout, "dW2": x.T @ dout}
        ),
        "db1 and db2 take the whole dout; each entry belongs to its winner only.": (
            lambda: {"db1": dout.sum(0), "db2": dout.sum(0)}
        ),
        "db1 and db2 count how often each wins; they are sums of dout.": (
            lambda: {"db1": first.sum(0), "db2": (~first).sum(0)}
        ),
        "db1 is zero.": lambda: {"db1": 0 * db1},
    }


@exercise("maxout", weight=0.5)
def test_maxout_tie(student, reference, rng, close, check):
    """Where both functions are equal, all of the gradient goes to the first."""
    (x, W1, b1, _, _), dout = affines(rng, 5, 3, 2)
    args = (x, W1, b1, W1.copy(), b1.copy())
    _, cache = pair(check, student.maxout_forward(*args))
    want = reference.maxout_backward(dout, reference.maxout_forward(*args)[1])
    dx, dW, db, no_dW, no_db = want
    suspects = {
        "A tie goes to the second function; the docstring gives it to the first.": (
            lambda: (dx, no_dW, no_db, dW, db)
        ),
        "At a tie both get the whole gradient; it would count twice.": (
            lambda: (2 * dx, dW, db, dW, db)
        ),
        "At a tie nobody gets the gradient: it is lost.": (
            lambda: (0 * dx, no_dW, no_db, no_dW, no_db)
        ),
        "A tie is split in halves; the docstring gives it to the first.": (
            lambda: (dx, dW / 2, db / 2, dW / 2, db / 2)
        ),
    }
    got = student.maxout_backward(dout, cache)
    close(got, want, names=MAXOUT, axes=MAXOUT_AXES, suspects=suspects)
