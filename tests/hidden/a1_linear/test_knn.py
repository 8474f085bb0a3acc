"""Hidden checks of knn.py: distances by definition, alone and far from the origin."""

import numpy as np

from autograder.suite import exercise

AXES = "num_test num_train"
WAYS = ("two_loops", "one_loop", "no_loops")
WRONG = """
    def compute_distances_{way}(self, X):
        return np.full((len(X), len(self.X_train)), -1.0)
"""


def alone(sandbox, keep):
    """The student's class with one way to compute distances; the others give -1."""
    others = [WRONG.format(way=way) for way in WAYS if way != keep]
    return sandbox.define("class Alone(student.KNearestNeighbor):" + "".join(others), "Alone")


def trained(model, X, num_train):
    """A classifier of the class `model`, trained on X."""
    knn = model()
    knn.train(X, np.arange(num_train))
    return knn


def distances(X, X_train):
    """Every distance by its definition."""
    return np.sqrt(np.sum((X[:, None, :] - X_train) ** 2, axis=2))


def distance_suspects(X, X_train):
    """Wrong distances that name the mistake behind them."""
    diff = X[:, None, :] - X_train
    squared = np.sum(diff**2, axis=2)
    dot = X @ X_train.T
    suspects = {
        "These are squared distances: the root is missing.": lambda: squared,
        "These are L1 distances, sums of absolute differences; the Euclidean distance is the root "
        "of the sum of squares.": lambda: np.sum(np.abs(diff), axis=2),
        "This is the largest difference of any coordinate; sum the squares of all of them.": (
            lambda: np.max(np.abs(diff), axis=2)
        ),
        "The squared differences are averaged over the D coordinates; they should be summed.": (
            lambda: np.sqrt(np.mean(diff**2, axis=2))
        ),
        "The differences are summed before they are squared: square each coordinate first.": (
            lambda: np.abs(np.sum(diff, axis=2))
        ),
        "The last coordinate is left out.": lambda: np.sqrt(np.sum(diff[..., :-1] ** 2, axis=2)),
        "The last training point has no distances: does the loop end one too early?": (
            lambda: _without(np.sqrt(squared), np.s_[:, -1])
        ),
        "The last test point has no distances: does the loop end one too early?": (
            lambda: _without(np.sqrt(squared), np.s_[-1])
        ),
        "In |a|^2 - 2 a.b + |b|^2 the factor 2 is missing.": lambda: _root(squared + dot),
        "In |a|^2 - 2 a.b + |b|^2 the middle term has the wrong sign.": (
            lambda: _root(squared + 4 * dot)
        ),
        "|a|^2 of the test points is missing in |a|^2 - 2 a.b + |b|^2.": (
            lambda: _root(squared - np.sum(X**2, axis=1)[:, None])
        ),
        "|b|^2 of the training points is missing in |a|^2 - 2 a.b + |b|^2.": (
            lambda: _root(squared - np.sum(X_train**2, axis=1))
        ),
        "These are scalar products of the points, not distances.": lambda: dot,
        "Only the last test point's row is kept.": lambda: np.sqrt(squared[-1]),
        "The squared differences are summed over the training points, axis 1; sum over the "
        "coordinates, axis 2.": lambda: np.sqrt(np.sum(diff**2, axis=1)),
        "All rows are the first test point's distances.": (
            lambda: np.tile(np.sqrt(squared[0]), (len(X), 1))
        ),
        "One number fills a whole row: sum over the coordinates alone, along axis 1.": (
            lambda: np.repeat(np.sqrt(squared.sum(axis=1))[:, None], len(X_train), axis=1)
        ),
        "These are distances among the training points; X is not used.": (
            lambda: distances(X_train, X_train)[: len(X)]
        ),
        "The method hands its work to one of the other two: it should do it itself.": (
            lambda: np.full(squared.shape, -1.0)
        ),
    }
    if len(X) == len(X_train):
        suspects["dists is transposed: its rows are the test points."] = lambda: np.sqrt(squared.T)
    return suspects


def _root(squared):
    return np.sqrt(np.maximum(squared, 0))


def _without(dists, gap):
    dists[gap] = 0
    return dists


def compare(got, close, X, X_train):
    """Hold distances against their definition."""
    suspects = distance_suspects(X, X_train)
    close(got, distances(X, X_train), axes=AXES, suspects=suspects)


def has_nan(got):
    """Whether a result is an array with NaN in it."""
    return type(got) is np.ndarray and got.dtype.kind == "f" and bool(np.isnan(got).any())


