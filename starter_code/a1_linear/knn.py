# Generated from solutions/a1_linear/knn.py by `autograder starter`.
# Write your code where it says NotImplementedError.
"""k nearest neighbours: remember the training set, compare every new point with all of it."""

import numpy as np


class KNearestNeighbor:
    """A classifier that lets the k nearest training points vote, by Euclidean (L2) distance."""

    def train(self, X, y):
        """Remember the training set: nearest neighbours need no other training.

        X: (num_train, D) floats, one point a row.
        y: (num_train,) integers, the points' labels, each 0 or larger.

        Keeps them as self.X_train and self.y_train. Training again forgets the first set.
        """
        raise NotImplementedError("KNearestNeighbor.train: your code here")

    def predict(self, X, k=1, num_loops=0):
        """Label each row of X by the vote of its k nearest training points.

        X: (num_test, D) floats.  k: how many neighbours vote.
        num_loops: 0, 1 or 2, which of the three distance methods below does the work.

        Returns (num_test,) labels. Raises ValueError for any other num_loops.
        """
        raise NotImplementedError("KNearestNeighbor.predict: your code here")

    def compute_distances_two_loops(self, X):
        """Distances between all test and all training points, one pair at a time.

        X: (num_test, D) floats.

        Returns dists: (num_test, num_train) float64. dists[i, j] is the Euclidean distance between
        row i of X and row j of the training set: the root of the sum of squared differences.
        Two loops: over the test points and over the training points.
        """
        raise NotImplementedError("KNearestNeighbor.compute_distances_two_loops: your code here")

    def compute_distances_one_loop(self, X):
        """The same distances, with one loop over the test points.

        X: (num_test, D) floats.

        Returns dists: (num_test, num_train) float64, as compute_distances_two_loops does. Each turn
        of the loop computes a whole row at once; it does not call the other two methods.
        """
        raise NotImplementedError("KNearestNeighbor.compute_distances_one_loop: your code here")

    def compute_distances_no_loops(self, X):
        """The same distances, without any Python loop.

        X: (num_test, D) floats.

        Returns dists: (num_test, num_train) float64, as compute_distances_two_loops does, without
        calling the other two methods. A good way is |a - b|^2 = |a|^2 - 2 a.b + |b|^2. For two
        nearly equal points rounding can make that slightly negative: clip it at 0 before the root,
        so that no distance is ever NaN.
        """
        raise NotImplementedError("KNearestNeighbor.compute_distances_no_loops: your code here")

    def predict_labels(self, dists, k=1):
        """Label each test point by the vote of its k nearest training points.

        dists: (num_test, num_train) floats, the distance of each test point to each training point;
        it is not changed.  k: how many neighbours vote, from 1 to num_train.

        Returns (num_test,) labels from self.y_train: for each row of dists the most frequent label
        among its k smallest distances. Ties go to the smallest label, however near its points are.
        (Which of two equally distant points is the nearer one is left open.)
        """
        raise NotImplementedError("KNearestNeighbor.predict_labels: your code here")
