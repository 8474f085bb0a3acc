"""Hidden checks of losses.py."""

import numpy as np

from autograder.suite import exercise


@exercise("softmax_loss", weight=2)
def test_loss_and_gradient(student, reference, rng, close):
    """Loss and gradient agree with the reference on a small batch."""
    x, y = rng.normal(size=(5, 3)), rng.integers(3, size=5)
    got = student.softmax_loss(x, y)
    close(got, reference.softmax_loss(x, y), names=("loss", "dx"), axes={"dx": "N C"})


@exercise("softmax_loss")
def test_extreme_scores(student, reference, rng, close):
    """Scores of a thousand neither overflow nor lose the small ones."""
    x = np.array([[1000.0, 0.0, -1000.0], [-2000.0, -2001.0, -2002.0]]) + rng.normal(size=(2, 3))
    y = np.array([1, 2])
    got = student.softmax_loss(x, y)
    close(got, reference.softmax_loss(x, y), names=("loss", "dx"), axes={"dx": "N C"})
