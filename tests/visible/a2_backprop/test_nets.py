"""Checks for nets.py that you can run as often as you like.

They lead the way; they do not grade. The graded tests use other data and more kinds of it.
"""

from pathlib import Path

import nets
import numpy as np
import pytest


def slope(f, x, h=1e-5):
    """Numerical gradient of the number f(), which depends on the array x."""
    grad = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        kept = x[place]
        x[place] = kept + h
        up = f()
        x[place] = kept - h
        grad[place] = (up - f()) / (2 * h)
        x[place] = kept
    return grad


def small_batch():
    """Six examples with five features, three classes."""
    rng = np.random.default_rng(231)
    return rng.normal(size=(6, 5)), np.array([0, 2, 1, 1, 0, 2])


def check_gradients(model):
    """Hold the gradient of every parameter against the numerical one."""
    X, y = small_batch()
    rng = np.random.default_rng(4)
    for name in sorted(model.params):  # biases, too, away from the rectifiers' kinks
        model.params[name] = rng.normal(size=np.shape(model.params[name]))
    _, grads = model.loss(X, y)
    assert set(grads) == set(model.params), "one gradient for every parameter"
    for name, value in model.params.items():
        want = slope(lambda: model.loss(X, y)[0], value)
        assert grads[name] == pytest.approx(want, abs=1e-6), f"{name}: not the slope of the loss"


def test_three_layers_by_hand():
    """One number through three layers: 1 -> 2 -> max(0, -2) -> bias."""
    params = {"W1": np.array([[2.0]]), "W2": np.array([[-1.0]]), "W3": np.array([[5.0]])}
    params |= {"b1": np.zeros(1), "b2": np.zeros(1), "b3": np.array([-0.5])}
    scores = nets.three_layer_forward(np.array([[1.0]]), params)
    assert scores == pytest.approx(np.array([[-0.5]])), "no rectifier after the last layer"


def test_two_layer_net_at_its_start():
    """Parameters of the right shapes; nothing is known yet, so the loss is about log C."""
    X, y = small_batch()
    model = nets.TwoLayerNet(input_dim=5, hidden_dim=40, num_classes=3, weight_scale=1e-3)
    shapes = {name: value.shape for name, value in model.params.items()}
    assert shapes == {"W1": (5, 40), "b1": (40,), "W2": (40, 3), "b2": (3,)}, "names and shapes"
    assert not np.any(model.params["b1"]), "biases start at 0"
    assert np.std(model.params["W1"]) == pytest.approx(1e-3, rel=0.4), "weight_scale is the std"
    assert model.loss(X).shape == (6, 3), "without labels: the scores"
    loss, _ = model.loss(X, y)
    assert loss == pytest.approx(np.log(3), abs=1e-3), "all classes look alike: log C"


def test_regularisation_of_the_two_layer_net():
    """The penalty is 0.5 * reg * sum(W * W), of the weights only."""
    X, y = small_batch()
    model = nets.TwoLayerNet(input_dim=5, hidden_dim=4, num_classes=3, weight_scale=1.0, reg=0.0)
    model.params["b1"] += 1.0
    plain, _ = model.loss(X, y)
    model.reg = 0.3
    penalty = 0.15 * sum(np.sum(model.params[name] ** 2) for name in ("W1", "W2"))
    assert model.loss(X, y)[0] - plain == pytest.approx(penalty), "0.5 * reg * sum(W * W)"


@pytest.mark.parametrize("reg", [0.0, 0.7])
def test_gradients_of_the_two_layer_net(reg):
    """All gradients agree with numerical ones, with and without regularisation."""
    check_gradients(nets.TwoLayerNet(5, 8, 3, weight_scale=0.5, reg=reg))


@pytest.mark.parametrize("hidden", [[], [6], [6, 4, 7]])
def test_gradients_of_deeper_nets(hidden):
    """Any number of hidden layers, also none."""
    model = nets.FullyConnectedNet(
        hidden, input_dim=5, num_classes=3, reg=0.3, weight_scale=0.5, dtype=np.float64
    )
    names = {f"{kind}{layer}" for kind in "Wb" for layer in range(1, len(hidden) + 2)}
    assert set(model.params) == names, "W1, b1, ... up to the layer that gives the scores"
    check_gradients(model)


def digits():
    """Twenty digits, pixels scaled to [0, 1]."""
    here = Path(nets.__file__).parent
    found = [path for path in (here / "digits.npz", here / "data" / "digits.npz") if path.exists()]
    if not found:
        pytest.skip("digits.npz is not beside nets.py")
    with np.load(found[0], allow_pickle=False) as data:
        return data["images"][:20].reshape(-1, 64) / 16, data["labels"][:20].astype(int)


def test_twenty_digits_by_heart():
    """A network that cannot learn twenty examples by heart has a bug."""
    X, y = digits()
    model = nets.TwoLayerNet(input_dim=64, hidden_dim=50, num_classes=10, weight_scale=0.1)
    losses = nets.overfit_small(model, X, y)
    assert 0 < len(losses) <= 300, "one loss per step, at most 300 steps"
    right = np.mean(np.argmax(model.loss(X), axis=1) == y)
    assert right == 1, f"{right:.0%} of the twenty digits are read correctly; try another rate"
