"""Checks for losses.py that you can run as often as you like: small cases to follow by hand.

They lead the way; they do not grade. The graded tests use other data and more kinds of it.
"""

import losses
import numpy as np
import pytest

# One picture of a cat with three scores: cat 3.2, car 5.1, frog -1.7. With X = [[1]] the scores
# X @ W are just W's only row.
CAT_CAR_FROG = np.array([[3.2, 5.1, -1.7]])
A_CAT = np.array([0])
ONE = np.array([[1.0]])

SVM = pytest.mark.parametrize("svm_loss", [losses.svm_loss_naive, losses.svm_loss_vectorized])


def slope(f, W, h=1e-5):
    """Numerical gradient of the number f(W): what any analytic gradient must agree with."""
    grad = np.zeros(W.shape)
    for place in np.ndindex(W.shape):
        step = np.zeros(W.shape)
        step[place] = h
        grad[place] = (f(W + step) - f(W - step)) / (2 * h)
    return grad


def some_data():
    """Five examples with three features and four classes."""
    rng = np.random.default_rng(231)
    W, X = rng.normal(size=(3, 4)), rng.normal(size=(5, 3))
    return W, X, np.array([0, 3, 1, 1, 2])


@SVM
def test_svm_of_the_cat_is_2_9(svm_loss):
    """max(0, 5.1 - 3.2 + 1) + max(0, -1.7 - 3.2 + 1) = 2.9 + 0."""
    loss, _ = svm_loss(CAT_CAR_FROG, ONE, A_CAT, reg=0.0)
    assert loss == pytest.approx(2.9), (
        "the car is wrong by 5.1 - 3.2 + 1 = 2.9, the frog is below the cat by more than 1 and "
        "costs nothing, the cat itself is never counted"
    )


@SVM
def test_svm_gradient_of_the_cat(svm_loss):
    """One violation: the car's score is pulled down, the cat's up, the frog's is left alone."""
    _, dW = svm_loss(CAT_CAR_FROG, ONE, A_CAT, reg=0.0)
    assert np.asarray(dW).shape == (1, 3), "dW has the shape of W, here (1, 3)"
    assert dW == pytest.approx(np.array([[-1.0, 1.0, 0.0]])), (
        "a violated margin adds the example to its class's column and takes it from the true one's"
    )


@SVM
def test_svm_without_weights_is_number_of_classes_minus_one(svm_loss):
    """With W = 0 every wrong class misses its margin by exactly 1."""
    _, X, y = some_data()
    loss, _ = svm_loss(np.zeros((3, 4)), X, y, reg=0.7)
    assert loss == pytest.approx(3.0), "3 wrong classes, each costs 1; then the mean over examples"


@SVM
def test_svm_gradient_agrees_with_the_slope(svm_loss):
    """The analytic gradient is the numerical one, with regularisation too."""
    W, X, y = some_data()
    for reg in (0.0, 0.7):
        _, dW = svm_loss(W, X, y, reg)
        want = slope(lambda V, reg=reg: svm_loss(V, X, y, reg)[0], W)
        assert dW == pytest.approx(want, abs=1e-6), f"dW is not the loss's slope at reg = {reg}"


@SVM
def test_svm_regularisation_is_reg_times_sum_of_squares(svm_loss):
    """Regularisation adds reg * sum(W * W), and it does not depend on the data."""
    W, X, y = some_data()
    extra = svm_loss(W, X, y, 0.5)[0] - svm_loss(W, X, y, 0.0)[0]
    assert extra == pytest.approx(0.5 * np.sum(W * W)), "add reg * sum(W * W): no 1/2, no mean"


def test_svm_versions_agree():
    """The loops and the vectorised form give the same numbers."""
    W, X, y = some_data()
    loss, dW = losses.svm_loss_vectorized(W, X, y, 0.3)
    slow_loss, slow_dW = losses.svm_loss_naive(W, X, y, 0.3)
    assert loss == pytest.approx(slow_loss), "the two losses differ"
    assert dW == pytest.approx(slow_dW), "the two gradients differ"


def test_softmax_of_the_cat_is_2_04():
    """-log(e^3.2 / (e^3.2 + e^5.1 + e^-1.7)) = -log 0.13 = 2.04 (natural logarithm)."""
    loss, _ = losses.softmax_loss(CAT_CAR_FROG, A_CAT)
    assert loss == pytest.approx(2.040355, abs=1e-6), (
        "0.89 would be the logarithm to base 10; the natural one is np.log"
    )


def test_softmax_gradient_of_the_cat():
    """The gradient is the probabilities, minus 1 at the true class."""
    _, dx = losses.softmax_loss(CAT_CAR_FROG, A_CAT)
    assert np.asarray(dx).shape == (1, 3), "dx has the shape of x, here (1, 3)"
    want = np.array([[0.129983 - 1, 0.869049, 0.000968]])
    assert dx == pytest.approx(want, abs=1e-6), "dx = (p - onehot(y)) / N"


