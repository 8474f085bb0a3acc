"""Hidden suite for layers.py: max pooling and average pooling, forward."""

import numpy as np

from autograder.suite import exercise

# (images, height, width and stride of the pooling)
DISJOINT = [((2, 3, 6, 8), 2, 2, 2), ((1, 2, 6, 5), 3, 2, 3), ((3, 2, 4, 5), 4, 5, 1)]
OVERLAPPING = [((2, 3, 7, 9), 3, 3, 2), ((3, 2, 5, 6), 2, 3, 1)]
LEFT_OVER = [((2, 3, 7, 6), 2, 3, 4), ((1, 2, 5, 8), 2, 2, 3)]


def layer(rng, case):
    """Random feature maps, far below zero where that makes windows all negative."""
    shape, height, width, stride = case
    param = {"pool_height": height, "pool_width": width, "stride": stride}
    return rng.normal(size=shape) - rng.choice([0, 9], size=(1, shape[1], 1, 1)), param


def out_of(result, check):
    """The first of (out, cache)."""
    pair = isinstance(result, tuple | list) and len(result) == 2
    check(pair, "A forward function returns two things: out, and the cache for its backward.")
    return result[0]


def distinct(want, suspects):
    """The suspects, silent where a mistake makes no difference or cannot be made."""

    def quiet(thunk):
        try:
            wrong = thunk()
        except (ValueError, IndexError, ZeroDivisionError):
            return np.zeros(0)
        return np.zeros(0) if np.array_equal(wrong, want) else wrong

    return {text: lambda thunk=thunk: quiet(thunk) for text, thunk in suspects.items()}


def windows(x, param):
    """All windows: (N, C, H_out, W_out, height, width)."""
    size, stride = (param["pool_height"], param["pool_width"]), param["stride"]
    view = np.lib.stride_tricks.sliding_window_view(x, size, axis=(2, 3))
    return view[:, :, ::stride, ::stride]


def pool_suspects(pool, x, param, want):
    """Results of the usual mistakes, for a reference's forward function."""
    height, width, stride = param["pool_height"], param["pool_width"], param["stride"]
    H_out, W_out = want.shape[2:]

    def other(height=height, width=width, stride=stride, x=x):
        return pool(x, {"pool_height": height, "pool_width": width, "stride": stride})[0]

    return {
        "Height and width of the window are exchanged.": lambda: other(width, height),
        "The window is always square: use pool_width, too.": lambda: other(width=height),
        "The window is always square: use pool_height, too.": lambda: other(height=width),
        "The stride is ignored.": lambda: other(stride=1),
        "The windows start at row i and column j; they start at i * stride and j * stride.": (
            lambda: other(stride=1)[:, :, :H_out, :W_out]
        ),
        "The window's size is taken for the stride.": lambda: other(stride=height),
        "The stride is taken for the window's size.": lambda: other(stride, stride),
        "The size misses its one: the last row and the last column are left out.": lambda: want[
            :, :, :-1, :-1
        ],
        "The images are pooled over the channels as well; each channel is pooled by itself.": (
            lambda: np.repeat(np.max(want, axis=1, keepdims=True), x.shape[1], axis=1)
        ),
        "All channels give the result of the first one.": lambda: np.repeat(
            want[:, :1], x.shape[1], axis=1
        ),
        "All images give the result of the first one.": lambda: np.repeat(want[:1], len(x), axis=0),
    }


def max_suspects(reference, x, param, want):
    """Results of the usual mistakes in max pooling."""
    every = windows(x, param)
    return distinct(want, {
        "This is the mean of each window.": lambda: np.mean(every, axis=(4, 5)),
        "This is the smallest value of each window.": lambda: np.min(every, axis=(4, 5)),
        "Windows with negative values only give zero: start from the window's own values, not "
        "from zero.": lambda: np.maximum(want, 0),
        "The largest absolute value is taken; the largest value is asked for.": lambda: (
            np.max(np.abs(every), axis=(4, 5))
        ),
        **pool_suspects(reference.max_pool_forward_naive, x, param, want),
    })  # fmt: skip


def avg_suspects(reference, x, param, want):
    """Results of the usual mistakes in average pooling."""
    every, square = windows(x, param), param["stride"] ** 2
    size = every[0, 0, 0, 0].size
    return distinct(want, {
        "This is the sum of each window; divide by the number of its pixels.": lambda: want * size,
        "This is the largest value of each window.": lambda: np.max(every, axis=(4, 5)),
        "This is the median of each window.": lambda: np.median(every, axis=(4, 5)),
        "The sum is divided by the square of the stride; divide by the window's pixels.": lambda: (
            want * size / square
        ),
        "The sum is divided by the window's height only.": lambda: want * param["pool_width"],
        "The sum is divided by the window's width only.": lambda: want * param["pool_height"],
        **pool_suspects(reference.avg_pool_forward, x, param, want),
    })  # fmt: skip


def judge_forward(mine, theirs, suspects, rng, close, check, cases):
    """Compare the results of some cases; `mine` is the reference's function."""
    for case in cases:
        x, param = layer(rng, case)
        want = mine(x, param)[0]
        got = out_of(theirs(x, param), check)
        close(got, want, names="out", axes="N C H_out W_out", suspects=suspects(x, param, want))


def max_forward(student, reference, rng, close, check, cases):
    """Judge max pooling."""
    pools = reference.max_pool_forward_naive, student.max_pool_forward_naive
    judge_forward(*pools, lambda *case: max_suspects(reference, *case), rng, close, check, cases)


def avg_forward(student, reference, rng, close, check, cases):
    """Judge average pooling."""
    pools = reference.avg_pool_forward, student.avg_pool_forward
    judge_forward(*pools, lambda *case: avg_suspects(reference, *case), rng, close, check, cases)


@exercise("max_pool_forward_naive", weight=2)
def test_max_of_windows(student, reference, rng, close, check):
    """Windows side by side, not square, as large as the image, with negative values only."""
    max_forward(student, reference, rng, close, check, DISJOINT)


@exercise("max_pool_forward_naive")
def test_max_of_overlapping_windows(student, reference, rng, close, check):
    """A stride smaller than the window."""
    max_forward(student, reference, rng, close, check, OVERLAPPING)


@exercise("max_pool_forward_naive")
def test_max_rounds_down(student, reference, rng, close, check):
    """Windows with gaps between them; rows and columns at the end are left out."""
    max_forward(student, reference, rng, close, check, LEFT_OVER)


@exercise("avg_pool_forward", weight=2)
def test_mean_of_windows(student, reference, rng, close, check):
    """Windows side by side, not square, and as large as the image."""
    avg_forward(student, reference, rng, close, check, DISJOINT)


@exercise("avg_pool_forward")
def test_mean_of_overlapping_windows(student, reference, rng, close, check):
    """A stride smaller than the window, and windows with gaps between them."""
    avg_forward(student, reference, rng, close, check, OVERLAPPING + LEFT_OVER)
