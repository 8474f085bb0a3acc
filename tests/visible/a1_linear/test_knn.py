"""Checks for knn.py that you can run as often as you like: small cases to follow by hand.

They lead the way; they do not grade. The graded tests use other data and more kinds of it.
"""

import numpy as np
import pytest
from knn import KNearestNeighbor

METHODS = (
    "compute_distances_two_loops",
    "compute_distances_one_loop",
    "compute_distances_no_loops",
)


def trained(X, y):
    """A classifier that remembers X and y."""
    knn = KNearestNeighbor()
    knn.train(np.array(X), np.array(y))
    return knn


@pytest.mark.parametrize("method", METHODS)
def test_distances_of_a_triangle(method):
    """Two test points, three training points: a right triangle with sides 3, 4 and 5."""
    knn = trained([[0.0, 0.0], [3.0, 0.0], [3.0, 4.0]], [0, 0, 1])
    dists = getattr(knn, method)(np.array([[0.0, 0.0], [3.0, 4.0]]))
    assert dists.shape == (2, 3), "one row per test point, one column per training point"
    want = np.array([[0.0, 3.0, 5.0], [5.0, 4.0, 0.0]])
    assert dists == pytest.approx(want), "from (0, 0) to (3, 4): the root of 9 + 16"


def test_three_ways_to_one_result():
    """All three methods agree."""
    rng = np.random.default_rng(0)
    knn = trained(rng.normal(size=(6, 4)), np.arange(6))
    X = rng.normal(size=(5, 4))
    two, one, none = (getattr(knn, method)(X) for method in METHODS)
    assert one == pytest.approx(two), "one loop differs from two: which axis is summed?"
    assert none == pytest.approx(two), "no loop differs from two: |a|^2 - 2 a.b + |b|^2"


def test_no_distance_is_nan():
    """Points far from the origin, compared with themselves: their distance is 0, and never NaN."""
    X = 1000 + np.random.default_rng(1).normal(size=(40, 10))
    dists = trained(X, np.arange(40)).compute_distances_no_loops(X)
    assert not np.isnan(dists).any(), "rounding makes some squares negative: clip them at 0 first"
    assert np.diag(dists) == pytest.approx(np.zeros(40), abs=1e-2)


def test_training_again_forgets():
    """The second training set replaces the first."""
    knn = trained([[0.0], [1.0]], [0, 1])
    knn.train(np.array([[5.0]]), np.array([2]))
    dists = knn.compute_distances_two_loops(np.array([[2.0]]))
    assert dists == pytest.approx(np.array([[3.0]])), "only the point at 5 is left"


def test_votes():
    """Labels 1, 2, 2 from near to far: with k = 1 the nearest decides, with k = 3 the majority."""
    knn = trained([[0.0], [0.0], [0.0]], [2, 1, 2])
    dists = np.array([[0.7, 0.1, 0.4]])
    assert knn.predict_labels(dists, k=1) == pytest.approx([1]), "the nearest point has label 1"
    assert knn.predict_labels(dists, k=3) == pytest.approx([2]), "label 2 has two votes of three"


def test_tied_votes():
    """Labels 5 and 3 with one vote each: the smallest label wins, although 5 is nearer."""
    knn = trained([[0.0], [0.0]], [5, 3])
    got = knn.predict_labels(np.array([[0.1, 0.4]]), k=2)
    assert got == pytest.approx([3]), "ties go to the smallest label"


@pytest.mark.parametrize("num_loops", [0, 1, 2])
def test_predict(num_loops):
    """Two groups of points on a line, around 0 and around 10."""
    knn = trained([[0.0], [1.0], [9.0], [10.0], [11.0]], [4, 4, 7, 7, 7])
    got = knn.predict(np.array([[2.0], [8.0]]), k=3, num_loops=num_loops)
    assert got == pytest.approx([4, 7]), "near 2 are two points of label 4 and one of label 7"


def test_predict_knows_three_methods():
    """There is no method with three loops."""
    knn = trained([[0.0]], [0])
    with pytest.raises(ValueError):  # noqa: PT011  any message will do
        knn.predict(np.array([[0.0]]), num_loops=3)
