"""Hidden suite for losses.py: the losses of a linear classifier, SVM and softmax."""

import numpy as np
import pytest

from autograder.suite import exercise


def batch(rng, N, D, C):
    """Random weights, examples and labels in general position."""
    return rng.normal(size=(D, C)), rng.normal(size=(N, D)), rng.integers(C, size=N)


def part(got, place):
    """Return one of several results; what is no tuple at all is left for `close` to judge."""
    return got[place] if isinstance(got, tuple | list) and len(got) > place else got


# --- SVM ---


def both(weight):
    """The test judges the loops and the vectorised form, each as its own exercise."""
    forms = ("svm_loss_naive", "svm_loss_vectorized")
    return pytest.mark.parametrize(
        "name", [pytest.param(form, marks=exercise(form, weight=weight)) for form in forms]
    )


def svm_parts(W, X, y):
    """True classes one-hot, and s_j - s_true with -inf at the true class itself."""
    scores, true = X @ W, np.arange(W.shape[1]) == y[:, None]
    return true, np.where(true, -np.inf, scores - scores[true][:, None])


def svm_loss_suspects(W, X, y, want):
    """Losses, at reg = 0, of the mistakes that are made most often."""
    (N, _), C = X.shape, W.shape[1]
    true, gap = svm_parts(W, X, y)
    hinge = np.maximum(0, gap + 1)
    return {
        "The true class is counted as well: its margin is one for every example, so skip it or "
        "set it to zero.": lambda: want + 1,
        "The margin of one is missing in max(0, s_j - s_true + margin).": lambda: (
            np.sum(np.maximum(0, gap)) / N
        ),
        "The hinge is squared; the loss here is max(0, margin), not its square.": lambda: (
            np.sum(hinge**2) / N
        ),
        "Only the worst class of each example counts here; add up all wrong classes.": lambda: (
            np.sum(np.max(hinge, axis=1)) / N
        ),
        "Negative margins are not cut off at zero.": lambda: np.sum(gap[~true] + 1) / N,
        "The margin has the wrong sign: it is s_j - s_true + 1.": lambda: (
            np.sum(np.maximum(0, 1 - gap[~true])) / N
        ),
        "The loss is averaged over the classes too; only the examples are averaged.": lambda: (
            want / (C - 1)
        ),
        "The last example is left out: does the loop end one too early?": lambda: (
            np.sum(hinge[:-1]) / N
        ),
        "The last class is left out: does the loop end one too early?": lambda: (
            np.sum(hinge[:, :-1]) / N
        ),
        "Only the first example counts: does the return statement stand inside the loop?": lambda: (
            np.sum(hinge[0]) / N
        ),
    }


def svm_grad_suspects(W, X, y):
    """Gradients, at reg = 0, of the mistakes that are made most often."""
    N = len(X)
    true, gap = svm_parts(W, X, y)
    hinge = np.maximum(0, gap + 1)
    hit, bare = hinge > 0, gap > 0
    worst = hit & (hinge == np.max(hinge, axis=1, keepdims=True))

    def grad(pull, push=None, take=0):
        push = np.sum(pull, axis=1, keepdims=True) + take if push is None else push
        return X.T @ (pull - true * push) / N

    return {
        "The true class's column gets nothing: every violated margin also subtracts the example "
        "from it.": lambda: grad(hit, 0),
        "The true class's column gets the example once: it must get it once for every violated "
        "margin.": lambda: grad(hit, 1),
        "Only the true class's column gets a gradient; every violated class gets the example "
        "too.": lambda: grad(0 * hit, np.sum(hit, axis=1, keepdims=True)),
        "The true class is counted as a violation of itself.": lambda: grad(hit, take=1),
        "The true class is counted as a violation, and not taken back.": lambda: grad(hit, take=-1),
        "The violations are kept as truth values, which hold no counts: use numbers.": lambda: grad(
            hit, -1 * np.any(hit, axis=1, keepdims=True)
        ),
        "This is the gradient of the squared hinge.": lambda: grad(2 * hinge),
        "The margins themselves are used as the gradient; each violation counts one, whatever its "
        "size.": lambda: grad(hinge),
        "Only the worst class of each example gets a gradient.": lambda: grad(worst),
        "The margin of one is missing where the violations are found.": lambda: grad(bare),
    }


