"""Hidden checks of features.py: hue, colour histograms and the edges of their bins."""

import itertools

import numpy as np

from autograder.suite import exercise, raises


def colourful(rng, low=0.0, high=1.0):
    """An image of 3 x 8 pixels with every order of red, green and blue."""
    pixels = np.sort(rng.uniform(low, high, (24, 3)), axis=1)
    orders = itertools.islice(itertools.cycle(itertools.permutations(range(3))), 24)
    return np.array([p[list(o)] for p, o in zip(pixels, orders, strict=True)]).reshape(3, 8, 3)


def hue_suspects(reference, img):
    """Wrong hues that name the mistake behind them."""
    right = reference.rgb_to_hue(img)
    r, g, b = np.moveaxis(img.astype(np.float64), -1, 0)
    largest = np.maximum(np.maximum(r, g), b)
    wrapped = (largest == r) & (g < b)
    suspects = {
        "Red and blue are swapped: channel 0 is red.": (
            lambda: reference.rgb_to_hue(img[:, :, ::-1])
        ),
        "Differences are divided by the largest channel; divide by largest minus smallest.": (
            lambda: _hue(img, below=largest)
        ),
        "The hue is in degrees; it should be a fraction of the circle.": lambda: right * 360,
        "The hue is in sixths of the circle; it should be a fraction of the whole circle.": (
            lambda: right * 6
        ),
        "Reds with more blue than green are negative; add 1 to them.": (
            lambda: np.where(wrapped, right - 1, right)
        ),
        "Reds with more blue than green come out positive: a sign is lost, add 1 instead.": (
            lambda: np.where(wrapped, 1 - right, right)
        ),
        "The turn of 1/3 for pixels whose green is largest is missing.": (
            lambda: np.where((largest == g) & (largest > r), right - 1 / 3, right)
        ),
        "The turn of 2/3 for pixels whose blue is largest is missing.": (
            lambda: np.where((largest == b) & (largest > r), right - 2 / 3, right)
        ),
        "The hue turns the wrong way round the circle: red, blue, green.": lambda: -right % 1,
        "The turns of green and blue are swapped: green is at 1/3, blue at 2/3.": (
            lambda: np.where(largest == r, right, right + np.where(largest == g, 1, -1) / 3)
        ),
    }
    wraps = "Differences of uint8 wrap around at 0: convert to float before you subtract."
    suspects[wraps] = lambda: _hue(img, turn=256) if img.dtype == np.uint8 else right
    return suspects


def _hue(img, below=None, turn=0):
    """The hue with differences over `below`, or with those of uint8, which turn over at 256."""
    r, g, b = np.moveaxis(img.astype(np.float64), -1, 0)
    largest = np.maximum(np.maximum(r, g), b)
    d = largest - np.minimum(np.minimum(r, g), b) if below is None else below
    differences = np.array([g - b, b - r, r - g])
    reds, greens, blues = (differences % turn if turn else differences) / np.maximum(d, 1e-9)
    return np.select([largest == r, largest == g], [reds % 6, greens + 2], blues + 4) / 6


def has_nan(got):
    """Whether a result is an array with NaN in it."""
    return type(got) is np.ndarray and got.dtype.kind == "f" and bool(np.isnan(got).any())


def together(suspects):
    """Suspects for several results at once: a mistake has to explain all of them."""
    return {
        sentence: lambda sentence=sentence: tuple(each[sentence]() for each in suspects)
        for sentence in suspects[0]
    }


@exercise("color_histogram", weight=2)
def test_hue(student, reference, rng, close):
    """The hue of colours in every order of red, green and blue, as floats and as uint8."""
    floats, names = colourful(rng), ("hue of floats", "hue of uint8")
    pair = floats, np.round(rng.permutation(floats) * 255).astype(np.uint8)
    got, want = map(student.rgb_to_hue, pair), map(reference.rgb_to_hue, pair)
    suspects = together([hue_suspects(reference, img) for img in pair])
    axes = dict.fromkeys(names, "H W")
    close(tuple(got), tuple(want), names=names, axes=axes, suspects=suspects)


@exercise("color_histogram")
def test_hue_of_grey(student, reference, rng, close, check):
    """Grey, black and white pixels among coloured ones have hue 0."""
    img = colourful(rng)
    grey = np.zeros(img.shape[:2], dtype=bool)
    grey[0, 1] = grey[1, 3] = grey[2, 7] = True
    img[grey] = [[0], [1], [rng.uniform(0.2, 0.8)]]
    img.flags.writeable = False
    want = reference.rgb_to_hue(img)
    suspects = {
        f"A grey pixel gets the hue of {name}; it should get 0.": (
            lambda hue=hue: np.where(grey, hue, want)
        )
        for name, hue in (("green", 1 / 3), ("blue", 2 / 3), ("red after a full turn", 1))
    }
    got = student.rgb_to_hue(img)
    check(not has_nan(got), "A grey pixel gives 0 / 0, which is NaN: its hue should be 0.")
    close(got, want, axes="H W", suspects=suspects)


