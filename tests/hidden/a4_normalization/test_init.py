"""Hidden checks of init.py: how weights are spread."""

import numpy as np

from autograder.suite import exercise, raises

MAKE = "make = np.random.default_rng"
KURTOSIS = {"normal": 3.0, "uniform": 1.8}


def generator(sandbox, rng):
    """A numpy generator in the sandbox, seeded from our data."""
    return sandbox.define(MAKE, "make")(int(rng.integers(2**31)))


def judge_weights(check, W, shape, dist, variance, mistakes):
    """Shape, mean, spread (6 sigma each) and kind of distribution of freshly drawn weights."""
    check(type(W) is np.ndarray, "The weights must be a numpy array.")
    check(W.shape != shape[::-1], "The weights are transposed: fan_in comes first.")
    check(W.shape == shape, "The weights do not have the shape that the docstring asks for.")
    check(W.dtype.kind == "f" and np.isfinite(W).all(), "The weights must be finite floats.")
    spread = np.mean(W**2)
    check(spread > 0, "All weights are zero.")
    wide = 6 * np.sqrt((KURTOSIS[dist] - 1) / W.size)

    def near(value):
        return abs(spread / value - 1) < wide

    check(len(np.unique(W)) == W.size, "Some weights are equal: draw each on its own.")
    check(abs(W.mean()) < 6 * np.sqrt(spread / W.size), "The weights' mean is not zero.")
    for said, wrong in mistakes.items():
        check(near(variance) or not near(wrong), said)
    check(near(variance), "The weights' variance is not what the docstring asks for.")
    judge_kind(check, W, dist, np.sqrt(3 * variance))


def judge_kind(check, W, dist, bound):
    """Whether numbers of the right spread come from the distribution that was asked for."""
    tails = np.mean(W**4) / np.mean(W**2) ** 2
    if dist == "normal":
        check(tails > 2.3, "dist is 'normal', and the weights do not come from a bell curve.")
    else:
        flat = np.abs(W).max() <= bound * (1 + 1e-12) and tails < 2.3
        check(flat, "dist is 'uniform', and some weights are beyond the bound: no bell curve.")


def xavier_mistakes(fan_in, fan_out, dist):
    """Variances that name the mistake behind them."""
    right = 2 / (fan_in + fan_out)
    common = {
        "The variance is 1 / fan_in; Xavier's has fan_in and fan_out in it.": 1 / fan_in,
        "The variance is 2 / fan_in, which is Kaiming's.": 2 / fan_in,
        "The variance is 1 / fan_out; Xavier's has fan_in and fan_out in it.": 1 / fan_out,
        "The variance is 2 / fan_out; Xavier's has fan_in and fan_out in it.": 2 / fan_out,
        "The variance is 1 / (fan_in + fan_out): the 2 is missing.": right / 2,
        "The variance is twice what it should be.": 2 * right,
        "The variance is 2 / (fan_in * fan_out): add the two.": 2 / (fan_in * fan_out),
    }
    kinds = {
        "normal": {
            "The variance is used as the standard deviation: take its root.": right**2,
            "These are numbers of variance one, not scaled at all.": 1.0,
        },
        "uniform": {
            "The standard deviation is used as the bound; a uniform distribution on [-a, a] has "
            "the variance a^2 / 3.": right / 3,
            "The bound has no root.": (3 * right) ** 2 / 3,
            "The weights come from [-1, 1], not scaled at all.": 1 / 3,
        },
    }
    return common | kinds[dist]


@exercise("xavier_init", weight=2)
def test_xavier_uniform(student, rng, sandbox, check):
    """The spread of uniform weights of a layer with many inputs and fewer outputs."""
    a, b = int(rng.integers(190, 210)), int(rng.integers(48, 52))
    W = student.xavier_init(a, b, generator(sandbox, rng), dist="uniform")
    mistakes = xavier_mistakes(a, b, "uniform")
    judge_weights(check, W, (a, b), "uniform", 2 / (a + b), mistakes)


@exercise("xavier_init", weight=2)
def test_xavier_normal(student, rng, sandbox, check):
    """The spread of normal weights of a layer with few inputs and more outputs."""
    a, b = int(rng.integers(48, 52)), int(rng.integers(190, 210))
    W = student.xavier_init(a, b, generator(sandbox, rng), dist="normal")
    mistakes = xavier_mistakes(a, b, "normal")
    judge_weights(check, W, (a, b), "normal", 2 / (a + b), mistakes)


def judge_source(draw, sandbox, rng, check):
    """All randomness comes from the generator: its seed decides, and it moves on."""
    seeds = rng.choice(2**31, 2, replace=False)
    make = sandbox.define(MAKE, "make")
    first, same, other = (make(int(seeds[i])) for i in (0, 0, 1))
    one, two = draw(first), draw(first)
    check(
        np.array_equal(one, draw(same)),
        "Two generators with the same seed give different weights: draw all of them from rng.",
    )
    check(
        not np.array_equal(one, draw(other)),
        "Generators with different seeds give the same weights: draw them from rng.",
    )
    check(not np.array_equal(one, two), "A second call with the same rng gives the same weights.")


@exercise("xavier_init", weight=0.5)
def test_xavier_generator(student, rng, sandbox, check):
    """The weights come from rng; without dist they are uniform."""
    judge_source(lambda source: student.xavier_init(4, 3, source), sandbox, rng, check)
    W = student.xavier_init(40, 60, generator(sandbox, rng))
    flat = np.abs(W).max() < np.sqrt(6 / 100) * (1 + 1e-12)
    check(flat, "Without dist the weights should be uniform: some are beyond the bound.")


