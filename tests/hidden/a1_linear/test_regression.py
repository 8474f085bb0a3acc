"""Hidden suite for linear.py: linear regression, by gradient, in closed form and by SGD."""

import numpy as np

from autograder.sandbox.faults import Raised
from autograder.suite import exercise

NAMES = ("loss", "dw", "db")


def regression(rng, N, D):
    """Random weights, bias, examples and targets."""
    return rng.normal(size=D), float(rng.normal()), rng.normal(size=(N, D)), rng.normal(size=N)


def part(got, place):
    """Return one of several results; what is no tuple at all is left for `close` to judge."""
    return got[place] if isinstance(got, tuple | list) and len(got) > place else got


# --- linear regression ---


@exercise("linreg_loss_grad", weight=2)
def test_regression_loss(student, reference, rng, close):
    """The loss is half the mean squared error."""
    w, b, X, y = regression(rng, 9, 4)
    want = reference.linreg_loss_grad(w, b, X, y)[0]
    error = X @ w + b - y
    suspects = {
        "The factor one half is missing.": lambda: 2 * want,
        "The squared errors are added up; the loss is half their mean.": lambda: 9 * want,
        "The squared errors are added up, without one half; the loss is half their mean.": lambda: (
            18 * want
        ),
        "The loss is divided by the number of features; divide by N.": lambda: want * 9 / 4,
        "The bias is not added to the predictions.": lambda: np.mean((error - b) ** 2) / 2,
        "The bias is subtracted from the predictions.": lambda: np.mean((error - 2 * b) ** 2) / 2,
        "The errors are not squared: their absolute values are averaged.": lambda: (
            np.mean(np.abs(error)) / 2
        ),
        "This is the root of the mean squared error.": lambda: np.sqrt(np.mean(error**2)),
        "The errors are averaged before they are squared.": lambda: np.mean(error) ** 2 / 2,
        "y is added to the predictions.": lambda: np.mean((error + 2 * y) ** 2) / 2,
    }
    got, sizes = part(student.linreg_loss_grad(w, b, X, y), 0), {"N": 9, "D": 4}
    close(got, want, names="loss", sizes=sizes, suspects=suspects)


@exercise("linreg_loss_grad", weight=2)
def test_regression_gradients(student, reference, rng, close):
    """The gradients of half the mean squared error, with respect to w and b."""
    w, b, X, y = regression(rng, 9, 4)
    _, dw, db = reference.linreg_loss_grad(w, b, X, y)
    error = X @ w + b - y
    suspects = {
        "The gradients are added up over the examples; divide by N.": lambda: (9 * dw, 9 * db),
        "The gradients have a factor two: the one half of the loss takes it away.": lambda: (
            2 * dw,
            2 * db,
        ),
        "The gradients have the wrong sign: the error is prediction minus y.": lambda: (-dw, -db),
        "dw is not divided by N.": lambda: {"dw": 9 * dw},
        "db is not divided by N.": lambda: {"db": 9 * db},
        "The bias is not in the predictions.": lambda: {"dw": X.T @ (error - b) / 9},
        "db is multiplied by b: the slope of the prediction with respect to b is one.": lambda: {
            "db": b * db
        },
        "db must be one number: add up the errors.": lambda: {"db": error / 9},
        "dw averages the examples without their errors.": lambda: {"dw": np.mean(X, axis=0)},
        "dw averages the errors without the examples.": lambda: {"dw": np.full(4, np.mean(error))},
        "The gradients are divided by the number of features; divide by N.": lambda: (
            dw * 9 / 4,
            db * 9 / 4,
        ),
        "dw takes the sign of the errors, as for absolute errors.": lambda: {
            "dw": X.T @ np.sign(error) / 9
        },
    }
    got = student.linreg_loss_grad(w, b, X, y)
    got, sizes = (part(got, 1), part(got, 2)), {"N": 9, "D": 4}
    close(got, (dw, db), names=("dw", "db"), axes={"dw": "D"}, sizes=sizes, suspects=suspects)


@exercise("linreg_loss_grad")
def test_target_column(student, reference, rng, close):
    """Targets as a column (N, 1) mean the same as (N,)."""
    w, b, X, y = regression(rng, 6, 3)
    want = reference.linreg_loss_grad(w, b, X, y)
    square = X @ w + b - y[:, None]  # (N, N)
    suspects = {
        "(N,) minus (N, 1) is broadcast to N x N differences: bring y to the shape (N,) first.": (
            lambda: {"loss": np.sum(square**2) / 12}
        ),
        "(N,) minus (N, 1) is broadcast to (N, N) differences: bring y to the shape (N,) first.": (
            lambda: {"loss": np.mean(square**2) / 2}
        ),
    }
    got = student.linreg_loss_grad(w, b, X, y[:, None])
    close(got, want, names=NAMES, axes={"dw": "D"}, suspects=suspects)


