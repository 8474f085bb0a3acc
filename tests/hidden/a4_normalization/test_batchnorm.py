"""Hidden checks of layers.py: batch normalisation forward, in training."""

import numpy as np

from autograder.suite import exercise, raises


def batch(rng, N, D):
    """Columns with means and spreads of their own, and a scale and a shift for each."""
    x = rng.normal(size=(N, D)) * rng.uniform(0.5, 2, D) + rng.normal(0, 2, D)
    return x, rng.normal(size=D) + 2 * rng.choice([-1, 1], D), rng.normal(size=D)


def train(x, gamma, beta, eps, *, axis=0, ddof=0, root=np.sqrt, centre=None, outside=False):
    """Normalised data of a layer that can be told to go wrong."""
    keep = {"axis": axis, "keepdims": True}
    mu = x.mean(**keep) if centre is None else centre
    var = x.var(ddof=ddof, **keep) if len(x) > ddof else x.var(**keep)
    scale = root(var) + eps if outside else root(var + eps)
    return gamma * (x - mu) / scale + beta


def forward_suspects(x, gamma, beta, eps):
    """Wrong outputs in training that name the mistake behind them."""

    def run(gamma=gamma, beta=beta, eps=eps, **mistake):
        return lambda: train(x, gamma, beta, eps, **mistake)

    raw = (x - x.mean(0)) ** 2
    return {
        "The statistics are taken over the features of each example: a batch is normalised "
        "column by column (axis zero).": run(axis=1),
        "One mean and one variance are taken of all numbers; each column has its own.": run(
            axis=None
        ),
        "eps is missing.": run(eps=0.0),
        "eps is not the one of bn_param.": run(eps=1e-5),
        "eps is added to the root; it belongs under it.": run(outside=True),
        "eps is added twice.": run(eps=2 * eps),
        "eps is squared.": run(eps=eps * eps),
        "The variance is divided by N - 1; divide by N.": run(ddof=1),
        "The data are divided by the variance; take its root.": run(root=lambda v: v),
        "gamma is missing.": run(gamma=1.0),
        "beta is missing.": run(beta=0.0),
        "gamma and beta are swapped.": run(gamma=beta, beta=gamma),
        "The mean is not subtracted.": run(centre=0.0),
        "beta is added before gamma multiplies.": lambda: gamma * train(x, 1.0, beta, eps),
        "The data are divided by the sum of squares: the variance is a mean.": lambda: (
            gamma * (x - x.mean(0)) / np.sqrt(raw.sum(0) + eps) + beta
        ),
        "The data are divided by the root of the mean square; take the variance around the "
        "mean.": lambda: gamma * (x - x.mean(0)) / np.sqrt((x * x).mean(0) + eps) + beta,
        "Running statistics, not those of the batch, normalise in training.": lambda: (
            gamma * (x - 0.1 * x.mean(0)) / np.sqrt(0.1 * x.var(0) + eps) + beta
        ),
        "The running statistics of before normalise in training; take those of the batch.": (
            lambda: gamma * x / np.sqrt(eps) + beta
        ),
        "This is the normalised batch alone: gamma and beta are missing.": run(1.0, 0.0),
    }


def first(result):
    """The output of a (out, cache) pair; anything else is left for `close` to judge."""
    return result[0] if isinstance(result, tuple | list) and len(result) == 2 else result


@exercise("batchnorm_forward", weight=3)
def test_training_output(student, reference, rng, close):
    """The output in training for several batches, with eps and without."""
    for N, D, eps in ((5, 3, 0.1), (3, 4, 0.3), (4, 4, None), (2, 5, 0.2)):
        x, gamma, beta = batch(rng, N, D)
        extra = {} if eps is None else {"eps": eps}
        want, _ = reference.batchnorm_forward(x, gamma, beta, {"mode": "train", **extra})
        got = first(student.batchnorm_forward(x, gamma, beta, {"mode": "train", **extra}))
        suspects = forward_suspects(x, gamma, beta, 1e-5 if eps is None else eps)
        close(got, want, names="out", axes="N D", sizes={"N": N, "D": D}, suspects=suspects)


@exercise("batchnorm_forward")
def test_constant_columns(student, reference, rng, close):
    """A column that is the same in all examples, and a batch of one: out is beta there."""
    for N in (5, 1):
        x, gamma, beta = batch(rng, N, 3)
        x[:, 1] = x[0, 1]
        want, _ = reference.batchnorm_forward(x, gamma, beta, {"mode": "train"})
        got = first(student.batchnorm_forward(x, gamma, beta, {"mode": "train"}))
        suspects = forward_suspects(x, gamma, beta, 1e-5)
        close(got, want, names="out", axes="N D", suspects=suspects)


@exercise("batchnorm_forward")
def test_far_from_zero(student, reference, rng, close, check):
    """Columns with means of ten million and a spread of one keep their digits."""
    x, gamma, beta = batch(rng, 6, 4)
    x += 1e7
    want, _ = reference.batchnorm_forward(x, gamma, beta, {"mode": "train", "eps": 0.1})
    got = first(student.batchnorm_forward(x, gamma, beta, {"mode": "train", "eps": 0.1}))
    finite = type(got) is not np.ndarray or got.dtype.kind != "f" or np.isfinite(got).all()
    lost = (
        "Columns far from 0 lose their digits: the mean of the squares minus the square of the "
        "mean cancels. Subtract the mean first, then square."
    )
    check(finite, lost)
    close(got, want, rtol=1e-6, names="out", axes="N D", suspects={lost: lambda: nearly(got, want)})


def nearly(got, want):
    """The result itself where it is the right one without its last digits, else nothing."""
    return got if np.abs(got - want).max() < 0.3 * np.abs(want).max() else None


@exercise("batchnorm_forward", weight=0.5)
def test_inputs_stay_and_float32(student, reference, rng, close, sandbox, check):
    """x, gamma and beta are only read, also as views; float32 stays float32."""
    x, gamma, beta = batch(rng, 6, 4)
    wide = np.repeat(x, 2, axis=1)[:, ::2]
    wide.flags.writeable = gamma.flags.writeable = beta.flags.writeable = False
    want, _ = reference.batchnorm_forward(x, gamma, beta, {"mode": "train"})
    got = first(student.batchnorm_forward(wide, gamma, beta, {"mode": "train"}))
    close(got, want, names="out", axes="N D")
    kept = sandbox.put(x)
    student.batchnorm_forward(kept, gamma, beta, {"mode": "train"})
    check(np.array_equal(sandbox.fetch(kept), x), "x is changed by the call: work on a copy.")
    single = [array.astype(np.float32) for array in (x, gamma, beta)]
    want, _ = reference.batchnorm_forward(*(a.astype(float) for a in single), {"mode": "train"})
    got = first(student.batchnorm_forward(*single, {"mode": "train"}))
    close(got, want.astype(np.float32), rtol=1e-4, names="out", axes="N D")


@exercise("batchnorm_forward", weight=0.5)
def test_unknown_mode(student, rng):
    """Raises ValueError for a mode that does not exist."""
    with raises(ValueError, "batchnorm_forward should raise ValueError for an unknown mode."):
        student.batchnorm_forward(*batch(rng, 4, 3), {"mode": "dream"})