def test_softmax_of_equal_scores_is_log_c():
    """When all C classes look alike, each has probability 1 / C and the loss is log C."""
    loss, _ = losses.softmax_loss(np.zeros((7, 10)), np.arange(7))
    assert loss == pytest.approx(np.log(10)), "-log(1 / C) = log C, as a mean over the examples"


def test_softmax_gradient_agrees_with_the_slope():
    """The analytic gradient is the numerical one, and its rows sum to 0."""
    W, X, y = some_data()
    x = X @ W
    _, dx = losses.softmax_loss(x, y)
    assert dx == pytest.approx(slope(lambda v: losses.softmax_loss(v, y)[0], x), abs=1e-6), (
        "dx is not the slope of the loss; was it divided by N once, and only once?"
    )
    assert np.sum(dx, axis=1) == pytest.approx(np.zeros(5)), "every row of dx sums to 0"


def test_softmax_survives_a_large_score():
    """Scores 1000 and 0: the loss of the second class is 1000, and nothing overflows."""
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        loss, _ = losses.softmax_loss(np.array([[1000.0, 0.0]]), np.array([1]))
    assert loss == pytest.approx(1000.0), "subtract the row's maximum before exp, and stay in logs"


def test_softmax_of_a_linear_classifier():
    """Loss and gradient with regularisation, against the numerical gradient."""
    W, X, y = some_data()
    loss, dW = losses.softmax_loss_vectorized(np.zeros((3, 4)), X, y, 0.7)
    assert loss == pytest.approx(np.log(4)), "W = 0: log C, and no penalty"
    assert dW.shape == (3, 4), "dW has the shape of W"
    _, dW = losses.softmax_loss_vectorized(W, X, y, 0.7)
    want = slope(lambda V: losses.softmax_loss_vectorized(V, X, y, 0.7)[0], W)
    assert dW == pytest.approx(want, abs=1e-6), "dW is not the slope of the loss"


def test_jiggling_the_cat():
    """A score that is safely below the margin leaves the SVM cold; the softmax always reacts."""

    def hinge(x, y):
        cat, car, frog = x[0]
        return max(0, car - cat + 1) + max(0, frog - cat + 1), None

    change = losses.jiggle_sensitivity(hinge, CAT_CAR_FROG, A_CAT, 0.1)
    assert change == pytest.approx(np.array([[0.1, 0.1, 0.0]])), (
        "cat or car by 0.1: the loss moves by 0.1; frog by 0.1: it does not move at all"
    )
    reacts = losses.jiggle_sensitivity(losses.softmax_loss, CAT_CAR_FROG, A_CAT, 0.1)
    assert np.all(reacts > 0), "the softmax loss reacts to every score, if only a little"


def test_l2_prefers_spread_weights_and_l1_does_not_care():
    """[1, 0, 0, 0] and [.25, .25, .25, .25] give the same score for x = [1, 1, 1, 1]."""
    peak, spread = np.array([[1.0], [0], [0], [0]]), np.full((4, 1), 0.25)
    assert losses.l2_reg(peak, 2.0)[0] == pytest.approx(2.0), "lam * sum(W * W), without 1/2"
    assert losses.l2_reg(spread, 2.0)[0] == pytest.approx(0.5), "four times 0.25 ** 2, times 2"
    assert losses.l1_reg(peak, 2.0)[0] == pytest.approx(2.0), "lam * sum(|W|)"
    assert losses.l1_reg(spread, 2.0)[0] == pytest.approx(2.0), "lam * sum(|W|)"


def test_penalty_gradients():
    """2 lam W for L2, lam sign(W) for L1, and both together for the elastic net."""
    W = np.array([[3.0, -2.0], [0.5, 1.0]])
    assert losses.l2_reg(W, 0.1)[1] == pytest.approx(0.2 * W), "the slope of lam w^2 is 2 lam w"
    want = 0.1 * np.array([[1, -1], [1, 1]])
    assert losses.l1_reg(W, 0.1)[1] == pytest.approx(want), "the slope of lam |w| is lam sign(w)"
    loss, dW = losses.elastic_reg(W, 0.1, 0.2)
    assert loss == pytest.approx(0.1 * 6.5 + 0.2 * 14.25), "lam1 * sum(|W|) + lam2 * sum(W * W)"
    assert dW == pytest.approx(want + 0.4 * W), "the gradients add up as the losses do"


def test_the_bias_row_is_free():
    """With bias_row=True the last row costs nothing."""
    W = np.array([[3.0, -2.0], [0.5, 1.0]])
    loss, dW = losses.l2_reg(W, 1.0, bias_row=True)
    assert loss == pytest.approx(13.0), "only the first row counts: 9 + 4"
    assert dW == pytest.approx(np.array([[6.0, -4.0], [0.0, 0.0]])), "the bias row's gradient is 0"
