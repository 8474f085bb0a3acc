"""Hidden checks of init.py: how weights are spread, and what becomes of signals."""

import numpy as np

from autograder.suite import exercise, raises

MAKE = "make = np.random.default_rng"
# Weights for activation_stats that remember what they were asked for.
DRAW = """
class Draw:
    def __init__(self, seed, gain):
        self.rng, self.gain, self.asked = np.random.default_rng(seed), gain, []

    def __call__(self, fan_in, fan_out):
        self.asked.append([int(fan_in), int(fan_out)])
        return self.gain / np.sqrt(fan_in) * self.rng.normal(0.1, 1, (fan_in, fan_out))
"""
ACT = "act = lambda z: np.maximum(-0.2 * z, np.tanh(z))"
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


class Draw:
    """The same weights as those of DRAW, on our side."""

    def __init__(self, seed, gain):
        self.rng, self.gain = np.random.default_rng(seed), gain

    def __call__(self, fan_in, fan_out):
        """Draw the next weights."""
        return self.gain / np.sqrt(fan_in) * self.rng.normal(0.1, 1, (fan_in, fan_out))


def act(z):
    """An activation that is neither odd nor bounded."""
    return np.maximum(-0.2 * z, np.tanh(z))


def layers(X, depth, init, *, f=act, once=False, flip=False, bare=False):
    """All h of a deep network that can be told to go wrong; before act where bare."""
    hs, D, W = [X], X.shape[1], None
    seen = []
    for _ in range(depth):
        W = W if once and W is not None else init(D, D)
        z = hs[-1] @ (W.T if flip else W)
        seen.append(z if bare else f(z))
        hs.append(f(z))
    return hs, seen


def stats_suspects(X, depth, seed):
    """Wrong statistics that name the mistake behind them."""

    def both(hs, std=np.std):
        return np.array([np.mean(h) for h in hs]), np.array([std(h) for h in hs])

    def run(**mistake):
        return layers(X, depth, Draw(seed, 1.3), **mistake)

    return {
        "The statistics are those before the activation function.": lambda: both(run(bare=True)[1]),
        "The statistics start with the data; the first are those of the first layer.": lambda: both(
            run()[0][:-1]
        ),
        "The weights are drawn once and used in every layer.": lambda: both(run(once=True)[1]),
        "The activation function is left out.": lambda: both(run(f=lambda z: z)[1]),
        "The weights are on the wrong side: it is h @ W.": lambda: both(run(flip=True)[1]),
        "The spread is the variance; take its root.": lambda: both(run()[1], np.var),
        "The variance is divided by one less than the count.": lambda: both(
            run()[1], lambda h: np.std(h, ddof=1)
        ),
        "The spread is the mean of the units' spreads; take it over all numbers.": lambda: both(
            run()[1], lambda h: h.std(axis=0).mean()
        ),
        "The spread is the mean of the examples' spreads; take it over all numbers.": lambda: both(
            run()[1], lambda h: h.std(axis=1).mean()
        ),
        "The spread is taken around zero; take it around the mean.": lambda: both(
            run()[1], lambda h: np.sqrt(np.mean(h * h))
        ),
        "Every layer sees the data; each should see the layer before it.": lambda: both(
            [act(X @ W) for W in map(Draw(seed, 1.3), [X.shape[1]] * depth, [X.shape[1]] * depth)]
        ),
    }


@exercise("activation_stats", weight=3)
def test_activation_stats(student, reference, rng, close, sandbox):
    """Means and standard deviations of every layer."""
    theirs = sandbox.define(ACT, "act")
    for N, D, depth in ((7, 5, 4), (3, 6, 1)):
        X, seed = rng.normal(0.3, 1, (N, D)), int(rng.integers(2**31))
        X.flags.writeable = False
        want = reference.activation_stats(X, depth, Draw(seed, 1.3), act)
        got = student.activation_stats(X, depth, sandbox.define(DRAW, "Draw")(seed, 1.3), theirs)
        suspects = stats_suspects(X, depth, seed)
        close(got, want, names=("means", "stds"), axes="depth", suspects=suspects)


