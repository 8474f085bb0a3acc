"""Checks for nets.py that you can run as often as you like: small cases to follow by hand.

They lead the way; they do not grade. The graded tests use other data and more kinds of it.
"""

from pathlib import Path

import nets
import numpy as np
import pytest


def net(**kw):
    """A small network in float64."""
    np.random.seed(0)
    return nets.FullyConnectedNet(
        [6, 5], input_dim=4, num_classes=3, weight_scale=0.5, dtype=np.float64, **kw
    )


def some_data():
    """Seven examples of three classes."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(7, 4)), rng.integers(3, size=7)


def check_gradients(model, X, y):
    """Every gradient agrees with the slope of the loss, away from the kinks at biases of 0."""
    rng = np.random.default_rng(1)
    for name in model.params:
        model.params[name] = model.params[name] + 0.3 * rng.normal(size=model.params[name].shape)
    _, grads = model.loss(X, y)
    assert set(grads) == set(model.params), "a gradient for each parameter"
    for name, value in model.params.items():
        for place in [(0,) * value.ndim, (-1,) * value.ndim]:
            old, sides = value[place], []
            for step in (1e-5, -1e-5):
                value[place] = old + step
                sides.append(model.loss(X, y)[0])
            value[place] = old
            want = (sides[0] - sides[1]) / 2e-5
            assert grads[name][place] == pytest.approx(want, abs=1e-6), f"gradient of {name}"


def test_parameters():
    """W and b for each layer; gamma and beta for the hidden ones where they are normalised."""
    assert set(net().params) == {"W1", "b1", "W2", "b2", "W3", "b3"}
    params = net(normalization="batchnorm").params
    assert params["W2"].shape == (6, 5), "from 6 numbers to 5"
    assert params["gamma1"] == pytest.approx(np.ones(6)), "scales start at 1"
    assert params["beta2"] == pytest.approx(np.zeros(5)), "shifts start at 0"
    assert "gamma3" not in params, "the last layer is not normalised"


def test_loss_at_the_start():
    """Weights of nearly 0 make all classes alike: the loss is log 3."""
    model, (X, y) = net(), some_data()
    for name in model.params:
        model.params[name] = 1e-6 * model.params[name]
    assert model.loss(X, y)[0] == pytest.approx(np.log(3), abs=1e-4)


@pytest.mark.parametrize("normalization", [None, "batchnorm", "layernorm"])
def test_gradients(normalization):
    """Gradients with regularisation, and with normalisation."""
    check_gradients(net(reg=0.3, normalization=normalization), *some_data())


def test_gradients_with_dropout():
    """A seed makes dropout repeat itself, so that gradients can be checked."""
    check_gradients(net(reg=0.3, dropout_keep_ratio=0.6, seed=1), *some_data())


def test_nothing_is_dropped_at_test_time():
    """Two calls give the same scores."""
    model, (X, _) = net(dropout_keep_ratio=0.5), some_data()
    assert model.loss(X).shape == (7, 3), "without labels, loss gives the scores"
    assert model.loss(X) == pytest.approx(model.loss(X)), "test mode drops nothing"


def digits():
    """500 digits to train with and 200 to test with, pixels scaled to [0, 1]."""
    here = Path(nets.__file__).parent
    found = [path for path in (here / "digits.npz", here / "data" / "digits.npz") if path.exists()]
    if not found:
        pytest.skip("digits.npz is not beside nets.py")
    with np.load(found[0], allow_pickle=False) as data:
        X, y = data["images"].reshape(-1, 64) / 16, data["labels"].astype(int)
    return X[:500], y[:500], X[500:700], y[500:700]


def test_learning_digits():
    """Forty steps on 500 digits: most of 200 others are read."""
    X, y, X_test, y_test = digits()
    np.random.seed(0)
    model = nets.FullyConnectedNet([30, 20], 64, 10, normalization="batchnorm", weight_scale=0.1)
    for _ in range(40):
        rows = np.random.choice(500, 50)
        _, grads = model.loss(X[rows], y[rows])
        for name in model.params:
            model.params[name] = model.params[name] - 0.5 * grads[name]
    right = np.mean(np.argmax(model.loss(X_test), axis=1) == y_test)
    assert right > 0.7, "more than 70 of 100: do the running statistics reach test mode?"
