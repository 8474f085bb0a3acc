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
    ### BEGIN SOLUTION
    r, g, b = np.moveaxis(img.astype(np.float64), -1, 0)
    largest = np.maximum(np.maximum(r, g), b)
    d = largest - np.minimum(np.minimum(r, g), b)
    d[d == 0] = 1  # a grey pixel: 0 / 1
    sixths = np.select(
        [largest == r, largest == g],
        [(g - b) / d % 6, (b - r) / d + 2],
        default=(r - g) / d + 4,
    )
    return sixths / 6
    ### END SOLUTION


def color_histogram(img, nbin=10, channel="hue"):
    """Which share of an image's pixels falls into each of nbin equal bins of one channel.

    img: (H, W, 3), red, green, blue; floats in [0, 1] or uint8 in 0..255 (divided by 255 first).
    nbin: how many bins.  channel: "hue" (see rgb_to_hue), "red", "green" or "blue".

    Returns (nbin,) float64 that sums to 1: the number of pixels in each bin, over the number of
    pixels. The bins split [0, 1] whatever values occur: bin i holds i/nbin <= v < (i + 1)/nbin, and
    the last bin holds v = 1 as well. Raises ValueError for any other channel.
    """
    ### BEGIN SOLUTION
    if channel == "hue":
        values = rgb_to_hue(img)
    elif channel in ("red", "green", "blue"):
        values = img[:, :, ("red", "green", "blue").index(channel)]
        values = values / 255 if img.dtype == np.uint8 else values
    else:
        raise ValueError(f"channel is {channel!r}, and should be hue, red, green or blue")
    counts, _ = np.histogram(values, bins=nbin, range=(0, 1))
    return counts / values.size
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    gy, gx = np.gradient(img)
    magnitude = np.sqrt(gx**2 + gy**2)
    angle = np.degrees(np.arctan2(gy, gx)) % 180
    # The remainder of a tiny negative angle rounds to 180 itself: hence the second folding.
    bins = (angle * orientations / 180).astype(int) % orientations
    features = np.zeros((img.shape[0] // cell, img.shape[1] // cell, orientations))
    for i, j in np.ndindex(features.shape[:2]):
        window = np.s_[i * cell : (i + 1) * cell, j * cell : (j + 1) * cell]
        features[i, j] = np.bincount(bins[window].ravel(), magnitude[window].ravel(), orientations)
    return features
    ### END SOLUTION


### BEGIN SOLUTION
def _nearest(X, centroids):
    """Index of the centroid that is nearest to each row of X; ties go to the lowest."""
    squared = np.sum((X[:, None, :] - centroids) ** 2, axis=2)  # (N, k)
    return np.argmin(squared, axis=1)


### END SOLUTION
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
    ### BEGIN SOLUTION
    centroids = init.astype(np.float64)
    for _ in range(iters):
        labels = _nearest(X, centroids)
        for j in range(k):
            if np.any(labels == j):
                centroids[j] = X[labels == j].mean(axis=0)
    return centroids, _nearest(X, centroids)
    ### END SOLUTION


def bovw_encode(desc, centroids):
    """Encode an image as a bag of visual words: each word's share of its descriptors.

    desc: (M, D) floats, the image's local descriptors.  centroids: (k, D) floats, the words.

    Returns (k,) float64. Element j is the number of descriptors whose nearest centroid (Euclidean)
    is j, over M, so that it sums to 1. Ties go to the lowest index. An image without descriptors
    (M = 0) gives all zeros.
    """
    ### BEGIN SOLUTION
    counts = np.bincount(_nearest(desc, centroids), minlength=len(centroids))
    return counts / max(len(desc), 1)
    ### END SOLUTION
