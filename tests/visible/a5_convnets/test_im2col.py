"""Checks for im2col.py that you can run as often as you like: small cases to follow by hand.

They lead the way; they do not grade. The graded tests use other data and more kinds of it.
"""

import im2col
import numpy as np
import pytest

IMAGE = np.arange(1.0, 10).reshape(1, 1, 3, 3)  # 1 2 3 / 4 5 6 / 7 8 9


def test_windows_become_columns():
    """Four windows of 2 x 2: the first one is 1 2 4 5."""
    cols = im2col.im2col_indices(IMAGE, 2, 2, padding=0, stride=1)
    assert cols.shape == (4, 4), "(C * field_height * field_width, H_out * W_out * N)"
    assert cols[:, 0] == pytest.approx(np.array([1.0, 2, 4, 5])), "a column is window.ravel()"
    assert cols[:, 1] == pytest.approx(np.array([2.0, 3, 5, 6])), "the next window to the right"


def test_images_stand_side_by_side():
    """Two images: columns 0 and 1 are the first windows of both."""
    cols = im2col.im2col_indices(np.concatenate([IMAGE, 10 * IMAGE]), 2, 2, padding=0, stride=1)
    assert cols[0, :4] == pytest.approx(np.array([1.0, 10, 2, 20])), (
        "all images at the first place, then all images at the next place"
    )


def test_columns_of_ones_count_the_windows():
    """The pixel in the middle lies in four windows of 2 x 2, a corner in one."""
    counts = im2col.col2im_indices(np.ones((4, 4)), (1, 1, 3, 3), 2, 2, padding=0, stride=1)
    assert counts[0, 0] == pytest.approx(np.array([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]])), (
        "where windows overlap, add up"
    )


def test_col2im_is_the_transpose():
    """<im2col(x), c> = <x, col2im(c)> for any x and c: no other function has this property."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(2, 3, 5, 4))
    cols = im2col.im2col_indices(x, 3, 2, padding=1, stride=2)
    c = rng.normal(size=cols.shape)
    back = im2col.col2im_indices(c, x.shape, 3, 2, padding=1, stride=2)
    assert back.shape == x.shape, "the border is cut off again"
    assert np.sum(cols * c) == pytest.approx(np.sum(x * back)), "not the transpose of im2col"


def test_product_is_the_convolution():
    """The windows 1 2 4 5, 2 3 5 6, ... with the filter 1 2 0 -1 and the bias 10."""
    w, b = np.array([[[[1.0, 2.0], [0.0, -1.0]]]]), np.array([10.0])
    out, _ = im2col.conv_forward_fast(IMAGE, w, b, {"stride": 1, "pad": 0})
    assert out.shape == (1, 1, 2, 2), "(N, F, H_out, W_out)"
    assert out[0, 0] == pytest.approx(np.array([[10.0, 12.0], [16.0, 18.0]])), "the same by hand"


def test_images_and_filters_keep_their_places():
    """Three images and two filters: each result stands where its image and its filter say."""
    x = np.array([1.0, 2.0, 3.0]).reshape(3, 1, 1, 1) * np.ones((3, 1, 2, 2))
    w = np.array([1.0, 10.0]).reshape(2, 1, 1, 1)
    out, _ = im2col.conv_forward_fast(x, w, np.zeros(2), {"stride": 1, "pad": 0})
    assert out[:, :, 0, 0] == pytest.approx(np.array([[1.0, 10], [2, 20], [3, 30]])), (
        "bring the product (F, H_out * W_out * N) to (F, H_out, W_out, N) before N goes first"
    )


def test_fast_gradients():
    """dx, dw and db in the directions of random x, w and b."""
    rng = np.random.default_rng(6)
    x, w, b = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(4, 3, 2, 3)), rng.normal(size=4)
    param = {"stride": 2, "pad": 1}
    out, cache = im2col.conv_forward_fast(x, w, b, param)
    dout = rng.normal(size=out.shape)
    dx, dw, db = im2col.conv_backward_fast(dout, cache)
    assert (dx.shape, dw.shape, db.shape) == (x.shape, w.shape, b.shape), "shapes of x, w and b"

    def linear(x, w, b):
        return np.sum(dout * im2col.conv_forward_fast(x, w, b, param)[0])

    # the result is linear in x, in w and in b: the slopes are exact
    assert np.sum(dx * x) == pytest.approx(linear(x, w, 0 * b)), "dx is not the slope"
    assert np.sum(dw * w) == pytest.approx(linear(x, w, 0 * b)), "dw is not the slope"
    assert np.sum(db * b) == pytest.approx(linear(0 * x, w, b)), "db is not the slope"