@exercise("xavier_init", weight=0.5)
def test_xavier_unknown_dist(student, rng, sandbox):
    """Raises ValueError for a distribution that does not exist."""
    with raises(ValueError, "xavier_init should raise ValueError for an unknown dist."):
        student.xavier_init(4, 3, generator(sandbox, rng), dist="cauchy")


def fan_mistakes(shape):
    """Wrong fans of a convolution by the mistake behind them; fans of a matrix."""
    if len(shape) == 2:
        D, M = shape
        return {
            "fan_in and fan_out of a (D, M) matrix are swapped.": (M, D),
            "fan_in is right and fan_out is not.": (D, D),
        }
    F, C, HH, WW = shape
    return {
        "The window is taken for a square; its sides may differ.": (C * HH * HH, F * HH * HH),
        "fan_in and fan_out are swapped: the first axis holds the filters.": (
            F * HH * WW,
            C * HH * WW,
        ),
        "The window is left out: a filter sees HH * WW numbers of each channel.": (C, F),
        "The window is left out of fan_out.": (C * HH * WW, F),
        "Only one side of the window counts.": (C * HH, F * HH),
        "The axes are read as (HH, WW, C, F): they are (F, C, HH, WW).": (
            F * C * HH,
            F * C * WW,
        ),
        "The number of filters is in fan_in; each filter is a unit of its own.": (
            F * C * HH * WW,
            F * HH * WW,
        ),
        "The first two axes are taken, as of a matrix.": (F, C),
        "The channels are left out.": (HH * WW, F * HH * WW),
    }


@exercise("kaiming_init")
def test_fans(student, reference, exact):
    """fan_in and fan_out of matrices and of filters with unequal sides."""
    for shape in ((7, 5), (4, 3, 5, 2), (6, 2, 1, 1), (2, 5, 3, 7)):
        mistakes = fan_mistakes(shape)
        suspects = {said: lambda wrong=wrong: wrong for said, wrong in mistakes.items()}
        got, want = student.fans(shape), reference.fans(shape)
        exact(tuple(got), tuple(want), names=("fan_in", "fan_out"), suspects=suspects)


def kaiming_mistakes(shape, dist):
    """Variances that name the mistake behind them."""
    swapped = len(shape) == 2
    fan_in, fan_out = shape if swapped else (np.prod(shape[1:]), shape[0] * np.prod(shape[2:]))
    right = 2 / fan_in
    mistakes = {
        "The variance is 1 / fan_in: the 2 that makes up for the ReLU is missing.": right / 2,
        "The variance is 2 / fan_out; it is fan_in that counts.": 2 / fan_out,
        "The variance is Xavier's, 2 / (fan_in + fan_out).": 2 / (fan_in + fan_out),
        "The variance is 2 / shape[0], as for a matrix; of filters it is 2 / (C * HH * WW).": (
            2 / shape[0]
        ),
        "The variance is 2 / shape[1]; fan_in is something else.": 2 / shape[1],
        "The variance is 4 / fan_in: the 2 counts twice.": 2 * right,
    }
    if dist == "normal":
        return mistakes | {
            "Numbers beyond two standard deviations are drawn again: keep all of them.": 0.774
            * right,
            "The variance is used as the standard deviation: take its root.": right**2,
            "These are numbers of variance one, not scaled at all.": 1.0,
        }
    return mistakes | {
        "The standard deviation is used as the bound; a uniform distribution on [-a, a] has the "
        "variance a^2 / 3.": right / 3,
        "The bound has no root.": (3 * right) ** 2 / 3,
    }


@exercise("kaiming_init", weight=2)
def test_kaiming_of_matrices(student, rng, sandbox, check):
    """The spread of normal and uniform weights of a fully connected layer."""
    for dist in ("normal", "uniform"):
        shape = int(rng.integers(190, 210)), int(rng.integers(105, 115))
        W = student.kaiming_init(shape, generator(sandbox, rng), dist=dist)
        mistakes = kaiming_mistakes(shape, dist)
        judge_weights(check, W, shape, dist, 2 / shape[0], mistakes)


@exercise("kaiming_init", weight=2)
def test_kaiming_of_filters(student, rng, sandbox, check):
    """The spread of normal and uniform weights of a convolution."""
    for dist in ("normal", "uniform"):
        shape = int(rng.integers(18, 22)), int(rng.integers(50, 56)), 5, 3
        W = student.kaiming_init(shape, generator(sandbox, rng), dist=dist)
        mistakes = kaiming_mistakes(shape, dist)
        judge_weights(check, W, shape, dist, 2 / (shape[1] * 15), mistakes)


@exercise("kaiming_init", weight=0.5)
def test_kaiming_generator(student, rng, sandbox, check):
    """The weights come from rng; without dist they are normal."""
    judge_source(lambda source: student.kaiming_init((4, 3), source), sandbox, rng, check)
    W = student.kaiming_init((60, 40), generator(sandbox, rng))
    bell = np.abs(W).max() > np.sqrt(6 / 60)
    check(bell, "Without dist the weights should be normal: none is beyond the uniform's bound.")


@exercise("kaiming_init", weight=0.5)
def test_kaiming_unknown_dist(student, rng, sandbox):
    """Raises ValueError for a distribution that does not exist."""
    with raises(ValueError, "kaiming_init should raise ValueError for an unknown dist."):
        student.kaiming_init((4, 3), generator(sandbox, rng), dist="cauchy")