def penalty_suspects(loss, W, N, reg):
    """Results for X = 0, where the penalty is all of the gradient, of the usual mistakes."""
    total = np.sum(W * W)
    return {
        "The penalty reg * sum(W * W) is missing in the loss.": lambda: {
            "loss": loss - reg * total
        },
        "The penalty has a factor one half; here it is reg * sum(W * W).": lambda: {
            "loss": loss - reg * total / 2
        },
        "The penalty is divided by N; it depends on W only.": lambda: {
            "loss": loss - reg * total * (1 - 1 / N)
        },
        "The penalty is the L1 norm; here it is reg * sum(W * W).": lambda: {
            "loss": loss - reg * total + reg * np.sum(np.abs(W))
        },
        "The penalty is reg * ||W||, without the square.": lambda: {
            "loss": loss - reg * total + reg * np.sqrt(total)
        },
        "The penalty leaves out the last row of W; all of W is regularised here.": lambda: {
            "loss": loss - reg * np.sum(W[-1] ** 2)
        },
        "The gradient of the penalty is missing in dW.": lambda: {"dW": np.zeros(W.shape)},
        "The gradient of the penalty is 2 reg W; the factor two is missing.": lambda: {
            "dW": reg * W
        },
        "The gradient of the penalty is added once for every example.": lambda: {
            "dW": 2 * reg * W * N
        },
        "The gradient of the penalty is divided by N.": lambda: {"dW": 2 * reg * W / N},
        "The gradient of the penalty is that of the L1 norm.": lambda: {"dW": reg * np.sign(W)},
        "The gradient of the penalty has the wrong sign.": lambda: {"dW": -2 * reg * W},
        "The gradient leaves out the last row of W; all of W is regularised here.": lambda: {
            "dW": 2 * reg * np.vstack([W[:-1], np.zeros((1, W.shape[1]))])
        },
    }


@both(weight=2)
def test_svm_value(name, student, reference, rng, close):
    """The data loss is the mean over the examples of all hinges."""
    W, X, y = batch(rng, 12, 7, 5)
    want, _ = reference.svm_loss_naive(W, X, y, 0.0)
    got = part(getattr(student, name)(W, X, y, 0.0), 0)
    suspects = svm_loss_suspects(W, X, y, want)
    close(got, want, names="loss", sizes={"N": 12, "C": 5, "D": 7}, suspects=suspects)


@both(weight=2)
def test_svm_gradient(name, student, reference, rng, close):
    """The gradient of the data loss: each violated margin moves two columns of dW."""
    W, X, y = batch(rng, 12, 7, 5)
    _, want = reference.svm_loss_naive(W, X, y, 0.0)
    got = part(getattr(student, name)(W, X, y, 0.0), 1)
    sizes, suspects = {"N": 12, "C": 5, "D": 7}, svm_grad_suspects(W, X, y)
    close(got, want, names="dW", axes="D C", sizes=sizes, suspects=suspects)


@both(weight=1)
def test_svm_penalty(name, student, reference, rng, close):
    """Regularisation adds reg * sum(W * W) and its gradient."""
    W, X, y = batch(rng, 5, 7, 4)
    X, reg = np.zeros_like(X), 0.7
    want = reference.svm_loss_naive(W, X, y, reg)
    got = getattr(student, name)(W, X, y, reg)
    suspects = penalty_suspects(want[0], W, 5, reg)
    close(got, want, names=("loss", "dW"), axes={"dW": "D C"}, suspects=suspects)


@both(weight=1)
def test_svm_shapes(name, student, reference, rng, close):
    """One example, two classes, and as many examples as classes, with regularisation."""
    for N, D, C in ((1, 4, 3), (6, 4, 6), (5, 3, 2)):
        W, X, y = batch(rng, N, D, C)
        want = reference.svm_loss_naive(W, X, y, 0.7)
        scores = X @ W
        spread = scores - scores[np.arange(N), y] + 1 if N == C else np.ones((N, C))
        spread[np.arange(N), y] = 0
        loss = np.sum(np.maximum(0, spread)) / N + 0.7 * np.sum(W * W)
        crossed = (
            "Each score is compared with another example's true score: scores[rows, y] has the "
            "shape (N,) and is broadcast along the classes; make it a column."
        )
        axes, suspects = {"dW": "D C"}, {crossed: lambda loss=loss: {"loss": loss}}
        got = getattr(student, name)(W, X, y, 0.7)
        close(got, want, names=("loss", "dW"), axes=axes, suspects=suspects)


@both(weight=0.5)
def test_svm_tie(name, student, reference, rng, close):
    """A margin of exactly 0 adds nothing to the gradient."""
    N, D = 6, 3
    X = rng.integers(1, 4, size=(N, D)).astype(float)
    W = np.zeros((D, 3))
    X[:, 0], W[0] = 1, (-1, 0, 7)  # scores -1, 0, 7 in front of the random part, equal for all
    W[1:] = rng.integers(-2, 3, size=(D - 1, 1))
    y = np.ones(N, dtype=int)
    _, want = reference.svm_loss_naive(W, X, y, 0.0)
    pull = X.sum(axis=0) / N
    suspects = {
        "A margin of exactly zero counts as violated here; the docstring says that it is not "
        "(use > 0, not >= 0).": lambda: want + np.outer(pull, (1, -1, 0)),
    }
    got = part(getattr(student, name)(W, X, y, 0.0), 1)
    close(got, want, names="dW", axes="D C", suspects=suspects)


