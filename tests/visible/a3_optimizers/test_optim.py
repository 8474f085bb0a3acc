"""Checks for optim.py that you can run as often as you like: small cases to follow by hand.

They lead the way; they do not grade. The graded tests use other data and more kinds of it.
"""

import numpy as np
import optim
import pytest

W, DW = np.array([1.0, -2.0]), np.array([0.5, 4.0])


def steps(rule, gradients, config):
    """Weights after each step from W on, and the last config."""
    w, path = W.copy(), []
    for dw in gradients:
        w, config = rule(w.copy(), dw, config)
        path.append(w)
    return path, config


def test_sgd_by_hand():
    """From 1 with slope 0.5 and rate 0.1 to 0.95; from -2 with slope 4 to -2.4."""
    next_w, _ = optim.sgd(W.copy(), DW, {"learning_rate": 0.1})
    assert next_w == pytest.approx(np.array([0.95, -2.4])), "w - learning_rate * dw"


def test_sgd_default_rate():
    """Without a config the learning rate is 0.01."""
    next_w, config = optim.sgd(W.copy(), DW)
    assert next_w == pytest.approx(np.array([0.995, -2.04])), "the default learning rate is 1e-2"
    assert isinstance(config, dict), "return two things: next_w and config"


def test_average_of_a_constant():
    """10, 10, 10 with beta = 0.9: the raw average climbs slowly, the corrected one is there."""
    theta = np.array([10.0, 10.0, 10.0])
    raw = optim.ewma(theta, 0.9)
    assert raw == pytest.approx(np.array([1.0, 1.9, 2.71])), "v_1 = 0.9 * 0 + 0.1 * 10 = 1"
    corrected = optim.ewma(theta, 0.9, bias_correction=True)
    assert corrected == pytest.approx(theta), "1 / (1 - 0.9) = 10, 1.9 / (1 - 0.9^2) = 10, ..."


def test_average_of_whole_numbers():
    """Whole numbers have averages that are not."""
    got = optim.ewma(np.array([1, 0]), 0.5)
    assert got == pytest.approx(np.array([0.5, 0.25])), "the averages are floats"


def test_window():
    """0.9 looks back on about 10 values, 0.98 on about 50."""
    assert optim.ewma_window(0.9) == pytest.approx(10), "1 / (1 - beta)"
    assert optim.ewma_window(0.98) == pytest.approx(50), "1 / (1 - beta)"


def test_momentum_by_hand():
    """Twice the same slope: the second step is longer, by momentum times the first."""
    config = {"learning_rate": 0.1, "momentum": 0.5}
    (first, second), config = steps(optim.sgd_momentum, [DW, DW], config)
    assert first == pytest.approx(np.array([0.95, -2.4])), "the first velocity is -0.1 * dw"
    assert second == pytest.approx(np.array([0.875, -3.0])), "then 0.5 * v - 0.1 * dw"
    want = np.array([-0.075, -0.6])
    assert config["velocity"] == pytest.approx(want), "the velocity points downhill"


def test_nesterov_by_hand():
    """On f(w) = w^2 / 2 the slope at w is w itself."""
    config = {"learning_rate": 0.1, "momentum": 0.5}
    w, config = optim.nesterov(np.array([1.0]), lambda x: x, config)
    assert w == pytest.approx(np.array([0.9])), "the velocity is 0: look ahead to w itself"
    w, config = optim.nesterov(w, lambda x: x, config)
    # ahead: 0.9 + 0.5 * (-0.1) = 0.85, v = -0.05 - 0.1 * 0.85 = -0.135
    assert w == pytest.approx(np.array([0.765])), "the slope is that at 0.85; then 0.9 - 0.135"


def test_both_forms_of_nesterov():
    """The rewritten form walks on the points ahead of the other one."""
    x, w = np.array([1.0, -2.0]), np.array([1.0, -2.0])
    one, two = ({"learning_rate": 0.1, "momentum": 0.5} for _ in range(2))
    for _ in range(4):
        x, one = optim.nesterov(x, lambda x: 3 * x, one)
        w, two = optim.nesterov_rewritten(w, 3 * w, two)
        want = x + 0.5 * one["velocity"]
        assert w == pytest.approx(want), "w should be x + momentum * velocity of the other form"


def test_adagrad_by_hand():
    """The first step is learning_rate in size; the same slope again moves 1 / sqrt(2) of that."""
    (first, second), config = steps(optim.adagrad, [DW, DW], {"learning_rate": 0.1})
    assert first == pytest.approx(np.array([0.9, -2.1])), "dw / sqrt(dw^2) = sign(dw)"
    want = first - 0.1 / np.sqrt(2)
    assert second == pytest.approx(want), "the cache is 2 * dw^2 now"
    assert config["cache"] == pytest.approx(2 * DW**2), "all squares, added up"


def test_rmsprop_by_hand():
    """With decay_rate 0.75 the cache after one step is a quarter of the square: twice the rate."""
    config = {"learning_rate": 0.1, "decay_rate": 0.75}
    (first,), config = steps(optim.rmsprop, [DW], config)
    assert config["cache"] == pytest.approx(0.25 * DW**2), "1 - decay_rate is the new share"
    assert first == pytest.approx(np.array([0.8, -2.2])), "dw / sqrt(0.25 dw^2) = 2 sign(dw)"


def test_adam_first_step():
    """Whatever the slopes, the first step is the learning rate in size."""
    (first,), config = steps(optim.adam, [DW], {"learning_rate": 0.1})
    assert first == pytest.approx(np.array([0.9, -2.1])), "m_hat = dw and sqrt(v_hat) = |dw|"
    assert config["t"] == 1, "t counts the steps that were made"
    assert config["m"] == pytest.approx(0.1 * DW), "the state holds the uncorrected m"


def test_adam_second_step():
    """The same slope twice: both corrected averages still are exactly that slope."""
    (_, second), _ = steps(optim.adam, [DW, DW], {"learning_rate": 0.1})
    assert second == pytest.approx(np.array([0.8, -2.2])), "is t stored, and the power beta^t?"


def test_adamw_decays_without_a_gradient():
    """With a gradient of 0 only the decay is left: 1 - 0.1 * 0.2 of the weights."""
    config = {"learning_rate": 0.1, "weight_decay": 0.2}
    (first,), _ = steps(optim.adamw, [np.zeros(2)], config)
    assert first == pytest.approx(0.98 * W), "learning_rate * weight_decay * w, beside Adam's step"


@pytest.mark.parametrize(
    "rule", [optim.sgd_momentum, optim.nesterov_rewritten, optim.adagrad, optim.rmsprop, optim.adam]
)
def test_manners(rule):
    """A rule leaves the gradient alone, and its state lives in config and nowhere else."""
    dw = DW.copy()
    first, _ = rule(W.copy(), dw)
    assert np.array_equal(dw, DW), "dw was changed: do not work in place in it"
    again, _ = rule(W.copy(), dw)
    assert np.array_equal(first, again), "a second parameter started with the first one's state"
