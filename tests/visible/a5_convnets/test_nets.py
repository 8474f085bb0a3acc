"""Checks for nets.py that you can run as often as you like: small cases to follow by hand.

They lead the way; they do not grade. The graded tests use other data and more kinds of it.
"""

from pathlib import Path

import nets
import numpy as np
import pytest


def small_net(**other):
    """A network for images of 2 channels with 4 x 6 pixels and 3 classes."""
    sizes = {"input_dim": (2, 4, 6), "num_filters": 4, "filter_size": 3, "hidden_dim": 5}
    return nets.ThreeLayerConvNet(**sizes, num_classes=3, dtype=np.float64, **other)


def some_data():
    """Five images with labels."""
    return np.random.default_rng(5).normal(size=(5, 2, 4, 6)), np.array([0, 2, 1, 1, 0])


def test_shapes_of_the_parameters():
    """The pooling halves 4 x 6 to 2 x 3: 4 * 2 * 3 = 24 features reach the hidden layer."""
    shapes = {name: value.shape for name, value in small_net().params.items()}
    assert shapes == {
        "W1": (4, 2, 3, 3), "b1": (4,), "W2": (24, 5), "b2": (5,), "W3": (5, 3), "b3": (3,)
    }, "see the docstring for the shape of each parameter"  # fmt: skip


def test_scores_and_first_loss():
    """With tiny weights all classes look alike, and the loss is log 3."""
    net, (X, y) = small_net(weight_scale=1e-4), some_data()
    assert net.loss(X).shape == (5, 3), "without labels: scores (N, K)"
    loss, _ = net.loss(X, y)
    assert loss == pytest.approx(np.log(3), abs=1e-4), "mean cross-entropy of equal scores"


def test_gradients_are_slopes():
    """Some entries of each gradient, with regularisation, against differences of the loss."""
    net, (X, y) = small_net(weight_scale=0.5, reg=0.3), some_data()
    _, grads = net.loss(X, y)
    assert set(grads) == set(net.params), "a gradient for each parameter"
    rng = np.random.default_rng(6)
    for name, value in net.params.items():
        place, h = tuple(rng.integers(size) for size in value.shape), 1e-5
        losses = []
        for step in (h, -h):
            net.params[name] = value.copy()
            net.params[name][place] += step
            losses.append(net.loss(X, y)[0])
        net.params[name] = value
        slope = (losses[0] - losses[1]) / (2 * h)
        assert grads[name][place] == pytest.approx(slope, rel=1e-4, abs=1e-7), (
            f"the gradient of {name} is not the slope of the loss"
        )


def test_learning_a_few_digits_by_heart():
    """Ten digits and 60 steps of gradient descent: any network that learns can do it."""
    here = Path(nets.__file__).parent
    found = [path for path in (here / "digits.npz", here / "data" / "digits.npz") if path.exists()]
    if not found:
        pytest.skip("digits.npz is not beside nets.py")
    with np.load(found[0], allow_pickle=False) as data:
        X, y = data["images"][:10, np.newaxis] / 16 - 0.3, data["labels"][:10].astype(int)
    net = nets.ThreeLayerConvNet((1, 8, 8), 4, 3, 32, 10, weight_scale=0.15, dtype=np.float64)
    velocity = dict.fromkeys(net.params, 0.0)
    for _ in range(60):
        _, grads = net.loss(X, y)
        for name, grad in grads.items():
            velocity[name] = 0.9 * velocity[name] - 0.05 * grad
            net.params[name] = net.params[name] + velocity[name]
    learnt = np.mean(np.argmax(net.loss(X), axis=1) == y)
    assert learnt == 1, f"only {learnt:.0%} of the ten digits are known by heart"
