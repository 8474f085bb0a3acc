"""Hidden suite for knn.py: how quick the distances without loops are.

The clock is on this side, and so are the two loops that they are compared with.
"""

import numpy as np

from autograder.suite import exercise

SLOW = "It is not five times as quick as two loops: let array operations do the work."


def fitted(module, X):
    """A nearest-neighbour classifier that holds the points."""
    knn = module.KNearestNeighbor()
    knn.train(X, np.zeros(len(X), dtype=int))
    return knn


@exercise("compute_distances_no_loops", weight=0.5)
def test_no_loops_is_quick(student, reference, rng, close, check, is_quick):
    """All distances at once take less than a fifth of the time of two loops."""
    # Enough pairs that a fifth of the loops' time is well above a call's way to a container.
    X, Z = rng.normal(size=(100, 8)), rng.normal(size=(40, 8))
    knn, loops = fitted(student, X), fitted(reference, X)
    want = loops.compute_distances_no_loops(Z)
    close(knn.compute_distances_no_loops(Z), want, names="dists", axes="num_test num_train")
    quick = is_quick(
        lambda: knn.compute_distances_no_loops(Z), lambda: loops.compute_distances_two_loops(Z)
    )
    check(quick, SLOW)
