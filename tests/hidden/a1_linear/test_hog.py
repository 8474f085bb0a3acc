"""Hidden checks of features.py: oriented gradients of images, ramps and their negatives."""

import numpy as np

from autograder.suite import exercise

AXES = "rows columns orientations"
ORDINALS = ("first", "second", "third", "fourth", "fifth")


def folded(gx, gy, orientations):
    """Which orientation bin each pixel falls into."""
    return np.degrees(np.arctan2(gy, gx)) % 180 * orientations / 180


def binned(gx, gy, orientations, cell, *, weigh=np.hypot, place=folded, stride=None, size=None):
    """Cells of orientation histograms, with some of the rules changed."""
    stride, size = stride or cell, size or cell
    bins = place(gx, gy, orientations).astype(int) % orientations
    weights = weigh(gx, gy) * np.ones(gx.shape)
    out = np.zeros((gx.shape[0] // cell, gx.shape[1] // cell, orientations))
    for i, j in np.ndindex(out.shape[:2]):
        here = np.s_[i * stride : i * stride + size, j * stride : j * stride + size]
        out[i, j] = np.bincount(bins[here].ravel(), weights[here].ravel(), orientations)
    return out


def signed(gx, gy):
    """The angle in degrees, from -180 to 180."""
    return np.degrees(np.arctan2(gy, gx))


def unfolded(gx, gy, orientations):
    """Bins that are spread over the whole circle."""
    return signed(gx, gy) % 360 * orientations / 360


def shifted(gx, gy, orientations):
    """Bins of angles turned by 90 degrees."""
    return (signed(gx, gy) + 90) % 180 * orientations / 180


def twenty_degrees(gx, gy, orientations):
    """Nine bins, whatever is asked for."""
    return signed(gx, gy) % 180 / 20


def kept_at_180(gx, gy, orientations):
    """Folds negative angles only, and has the last bin hold 180 as well."""
    angle = np.where(signed(gx, gy) < 0, signed(gx, gy) + 180, signed(gx, gy))
    return np.minimum(angle * orientations / 180, orientations - 1)


def wide(gx, gy, orientations):
    """Bins of 360 / orientations degrees: only half of them are used."""
    return folded(gx, gy, orientations) / 2


def nearest(gx, gy, orientations):
    """Rounds to the nearest bin."""
    return np.rint(folded(gx, gy, orientations))


def in_radians(gx, gy, orientations):
    """Takes radians for degrees."""
    return np.arctan2(gy, gx) % 180 * orientations / 180


def hog_suspects(img, orientations, cell):
    """Wrong features that name the mistake behind them."""
    gy, gx = np.gradient(img)
    how = (orientations, cell)
    padded = np.pad(img, 1, mode="edge")
    zero = np.pad(img, 1)
    right = binned(gx, gy, *how)
    return {
        "Opposite directions fall into different bins: fold the angle into [0, 180).": (
            lambda: binned(gx, gy, *how, place=unfolded)
        ),
        "The angle is turned by 90 degrees: fold it with the remainder by 180 alone.": (
            lambda: binned(gx, gy, *how, place=shifted)
        ),
        "The bins are 20 degrees wide, whatever orientations says.": (
            lambda: binned(gx, gy, *how, place=twenty_degrees)
        ),
        "The bins are twice too wide: after folding they split 180 degrees, not 360.": (
            lambda: binned(gx, gy, *how, place=wide)
        ),
        "An angle of 180 falls into the last bin; it is the same as 0.": (
            lambda: binned(gx, gy, *how, place=kept_at_180)
        ),
        "The angle is rounded to the nearest bin: cut off instead.": (
            lambda: binned(gx, gy, *how, place=nearest)
        ),
        "The angle is in radians, and the bins are in degrees.": (
            lambda: binned(gx, gy, *how, place=in_radians)
        ),
        "Pixels with a negative angle are left out: fold the angle into [0, 180).": (
            lambda: binned(gx, gy, *how, weigh=lambda x, y: np.hypot(x, y) * (signed(x, y) >= 0))
        ),
        "The magnitude is that of gx alone; it is the root of the sum of squares.": (
            lambda: binned(gx, gy, *how, weigh=lambda x, _: np.abs(x))
        ),
        "Pixels are counted; each should add its gradient's magnitude.": (
            lambda: binned(gx, gy, *how, weigh=lambda *_: 1)
        ),
        "The magnitude's root is missing.": (
            lambda: binned(gx, gy, *how, weigh=lambda x, y: x * x + y * y)
        ),
        "The magnitude is |gx| + |gy| here; it is the root of the sum of squares.": (
            lambda: binned(gx, gy, *how, weigh=lambda x, y: abs(x) + abs(y))
        ),
        "gx and gy are swapped: np.gradient gives the rows' direction first.": (
            lambda: binned(gy, gx, *how)
        ),
        "The angle turns the wrong way: a sign of gx or gy is lost.": (
            lambda: binned(gx, -gy, *how)
        ),
        "The angle is mirrored: fold it by adding 180, not by dropping its sign.": (
            lambda: binned(gx, np.abs(gy), *how)
        ),
        "The gradient is not halved: it is (right - left) / 2.": lambda: right * 2,
        "The image is cut to whole cells before its gradient is taken; cut afterwards.": (
            lambda: binned(*np.gradient(_whole_cells(img, cell))[::-1], *how)
        ),
        "Rows and columns that fill no whole cell have cells, too; leave them out.": (
            lambda: binned(*(_padded(g, cell) for g in (gx, gy)), *how)
        ),
        "The gradient is taken inside each cell alone; take it of the whole image.": (
            lambda: binned(*_cell_by_cell(img, cell), *how)
        ),
        "The windows move by one pixel; they should move by one cell.": (
            lambda: binned(gx, gy, *how, stride=1)
        ),
        "The windows are one pixel too small.": lambda: binned(gx, gy, *how, size=cell - 1),
        "The windows are one pixel too large.": lambda: binned(gx, gy, *how, size=cell + 1),
        "The windows are of 8 x 8 pixels, whatever cell says.": lambda: binned(
            gx, gy, *how, size=8
        ),
        "Each cell holds its mean; it should hold the sum.": lambda: right / cell**2,
        "Each cell is normalised; nothing should be.": (
            lambda: _over(right, np.linalg.norm(right, axis=2, keepdims=True))
        ),
        "Each cell is normalised to sum 1; nothing should be.": (
            lambda: _over(right, np.sum(right, axis=2, keepdims=True))
        ),
        "All features are normalised together; nothing should be.": (
            lambda: right / np.linalg.norm(right)
        ),
        "The border's gradient is 0 here; it is the difference to the only neighbour.": (
            lambda: binned(
                *(np.where(_inner(g, axis), g, 0) for g, axis in ((gx, 1), (gy, 0))), *how
            )
        ),
        "The border's gradient is halved; it is the whole difference to the only neighbour.": (
            lambda: binned(
                (padded[1:-1, 2:] - padded[1:-1, :-2]) / 2,
                (padded[2:, 1:-1] - padded[:-2, 1:-1]) / 2,
                *how,
            )
        ),
        "The image is padded with zeros: the border's gradient is the difference to its only "
        "neighbour.": (
            lambda: binned(
                (zero[1:-1, 2:] - zero[1:-1, :-2]) / 2, (zero[2:, 1:-1] - zero[:-2, 1:-1]) / 2, *how
            )
        ),
        "The gradient is the forward difference here; it is (right - left) / 2.": (
            lambda: binned(
                np.diff(img, axis=1, append=img[:, -1:]),
                np.diff(img, axis=0, append=img[-1:]),
                *how,
            )
        ),
    }


def _cell_by_cell(img, cell):
    gx, gy = np.zeros(img.shape), np.zeros(img.shape)
    for i, j in np.ndindex(img.shape[0] // cell, img.shape[1] // cell):
        here = np.s_[i * cell : (i + 1) * cell, j * cell : (j + 1) * cell]
        gy[here], gx[here] = np.gradient(img[here])
    return gx, gy


def _padded(gradient, cell):
    return np.pad(gradient, [(0, -n % cell) for n in gradient.shape])


def _whole_cells(img, cell):
    return img[: img.shape[0] // cell * cell, : img.shape[1] // cell * cell]


def _over(features, norms):
    return features / np.where(norms == 0, 1, norms)


def _inner(gradient, axis):
    """Which pixels have both neighbours along the axis."""
    where = np.arange(gradient.shape[axis])
    inside = (where > 0) & (where < gradient.shape[axis] - 1)
    return inside if axis == 1 else inside[:, None]


def has_nan(got):
    """Whether a result is an array with NaN in it."""
    return type(got) is np.ndarray and got.dtype.kind == "f" and bool(np.isnan(got).any())


def together(suspects):
    """Suspects for several results at once: a mistake has to explain all of them."""
    return {
        sentence: lambda sentence=sentence: tuple(each[sentence]() for each in suspects)
        for sentence in suspects[0]
    }


def run(student, *cases):
    """The student's features for all cases."""
    return [student.hog(img, **how) for img, how in cases]


def compare(got, reference, close, *cases):
    """Hold features against the reference's; a case is an image and keywords."""
    want = tuple(reference.hog(img, **how) for img, how in cases)
    names = [f"hog of the {which} image" for which in ORDINALS[: len(cases)]]
    usual = {"orientations": 9, "cell": 8}
    suspects = together([hog_suspects(img, **(usual | how)) for img, how in cases])
    close(tuple(got), want, names=names, axes=dict.fromkeys(names, AXES), suspects=suspects)


@exercise("hog", weight=3)
def test_hog_of_any_image(student, reference, rng, close):
    """Every cell's histogram on images that the cells do not fill, for other bins and sizes."""
    first = rng.uniform(size=(11, 16)), {"orientations": 7, "cell": 5}
    second = rng.uniform(size=(9, 7)), {"orientations": 4, "cell": 3}
    compare(run(student, first, second), reference, close, first, second)


def ramp(rng, down, right, shape=(16, 24)):
    """An image that grows by `down` a row and by `right` a column, times a random slope."""
    rows, columns = np.indices(shape)
    return rng.uniform(0.5, 2) * (down * rows + right * columns) + rng.uniform()


DIRECTIONS = ((0, 1), (1, 0), (1, 1), (1, -1), (1, 2))


@exercise("hog")
def test_hog_of_ramps(student, reference, rng, close):
    """A ramp to the right, down or across fills the one bin of its angle."""
    ramps = [(ramp(rng, down, right), {}) for down, right in DIRECTIONS]
    compare(run(student, *ramps), reference, close, *ramps)


@exercise("hog")
def test_hog_of_negatives(student, reference, rng, close):
    """The same ramps the other way, darker to the right or downwards: the same orientations."""
    ramps = [(ramp(rng, -down, -right), {}) for down, right in DIRECTIONS]
    compare(run(student, *ramps), reference, close, *ramps)


@exercise("hog")
def test_hog_of_flat_regions(student, reference, rng, close, check):
    """A cell without any gradient is all zeros; read-only views; one cell alone."""
    img = rng.uniform(size=(8, 24))
    img[:, :10] = rng.uniform()
    img.flags.writeable = False
    one_cell = np.asfortranarray(img[:, 12:20]), {"orientations": 8}
    cases = (img, {}), one_cell
    got = run(student, *cases)
    sentence = "A flat region gives NaN: 0 / 0? np.arctan2(gy, gx) has no such trouble."
    check(not any(map(has_nan, got)), sentence)
    compare(got, reference, close, *cases)
