"""Hidden suite for layers.py: the gradients of spatial batch and group normalisation."""

import numpy as np

from autograder.suite import exercise

NAMES = ("dx", "dgamma", "dbeta")
BATCHES = [((3, 4, 5, 2), 1e-5), ((2, 3, 4, 6), 0.1), ((1, 3, 2, 3), 0.1)]
GROUPS = [
    ((3, 6, 4, 2), 2, 0.1),
    ((2, 6, 3, 5), 3, 1e-5),
    ((2, 4, 3, 5), 1, 0.1),
    ((1, 3, 4, 2), 3, 0.1),
]


def per_channel(v):
    """A value per channel, ready to be broadcast."""
    return np.reshape(v, (1, -1, 1, 1))


def maps(rng, shape):
    """Feature maps whose channels have means and spreads of their own, gamma, beta and dout."""
    channels = shape[1]
    spread, mean = rng.uniform(0.3, 3, size=channels), rng.normal(0, 2, size=channels)
    x = per_channel(mean) + per_channel(spread) * rng.normal(size=shape)
    dout = rng.normal(size=shape) + per_channel(rng.normal(size=channels))
    return x, rng.normal(size=channels), rng.normal(size=channels), dout


def distinct(want, suspects):
    """The suspects, silent where a mistake makes no difference."""

    def quiet(output, thunk):
        wrong = thunk()
        same = np.array_equal(wrong, want[NAMES.index(output)])
        return {output: np.zeros(0) if same else wrong}

    return {
        text: lambda output=output, thunk=thunk: quiet(output, thunk)
        for text, (output, thunk) in suspects.items()
    }


def grad_suspects(x, gamma, dout, eps, axes, want):
    """Gradients of the usual mistakes; `axes` are those of the statistics of (N, G, C/G, H, W)."""
    mean, var = np.mean(x, axis=axes, keepdims=True), np.var(x, axis=axes, keepdims=True)
    std = np.sqrt(var + eps)
    x_hat, shape = (x - mean) / std, want[0].shape
    scaled = (dout * gamma).reshape(x.shape)
    flat, small = np.asarray(dout), want[1].shape

    def average(a):
        return np.mean(a, axis=axes, keepdims=True)

    def dx(through_mean=1, through_var=1, g=scaled, root=std):
        through = through_mean * average(g) + through_var * x_hat * average(g * x_hat)
        return ((g - through) / root).reshape(shape)

    def sums(a, *axes):
        return np.sum(a, axis=axes or (0, 2, 3)).reshape(small)

    x_hat_flat = x_hat.reshape(shape)
    return distinct(want, {
        "Mean and variance are treated as constants in dx; they depend on x.": (
            "dx", lambda: dx(0, 0),
        ),
        "The way through the variance is missing in dx.": ("dx", lambda: dx(1, 0)),
        "The way through the mean is missing in dx.": ("dx", lambda: dx(0, 1)),
        "The way through the variance has the wrong sign in dx.": ("dx", lambda: dx(1, -1)),
        "The way through the mean has the wrong sign in dx.": ("dx", lambda: dx(-1, 1)),
        "gamma is missing in dx.": ("dx", lambda: dx(g=flat.reshape(x.shape))),
        "dx is divided by the variance; divide by its root.": ("dx", lambda: dx(root=std**2)),
        "dx is not divided by the standard deviation.": ("dx", lambda: dx(root=1)),
        "eps is missing, or fixed, in dx.": ("dx", lambda: dx(root=np.sqrt(var))),
        "dx is the upstream gradient times gamma: the normalisation is left out.": (
            "dx", lambda: scaled.reshape(shape),
        ),
        "dgamma is the sum of dout * x; x must be normalised.": (
            "dgamma", lambda: sums(flat * x.reshape(shape)),
        ),
        "dgamma is the sum of dout; each is multiplied by the normalised x.": (
            "dgamma", lambda: sums(flat),
        ),
        "dgamma has gamma in it: it is the sum of dout times the normalised x.": (
            "dgamma", lambda: sums(flat * gamma * x_hat_flat),
        ),
        "dgamma has the sum of x minus the mean: divide by the standard deviation.": (
            "dgamma", lambda: sums(flat * (x - mean).reshape(shape)),
        ),
        "dbeta has gamma in it: it is the sum of dout.": ("dbeta", lambda: sums(flat * gamma)),
        "dbeta has the normalised x in it: it is the sum of dout.": (
            "dbeta", lambda: sums(flat * x_hat_flat),
        ),
        "dgamma is a mean; add up images, rows and columns.": (
            "dgamma", lambda: want[1] * want[1].size / dout.size,
        ),
        "dbeta is a mean; add up images, rows and columns.": (
            "dbeta", lambda: want[2] * want[2].size / dout.size,
        ),
    })  # fmt: skip


