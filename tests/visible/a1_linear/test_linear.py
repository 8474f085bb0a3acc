"""Checks for linear.py that you can run as often as you like: small cases to follow by hand.

They lead the way; they do not grade. The graded tests use other data and more kinds of it.
"""

from pathlib import Path

import linear
import numpy as np
import pytest


def test_scores_are_templates_times_examples():
    """Two features, three classes, one example (1, 2)."""
    W = np.array([[1.0, 0.0, -1.0], [2.0, 1.0, 0.5]])
    scores = linear.linear_scores(W, np.array([[1.0, 2.0]]))
    assert scores.shape == (1, 3), "one row per example, one column per class"
    assert scores == pytest.approx(np.array([[5.0, 2.0, 0.0]])), "class 0: 1 * 1 + 2 * 2 = 5"


def test_bias_column_is_the_last_one():
    """(2, 3) becomes (2, 3, 1)."""
    got = linear.add_bias_column(np.array([[2.0, 3.0], [4.0, 5.0]]))
    assert got == pytest.approx(np.array([[2.0, 3.0, 1.0], [4.0, 5.0, 1.0]])), (
        "ones come as the last column, so that the last row of W is the bias"
    )


def test_half_mean_squared_error():
    """Predictions 3 and 7 for targets 1 and 4: errors 2 and 3."""
    X, y = np.array([[1.0], [3.0]]), np.array([1.0, 4.0])
    loss, dw, db = linear.linreg_loss_grad(np.array([2.0]), 1.0, X, y)
    assert loss == pytest.approx(13 / 4), "(2^2 + 3^2) / (2 N) with N = 2"
    assert dw == pytest.approx(np.array([11 / 2])), "(2 * 1 + 3 * 3) / N"
    assert db == pytest.approx(5 / 2), "(2 + 3) / N"


def test_a_column_of_targets_means_the_same():
    """Targets of shape (N, 1) must not blow the error up to N x N numbers."""
    X, y = np.array([[1.0], [3.0]]), np.array([[1.0], [4.0]])
    loss, dw, db = linear.linreg_loss_grad(np.array([2.0]), 1.0, X, y)
    assert loss == pytest.approx(13 / 4), "(N,) - (N, 1) is (N, N) in numpy: bring y to (N,) first"
    assert np.shape(dw) == (1,), "dw has the shape of w"
    assert np.shape(db) == (), "db is a number, as b is"


def test_closed_form_finds_the_line():
    """Points on the line y = 2 x + 1, with a column of ones for the bias."""
    X = np.array([[0.0, 1.0], [1.0, 1.0], [2.0, 1.0]])
    w = linear.normal_eq(X, np.array([1.0, 3.0, 5.0]))
    assert w == pytest.approx(np.array([2.0, 1.0])), "slope 2 and offset 1 fit without any error"


def test_closed_form_with_a_useless_feature():
    """A pixel that is always 0 makes X^T X singular; its best (shortest) weight is 0."""
    X = np.array([[1.0, 0.0], [2.0, 0.0]])
    w = linear.normal_eq(X, np.array([3.0, 6.0]))
    assert w == pytest.approx(np.array([3.0, 0.0])), "np.linalg has an inverse for such X too"


def test_one_epoch_by_hand():
    """Three rows in batches of two: two steps, the second with the last row alone."""
    X, y = np.array([[1.0], [3.0], [2.0]]), np.array([1.0, 4.0, 0.0])
    w, b = linear.linreg_sgd_epoch(np.array([2.0]), 1.0, X, y, lr=0.1, batch_size=2)
    # step 1: dw = 5.5, db = 2.5 -> w = 1.45, b = 0.75; step 2: error 3.65, dw = 7.3, db = 3.65
    assert w == pytest.approx(np.array([0.72])), "1.45 - 0.1 * 7.3"
    assert b == pytest.approx(0.385), "0.75 - 0.1 * 3.65"


def test_gradient_descent_goes_downhill():
    """f(x) = x^2 at x = 3 has the slope 6; a step with rate 0.1 leads to 2.4."""
    params = {"x": np.array([3.0])}
    new = linear.gd_step(params, {"x": np.array([6.0])}, 0.1)
    assert new["x"] == pytest.approx(np.array([2.4])), "x - lr * gradient"
    assert params["x"] == pytest.approx(np.array([3.0])), "the old parameters stay as they are"


class Bowl(linear.LinearClassifier):
    """A loss that needs no data: the squared distance of W from ones."""

    def loss(self, _X_batch, _y_batch, _reg):
        """Return sum((W - 1)^2) and its gradient."""
        return np.sum((self.W - 1) ** 2), 2 * (self.W - 1)


def test_training_steps():
    """From W = 0 with rate 0.25, the way to 1 is halved in every step."""
    model = Bowl()
    model.W = np.zeros((2, 1))
    history = model.train(
        np.ones((4, 2)), np.array([0, 0, 0, 0]), learning_rate=0.25, num_iters=3, batch_size=2
    )
    assert len(history) == 3, "one loss per iteration"
    assert history == pytest.approx([2.0, 0.5, 0.125]), "the loss before each step"
    assert np.array(model.W) == pytest.approx(np.full((2, 1), 0.875)), "0, 0.5, 0.75, 0.875"


def test_prediction_takes_the_highest_score():
    """Scores (5, 2, 0) and (-1, 0, 0): classes 0, and 1 because ties go to the smallest class."""
    model = linear.LinearClassifier()
    model.W = np.array([[5.0, 2.0, 0.0], [-1.0, 0.0, 0.0]])
    assert list(model.predict(np.eye(2))) == [0, 1], "np.argmax along the classes"


def digits():
    """800 digits to train with and the others to test with, pixels scaled to [0, 1]."""
    here = Path(linear.__file__).parent
    found = [path for path in (here / "digits.npz", here / "data" / "digits.npz") if path.exists()]
    if not found:
        pytest.skip("digits.npz is not beside linear.py")
    with np.load(found[0], allow_pickle=False) as data:
        X, y = data["images"].reshape(-1, 64) / 16, data["labels"].astype(int)
    return X[:800], y[:800], X[800:], y[800:]


@pytest.mark.parametrize("kind", [linear.LinearSVM, linear.Softmax])
def test_reading_digits(kind):
    """Both classifiers learn to read more than four of five digits that they have never seen."""
    X, y, X_test, y_test = digits()
    model = kind()
    history = model.train(X, y, learning_rate=0.1, reg=1e-4, num_iters=300, batch_size=100)
    assert np.mean(history[-10:]) < 0.5 * history[0], "the loss should fall while training"
    accuracy = np.mean(model.predict(X_test) == y_test)
    assert accuracy > 0.8, f"only {accuracy:.0%} of the test digits are read correctly"
