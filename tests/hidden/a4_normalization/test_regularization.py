"""Hidden checks of regularization.py: penalties, max-norm, early stopping."""

import numpy as np

from autograder.suite import exercise


def penalty_suspects(W, lam, kind):
    """Wrong penalties that name the mistake behind them."""
    size, square, sign = np.abs(W).sum(), (W * W).sum(), np.sign(W)
    if kind == "l2":
        return {
            "The factor 1/2 is missing in the loss: networks use 0.5 * lam * sum(W * W).": lambda: {
                "loss": lam * square
            },
            "The gradient has a factor 2 that the 1/2 cancels.": lambda: {"dW": 2 * lam * W},
            "The gradient is halved: the 1/2 cancels the 2 of the square.": lambda: {
                "dW": 0.5 * lam * W
            },
            "lam is squared, not only the weights.": lambda: {"loss": 0.5 * lam**2 * square},
            "The loss is the norm; it is the sum of squares.": lambda: {
                "loss": 0.5 * lam * np.sqrt(square)
            },
            "The loss is a mean over the weights; it is their sum.": lambda: {
                "loss": 0.5 * lam * square / W.size
            },
            "The loss is the L1 penalty.": lambda: {"loss": lam * size},
            "lam is missing in the gradient.": lambda: {"dW": W},
            "lam is missing in the loss.": lambda: {"loss": 0.5 * square},
            "The gradient has the wrong sign.": lambda: {"dW": -lam * W},
        }
    return {
        "The L1 penalty has no factor 1/2.": lambda: {"loss": 0.5 * lam * size},
        "The absolute values are missing in the loss.": lambda: {"loss": lam * W.sum()},
        "The loss is the L2 penalty.": lambda: {"loss": 0.5 * lam * square},
        "The loss is lam * sum(W * W); L1 adds absolute values.": lambda: {"loss": lam * square},
        "The loss is a mean over the weights; it is their sum.": lambda: {
            "loss": lam * size / W.size
        },
        "The gradient is that of the L2 penalty: L1 pulls at all weights equally.": lambda: {
            "dW": lam * W
        },
        "The gradient is |W|; it is the sign.": lambda: {"dW": lam * np.abs(W)},
        "A weight of 0 gets a slope; the docstring asks for 0 there.": lambda: {
            "dW": lam * np.where(W >= 0, 1.0, -1.0)
        },
        "A weight of 0 gets the slope of negative ones; the docstring asks for 0.": lambda: {
            "dW": lam * np.where(W > 0, 1.0, -1.0)
        },
        "lam is missing in the gradient.": lambda: {"dW": sign},
        "lam is missing in the loss.": lambda: {"loss": size},
        "The gradient has the wrong sign.": lambda: {"dW": -lam * sign},
    }


def judge_penalty(ours, theirs, rng, close, kind):
    """Hold a penalty and its gradient against the reference's; some weights are 0."""
    for shape, lam in (((4, 3), 0.7), ((2, 3, 2, 2), 1.3), ((5, 2), 0.0)):
        W = rng.normal(size=shape)
        W[0, 0], W[-1, -1] = 0, rng.uniform(2, 3)
        W.flags.writeable = False
        suspects = penalty_suspects(W, lam, kind) if lam else {}
        close(theirs(W, lam), ours(W, lam), names=("loss", "dW"), suspects=suspects)


@exercise("weight_penalties")
def test_l2(student, reference, rng, close):
    """The L2 penalty with its factor 1/2, and its gradient."""
    judge_penalty(reference.l2_reg, student.l2_reg, rng, close, "l2")


@exercise("weight_penalties")
def test_l1(student, reference, rng, close):
    """The L1 penalty and its gradient, also for weights that are 0."""
    judge_penalty(reference.l1_reg, student.l1_reg, rng, close, "l1")


def columns(rng, D, lengths):
    """Weights whose columns have these norms."""
    W = rng.normal(size=(D, len(lengths)))
    return W / np.linalg.norm(W, axis=0) * lengths


def max_norm_suspects(W, c):
    """Wrong constraints that name the mistake behind them."""
    norms, rows = np.linalg.norm(W, axis=0), np.linalg.norm(W, axis=1, keepdims=True)
    safe, whole = np.where(norms > 0, norms, 1), np.linalg.norm(W)
    return {
        "Columns that are short enough are stretched to the norm c: leave them.": lambda: (
            W * c / safe
        ),
        "Rows are limited; the incoming weights of a unit are a column.": lambda: (
            W * np.minimum(1, c / rows)
        ),
        "The weights are limited as one; each column has a norm of its own.": lambda: (
            W * min(1, c / whole)
        ),
        "Single weights are clipped; it is the length of a column that is limited.": lambda: (
            np.clip(W, -c, c)
        ),
        "Long columns are scaled to the norm one; scale them to c.": lambda: np.where(
            norms > c, W / safe, W
        ),
        "The squared norm is used: take its root.": lambda: (
            W * np.where(norms**2 > c, c / safe**2, 1)
        ),
        "The sum of absolute values is used; take the Euclidean norm.": lambda: (
            W * np.minimum(1, c / np.maximum(np.abs(W).sum(0), 1e-300))
        ),
        "The largest absolute value is used; take the Euclidean norm.": lambda: (
            W * np.minimum(1, c / np.maximum(np.abs(W).max(0), 1e-300))
        ),
        "The columns that are long stay, and the others are scaled.": lambda: np.where(
            norms < c, W * c / safe, W
        ),
        "The weights stay as they are.": lambda: W,
        "Long columns are set to zero; scale them.": lambda: np.where(norms > c, 0, W),
        "All columns are divided by the same number: each has its own norm.": lambda: (
            W * c / norms.max()
        ),
    }


