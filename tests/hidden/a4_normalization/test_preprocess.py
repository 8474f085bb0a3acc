"""Hidden checks of init.py: data prepared with the training set's numbers."""

import numpy as np

from autograder.suite import exercise, raises

NAMES = ("the training set", "the test set")
AXES = {NAMES[0]: "N D", NAMES[1]: "M D"}


def two_sets(rng, N, M, D):
    """Correlated columns of different spread, far from 0; the test set comes from elsewhere."""
    mix, _ = np.linalg.qr(rng.normal(size=(D, D)))
    spread = 3.0 ** -np.arange(D) * rng.uniform(0.9, 1.1, D)
    X = rng.normal(size=(N + M, D)) * spread @ mix + rng.normal(2, 1, D)
    X[N:] = 1.3 * X[N:] + rng.normal(size=D)
    return X[:N], X[N:]


def canonical(pair):
    """Columns turned so that the largest number of the training set is positive."""
    train, test = pair
    if not all(type(x) is np.ndarray and x.ndim == 2 and x.size for x in (train, test)):
        return pair
    if train.shape[1] != test.shape[1] or not np.isfinite(train).all():
        return pair
    largest = train[np.argmax(np.abs(train), axis=0), np.arange(train.shape[1])]
    sign = np.where(largest < 0, -1, 1).astype(train.dtype)
    return train * sign, test * sign


def turned(train, test, centred, count, eps, *, whiten=False, outside=False, over=None):
    """Rotated data, with the directions of `centred`."""
    variances, u = np.linalg.eigh(centred.T @ centred / count)
    variances, u = variances[::-1], u[:, ::-1]
    if whiten:
        over = (np.sqrt(variances) + eps) if outside else np.sqrt(variances + eps)
    return train @ (u / (1 if over is None else over)), test @ (u / (1 if over is None else over))


def suspects_of(reference, kind, X, Z, eps):
    """Wrong preparations that name the mistake behind them."""
    both, m, v = np.vstack([X, Z]), X.mean(0), X.var(0)
    right = reference.preprocess_train_test(X, Z, kind, eps)
    fresh = reference.preprocess_train_test(Z, Z, kind, eps)
    joint = reference.preprocess_train_test(both, both, kind, eps)
    scaled = np.sqrt(v + eps)
    found = {
        "The test set is prepared with its own numbers: use the training set's.": lambda: (
            right[0],
            fresh[1],
        ),
        "Training and test set are put together first: the test set must stay unseen.": lambda: (
            joint[0][: len(X)],
            joint[1][len(X) :],
        ),
        "The test set is returned as it came.": lambda: (right[0], Z),
        "The data are only centred.": lambda: (X - m, Z - m),
        "Rows are centred; each column has a mean of its own.": lambda: (
            X - X.mean(1, keepdims=True),
            Z - Z.mean(1, keepdims=True),
        ),
        "One mean is taken of all numbers; each column has its own.": lambda: (
            X - X.mean(),
            Z - X.mean(),
        ),
    }
    if kind == "standardize":
        return found | {
            "eps is added to the root; it belongs under it.": lambda: (
                (X - m) / (np.sqrt(v) + eps),
                (Z - m) / (np.sqrt(v) + eps),
            ),
            "eps is not used.": lambda: ((X - m) / np.sqrt(v), (Z - m) / np.sqrt(v)),
            "The data are divided by the variance; take its root.": lambda: (
                (X - m) / (v + eps),
                (Z - m) / (v + eps),
            ),
            "The variance is divided by N - 1; divide by N.": lambda: _scaled(
                X, Z, np.sqrt(X.var(0, ddof=1) + eps)
            ),
            "One variance is taken of all numbers; each column has its own.": lambda: _scaled(
                X, Z, np.sqrt((X - m).var() + eps)
            ),
            "The data are divided before the mean is subtracted.": lambda: (
                X / scaled - m,
                Z / scaled - m,
            ),
            "The mean is not subtracted.": lambda: (X / scaled, Z / scaled),
        }
    if kind in ("pca", "whiten"):
        found |= _turned_suspects(kind, X, Z, eps)
        return {said: lambda wrong=wrong: canonical(wrong()) for said, wrong in found.items()}
    return found


def _scaled(X, Z, scale):
    return (X - X.mean(0)) / scale, (Z - X.mean(0)) / scale


