"""Hidden suite for activations.py: maxout."""

import numpy as np

from autograder.suite import exercise

PAIR = "forward must return (out, cache), a tuple of two."
MAXOUT = ("dx", "dW1", "db1", "dW2", "db2")
MAXOUT_AXES = {"dx": "N D", "dW1": "D M", "db1": "M", "dW2": "D M", "db2": "M"}


def pair(check, got):
    """(out, cache), or the verdict that it is none."""
    check(isinstance(got, tuple | list) and len(got) == 2, PAIR)
    return got


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
