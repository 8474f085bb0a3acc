# Generated from solutions/a1_linear/features.py by `autograder starter`.
# Write your code where it says NotImplementedError.
"""Features made by hand: colour histograms, oriented gradients, bags of visual words."""

import numpy as np


def rgb_to_hue(img):
    """The hue of every pixel, as a fraction of the colour circle: red 0, green 1/3, blue 2/3.

    img: (H, W, 3), the channels red r, green g, blue b; floats in [0, 1] or uint8 in 0..255.

    Returns (H, W) float64 in [0, 1). With M the largest and m the smallest of r, g, b, d = M - m:
    where M is r, (g - b)/d / 6, plus 1 if that is negative;
    where M is g, ((b - r)/d + 2) / 6;
    where M is b, ((r - g)/d + 4) / 6. (Where two are the largest their formulas agree.)
    A grey pixel, d = 0, has hue 0.
    """
    raise NotImplementedError("rgb_to_hue: your code here")


def color_histogram(img, nbin=10, channel="hue"):
    """Which share of an image's pixels falls into each of nbin equal bins of one channel.

    img: (H, W, 3), red, green, blue; floats in [0, 1] or uint8 in 0..255 (divided by 255 first).
    nbin: how many bins.  channel: "hue" (see rgb_to_hue), "red", "green" or "blue".

    Returns (nbin,) float64 that sums to 1: the number of pixels in each bin, over the number of
    pixels. The bins split [0, 1] whatever values occur: bin i holds i/nbin <= v < (i + 1)/nbin, and
    the last bin holds v = 1 as well. Raises ValueError for any other channel.
    """
    raise NotImplementedError("color_histogram: your code here")


def hog(img, orientations=9, cell=8):
    """Histograms of oriented gradients, one for each square cell of a grey image.

    img: (H, W) floats.  orientations: how many bins.  cell: a cell's side, in pixels.

    Returns (H // cell, W // cell, orientations) float64. Rows and columns that fill no whole cell
    are left out of the cells (not of the gradients).

    The gradient of a pixel is that of np.gradient: gx = (right - left) / 2 along a row and
    gy = (below - above) / 2 along a column; the first and the last pixel of a line take the
    difference to their only neighbour instead, not halved.
    Its angle is that of (gx, gy) in degrees, folded into [0, 180): a direction and its opposite are
    the same orientation, so an image and its negative give the same features, and 180 becomes 0.
    Orientation bin i holds i*w <= angle < (i + 1)*w with w = 180 / orientations.
    Each pixel adds its magnitude, sqrt(gx^2 + gy^2), to the one bin of its angle in its own cell.
    Nothing is shared between bins or cells, and nothing is normalised.
    """
    raise NotImplementedError("hog: your code here")


def kmeans(X, k, init, iters):
    """Find k centroids by iters rounds of k-means from given starting points.

    X: (N, D) floats or integers.  k: the number of centroids.
    init: (k, D), where they start; it is not changed.  iters: how many rounds, 0 or more.

    One round: each point goes to its nearest centroid, by Euclidean distance, and then each
    centroid moves to the mean of its points. Ties go to the lowest index. A centroid without any
    points stays where it is. There are always iters rounds, also when nothing moves any more.

    Returns (centroids, labels): (k, D) float64, and (N,) integers, the index of the nearest of the
    returned centroids for each point: assigned once more after the last move.
    """
    raise NotImplementedError("kmeans: your code here")


def bovw_encode(desc, centroids):
    """Encode an image as a bag of visual words: each word's share of its descriptors.

    desc: (M, D) floats, the image's local descriptors.  centroids: (k, D) floats, the words.

    Returns (k,) float64. Element j is the number of descriptors whose nearest centroid (Euclidean)
    is j, over M, so that it sums to 1. Ties go to the lowest index. An image without descriptors
    (M = 0) gives all zeros.
    """
    raise NotImplementedError("bovw_encode: your code here")
