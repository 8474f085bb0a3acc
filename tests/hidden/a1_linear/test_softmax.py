"""Hidden suite for losses.py: softmax_loss, the loss of given scores."""

import numpy as np

from autograder.suite import exercise


def scores(rng, N, C):
    """Random scores and labels in general position."""
    return 2 * rng.normal(size=(N, C)), rng.integers(C, size=N)


def normalised(x, axis):
    """Exponentials that add up to one along the axis; None: rows shifted, then along axis 0."""
    e = np.exp(x - np.max(x, axis=1, keepdims=True)) if axis is None else np.exp(x)
    return e / np.sum(e, axis=axis or 0, keepdims=True)


def part(got, place):
    """Return one of several results; what is no tuple at all is left for `close` to judge."""
    return got[place] if isinstance(got, tuple | list) and len(got) > place else got


def is_finite(got):
    """Whether the loss is finite; what is no number is left for `close` to judge."""
    loss = part(got, 0)
    return not isinstance(loss, float) or np.isfinite(loss)


@exercise("softmax_loss", weight=2)
def test_value(student, reference, rng, close):
    """The loss is the mean of -log p at the true classes, with the natural logarithm."""
    x, y = scores(rng, 9, 5)
    want, _ = reference.softmax_loss(x, y)
    picks = np.arange(9), y
    p, columns, shifted = (normalised(x, axis) for axis in (1, 0, None))
    picked = p[picks]
    suspects = {
        "The losses are added up; the loss is their mean: divide by N.": lambda: 9 * want,
        "The logarithm is the one to base ten; use the natural one, np.log.": lambda: (
            want / np.log(10)
        ),
        "The logarithm is the one to base two; use the natural one, np.log.": lambda: (
            want / np.log(2)
        ),
        "The probabilities are normalised over the examples (axis zero); each row is one example "
        "and its probabilities add up to one.": lambda: -np.mean(np.log(columns[picks])),
        "The exponentials are added up over the examples (axis zero); each row is one example and "
        "its probabilities add up to one.": lambda: -np.mean(np.log(shifted[picks])),
        "p[:, y] takes all pairs of rows and labels; p[rows, y] takes one from each row.": lambda: (
            -np.sum(np.log(p[:, y])) / 9
        ),
        "The loss is divided by the number of classes; it is the mean over the examples.": lambda: (
            want * 9 / 5
        ),
        "The mean of the probabilities is taken before the logarithm.": lambda: (
            -np.log(np.mean(picked))
        ),
        "The loss has no logarithm of the sum: it is -x at the true class plus log sum exp.": (
            lambda: -np.mean(x[picks])
        ),
        "All classes enter the loss; only the true one does.": lambda: -np.sum(np.log(p)) / 9,
        "The log of the other classes' probabilities is added as in the binary case; only the "
        "true class enters.": lambda: (
            (-np.sum(np.log(1 - p)) + np.sum(np.log(1 - picked)) - np.sum(np.log(picked))) / 9
        ),
    }
    got = part(student.softmax_loss(x, y), 0)
    close(got, want, names="loss", sizes={"N": 9, "C": 5}, suspects=suspects)


@exercise("softmax_loss", weight=2)
def test_gradient(student, reference, rng, close):
    """The gradient is (p - onehot(y)) / N."""
    x, y = scores(rng, 9, 5)
    _, want = reference.softmax_loss(x, y)
    onehot = np.eye(5)[y]
    p = 9 * want + onehot
    columns, shifted = normalised(x, 0), normalised(x, None)
    suspects = {
        "The one at the true class is not subtracted from the probabilities.": lambda: p / 9,
        "The one is subtracted from whole columns: dx[:, y] takes all rows, dx[rows, y] one entry "
        "of each.": lambda: (p - np.any(onehot, axis=0)) / 9,
        "The one is subtracted from the logarithms of the probabilities: take p itself.": lambda: (
            (np.log(p) - onehot) / 9
        ),
        "The gradient is divided by the number of classes; the loss is the mean over the "
        "examples.": lambda: want * 9 / 5,
        "The exponentials are added up over the examples (axis zero).": lambda: (
            (shifted - onehot) / 9
        ),
        "The one at the true class is subtracted after the division by N: it is one N-th of it "
        "that belongs there.": lambda: p / 9 - onehot,
        "The gradient is not divided by N: the loss is a mean.": lambda: 9 * want,
        "The gradient is divided by N twice.": lambda: want / 9,
        "The gradient is that of the true class's probability p, not of its logarithm.": (
            lambda: want * p[np.arange(9), y][:, None]
        ),
        "Only the true class gets a gradient; the others are pushed down by their probability.": (
            lambda: onehot * want
        ),
        "The probabilities are normalised over the examples (axis zero).": lambda: (
            (columns - onehot) / 9
        ),
        "The gradient is taken through the probabilities twice: p (1 - p) belongs to the sigmoid "
        "alone; with the logarithm p - onehot is left.": lambda: want * p * (1 - p),
    }
    got = part(student.softmax_loss(x, y), 1)
    close(got, want, names="dx", axes="N C", sizes={"N": 9, "C": 5}, suspects=suspects)