def _turned_suspects(kind, X, Z, eps):
    """Wrong rotations."""
    m, v, N, white = X.mean(0), X.var(0), len(X), kind == "whiten"
    centred = X - m, Z - m
    found = {
        "The directions come in the order of rising variance.": lambda: tuple(
            part[:, ::-1] for part in turned(*centred, X - m, N, eps, whiten=white)
        ),
        "The data are rotated before the mean is subtracted.": lambda: turned(
            X, Z, X - m, N, eps, whiten=white
        ),
        "The directions are those of data that are not centred.": lambda: turned(
            *centred, X, N, eps, whiten=white
        ),
        "The columns are scaled first; the directions are those of the covariance.": lambda: turned(
            *_scaled(X, Z, np.sqrt(v + eps)), (X - m) / np.sqrt(v + eps), N, eps, whiten=white
        ),
        "The test set is not centred.": lambda: (
            turned(*centred, X - m, N, eps, whiten=white)[0],
            turned(*centred[::-1], X - m, N, eps, whiten=white)[0]
            + turned(m[None], m[None], X - m, N, eps, whiten=white)[0],
        ),
    }
    if not white:
        found["The columns are whitened; 'pca' only rotates."] = lambda: turned(
            *centred, X - m, N, eps, whiten=True
        )
        return found
    variances = np.linalg.eigvalsh(np.cov(X.T, bias=True))[::-1]
    return found | {
        "The covariance is divided by N - 1; divide by N.": lambda: turned(
            *centred, X - m, N - 1, eps, whiten=True
        ),
        "eps is added to the root; it belongs under it.": lambda: turned(
            *centred, X - m, N, eps, whiten=True, outside=True
        ),
        "eps is not used.": lambda: turned(*centred, X - m, N, 0.0, whiten=True),
        "The columns are divided by the variance; take its root.": lambda: turned(
            *centred, X - m, N, eps, over=variances + eps
        ),
        "The columns are rotated and not divided: 'whiten' makes all variances one.": (
            lambda: turned(*centred, X - m, N, eps)
        ),
        "The whitened data are rotated back; the columns should be the directions.": (
            lambda: _rotated_back(X, Z, eps)
        ),
    }


def _rotated_back(X, Z, eps):
    m = X.mean(0)
    variances, u = np.linalg.eigh(np.cov(X.T, bias=True))
    back = u / np.sqrt(variances + eps) @ u.T
    return (X - m) @ back, (Z - m) @ back


def judge(student, reference, close, kind, sets, eps=0.1, **kw):
    """Hold both prepared sets against the reference's."""
    want = reference.preprocess_train_test(*sets, kind, eps)
    got = student.preprocess_train_test(*sets, kind=kind, **({"eps": eps} | kw))
    if kind in ("pca", "whiten") and isinstance(got, tuple | list) and len(got) == 2:
        got, want = canonical(got), canonical(want)
    suspects = suspects_of(reference, kind, *sets, eps)
    close(got, want, rtol=1e-8, names=NAMES, axes=AXES, suspects=suspects)


@exercise("preprocess_train_test")
def test_center(student, reference, rng, close):
    """Centring takes the training set's mean from both sets."""
    judge(student, reference, close, "center", two_sets(rng, 9, 4, 3))


@exercise("preprocess_train_test", weight=2)
def test_standardize(student, reference, rng, close):
    """Standardizing takes the training set's mean and variance, eps under the root."""
    judge(student, reference, close, "standardize", two_sets(rng, 9, 4, 3))
    judge(student, reference, close, "standardize", two_sets(rng, 8, 1, 5))


@exercise("preprocess_train_test", weight=2)
def test_pca(student, reference, rng, close):
    """PCA rotates to the directions of the training set, the largest variance first."""
    judge(student, reference, close, "pca", two_sets(rng, 30, 7, 4))
    judge(student, reference, close, "pca", two_sets(rng, 25, 1, 3))


@exercise("preprocess_train_test", weight=2)
def test_whiten(student, reference, rng, close):
    """Whitening divides every direction by its spread in the training set."""
    judge(student, reference, close, "whiten", two_sets(rng, 30, 7, 4))
    judge(student, reference, close, "whiten", two_sets(rng, 25, 1, 3))


@exercise("preprocess_train_test")
def test_constant_column(student, reference, rng, close):
    """A pixel that never changes stays finite; so do sets that are only read."""
    X, Z = two_sets(rng, 9, 4, 3)
    X[:, 1] = Z[:, 1] = 2.5
    X.flags.writeable = Z.flags.writeable = False
    want = reference.preprocess_train_test(X, Z)
    got = student.preprocess_train_test(X, Z)
    close(got, want, names=NAMES, axes=AXES, suspects=suspects_of(reference, "center", X, Z, 0))


@exercise("preprocess_train_test", weight=0.5)
def test_unknown_kind(student, rng):
    """Raises ValueError for a kind that does not exist."""
    with raises(ValueError, "preprocess_train_test should raise ValueError for an unknown kind."):
        student.preprocess_train_test(*two_sets(rng, 9, 4, 3), kind="shuffle")