def points(rng, num_test, num_train, dim):
    """Test and training points in general position, off the origin."""
    return rng.normal(1, 2, (num_test, dim)), rng.normal(-1, 2, (num_train, dim))


@exercise("compute_distances_two_loops", weight=2)
def test_two_loops_by_definition(student, rng, close):
    """Every entry is the root of the sum of squared differences of one pair."""
    X, X_train = points(rng, 4, 6, 5)
    got = trained(student.KNearestNeighbor, X_train, len(X_train)).compute_distances_two_loops(X)
    compare(got, close, X, X_train)


@exercise("compute_distances_two_loops")
def test_train_replaces_the_first_set(student, rng, close, sandbox):
    """Training again forgets the first training set; inputs stay as they are."""
    X, X_train = points(rng, 3, 3, 4)
    first = rng.normal(size=(5, 4))
    knn = student.KNearestNeighbor()
    knn.train(first, np.arange(5))
    knn.train(np.asfortranarray(X_train), np.arange(3))
    got = sandbox.untouched(knn.compute_distances_two_loops, X=np.asfortranarray(X))
    suspects = {
        "These are distances to the first training set: training again must replace it.": (
            lambda: distances(X, first)
        ),
        "Training again adds to the first training set; it must replace it.": (
            lambda: distances(X, np.vstack([first, X_train]))
        ),
    }
    close(got, distances(X, X_train), axes=AXES, suspects=suspects | distance_suspects(X, X_train))


@exercise("compute_distances_one_loop", weight=2)
def test_one_loop_by_definition(student, rng, close, sandbox):
    """One loop gives what two loops give, without calling the other methods."""
    X, X_train = points(rng, 4, 6, 5)
    model = alone(sandbox, "one_loop")
    got = trained(model, X_train, len(X_train)).compute_distances_one_loop(X)
    compare(got, close, X, X_train)


@exercise("compute_distances_one_loop")
def test_one_loop_on_square_and_single_cases(student, rng, close, sandbox):
    """As many test points as coordinates and training points; one of each; inputs stay."""
    for num_test, num_train, dim in ((5, 5, 5), (1, 3, 1)):
        X, X_train = map(np.asfortranarray, points(rng, num_test, num_train, dim))
        knn = student.KNearestNeighbor()

        def distances_of(X, X_train, knn=knn, num_train=num_train):
            knn.train(X_train, np.arange(num_train))
            return knn.compute_distances_one_loop(X)

        got = sandbox.untouched(distances_of, X=X, X_train=X_train)
        compare(got, close, X, X_train)


@exercise("compute_distances_no_loops", weight=2)
def test_no_loops_by_definition(student, rng, close, sandbox):
    """No loop gives what two loops give, without calling the other methods."""
    X, X_train = points(rng, 4, 6, 5)
    model = alone(sandbox, "no_loops")
    got = trained(model, X_train, len(X_train)).compute_distances_no_loops(X)
    compare(got, close, X, X_train)


@exercise("compute_distances_no_loops")
def test_no_loops_on_square_and_single_cases(student, rng, close, sandbox):
    """As many test points as coordinates and training points; one of each; read-only views."""
    model = alone(sandbox, "no_loops")
    for num_test, num_train, dim in ((5, 5, 5), (1, 3, 1)):
        X, X_train = points(rng, num_test, num_train, 2 * dim)
        X, X_train = X[:, ::2], X_train[:, ::2]
        X.flags.writeable = False
        got = trained(model, X_train, len(X_train)).compute_distances_no_loops(X)
        compare(got, close, X, X_train)


@exercise("compute_distances_no_loops")
def test_no_loops_far_from_the_origin(student, rng, close, check, sandbox):
    """Points far from the origin, compared with themselves: rounding must not make a NaN."""
    # |a|^2 is 6e6 and |a - a|^2 is 0: the expansion's error of 3e-9 becomes 5e-5 by the root.
    X = rng.normal(500, 1, (60, 24))
    model = alone(sandbox, "no_loops")
    got = trained(model, X, len(X)).compute_distances_no_loops(X)
    sentence = (
        "Distances of nearly equal points are NaN: rounding makes |a|^2 - 2 a.b + |b|^2 slightly "
        "negative. Clip it at 0 before the root."
    )
    check(not has_nan(got), sentence)
    close(got, distances(X, X), rtol=1e-3, axes=AXES)
