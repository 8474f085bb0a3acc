"""Hidden suite for layers.py: the affine layer."""

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


def forward_suspects(x, w, b):
    """Wrong outputs that name the mistake behind them."""
    rows = x.reshape(len(x), -1)
    return {
        "The bias is missing.": lambda: rows @ w,
        "The bias is subtracted.": lambda: rows @ w - b,
        "The bias is added once to every product: it belongs to the sum.": (
            lambda: rows @ w + rows.shape[1] * b
        ),
        "The pixels of an example are laid out in another order (order='F'?); use the order of "
        "x[i].reshape(-1).": lambda: x.reshape(len(x), -1, order="F") @ w + b,
        "The axes of x are reversed before the rows are laid out.": (
            lambda: x.T.reshape(len(x), -1) @ w + b
        ),
        "Negative outputs are cut off: that is a rectifier on top.": (
            lambda: np.maximum(0, rows @ w + b)
        ),
        "The outputs are averaged over the inputs; they are sums.": (
            lambda: rows @ w / rows.shape[1] + b
        ),
        "The bias is multiplied by the weights' sum.": lambda: rows @ w + b * np.sum(w, axis=0),
    }


@exercise("affine_forward", weight=3)
def test_affine_forward(student, reference, rng, close, check):
    """Examples with one to three axes, one example, one neuron, views; nothing is written to."""
    for shape, M in (((4, 3), 5), ((3, 2, 4), 2), ((2, 3, 2, 4), 3), ((1, 2, 3), 1), ((3, 3), 3)):
        (x, w, b), _ = affine(rng, shape, M)
        x = np.repeat(x, 2, axis=-1)[..., ::2]
        x.flags.writeable = w.flags.writeable = b.flags.writeable = False
        out, _ = pair(check, student.affine_forward(x, w, b))
        want, suspects = reference.affine_forward(x, w, b)[0], forward_suspects(x, w, b)
        close(out, want, names="out", axes="N M", suspects=suspects)


@exercise("affine_forward", weight=0.5)
def test_affine_forward_inputs_stay(student, rng, sandbox, check):
    """x, w and b are the caller's: they stay unchanged, shapes included."""
    (x, w, b), _ = affine(rng, (2, 3, 4), 3)
    pair(check, unchanged(sandbox, check, student.affine_forward, x=x, w=w, b=b))


def unlike(right, wrong):
    """The wrong array, unless it is right for this input; None fits nothing."""
    return None if np.array_equal(right, wrong) else wrong


def backward_suspects(args, dout, want):
    """Wrong gradients that name the mistake behind them."""
    (x, w, b), (dx, dw, db), N = args, want, len(dout)
    square = dout.shape == dx.shape and w.shape[0] == w.shape[1]
    return {
        "Everything is divided by N; dout holds the mean over the examples already.": (
            lambda: {"dx": dx / N, "dw": dw / N, "db": db / N}
        ),
        "dw and db are divided by N; dout holds the mean over the examples already.": (
            lambda: {"dw": dw / N, "db": db / N}
        ),
        "dw is divided by N; dout holds the mean over the examples already.": (
            lambda: {"dw": dw / N}
        ),
        "db is the mean over the examples; it should be the sum.": lambda: {"db": db / N},
        "dx is left as rows (N, D); give it the shape of x.": (
            lambda: {"dx": unlike(dx, dx.reshape(N, -1))}
        ),
        "db has the shape (1, M); it should be that of b, (M,).": lambda: {"db": db[None]},
        "db is a single number; add up over the examples only.": lambda: {"db": np.sum(db)},
        "db is not added up over the examples.": lambda: {"db": dout},
        "db adds up over the wrong axis.": lambda: {"db": np.sum(dout, axis=1)},
        "db is b times the sum; the slope with respect to b is one.": lambda: {"db": b * db},
        "db is all ones: dout is missing.": lambda: {"db": np.ones(len(b))},
        "db counts the examples: dout is missing.": lambda: {"db": N * np.ones(len(b))},
        "dx is w itself, without dout.": lambda: {"dx": w},
        "dw is x itself, without dout.": lambda: {"dw": x},
        "dx is laid out in another order than x (order='F'?).": (
            lambda: {"dx": unlike(dx, dx.reshape(N, -1).reshape(x.shape, order="F"))}
        ),
        "dw's rows are in another order than x's numbers (order='F'?).": (
            lambda: {"dw": unlike(dw, x.reshape(N, -1, order="F").T @ dout)}
        ),
        "dx is dout w; the backward pass takes the transpose of w.": (
            lambda: {"dx": dout @ w if square else dx.T}
        ),
        "dw is transposed.": lambda: {"dw": dw.T},
        "dx has the wrong sign.": lambda: {"dx": -dx},
        "dw is x + its gradient; only the gradient is asked for.": lambda: {"dw": dw + w},
        "dx is all zeros: is it never filled?": lambda: {"dx": 0 * dx},
    }


@exercise("affine_backward", weight=3)
def test_affine_backward(student, reference, rng, close, check):
    """dx, dw and db for examples with one to three axes, one example, one neuron."""
    for shape, M in (((4, 3), 5), ((3, 2, 4), 2), ((2, 3, 2, 4), 3), ((1, 2, 3), 1), ((3, 3), 3)):
        args, dout = affine(rng, shape, M)
        dout.flags.writeable = False
        _, ours = reference.affine_forward(*(array.copy() for array in args))
        _, cache = pair(check, student.affine_forward(*args))
        want = reference.affine_backward(dout, ours)
        axes = {"dw": "D M", "db": "M"}
        suspects = backward_suspects(args, dout, want)
        got = student.affine_backward(dout, cache)
        close(got, want, names=GRADS, axes=axes, sizes={"N": shape[0]}, suspects=suspects)


@exercise("affine_backward", weight=0.5)
def test_affine_backward_inputs_stay(student, rng, sandbox, check):
    """x, w, b and dout stay unchanged in a backward pass."""
    (x, w, b), dout = affine(rng, (3, 2, 2), 4)
    kept = {name: sandbox.put(array) for name, array in (("x", x), ("w", w), ("b", b))}
    _, cache = pair(check, student.affine_forward(*kept.values()))
    unchanged(sandbox, check, lambda d: student.affine_backward(d, cache), dout=dout)
    for name, array in (("x", x), ("w", w), ("b", b)):
        same = np.array_equal(sandbox.fetch(kept[name]), array)
        check(same, f"{name} is changed by the backward pass: work on a copy of it.")