@both(weight=0.5)
def test_svm_views(name, student, reference, rng, close):
    """Views, Fortran order and small integer labels are welcome."""
    svm, (W, X, y) = getattr(student, name), batch(rng, 8, 5, 3)
    want = reference.svm_loss_naive(W, X, y, 0.7)
    strided, W, y = np.repeat(X, 2, axis=0)[::2], np.asfortranarray(W), y.astype(np.uint8)
    close(svm(W, strided, y, 0.7), want, names=("loss", "dW"), axes={"dW": "D C"})


@both(weight=0.5)
def test_svm_inputs_stay(name, student, reference, rng, sandbox, close):
    """W, X and y stay unchanged."""
    svm, (W, X, y) = getattr(student, name), batch(rng, 8, 5, 3)
    got = sandbox.untouched(lambda W, X, y: svm(W, X, y, 0.7), W=W, X=X, y=y)
    close(got, reference.svm_loss_naive(W, X, y, 0.7), names=("loss", "dW"))


# --- softmax of a linear classifier ---


@exercise("softmax_loss_vectorized", weight=2)
def test_softmax_data_loss(student, reference, rng, close):
    """Mean cross-entropy of X @ W and its gradient with respect to W, without regularisation."""
    W, X, y = batch(rng, 12, 7, 5)
    want = reference.softmax_loss_vectorized(W, X, y, 0.0)
    dscores = reference.softmax_loss(X @ W, y)[1]
    p = dscores * 12 + np.eye(5)[y]
    columns = np.exp(X @ W) / np.sum(np.exp(X @ W), axis=0)
    suspects = {
        "The one at the true class is not subtracted from the probabilities.": lambda: {
            "dW": X.T @ p / 12
        },
        "The one at the true class is subtracted after the division by N.": lambda: {
            "dW": X.T @ (p / 12 - np.eye(5)[y])
        },
        "The probabilities are normalised over the examples (axis zero), not over the classes.": (
            lambda: {"loss": -np.mean(np.log(columns[np.arange(12), y]))}
        ),
        "This is the SVM loss; here it is the cross-entropy.": lambda: reference.svm_loss_naive(
            W, X, y, 0.0
        ),
    }
    got, sizes = student.softmax_loss_vectorized(W, X, y, 0.0), {"N": 12, "C": 5, "D": 7}
    close(got, want, names=("loss", "dW"), axes={"dW": "D C"}, sizes=sizes, suspects=suspects)


@exercise("softmax_loss_vectorized")
def test_softmax_penalty(student, reference, rng, close):
    """Regularisation adds reg * sum(W * W) and its gradient."""
    W, X, y = batch(rng, 5, 7, 4)
    want = reference.softmax_loss_vectorized(W, 0 * X, y, 0.7)
    got = student.softmax_loss_vectorized(W, 0 * X, y, 0.7)
    suspects = penalty_suspects(want[0], W, 5, 0.7)
    close(got, want, names=("loss", "dW"), axes={"dW": "D C"}, suspects=suspects)


@exercise("softmax_loss_vectorized")
def test_softmax_shapes(student, reference, rng, close):
    """One example, as many examples as classes, and scores in the hundreds, with regularisation."""
    for N, D, C, scale in ((1, 4, 3, 1), (6, 4, 6, 1), (5, 3, 2, 1), (7, 4, 3, 900)):
        W, X, y = batch(rng, N, D, C)
        want = reference.softmax_loss_vectorized(W, scale * X, y, 0.7)
        got = student.softmax_loss_vectorized(W, scale * X, y, 0.7)
        close(got, want, names=("loss", "dW"), axes={"dW": "D C"})


@exercise("softmax_loss_vectorized", weight=0.5)
def test_softmax_inputs(student, reference, rng, close, sandbox):
    """Views and small integer labels are welcome, and all inputs stay unchanged."""
    W, X, y = batch(rng, 8, 5, 3)
    strided, W, y = np.repeat(X, 2, axis=0)[::2], np.asfortranarray(W), y.astype(np.uint8)
    want = reference.softmax_loss_vectorized(W, X, y.astype(int), 0.7)
    softmax = student.softmax_loss_vectorized
    close(softmax(W, strided, y, 0.7), want, names=("loss", "dW"), axes={"dW": "D C"})
    sandbox.untouched(lambda W, X, y: softmax(W, X, y, 0.7), W=W, X=X, y=y)
