"""Checks for layers.py that you can run as often as you like: small cases to follow by hand.

They lead the way; they do not grade. The graded tests use other data and more kinds of it.
"""

import layers
import numpy as np
import pytest

IMAGE = np.arange(1.0, 10).reshape(1, 1, 3, 3)  # 1 2 3 / 4 5 6 / 7 8 9
FILTER = np.array([[[[1.0, 2.0], [0.0, -1.0]]]])
POOL = {"pool_height": 2, "pool_width": 2, "stride": 1}


def slope(f, x, h=1e-5):
    """Numerical gradient of the number f(x): what any analytic gradient must agree with."""
    grad = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[place] = h
        grad[place] = (f(x + step) - f(x - step)) / (2 * h)
    return grad


def test_border_of_zeros():
    """One image of 3 x 3 pixels becomes one of 5 x 5."""
    padded = layers.zero_pad(IMAGE, 1)
    assert padded.shape == (1, 1, 5, 5), "rows and columns grow on both sides, nothing else does"
    assert padded[0, 0, 0] == pytest.approx(np.zeros(5)), "the first row is the border"
    assert padded[0, 0, 1] == pytest.approx(np.array([0, 1, 2, 3, 0])), "then the image begins"


def test_one_step():
    """1 * 1 + 2 * 2 + 4 * 0 + 5 * (-1) = 0, and the bias 10."""
    got = layers.conv_single_step(IMAGE[0, :, :2, :2], FILTER[0], 10.0)
    assert got == pytest.approx(10), "multiply entry by entry, sum, add the bias once"


def test_four_windows():
    """The filter on the four windows of the image: 0, 2, 6, 8, each plus the bias 10."""
    out, _ = layers.conv_forward_naive(IMAGE, FILTER, np.array([10.0]), {"stride": 1, "pad": 0})
    assert out.shape == (1, 1, 2, 2), "(N, F, H_out, W_out)"
    assert out[0, 0] == pytest.approx(np.array([[10.0, 12.0], [16.0, 18.0]])), (
        "the filter is not flipped: first entry times first entry"
    )


def test_stride_and_padding():
    """With a border of zeros and stride 2, four windows lie side by side."""
    out, _ = layers.conv_forward_naive(IMAGE, FILTER, np.array([0.0]), {"stride": 2, "pad": 1})
    assert out[0, 0] == pytest.approx(np.array([[-1.0, -3.0], [1.0, 8.0]])), (
        "the windows are 0 0/0 1, 0 0/2 3, 0 4/0 7 and 5 6/8 9"
    )


def test_a_point_shows_the_filter():
    """An image with one bright pixel gives the filter back, turned round by walking over it."""
    point = np.zeros((1, 1, 3, 3))
    point[0, 0, 1, 1] = 1
    out, _ = layers.conv_forward_naive(point, FILTER, np.array([0.0]), {"stride": 1, "pad": 0})
    assert out[0, 0] == pytest.approx(FILTER[0, 0, ::-1, ::-1]), (
        "at place (0, 0) the pixel lies under the filter's last entry"
    )


def test_convolution_gradients():
    """Each gradient is the numerical slope, with stride 2 and padding 1."""
    rng = np.random.default_rng(5)
    x, w, b = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(2, 3, 2, 3)), rng.normal(size=2)
    param = {"stride": 2, "pad": 1}
    out, cache = layers.conv_forward_naive(x, w, b, param)
    dout = rng.normal(size=out.shape)
    dx, dw, db = layers.conv_backward_naive(dout, cache)
    for got, name, want in (
        (dx, "dx", slope(lambda v: np.sum(dout * layers.conv_forward_naive(v, w, b, param)[0]), x)),
        (dw, "dw", slope(lambda v: np.sum(dout * layers.conv_forward_naive(x, v, b, param)[0]), w)),
        (db, "db", slope(lambda v: np.sum(dout * layers.conv_forward_naive(x, w, v, param)[0]), b)),
    ):
        assert got.shape == want.shape, f"{name} has the shape of {name[1:]}"
        assert got == pytest.approx(want, abs=1e-6), f"{name} is not the slope"


def test_largest_and_mean_of_windows():
    """The windows of 2 x 2 with stride 1: largest 5, 6, 8, 9 and means 3, 4, 6, 7."""
    out, _ = layers.max_pool_forward_naive(IMAGE, POOL)
    assert out[0, 0] == pytest.approx(np.array([[5.0, 6], [8, 9]])), "the largest of four"
    out, _ = layers.avg_pool_forward(IMAGE, POOL)
    assert out[0, 0] == pytest.approx(np.array([[3.0, 4], [6, 7]])), "the mean of four"


def test_max_pooling_of_negative_windows():
    """All pixels are negative, and so is the largest of them."""
    out, _ = layers.max_pool_forward_naive(-IMAGE, POOL)
    assert out[0, 0] == pytest.approx(np.array([[-1.0, -2], [-4, -5]])), (
        "start from the window's own values, not from zero"
    )


