"""Hidden suite for linear.py: an epoch of mini-batch SGD."""

import numpy as np

from autograder.suite import exercise


def regression(rng, N, D):
    """Random weights, bias, examples and targets."""
    return rng.normal(size=D), float(rng.normal()), rng.normal(size=(N, D)), rng.normal(size=N)


def walk(w, b, batches, rates, gradient):
    """Weights and bias after one step per batch of (X, y); one rate, or one for each step."""
    for (X, y), lr in zip(batches, np.broadcast_to(rates, len(batches)), strict=True):
        dw, db = gradient(w, b, X, y)
        w, b = w - lr * dw, b - lr * db
    return w, b


def epoch_suspects(w, b, X, y, lr, B):
    """Epochs that go wrong."""
    starts = range(0, len(X), B)
    batches = [(X[s : s + B], y[s : s + B]) for s in starts]
    first = w, b

    def grad(w, b, X, y, count=None):
        error = X @ w + b - y
        count = count or len(X)
        return X.T @ error / count, np.sum(error) / count

    def sequential(w, b):
        """First the weights, then the bias with the gradient at the new weights."""
        for rows in batches:
            w = w - lr * grad(w, b, *rows)[0]
            b = b - lr * grad(w, b, *rows)[1]
        return w, b

    return {
        "The last batch, which is smaller, is left out.": lambda: walk(
            w, b, batches[:-1], lr, grad
        ),
        "Only the first batch makes a step.": lambda: walk(w, b, batches[:1], lr, grad),
        "The whole data make one step; each batch makes one.": lambda: walk(
            w, b, [(X, y)], lr, grad
        ),
        "Every step uses all rows instead of those of its batch.": lambda: walk(
            w, b, [(X, y)] * len(batches), lr, grad
        ),
        "The last, smaller batch is divided by batch_size: take the mean over its own rows.": (
            lambda: walk(w, b, batches, lr, lambda *at: grad(*at, B))
        ),
        "The gradients of a batch are divided by the number of all rows.": lambda: walk(
            w, b, batches, lr, lambda *at: grad(*at, len(X))
        ),
        "The gradients of a batch are not divided by its size.": lambda: walk(
            w, b, batches, lr, lambda *at: grad(*at, 1)
        ),
        "The gradients are those at the first weights: take each at the weights reached so far.": (
            lambda: walk(w, b, batches, lr, lambda _w, _b, X, y: grad(*first, X, y))
        ),
        "The step goes uphill: subtract lr times the gradient.": lambda: walk(
            w, b, batches, -lr, grad
        ),
        "The bias makes no steps.": lambda: walk(
            w, b, batches, lr, lambda *at: (grad(*at)[0], 0.0)
        ),
        "The weights make no steps.": lambda: walk(
            w, b, batches, lr, lambda *at: (0, grad(*at)[1])
        ),
        "The bias uses the weights after their step: take both gradients first.": lambda: (
            sequential(w, b)
        ),
        "The rows are taken from the end to the start; here they come in their order.": (
            lambda: walk(w, b, batches[::-1], lr, grad)
        ),
        "Every row is a batch of its own.": lambda: walk(
            w, b, [(X[i : i + 1], y[i : i + 1]) for i in range(len(X))], lr, grad
        ),
        "The batches overlap: the next one starts where the last one ended.": lambda: walk(
            w, b, [(X[i : i + B], y[i : i + B]) for i in range(len(X) - B + 1)], lr, grad
        ),
        "The last batch is filled up with rows from the beginning; it is smaller.": lambda: walk(
            w,
            b,
            [(X[(s + np.arange(B)) % len(X)], y[(s + np.arange(B)) % len(X)]) for s in starts],
            lr,
            grad,
        ),
        "The batches take rows in another order: each holds neighbouring rows.": lambda: walk(
            w, b, [(X[i :: len(starts)], y[i :: len(starts)]) for i in range(len(starts))], lr, grad
        ),
        "The learning rate is halved on the way; it stays as it is.": lambda: walk(
            w, b, batches, lr * 0.5 ** np.arange(len(batches)), grad
        ),
        "The learning rate shrinks on the way; it stays as it is.": lambda: walk(
            w, b, batches, lr / (1 + np.arange(len(batches))), grad
        ),
    }


def same(got, again):
    """Whether two calls gave the same weights."""
    return isinstance(got, tuple) and all(map(np.array_equal, got, again))


@exercise("linreg_sgd_epoch", weight=2)
def test_epoch(student, reference, rng, close):
    """Every batch makes one step, the last and smaller one too."""
    (w, b, X, y), lr, B = regression(rng, 11, 3), 0.2, 4
    want = reference.linreg_sgd_epoch(w, b, X, y, lr, B)
    suspects = epoch_suspects(w, b, X, y, lr, B)
    got, again = (student.linreg_sgd_epoch(w, b, X, y, lr, B) for _ in range(2))
    shuffled = (
        "Two calls differ: the rows come in another order, shuffled; take them as they stand."
    )
    suspects[shuffled] = lambda: None if same(got, again) else got
    close(got, want, names=("w", "b"), axes={"w": "D"}, suspects=suspects)


@exercise("linreg_sgd_epoch")
def test_batch_sizes(student, reference, rng, close):
    """Batches of one row, batches that fit exactly, and one batch that is larger than the data."""
    (w, b, X, y), lr = regression(rng, 6, 3), 0.1
    for B in (1, 3, 50):
        want = reference.linreg_sgd_epoch(w, b, X, y, lr, B)
        suspects = epoch_suspects(w, b, X, y, lr, B)
        got = student.linreg_sgd_epoch(w, b, X, y, lr, B)
        close(got, want, names=("w", "b"), axes={"w": "D"}, suspects=suspects)


@exercise("linreg_sgd_epoch", weight=0.5)
def test_epoch_inputs(student, reference, rng, sandbox, close):
    """The weights at the start and the data stay unchanged."""
    w, b, X, y = regression(rng, 5, 3)
    call = student.linreg_sgd_epoch
    got = sandbox.untouched(lambda w, X, y: call(w, b, X, y, 0.1, 2), w=w, X=X, y=y)
    close(got, reference.linreg_sgd_epoch(w, b, X, y, 0.1, 2), names=("w", "b"))
