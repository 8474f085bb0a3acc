"""Checks for features.py that you can run as often as you like: small cases to follow by hand.

They lead the way; they do not grade. The graded tests use other data and more kinds of it.
"""

import numpy as np
import pytest
from features import bovw_encode, color_histogram, hog, kmeans, rgb_to_hue


def test_hue_of_pure_colours():
    """Red, yellow, green, cyan, blue and magenta stand at sixths of the circle."""
    img = np.array([[[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 1, 1], [0, 0, 1], [1, 0, 1]]])
    hue = rgb_to_hue(img.astype(np.float64))
    assert hue.shape == (1, 6), "one hue per pixel"
    assert hue * 6 == pytest.approx(np.array([[0, 1, 2, 3, 4, 5]])), "green is 2/6, blue is 4/6"


def test_hue_of_grey():
    """A grey pixel has no hue; by our rule it is 0, and not NaN."""
    grey = np.full((1, 2, 3), 0.4)
    assert rgb_to_hue(grey) == pytest.approx(np.zeros((1, 2))), "avoid dividing by d = 0"


def test_hue_of_bytes():
    """uint8 pixels have the same hue as floats: (0, 51, 255) is nearly blue."""
    img = np.array([[[0, 51, 255]]], dtype=np.uint8)
    want = (4 - 51 / 255) / 6
    assert rgb_to_hue(img) == pytest.approx(np.array([[want]])), "0 - 51 is 205 in uint8"


def test_shares_of_red():
    """Four pixels in four bins: 0 and 0.2 in the first, 0.6 in the third, 1 in the last."""
    img = np.zeros((2, 2, 3))
    img[:, :, 0] = [[0.0, 0.2], [0.6, 1.0]]
    got = color_histogram(img, 4, channel="red")
    assert got == pytest.approx([0.5, 0, 0.25, 0.25]), "shares of the pixels; 1 is in the last bin"


def test_bins_do_not_depend_on_the_values():
    """A dark image fills the first bin and no other."""
    img = np.full((3, 3, 3), 0.1)
    got = color_histogram(img, 5, channel="green")
    assert got == pytest.approx([1, 0, 0, 0, 0]), "the bins span 0 to 1 whatever occurs"


def test_unknown_channel():
    """There is no channel called alpha."""
    with pytest.raises(ValueError):  # noqa: PT011  any message will do
        color_histogram(np.zeros((1, 1, 3)), 4, channel="alpha")


def test_hog_of_a_ramp():
    """Brighter by 0.5 a column: gradient (0.5, 0) everywhere, an angle of 0, so the first bin."""
    img = np.tile(0.5 * np.arange(8.0), (4, 1))
    features = hog(img, orientations=9, cell=4)
    assert features.shape == (1, 2, 9), "(rows of cells, columns of cells, orientations)"
    want = np.zeros((1, 2, 9))
    want[:, :, 0] = 16 * 0.5
    assert features == pytest.approx(want), "16 pixels of magnitude 0.5 in each cell"


def test_hog_of_a_ramp_downwards():
    """Brighter by 1 a row: an angle of 90 degrees, bin 4 of 9."""
    img = np.tile(np.arange(8.0)[:, None], (1, 8))
    features = hog(img)
    assert np.argmax(features[0, 0]) == 4, "np.gradient gives the rows' direction first"


def test_hog_of_the_negative():
    """An image and its negative have the same orientations."""
    img = np.random.default_rng(0).uniform(size=(16, 16))
    assert hog(1 - img) == pytest.approx(hog(img)), "fold the angle into [0, 180)"


def test_one_round_of_kmeans():
    """Points 0, 1, 9, 11 and starts 1, 8: the means are 0.5 and 10."""
    X, init = np.array([[0.0], [1.0], [9.0], [11.0]]), np.array([[1.0], [8.0]])
    centroids, labels = kmeans(X, 2, init, 1)
    assert centroids == pytest.approx(np.array([[0.5], [10.0]])), "the means of {0, 1} and {9, 11}"
    assert list(labels) == [0, 0, 1, 1], "the index of the nearest centroid"


def test_empty_cluster():
    """No point is near 50: that centroid stays."""
    centroids, _ = kmeans(np.array([[0.0], [2.0]]), 2, np.array([[1.5], [50.0]]), 3)
    assert centroids == pytest.approx(np.array([[1.0], [50.0]])), "the mean of nothing is NaN"


def test_bag_of_words():
    """Three descriptors near word 0, one near word 2, none near word 1."""
    words = np.array([[0.0, 0.0], [5.0, 5.0], [9.0, 0.0]])
    desc = np.array([[0.0, 1.0], [1.0, 0.0], [8.0, 1.0], [0.5, 0.5]])
    assert bovw_encode(desc, words) == pytest.approx([0.75, 0, 0.25]), "shares that sum to 1"