@exercise("weight_penalties", weight=2)
def test_max_norm(student, reference, rng, close, exact):
    """Long columns are scaled to the norm c, short ones stay as they are, exactly."""
    for c in (1.5, 0.6):
        W = columns(rng, 5, c * np.array([3.0, 0.4, 1.2, 0.7, 8.0, 0.9]))
        W.flags.writeable = False
        want, got = reference.max_norm(W, c), student.max_norm(W, c)
        close(got, want, names="the weights", axes="D M", suspects=max_norm_suspects(W, c))
        short = np.linalg.norm(W, axis=0) < c
        exact(got[:, short], W[:, short], names="the columns that were short enough")


@exercise("weight_penalties")
def test_max_norm_of_zeros(student, reference, rng, close, sandbox, check):
    """A unit without weights stays at 0; the caller's array is not changed."""
    W = columns(rng, 4, np.array([2.0, 0.0, 0.5]))
    store = sandbox.put(W)
    want, got = reference.max_norm(W, 1.0), student.max_norm(store, 1.0)
    close(got, want, names="the weights", axes="D M", suspects=max_norm_suspects(W, 1.0))
    check(np.array_equal(sandbox.fetch(store), W), "W is changed by the call: work on a copy.")


# --- early stopping ---


def progress(history, epoch, best, min_delta):
    """Whether an epoch becomes the best, by the rule of the docstring."""
    return history[epoch] < history[best] - min_delta


def stopping(history, patience, min_delta, *, better=progress, total=False, late=0):
    """(stop, best) of a rule that can be told to go wrong."""
    best = waited = 0
    for epoch in range(1, len(history)):
        if better(history, epoch, best, min_delta):
            best, waited = epoch, waited if total else 0
        else:
            waited += 1
        if waited == patience + late:
            return epoch, best
    return len(history) - 1, best


def stopping_mistakes(history, patience, min_delta):
    """Wrong answers by the mistake behind them."""

    def run(history=history, patience=patience, min_delta=min_delta, **mistake):
        return stopping(history, patience, min_delta, **mistake)

    stop, best = run()
    seen = history[: stop + 1]
    return {
        "Training never stops early.": (len(history) - 1, run(patience=len(history) + 1)[1]),
        "An equal loss counts as progress; it must be smaller.": run(
            better=lambda h, i, best, d: h[i] <= h[best] - d
        ),
        "Epochs without progress are counted in all; count those in a row.": run(total=True),
        "Each epoch is compared with the one before; compare it with the best.": run(
            better=lambda h, i, _, d: h[i] < h[i - 1] - d
        ),
        "min_delta is ignored.": run(min_delta=0.0),
        "Higher is taken for better: these are losses.": run(
            better=lambda h, i, best, d: h[i] > h[best] + d
        ),
        "Training stops one epoch too late.": run(late=1),
        "Training stops one epoch too early.": run(late=-1),
        "Training stops at the first epoch without progress.": run(patience=1),
        "The best epoch is that of the whole history; what comes after the stop is never seen.": (
            stop,
            int(np.argmin(history)),
        ),
        "The best epoch is the one of the smallest loss, whatever min_delta is.": (
            stop,
            int(np.argmin(seen)),
        ),
        "The last epoch's weights are kept; keep the best one's.": (stop, stop),
        "The two are swapped: the stop comes first.": (best, stop),
        "Epochs are counted from 1; count from 0.": (stop + 1, best + 1),
        "The stop is counted from 1.": (stop + 1, best),
        "The best epoch is counted from 1.": (stop, best + 1),
        "The best loss is returned instead of its epoch.": (stop, history[best]),
        "Training stops where patience begins, not where it runs out.": (best + 1, best),
    }


def judge_stopping(student, reference, exact, cases):
    """Hold (stop, best) of all cases against the reference's."""
    for history, patience, *more in cases:
        values = [float(value) for value in history]
        mistakes = stopping_mistakes(values, patience, *(more or [0.0]))
        want = reference.early_stopping(values, patience, *more)
        suspects = {
            said: lambda wrong=wrong: wrong for said, wrong in mistakes.items() if wrong != want
        }
        got = student.early_stopping(values, patience, *more)
        exact(got, want, names=("stop", "best"), suspects=suspects)


@exercise("early_stopping", weight=2)
def test_early_stopping(student, reference, rng, exact):
    """Valleys, a second and deeper one that comes too late, and progress in time."""
    base = float(rng.uniform(5, 6))
    falls = base + np.array([3, 2, 1.5, 1.7, 1.6, 1.8, 0.2, 0.1])
    saws = base + np.array([3, 2, 2.5, 1.5, 1.9, 1.0, 1.4, 1.2, 0.5, 0.7, 0.6, 0.8])
    judge_stopping(student, reference, exact, ((falls, 3), (falls, 2), (falls, 4), (saws, 3)))


@exercise("early_stopping")
def test_small_progress(student, reference, rng, exact):
    """Equal losses and progress of less than min_delta do not count; of more, they do."""
    base = float(rng.integers(5, 9))
    flat = base + np.array([2, 1, 1, 1, 1, 0])
    slow = base + np.array([4, 3, 2.75, 2.625, 2.125, 2.0, 1.875, 1.75, 1.5, 1.25])
    cases = ((flat, 3), (slow, 3, 0.5), (slow, 2, 0.75), (slow, 2))
    judge_stopping(student, reference, exact, cases)


@exercise("early_stopping")
def test_edges_of_history(student, reference, rng, exact):
    """One epoch alone, losses that only rise, only fall, or end before patience does."""
    steps = np.cumsum(rng.uniform(0.1, 1, 6))
    cases = (([3.0], 2), (steps, 2), (steps, 1), (steps[::-1], 2), (steps, 9))
    judge_stopping(student, reference, exact, cases)