def histogram_suspects(reference, img, nbin, channel):
    """Wrong histograms that name the mistake behind them."""
    want = reference.color_histogram(img, nbin, channel)
    pixels, is_bytes = img.shape[0] * img.shape[1], img.dtype == np.uint8
    values = reference.rgb_to_hue(img)
    if channel != "hue":
        values = img[:, :, ("red", "green", "blue").index(channel)] / (255 if is_bytes else 1)

    def scaled(factor):
        return np.histogram(values * factor, nbin, (0, 1))[0] / pixels

    def share(bins):
        return np.bincount(bins.astype(int).ravel(), minlength=nbin) / pixels

    return {
        "These are counts; divide by the number of pixels.": lambda: want * pixels,
        "This is a density; each bin should hold its share of the pixels.": lambda: want * nbin,
        "The histograms of red and blue are swapped: channel 0 is red.": (
            lambda: (
                want
                if channel == "hue"
                else reference.color_histogram(img[:, :, ::-1], nbin, channel)
            )
        ),
        "The bins span the values that occur; they should span 0 to 1 whatever occurs.": (
            lambda: np.histogram(values, bins=nbin)[0] / pixels
        ),
        "Values are rounded to the nearest bin: cut off instead.": (
            lambda: share(np.minimum(np.rint(values * nbin), nbin - 1))
        ),
        "A value on an edge goes to the bin below; it belongs to the one above.": (
            lambda: share(np.maximum(np.ceil(values * nbin) - 1, 0))
        ),
        "Values are scaled by nbin - 1; scale them by nbin and keep 1 in the last bin.": (
            lambda: share(np.floor(values * (nbin - 1)))
        ),
        "The histogram is of the hue, whatever channel is asked for.": (
            lambda: reference.color_histogram(img, nbin)
        ),
        "These are nbin - 1 bins: nbin of them have nbin + 1 edges.": (
            lambda: np.histogram(values, np.linspace(0, 1, nbin))[0] / pixels
        ),
        "The largest value has a bin of its own; the last of nbin bins holds 1 as well.": (
            lambda: share(np.floor(values * nbin))
        ),
        "The shares are divided by their norm; they should sum to 1.": (
            lambda: want / np.linalg.norm(want)
        ),
        "The shares are divided by the largest; they should sum to 1.": lambda: want / want.max(),
        "The shares are divided by the number of values, three a pixel; divide by the number of "
        "pixels.": lambda: want / 3,
        "The histogram is cumulative.": lambda: np.cumsum(want),
        "The largest value is not counted: the last bin holds 1 as well.": (
            lambda: np.histogram(values[values < 1], nbin, (0, 1))[0] / pixels
        ),
        "The largest value falls into the first bin; the last bin holds 1 as well.": (
            lambda: np.histogram(values % 1, nbin, (0, 1))[0] / pixels
        ),
        "The values are divided by the number of rows; divide by the number of pixels.": (
            lambda: want * img.shape[1]
        ),
        "uint8 values are taken as they are; divide them by 255 first.": (
            lambda: scaled(255 if is_bytes else 1)
        ),
        "uint8 values are divided by 256; it should be 255.": (
            lambda: scaled(255 / 256 if is_bytes else 1)
        ),
        "Floats are divided by 255, too; they are in 0 to 1 already.": (
            lambda: want if is_bytes or channel == "hue" else scaled(1 / 255)
        ),
        "The bins span 0 to 255; they should span 0 to 1.": lambda: scaled(1 / 255),
    }


def compare(student, reference, close, cases):
    """Hold color_histogram against the reference's, for several images, nbin and channels."""
    got = tuple(student.color_histogram(img, nbin, channel=which) for img, nbin, which in cases)
    want = tuple(reference.color_histogram(img, nbin, which) for img, nbin, which in cases)
    names = [f"the histogram of {which}" for _, _, which in cases]
    suspects = together([histogram_suspects(reference, *case) for case in cases])
    close(got, want, names=names, axes=dict.fromkeys(names, "nbin"), suspects=suspects)


@exercise("color_histogram", weight=2)
def test_shares_of_the_channels(student, reference, rng, close):
    """Shares of pixels for hue, red, green and blue; the bins span 0 to 1 whatever occurs."""
    img = colourful(rng, 0.15, 0.7)
    kinds = ((10, "hue"), (7, "red"), (4, "green"), (5, "blue"))
    compare(student, reference, close, [(img, *kind) for kind in kinds])


@exercise("color_histogram")
def test_bin_edges(student, reference, rng, close):
    """The largest value, 1 or 255, is in the last bin; other edges belong to the bin above."""
    # Eighths are exact in binary. 255 is no multiple of 7: bytes come near edges, but sit on none.
    eighths = rng.permutation(np.arange(27.0) % 9 / 8).reshape(3, 3, 3)
    tight = rng.permutation(np.resize([0, 73, 146, 219, 255], 30)).reshape(2, 5, 3)
    eighths[0, 0], eighths[1, 2], tight[0, 0], tight[1, 2] = 1, 0.5, 255, 73
    cases = (eighths, 8, "red"), (tight.astype(np.uint8), 7, "green")
    compare(student, reference, close, cases)


@exercise("color_histogram", weight=0.5)
def test_unknown_channel(student, rng):
    """Raises ValueError for a channel that does not exist."""
    with raises(ValueError, "color_histogram should raise ValueError for an unknown channel."):
        student.color_histogram(colourful(rng), 4, channel="saturation")
