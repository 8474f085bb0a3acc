"""Hidden suite for layers.py: rectifier, affine layer with rectifier, and the softmax loss."""

import numpy as np

from autograder.suite import exercise

PAIR = "forward must return (out, cache), a tuple of two."
GRADS = ("dx", "dw", "db")


def affine(rng, shape, M):
    """Examples, weights, biases and a gradient from above."""
    D = int(np.prod(shape[1:]))
    x, w, b = rng.normal(size=shape), rng.normal(size=(D, M)), rng.normal(size=M)
    return (x, w, b), rng.normal(size=(shape[0], M))


def pair(check, got):
    """(out, cache), or the verdict that it is none."""
    check(isinstance(got, tuple | list) and len(got) == 2, PAIR)
    return got


def unchanged(sandbox, check, call, **arrays):
    """Run the call on arrays kept in the sandbox; check that it changes none; return its result."""
    kept = {name: sandbox.put(array) for name, array in arrays.items()}
    got = call(*kept.values())
    for name, array in arrays.items():
        same = np.array_equal(sandbox.fetch(kept[name]), array)
        check(same, f"{name} is changed by the call: work on a copy of it.")
    return got


# --- rectifier ---


@exercise("relu")
def test_relu_forward(student, reference, rng, close, check):
    """Positive numbers pass, negative ones become 0, whatever the shape."""
    for shape in ((3, 4), (2, 3, 2, 2), (5,)):
        x = 3 * rng.normal(size=shape)
        x.flat[:2] = rng.uniform(0.3, 0.7), rng.uniform(-0.7, -0.3)
        x.flags.writeable = False
        suspects = {
            "This is |x|.": lambda x=x: np.abs(x),
            "Negative numbers pass, and positive ones become 0.": lambda x=x: np.minimum(0, x),
            "One stands where positive numbers should pass: that is the slope.": (
                lambda x=x: (x > 0) * 1.0
            ),
            "Negative numbers are not cut off.": lambda x=x: x,
            "Outputs are cut off above: only below 0 is there a bound.": (
                lambda x=x: np.clip(x, 0, 1)
            ),
            "The cut is at one; it should be at 0.": lambda x=x: np.maximum(1, x),
            "Negative numbers become -1; they should become 0.": lambda x=x: np.where(x > 0, x, -1),
            "Negative numbers shrink instead of becoming 0: that is the leaky rectifier.": (
                lambda x=x: np.maximum(0.01 * x, x)
            ),
        }
        out, _ = pair(check, student.relu_forward(x))
        close(out, reference.relu_forward(x)[0], names="out", suspects=suspects)


@exercise("relu", weight=1.5)
def test_relu_backward(student, reference, rng, close, check):
    """The gradient passes where x is positive, and nowhere else."""
    for shape in ((4, 5), (2, 3, 2, 2)):
        x, dout = 2 * rng.normal(size=shape), rng.normal(size=shape)
        _, cache = pair(check, student.relu_forward(x))
        want = reference.relu_backward(dout, reference.relu_forward(x)[1])
        suspects = {
            "dout passes everywhere; where x is negative nothing passes.": lambda d=dout: d,
            "dout is missing: this is the slope alone.": lambda x=x: (x > 0) * 1.0,
            "dout passes where it is positive itself; the sign of x decides.": (
                lambda d=dout: np.maximum(0, d)
            ),
            "dout passes where x is negative.": lambda x=x, d=dout: d * (x < 0),
            "dout is multiplied by the output; the slope is one.": (
                lambda x=x, d=dout: d * np.maximum(0, x)
            ),
            "Where x is negative the gradient is turned round: that is |x|.": (
                lambda x=x, d=dout: d * np.sign(x)
            ),
            "dout passes where x is above one; above 0 is right.": lambda x=x, d=dout: d * (x > 1),
            "Positive x and positive dout are both required; the sign of x decides alone.": (
                lambda x=x, d=dout: d * (x > 0) * (d > 0)
            ),
        }
        for _ in range(2):
            close(student.relu_backward(dout, cache), want, names="dx", suspects=suspects)


@exercise("relu", weight=0.5)
def test_relu_at_zero(student, reference, rng, close, check):
    """The slope at exactly 0 is taken as 0."""
    x, dout = np.zeros((2, 3)), rng.normal(size=(2, 3))
    _, cache = pair(check, student.relu_forward(x))
    suspects = {
        "The slope at exactly 0 is one here; the docstring takes it as 0.": lambda: dout * (x >= 0),
        "The slope at exactly 0 is one half here; the docstring takes it as 0.": (
            lambda: dout * (1.0 * (x > 0) + (x >= 0)) / 2
        ),
    }
    want = reference.relu_backward(dout, reference.relu_forward(x)[1])
    close(student.relu_backward(dout, cache), want, names="dx", suspects=suspects)


@exercise("relu", weight=0.5)
def test_relu_inputs_stay(student, rng, sandbox, check):
    """Both x and dout are the caller's: they stay unchanged."""
    x, dout = rng.normal(size=(2, 3, 4))
    _, cache = pair(check, unchanged(sandbox, check, student.relu_forward, x=x))
    unchanged(sandbox, check, lambda d: student.relu_backward(d, cache), dout=dout)


# --- both in a row ---