@exercise("spatial_batchnorm_backward", weight=3)
def test_batchnorm_gradients(student, reference, rng, close):
    """dx, dgamma and dbeta, with another eps too, and for one image alone."""
    for shape, eps in BATCHES:
        x, gamma, beta, dout = maps(rng, shape)
        param = {"mode": "train", "eps": eps}
        _, cache = reference.spatial_batchnorm_forward(x, gamma, beta, dict(param))
        want = reference.spatial_batchnorm_backward(dout, cache)
        _, cache = student.spatial_batchnorm_forward(x, gamma, beta, param)
        got = student.spatial_batchnorm_backward(dout, cache)
        grown = x[:, :, np.newaxis]
        suspects = grad_suspects(grown, per_channel(gamma), dout, eps, (0, 2, 3, 4), want)
        axes = {"dx": "N C H W", "dgamma": "C", "dbeta": "C"}
        close(got, want, names=NAMES, rtol=1e-8, axes=axes, suspects=suspects)


@exercise("spatial_batchnorm_backward", weight=0.5)
def test_batchnorm_changes_nothing(student, reference, rng, close, check, sandbox):
    """The cache serves twice, and x and dout stay as they are."""
    x, gamma, beta, dout = maps(rng, (2, 3, 4, 5))
    arguments = gamma, beta, {"mode": "train"}
    calls = [
        (module.spatial_batchnorm_forward, module.spatial_batchnorm_backward)
        for module in (reference, student)
    ]
    judge_again(*calls, x, arguments, dout, close, check, sandbox)


def unfolded(got, want):
    """The gradients; those of gamma and beta may have the shape (C,), too."""
    if not isinstance(got, tuple | list) or len(got) != 3:
        return got
    folded = [
        item.reshape(full.shape)
        if isinstance(item, np.ndarray) and item.shape == (full.size,) else item
        for item, full in zip(got[1:], want[1:], strict=True)
    ]  # fmt: skip
    return (got[0], *folded)


@exercise("spatial_groupnorm_backward", weight=3)
def test_groupnorm_gradients(student, reference, rng, close):
    """dx, dgamma and dbeta for groups of all sizes, and for one image alone."""
    for shape, G, eps in GROUPS:
        x, gamma, beta, dout = maps(rng, shape)
        gamma, beta, param = per_channel(gamma), per_channel(beta), {"eps": eps}
        _, cache = reference.spatial_groupnorm_forward(x, gamma, beta, G, param)
        want = reference.spatial_groupnorm_backward(dout, cache)
        _, cache = student.spatial_groupnorm_forward(x, gamma, beta, G, param)
        got = unfolded(student.spatial_groupnorm_backward(dout, cache), want)
        N, C, H, W = shape
        grouped = x.reshape(N, G, C // G, H, W)
        suspects = grad_suspects(grouped, gamma, dout, eps, (2, 3, 4), want)
        axes = {"dx": "N C H W", "dgamma": "1 C 1 1", "dbeta": "1 C 1 1"}
        close(got, want, names=NAMES, rtol=1e-8, axes=axes, suspects=suspects)


@exercise("spatial_groupnorm_backward", weight=0.5)
def test_groupnorm_changes_nothing(student, reference, rng, close, check, sandbox):
    """The cache serves twice, and x and dout stay as they are."""
    x, gamma, beta, dout = maps(rng, (2, 4, 3, 5))
    arguments = per_channel(gamma), per_channel(beta), 2, {}
    calls = [
        (module.spatial_groupnorm_forward, module.spatial_groupnorm_backward)
        for module in (reference, student)
    ]
    judge_again(*calls, x, arguments, dout, close, check, sandbox)


def judge_again(mine, theirs, x, arguments, dout, close, check, sandbox):
    """Judge two backward passes with one cache, and that no call changes anything."""
    kept = sandbox.put(x)
    _, cache = theirs[0](kept, *arguments)
    check(np.array_equal(sandbox.fetch(kept), x), "x is changed by the call: work on a copy.")
    kept = sandbox.put(dout)
    theirs[1](kept, cache)
    check(np.array_equal(sandbox.fetch(kept), dout), "dout is changed by the call: copy it first.")
    want = mine[1](2 * dout[::-1], mine[0](x, *arguments)[1])
    got = unfolded(theirs[1](2 * dout[::-1], cache), want)
    close(got, want, names=NAMES, rtol=1e-8)