@exercise("linreg_loss_grad")
def test_regression_shapes(student, reference, rng, close, sandbox):
    """One example, one feature, square X and views are welcome; all inputs stay unchanged."""
    for N, D in ((1, 3), (5, 1), (4, 4)):
        w, b, X, y = regression(rng, N, D)
        want = reference.linreg_loss_grad(w, b, X, y)
        views = w, b, np.repeat(X, 2, axis=0)[::2], np.repeat(y, 2)[::2]
        close(student.linreg_loss_grad(*views), want, names=NAMES, axes={"dw": "D"})
    call = student.linreg_loss_grad
    sandbox.untouched(lambda w, X, y: call(w, b, X, y), w=w, X=X, y=y)


# --- closed form ---


def fit_suspects(X, y, got):
    """Closed forms that are not the one asked for."""
    gram, moment = X.T @ X, X.T @ y
    some = type(got) is np.ndarray and got.shape == moment.shape and np.any(got)
    # A ridge leaves the gradient proportional to the weights; this is by how much.
    ridge = got @ (moment - gram @ got) / (got @ got) if some else 1.0
    return {
        "A multiple of the identity is added to X^T X: that is ridge regression, not the best "
        "fit.": lambda: np.linalg.pinv(gram + ridge * np.eye(len(gram))) @ moment,
        "X^T X is not inverted.": lambda: gram @ moment,
        "The factor (X^T X)^-1 is missing.": lambda: moment,
        "The inverse of a matrix is not taken entry by entry.": lambda: (
            np.divide(1, gram, out=np.zeros_like(gram), where=gram != 0) @ moment
        ),
        "Each feature is fitted alone, which is right for orthogonal features only.": lambda: (
            moment / np.diag(gram)
        ),
        "X and y are centred first: the fit has an extra bias. Columns of ones are the caller's.": (
            lambda: np.linalg.pinv(X - X.mean(axis=0)) @ (y - y.mean())
        ),
    }


@exercise("normal_eq", weight=2)
def test_best_fit(student, reference, rng, close):
    """The weights minimise the squared error: more rows than columns, square, and one column."""
    for N, D in ((9, 4), (5, 5), (6, 1)):
        _, _, X, y = regression(rng, N, D)
        X = X + 4 * np.eye(N, D)  # far from singular
        got, sizes = student.normal_eq(X, y), {"N": N, "D": D}
        suspects = fit_suspects(X, y, got) if N > D > 1 else {}
        close(got, reference.normal_eq(X, y), names="w", axes="D", sizes=sizes, suspects=suspects)


SINGULAR = (
    "X^T X has no inverse here (a column of zeros, or two equal columns): numpy's inverse fails or "
    "returns noise. Use a pseudo-inverse or least squares, which give the shortest best fit."
)
LONGER = (
    "These weights fit as well as any, but they are not the shortest: where several are equally "
    "good, take the ones of smallest sum(w**2), as a pseudo-inverse does."
)


def shortest_fit(student, reference, close, check, X, y):
    """Judge the fit where X^T X has no inverse; a fit that is always wrong is another matter."""
    usual = X + 4 * np.eye(*X.shape)
    close(student.normal_eq(usual, y), reference.normal_eq(usual, y), names="w", axes="D")
    try:
        got = student.normal_eq(X, y)
    except Raised as fault:
        check(fault.kind != "LinAlgError", SINGULAR)
        raise
    want = reference.normal_eq(X, y)
    suspects = {}
    if type(got) is np.ndarray and got.shape == want.shape:
        as_good = np.max(np.abs(X @ (got - want))) <= 1e-9
        suspects = fit_suspects(X, y, got) | {LONGER if as_good else SINGULAR: lambda: got}
    close(got, want, names="w", axes="D", suspects=suspects)


@exercise("normal_eq")
def test_empty_feature(student, reference, rng, close, check):
    """A feature that is always 0 gets the weight 0."""
    _, _, X, y = regression(rng, 9, 4)
    X[:, rng.integers(4)] = 0
    shortest_fit(student, reference, close, check, X, y)


@exercise("normal_eq")
def test_equal_features(student, reference, rng, close, check):
    """Two equal features share their weight: the shortest of the best fits."""
    _, _, X, y = regression(rng, 9, 4)
    X[:, 3] = X[:, 1]
    shortest_fit(student, reference, close, check, X, y)