@exercise("affine_relu")
def test_affine_relu_forward(student, reference, rng, close, check):
    """The rectifier comes after the affine layer."""
    for shape, M in (((4, 3), 5), ((2, 3, 2), 4)):
        args, _ = affine(rng, shape, M)
        x, w, b = args
        rows = x.reshape(len(x), -1)
        suspects = {
            "The rectifier is missing.": lambda r=rows, w=w, b=b: r @ w + b,
            "The rectifier comes before the affine layer; it should follow.": (
                lambda r=rows, w=w, b=b: np.maximum(0, r) @ w + b
            ),
            "The bias is added after the rectifier; it belongs to the affine layer.": (
                lambda r=rows, w=w, b=b: np.maximum(0, r @ w) + b
            ),
            "The bias is missing.": lambda r=rows, w=w: np.maximum(0, r @ w),
            "Negative outputs are kept, and positive ones cut off.": (
                lambda r=rows, w=w, b=b: np.minimum(0, r @ w + b)
            ),
        }
        out, _ = pair(check, student.affine_relu_forward(*args))
        want = reference.affine_relu_forward(*args)[0]
        close(out, want, names="out", axes="N M", suspects=suspects)


@exercise("affine_relu", weight=1.5)
def test_affine_relu_backward(student, reference, rng, close, check):
    """Backwards, the rectifier comes first."""
    for shape, M in (((4, 3), 5), ((2, 3, 2), 4)):
        args, dout = affine(rng, shape, M)
        x, _, _ = args
        _, cache = pair(check, student.affine_relu_forward(*args))
        _, ours = reference.affine_relu_forward(*args)
        want = reference.affine_relu_backward(dout, ours)
        plain = reference.affine_backward(dout, ours[0])
        on = (ours[1] > 0) * 1.0
        suspects = {
            "The backward pass skips the rectifier.": lambda p=plain: p,
            "The rectifier's slope is applied to x: it belongs to the affine layer's output.": (
                lambda p=plain, x=x: {"dx": p[0] * (x > 0)}
            ),
            "dout is missing: only the rectifier's slope goes through the affine layer.": (
                lambda on=on, o=ours[0]: reference.affine_backward(on, o)
            ),
            "The gradient passes where the rectifier was off.": (
                lambda on=on, o=ours[0], d=dout: reference.affine_backward(d * (1 - on), o)
            ),
            "The rectifier is applied to dout, by dout's own sign.": (
                lambda o=ours[0], d=dout: reference.affine_backward(np.maximum(0, d), o)
            ),
            "db skips the rectifier.": lambda p=plain, w=want: (w[0], w[1], p[2]),
            "dw skips the rectifier.": lambda p=plain, w=want: (w[0], p[1], w[2]),
            "dx skips the rectifier.": lambda p=plain, w=want: (p[0], w[1], w[2]),
            "The gradients come in another order than dx, dw, db.": (
                lambda w=want: (w[0], w[2], w[1])
            ),
        }
        got = student.affine_relu_backward(dout, cache)
        close(got, want, names=GRADS, axes={"dw": "D M", "db": "M"}, suspects=suspects)


# --- softmax loss ---


def softmax_suspects(x, y, want):
    """Wrong losses and gradients that name the mistake behind them."""
    (loss, dx), N = want, len(x)
    onehot = np.eye(x.shape[1])[y]
    p = N * dx + onehot
    columns = np.exp(x) / np.sum(np.exp(x), axis=0)
    z = x - np.max(x, axis=1, keepdims=True)
    mixed = z - np.log(np.sum(np.exp(z), axis=0))
    return {
        "Losses and gradients are added up over the examples; divide by N.": (
            lambda: (N * loss, N * dx)
        ),
        "The losses are added up; the loss is their mean: divide by N.": lambda: {"loss": N * loss},
        "The gradient is not divided by N: the loss is a mean.": lambda: {"dx": N * dx},
        "The gradient is divided by N twice.": lambda: {"dx": dx / N},
        "The one at the true class is not subtracted from the probabilities.": (
            lambda: {"dx": p / N}
        ),
        "The one at the true class is subtracted after the division by N.": (
            lambda: {"dx": p / N - onehot}
        ),
        "The logarithm is the one to base ten; use the natural one.": (
            lambda: {"loss": loss / np.log(10)}
        ),
        "The sign of the loss is wrong: it is minus log p.": lambda: {"loss": -loss},
        "The gradient has the wrong sign: probabilities minus one-hot.": lambda: {"dx": -dx},
        "The probabilities are normalised over the examples; each row is one example.": (
            lambda: {"dx": (columns - onehot) / N}
        ),
        "The sum of the exponentials is taken over the examples (axis zero).": (
            lambda: {"loss": -np.mean(mixed[np.arange(N), y])}
        ),
        "The probabilities are normalised over the examples (axis zero).": (
            lambda: {"loss": -np.mean(np.log(columns[np.arange(N), y]))}
        ),
    }


@exercise("softmax_loss", weight=2)
def test_softmax_loss(student, reference, rng, close):
    """Mean loss and gradient; one example, as many examples as classes."""
    for N, C in ((7, 4), (1, 3), (5, 5)):
        x, y = 4 * rng.normal(size=(N, C)), rng.integers(C, size=N)
        x.flags.writeable = False
        got, want = student.softmax_loss(x, y), reference.softmax_loss(x, y)
        suspects = softmax_suspects(x, y, want)
        sizes = {"N": N, "C": C}
        close(got, want, names=("loss", "dx"), axes={"dx": "N C"}, sizes=sizes, suspects=suspects)


@exercise("softmax_loss")
def test_softmax_loss_far_from_zero(student, reference, rng, close):
    """Scores of +-1000 and -2000 in one batch neither overflow nor lose the small ones."""
    x = np.array([[1000.0, 0, -1000], [-2000, -2001, -2002], [0, 1, -1], [5, -3000, 20]])
    x, y = x + rng.normal(size=x.shape), np.array([2, 1, 0, 1])
    order = rng.permutation(4)
    got = student.softmax_loss(x[order], y[order])
    want = reference.softmax_loss(x[order], y[order])
    close(got, want, names=("loss", "dx"), axes={"dx": "N C"})