@exercise("activation_stats")
def test_activation_stats_asks_for_square_weights(student, rng, sandbox, check):
    """Square weights: init is asked for (D, D) weights, once for each layer."""
    init = sandbox.define(DRAW, "Draw")(int(rng.integers(2**31)), 1.0)
    student.activation_stats(rng.normal(size=(7, 5)), 3, init, sandbox.define(ACT, "act"))
    asked = sandbox.fetch(init.asked)
    check(len(asked) == 3, "init is to be called once for each layer, no more and no less.")
    right = all(list(fans) == [5, 5] for fans in asked)
    check(right, "All layers are as wide as the data: init is asked for other fans.")


def chain(x, n, w, slope=lambda h, _: h * (1 - h), inner=True):
    """The derivative of a chain with some slope in place of the sigmoid's."""
    h, grad = x, np.ones(x.shape)
    for _ in range(n):
        z = w * h
        h = 1 / (1 + np.exp(-z))
        grad = grad * (w if inner else 1) * slope(h, z)
    return grad


def chain_suspects(x, n, w):
    """Wrong derivatives that name the mistake behind them."""

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    at = sigmoid(w * x)
    return {
        "The weight is missing: each neuron multiplies by w as well.": lambda: chain(
            x, n, w, inner=False
        ),
        "The weight is ignored altogether.": lambda: chain(x, n, 1.0),
        "There is one neuron too few.": lambda: chain(x, max(n - 1, 0), w),
        "There is one neuron too many.": lambda: chain(x, n + 1, w),
        "The slope is taken where the neuron starts: it is s (1 - s) of its output s.": (
            lambda: chain(x, n, w, slope=lambda h, z: h * (1 - z))
        ),
        "Every neuron has the slope of the first: each has its own input.": lambda: (
            (w * at * (1 - at)) ** n
        ),
        "This is the largest derivative, not that at x.": lambda: np.full(x.shape, (w / 4) ** n),
        "Only the last neuron's slope is there: multiply all of them.": lambda: (
            chain(x, n, w) / chain(x, n - 1, w) if n else np.ones(x.shape)
        ),
        "This is the output of the chain, not its derivative.": lambda: _output(x, n, w),
        "The slopes are those of tanh: a sigmoid has s (1 - s).": lambda: chain(
            x, n, w, slope=lambda h, _: 1 - h * h
        ),
        "The slopes are added; the chain rule multiplies them.": lambda: sum(
            chain(x, k, w) / chain(x, k - 1, w) for k in range(1, n + 1)
        ),
    }


def _output(x, n, w):
    for _ in range(n):
        x = 1 / (1 + np.exp(-w * x))
    return x


@exercise("sigmoid_chain_grad", weight=2)
def test_chain_gradient(student, reference, rng, close):
    """The derivative of chains of several lengths and weights, at inputs of several shapes."""
    for shape, n, w in (((2, 3), 4, 2.5), ((5,), 1, -1.7), ((1, 4), 9, 0.6)):
        x = rng.normal(0.5, 1, shape)
        x.flags.writeable = False
        want = reference.sigmoid_chain_grad(x, n, w)
        suspects = chain_suspects(x, n, w)
        got = student.sigmoid_chain_grad(x, n, w=w)
        close(got, want, atol=1e-30, names="the derivative", suspects=suspects)


@exercise("sigmoid_chain_grad")
def test_chain_gradient_by_default(student, reference, rng, close):
    """Without w the weights are 1; a chain of no neurons has the derivative 1."""
    x = rng.normal(size=(3, 2))
    for n in (3, 0):
        want = reference.sigmoid_chain_grad(x, n)
        got = student.sigmoid_chain_grad(x, n)
        close(got, want, names="the derivative", suspects=chain_suspects(x, n, 1.0))


@exercise("sigmoid_chain_grad")
def test_largest_gradient(student, reference, close):
    """The bound after 0, 1, 3, 10 and 200 sigmoids."""
    for n in (3, 0, 1, 10, 200):
        suspects = {
            "The steepest slope of a sigmoid is at 0; it is neither 1 nor 1/2.": lambda n=n: 0.5**n,
            "The slopes are added; the chain rule multiplies them.": lambda n=n: 0.25 * n,
            "There is one sigmoid too few.": lambda n=n: 0.25 ** (n - 1),
            "There is one sigmoid too many.": lambda n=n: 0.25 ** (n + 1),
            "The slope does not multiply for every sigmoid.": lambda: 0.25,
        }
        got, want = student.largest_chain_grad(n), reference.largest_chain_grad(n)
        close(got, want, atol=0, names="the bound", suspects=suspects)