def test_gradient_goes_to_the_winners():
    """The winners are 5, 6, 8 and 9; nobody else gets anything."""
    _, cache = layers.max_pool_forward_naive(IMAGE, POOL)
    dx = layers.max_pool_backward_naive(np.array([[[[1.0, 2], [3, 4]]]]), cache)
    assert dx[0, 0] == pytest.approx(np.array([[0.0, 0, 0], [0, 1, 2], [0, 3, 4]])), (
        "each window's gradient goes to its largest pixel"
    )


def test_gradient_of_the_mean_is_shared():
    """The pixel in the middle lies in all four windows and gets a quarter of each gradient."""
    _, cache = layers.avg_pool_forward(IMAGE, POOL)
    dx = layers.avg_pool_backward(np.array([[[[4.0, 8], [12, 16]]]]), cache)
    assert dx[0, 0, 0] == pytest.approx(np.array([1.0, 3.0, 2.0])), "shares of 4 and 8 overlap"
    assert dx[0, 0, 1, 1] == pytest.approx(10.0), "1 + 2 + 3 + 4"


def test_batchnorm_per_channel():
    """Each channel has mean beta and standard deviation gamma, over images, rows and columns."""
    rng = np.random.default_rng(6)
    x = rng.normal(3, 2, size=(4, 2, 3, 5))
    gamma, beta = np.array([1.0, 5.0]), np.array([0.0, -2.0])
    out, _ = layers.spatial_batchnorm_forward(x, gamma, beta, {"mode": "train", "eps": 0.0})
    assert out.shape == x.shape, "the shape stays as it is"
    assert out.mean(axis=(0, 2, 3)) == pytest.approx(beta), "the mean of channel c is beta[c]"
    assert out.std(axis=(0, 2, 3)) == pytest.approx(gamma), "its standard deviation is gamma[c]"


def test_running_statistics():
    """A batch of ones moves the running mean from 0 to 0.1; test mode uses it and leaves it."""
    param = {"mode": "train"}
    layers.spatial_batchnorm_forward(np.ones((2, 1, 2, 2)), np.ones(1), np.zeros(1), param)
    assert param["running_mean"] == pytest.approx(np.array([0.1])), "0.9 * 0 + 0.1 * 1"
    param = {"mode": "test", "running_mean": np.array([1.0]), "running_var": np.array([4.0])}
    five = np.full((1, 1, 1, 1), 5.0)
    out, _ = layers.spatial_batchnorm_forward(five, np.ones(1), np.zeros(1), param)
    assert out == pytest.approx(np.full((1, 1, 1, 1), 2.0), abs=1e-4), "(5 - 1) / sqrt(4)"


def test_batchnorm_gradient():
    """Dx is the numerical slope, although mean and variance depend on x."""
    rng = np.random.default_rng(7)
    x, dout = rng.normal(size=(2, 2, 3, 2)), rng.normal(size=(2, 2, 3, 2))
    gamma, beta = rng.normal(size=2), rng.normal(size=2)

    def forward(v):
        return layers.spatial_batchnorm_forward(v, gamma, beta, {"mode": "train"})

    dx, dgamma, dbeta = layers.spatial_batchnorm_backward(dout, forward(x)[1])
    want = slope(lambda v: np.sum(dout * forward(v)[0]), x)
    assert dx == pytest.approx(want, abs=1e-6), "dx is not the slope"
    assert dgamma.shape == dbeta.shape == (2,), "one number for each channel"


def test_groups_of_channels():
    """Two groups of two channels: in each image, each group has mean 0 and deviation 1."""
    rng = np.random.default_rng(8)
    x, one = rng.normal(3, 2, size=(2, 4, 3, 2)), np.ones((1, 4, 1, 1))
    out, _ = layers.spatial_groupnorm_forward(x, one, 0 * one, 2, {"eps": 0.0})
    assert out[1, :2].mean() == pytest.approx(0, abs=1e-12), "channels 0 and 1 of the second image"
    assert out[1, 2:].std() == pytest.approx(1), "channels 2 and 3 of the second image"


def test_groupnorm_gradient():
    """Dx is the numerical slope, and dgamma has the shape of gamma."""
    rng = np.random.default_rng(9)
    x, dout = rng.normal(size=(2, 4, 2, 3)), rng.normal(size=(2, 4, 2, 3))
    gamma, beta = rng.normal(size=(1, 4, 1, 1)), rng.normal(size=(1, 4, 1, 1))

    def forward(v):
        return layers.spatial_groupnorm_forward(v, gamma, beta, 2, {})

    dx, dgamma, _ = layers.spatial_groupnorm_backward(dout, forward(x)[1])
    want = slope(lambda v: np.sum(dout * forward(v)[0]), x)
    assert dx == pytest.approx(want, abs=1e-6), "dx is not the slope"
    assert dgamma.size == 4, "one number for each channel"