@exercise("softmax_loss")
def test_large_scores(student, reference, rng, close, check):
    """A row of scores around +1000, and one around -2000, alone."""
    overflow = (
        "Large scores overflow in exp: subtract each row's maximum from it first (not its minimum "
        "or mean), so that the largest exponential is one."
    )
    vanish = (
        "Large negative scores all vanish in exp, and the sum is zero: subtract each row's maximum "
        "first (not that of the absolute values), so that the largest exponential is one."
    )
    for row, said in (([1000.0, 0, -1000], overflow), ([-2000.0, -2001, -2002], vanish)):
        x, y = np.array([row]) + rng.normal(size=(1, 3)) / 4, np.array([0])
        got = student.softmax_loss(x, y)
        check(is_finite(got), said)
        close(got, reference.softmax_loss(x, y), names=("loss", "dx"), axes={"dx": "N C"})


@exercise("softmax_loss")
def test_rows_far_apart(student, reference, rng, close, check):
    """Rows around +1000, 0 and -2000 in one batch do not disturb each other."""
    x = np.array([[1000.0, 0, -1000], [-2000, -2001, -2002], [0, 1, -1], [5, -3000, 20]])
    x, y = x + rng.normal(size=x.shape) / 4, np.array([0, 0, 0, 2])
    order = rng.permutation(4)
    x, y = x[order], y[order]
    got = student.softmax_loss(x, y)
    check(
        is_finite(got),
        "Rows of very different sizes spoil each other: each row needs its own maximum subtracted, "
        "not the batch's or the columns'.",
    )
    close(got, reference.softmax_loss(x, y), names=("loss", "dx"), axes={"dx": "N C"})


@exercise("softmax_loss", weight=2)
def test_hopeless_examples(student, reference, rng, close, check):
    """An example that is wrong by 800 costs 800: nothing cuts the loss off."""
    losses, y, noise = [], np.array([1, 2]), rng.normal(size=(2, 3))
    for low in (-800.0, -900.0):
        x = np.array([[0, low, -1.0], [2, 3, low]]) + noise
        want, got = reference.softmax_loss(x, y), student.softmax_loss(x, y)
        check(
            is_finite(got),
            "The logarithm is taken of a probability that has become zero: compute it from the "
            "scores, log p = x - max - log sum exp(x - max).",
        )
        losses.append(part(got, 0))
        flat = len(losses) == 2 and isinstance(losses[0], float) and losses[0] == losses[1]
        check(
            not flat or losses[0] < 5,
            "The loss of a hopeless example is cut off: scores or probabilities are clipped, or a "
            "small number is added, before the logarithm. Compute it from the scores: log p = "
            "x - max - log sum exp(x - max).",
        )
        if len(losses) == 2:
            close(got, want, names=("loss", "dx"), axes={"dx": "N C"})


@exercise("softmax_loss")
def test_shapes(student, reference, rng, close):
    """One example, one class only, as many examples as classes; views and small integer labels."""
    for N, C in ((1, 4), (5, 5), (3, 1)):
        x, y = scores(rng, N, C)
        want = reference.softmax_loss(x, y)
        wide = np.repeat(x, 2, axis=1)[:, ::2]
        got = student.softmax_loss(wide, y.astype(np.uint8))
        close(got, want, names=("loss", "dx"), axes={"dx": "N C"}, sizes={"N": N})


@exercise("softmax_loss", weight=0.5)
def test_float32(student, reference, rng, close):
    """Float32 scores give a float32 gradient, and float64 scores a float64 one."""
    x, y = scores(rng, 6, 4)
    x = x.astype(np.float32)
    _, want = reference.softmax_loss(x.astype(float), y)
    close(part(student.softmax_loss(x, y), 1), want.astype(np.float32), names="dx", rtol=1e-4)
    _, want = reference.softmax_loss(10 * x.astype(float), y)
    close(part(student.softmax_loss(10 * x.astype(float), y), 1), want, names="dx")


@exercise("softmax_loss", weight=0.5)
def test_inputs_stay(student, reference, rng, sandbox, close):
    """The scores and the labels are the caller's: they stay unchanged."""
    x, y = scores(rng, 6, 4)
    got = sandbox.untouched(student.softmax_loss, x=x, y=y)
    close(got, reference.softmax_loss(x, y), names=("loss", "dx"))
