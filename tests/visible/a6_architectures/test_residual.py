"""Checks for residual.py that you can run as often as you like: small cases to follow by hand.

They lead the way; they do not grade. The graded tests use other data and more kinds of it.
"""

import numpy as np
import pytest
import residual


def block(rng, C=2, F=2, stride=1):
    """Parameters of a block, with a projection where the shapes differ."""
    params = {
        "w1": rng.normal(size=(F, C, 3, 3)),
        "b1": rng.normal(size=F),
        "w2": rng.normal(size=(F, F, 3, 3)),
        "b2": rng.normal(size=F),
    }
    if (C, stride) != (F, 1):
        params |= {"wp": rng.normal(size=(F, C, 1, 1)), "bp": rng.normal(size=F)}
    return params


def middle(value):
    """A filter for one channel that multiplies by a number and looks at no neighbours."""
    w = np.zeros((1, 1, 3, 3))
    w[0, 0, 1, 1] = value
    return w


def test_one_channel_by_hand():
    """The branch makes 3 * relu(2 x + 1) - 10 of x, and x is added to it.

    1: 3 * 3 - 10 + 1 = 0.  -2: 3 * 0 - 10 - 2 = -12.  4: 3 * 9 - 10 + 4 = 21.
    """
    params = {"w1": middle(2.0), "b1": np.ones(1), "w2": middle(3.0), "b2": np.full(1, -10.0)}
    out, _ = residual.residual_forward(np.array([[[[1.0, -2.0, 4.0]]]]), params)
    assert out[0, 0, 0] == pytest.approx(np.array([0.0, 0.0, 21.0])), (
        "relu(branch + x), and the branch is conv, ReLU, conv"
    )


def test_a_block_of_zeros_is_a_relu():
    """With zero weights only the shortcut is left."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 3, 4, 5))
    zeros = {name: np.zeros(value.shape) for name, value in block(rng, 3, 3).items()}
    out, _ = residual.residual_forward(x, zeros)
    assert out == pytest.approx(np.maximum(0, x)), "the branch is 0, and relu(0 + x) = relu(x)"


def test_projection_changes_the_shape():
    """Stride 2 and four filters: 2 channels of 6 x 5 become 4 of 3 x 3."""
    rng = np.random.default_rng(1)
    x, params = rng.normal(size=(3, 2, 6, 5)), block(rng, 2, 4, stride=2)
    out, _ = residual.residual_forward(x, params, stride=2)
    assert out.shape == (3, 4, 3, 3), "the first convolution and the projection have the stride"


def test_missing_projection():
    """Without a projection x must fit; numpy would broadcast one channel to four."""
    rng = np.random.default_rng(2)
    params = block(rng, 1, 4)
    del params["wp"], params["bp"]
    with pytest.raises(ValueError):  # noqa: PT011 - the text is yours
        residual.residual_forward(rng.normal(size=(1, 1, 3, 3)), params)


@pytest.mark.parametrize(("F", "stride"), [(2, 1), (3, 2)], ids=["identity", "projection"])
def test_gradients_are_slopes(F, stride):
    """A small step along a random direction changes the output as the gradients say."""
    rng = np.random.default_rng(3)
    x, params = rng.normal(size=(2, 2, 4, 5)), block(rng, 2, F, stride)
    out, cache = residual.residual_forward(x, params, stride=stride)
    dout = rng.normal(size=out.shape)
    dx, grads = residual.residual_backward(dout, cache)
    assert set(grads) == set(params), "a gradient for each entry of params"
    given, got = {"x": x, **params}, {"x": dx, **grads}
    for name, value in given.items():
        assert got[name].shape == value.shape, f"the gradient of {name} has the shape of {name}"
        step = 1e-6 * rng.normal(size=value.shape)
        losses = []
        for sign in (1, -1):
            moved = given | {name: value + sign * step}
            result, _ = residual.residual_forward(moved.pop("x"), moved, stride=stride)
            losses.append(np.sum(dout * result))
        slope = (losses[0] - losses[1]) / 2
        assert np.sum(got[name] * step) == pytest.approx(slope, rel=1e-4), (
            f"the gradient of {name} is not the slope"
        )


def test_gradient_of_a_block_of_zeros():
    """The shortcut passes the gradient on as it is, where x is positive."""
    rng = np.random.default_rng(4)
    x, dout = rng.normal(size=(2, 2, 3, 4)), rng.normal(size=(2, 2, 3, 4))
    zeros = {name: np.zeros(value.shape) for name, value in block(rng).items()}
    _, cache = residual.residual_forward(x, zeros)
    dx, _ = residual.residual_backward(dout, cache)
    assert dx == pytest.approx(dout * (x > 0)), "the branch's gradient is 0, the shortcut's is dout"
