"""Checks for regularization.py that you can run as often as you like: small cases by hand.

They lead the way; they do not grade. The graded tests use other data and more kinds of it.
"""

import numpy as np
import pytest
from regularization import (
    early_stopping,
    l1_reg,
    l2_reg,
    log_uniform,
    max_norm,
    random_search,
)


def test_penalties_by_hand():
    """W = (3, -1, 0): squares 10, absolute values 4."""
    W = np.array([[3.0, -1.0, 0.0]])
    loss, dW = l2_reg(W, 0.2)
    assert loss == pytest.approx(1.0), "0.5 * 0.2 * 10"
    assert dW == pytest.approx(0.2 * W), "the 1/2 cancels the 2"
    loss, dW = l1_reg(W, 0.2)
    assert loss == pytest.approx(0.8), "0.2 * 4"
    assert dW == pytest.approx(np.array([[0.2, -0.2, 0.0]])), "lam times the sign, 0 at 0"


def test_max_norm():
    """Columns (3, 4), (0.3, 0.4) and (0, 0): norms 5, 0.5 and 0, limited to 1."""
    W = np.array([[3.0, 0.3, 0.0], [4.0, 0.4, 0.0]])
    want = np.array([[0.6, 0.3, 0.0], [0.8, 0.4, 0.0]])
    assert max_norm(W, 1.0) == pytest.approx(want), "only the first column is too long"


def test_early_stopping_by_hand():
    """The best loss, 3, is at epoch 2; epochs 3 and 4 bring nothing, and 1 is never seen."""
    assert tuple(early_stopping([5, 4, 3, 3.5, 3.2, 1], patience=2)) == (4, 2)
    assert tuple(early_stopping([5, 4, 3], patience=2)) == (2, 2), "patience does not run out"


def test_small_progress_does_not_count():
    """Steps of 0.1 are too small for min_delta = 0.5."""
    assert tuple(early_stopping([5, 4.9, 4.8, 4.7], patience=2, min_delta=0.5)) == (2, 0)


def test_log_uniform_decades():
    """From 0.001 to 1 each of three decades gets a third of the numbers."""
    numbers = log_uniform(1e-3, 1.0, 3000, np.random.default_rng(0))
    assert numbers.shape == (3000,), "size numbers"
    for low in (1e-3, 1e-2, 1e-1):
        share = np.mean((numbers >= low) & (numbers < 10 * low))
        assert share == pytest.approx(1 / 3, abs=0.05), "draw the logarithm uniformly, then exp"


def test_random_search_finds_the_valley():
    """A score that is best at lr = 0.01."""
    best, score = random_search(
        lambda config: -abs(np.log10(config["lr"]) + 2),
        {"lr": (1e-4, 1.0)},
        200,
        np.random.default_rng(0),
    )
    assert best["lr"] == pytest.approx(0.01, rel=0.2), "keep the config of the highest score"
    assert score == pytest.approx(-abs(np.log10(best["lr"]) + 2)), "the score of that config"
