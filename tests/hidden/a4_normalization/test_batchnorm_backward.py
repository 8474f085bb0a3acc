"""Hidden checks of layers.py: batch normalisation backward, both ways to write it."""

import numpy as np

from autograder.suite import exercise

NAMES = ("dx", "dgamma", "dbeta")
AXES = {"dx": "N D", "dgamma": "D", "dbeta": "D"}


def batch(rng, N, D):
    """Data, scale, shift and an upstream gradient that does not vanish in any sum."""
    x = rng.normal(size=(N, D)) * rng.uniform(0.5, 2, D) + rng.normal(0, 2, D)
    return x, rng.normal(size=D) + 2, rng.normal(size=D), rng.normal(0.7, 1, (N, D))


def suspects_of(x, gamma, beta, dout, eps):
    """Wrong gradients that name the mistake behind them."""
    N = len(x)
    std = np.sqrt(x.var(0) + eps)
    x_hat = (x - x.mean(0)) / std
    g = dout * gamma
    mean, along = g.mean(0), (g * x_hat).mean(0)
    dgamma, dbeta = (dout * x_hat).sum(0), dout.sum(0)

    def dx(value):
        return lambda: {"dx": value}

    return {
        "The way through the mean and the variance is missing: dx is more than gamma / std * "
        "dout.": dx(g / std),
        "The way through the mean is missing.": dx((g - x_hat * along) / std),
        "The way through the variance is missing.": dx((g - mean) / std),
        "gamma is missing in dx.": dx((g - mean - x_hat * along) / std / gamma),
        "gamma counts twice in dx.": dx((g - mean - x_hat * along) / std * gamma),
        "gamma is missing in the ways through mean and variance.": dx(
            (g - dout.mean(0) - x_hat * (dout * x_hat).mean(0)) / std
        ),
        "The division by the standard deviation is missing in dx.": dx(g - mean - x_hat * along),
        "dx is divided by the variance; divide by its root.": dx(
            (g - mean - x_hat * along) / std**2
        ),
        "dx is divided by N once too often.": dx((g - mean - x_hat * along) / std / N),
        "The sums in dx are not divided by N: mean and variance are means.": dx(
            (g - N * mean - x_hat * N * along) / std
        ),
        "The sum that comes through the mean is not divided by N.": dx(
            (g - N * mean - x_hat * along) / std
        ),
        "The sum that comes through the variance is not divided by N.": dx(
            (g - mean - x_hat * N * along) / std
        ),
        "The way through the variance has the wrong sign.": dx((g - mean + x_hat * along) / std),
        "The way through the mean has the wrong sign.": dx((g + mean - x_hat * along) / std),
        "The factor 2 of the square is missing in the way through the variance.": dx(
            (g - mean - x_hat * along / 2) / std
        ),
        "The factor 1/2 of the root is missing in the way through the variance.": dx(
            (g - mean - 2 * x_hat * along) / std
        ),
        "The way through the variance takes x - mean where x_hat belongs.": dx(
            (g - mean - x_hat * std * along) / std
        ),
        "The way through the variance is divided by N - 1; the variance is the biased one.": dx(
            (g - mean - x_hat * along * N / (N - 1)) / std if N > 1 else g
        ),
        "eps is missing in the backward pass.": dx(_without_eps(x, g)),
        "The sums run over the features of each example: the batch is axis zero.": dx(
            (g - g.mean(1, keepdims=True) - x_hat * (g * x_hat).mean(1, keepdims=True)) / std
        ),
        "dgamma is the sum of dout * x; it is x_hat that gamma multiplies.": lambda: {
            "dgamma": (dout * x).sum(0)
        },
        "dgamma is the sum of dout * (x - mean); it is x_hat that gamma multiplies.": lambda: {
            "dgamma": (dout * (x - x.mean(0))).sum(0)
        },
        "dgamma is the sum of dout * out; it is x_hat that gamma multiplies.": lambda: {
            "dgamma": (dout * (gamma * x_hat + beta)).sum(0)
        },
        "gamma is in dgamma; it should be in dx only.": lambda: {"dgamma": gamma * dgamma},
        "dgamma and dbeta are swapped.": lambda: {"dgamma": dbeta, "dbeta": dgamma},
        "dgamma is a mean; it is a sum over the batch.": lambda: {"dgamma": dgamma / N},
        "dbeta is a mean; it is a sum over the batch.": lambda: {"dbeta": dbeta / N},
        "gamma is in dbeta; beta is only added.": lambda: {"dbeta": gamma * dbeta},
        "dgamma and dbeta are means; they are sums over the batch.": lambda: {
            "dgamma": dgamma / N,
            "dbeta": dbeta / N,
        },
    }


def _without_eps(x, g):
    """The gradient for eps = 0; zeros where that divides by zero."""
    std = x.std(0)
    if not std.all():
        return np.zeros(x.shape)
    x_hat = (x - x.mean(0)) / std
    return (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / std


def judge(backward, student, reference, close, case, eps):
    """Hold the student's backward pass, fed with their own cache, against the reference's."""
    x, gamma, beta, dout = case
    param = {"mode": "train"} if eps is None else {"mode": "train", "eps": eps}
    cache = student.batchnorm_forward(x, gamma, beta, dict(param))[1]
    _, ours = reference.batchnorm_forward(x, gamma, beta, dict(param))
    want = reference.batchnorm_backward(dout, ours)
    suspects = suspects_of(*case, 1e-5 if eps is None else eps)
    N, D = x.shape
    sizes = {"N": N, "D": D}
    got = backward(dout, cache)
    close(got, want, rtol=1e-8, names=NAMES, axes=AXES, sizes=sizes, suspects=suspects)


def judge_caches(backward, student, reference, close, rng):
    """Two layers at a time, each with its own cache, used twice; dout is only read."""
    cases, caches, ours = [batch(rng, 5, 3), batch(rng, 5, 3)], [], []
    for x, gamma, beta, dout in cases:
        dout.flags.writeable = False
        caches.append(student.batchnorm_forward(x, gamma, beta, {"mode": "train", "eps": 0.1})[1])
        ours.append(reference.batchnorm_forward(x, gamma, beta, {"mode": "train", "eps": 0.1})[1])
    last = reference.batchnorm_backward(cases[0][3], ours[1])
    mixed = "The backward pass uses the last forward pass's numbers, not those of its own cache."
    for turn in (0, 1, 0):
        dout = cases[turn][3]
        want = reference.batchnorm_backward(dout, ours[turn])
        suspects = {mixed: lambda: last} | suspects_of(*cases[turn], 0.1)
        got = backward(dout, caches[turn])
        close(got, want, rtol=1e-8, names=NAMES, axes=AXES, suspects=suspects)


@exercise("batchnorm_backward", weight=3)
def test_gradients(student, reference, rng, close):
    """The gradients dx, dgamma and dbeta of several batches with large eps."""
    for N, D, eps in ((5, 3, 0.1), (3, 4, 0.5), (4, 4, 0.2), (2, 5, 0.3)):
        judge(student.batchnorm_backward, student, reference, close, batch(rng, N, D), eps)


@exercise("batchnorm_backward")
def test_gradients_of_small_eps(student, reference, rng, close):
    """The eps that is there without bn_param's, a constant column, and a batch of one."""
    judge(student.batchnorm_backward, student, reference, close, batch(rng, 6, 4), None)
    case = batch(rng, 5, 3)
    case[0][:, 1] = 1.5
    judge(student.batchnorm_backward, student, reference, close, case, 0.1)
    judge(student.batchnorm_backward, student, reference, close, batch(rng, 1, 3), 0.1)


@exercise("batchnorm_backward")
def test_caches(student, reference, rng, close):
    """Two layers at a time: each backward pass belongs to its own cache."""
    judge_caches(student.batchnorm_backward, student, reference, close, rng)


@exercise("batchnorm_backward_alt", weight=3)
def test_gradients_alt(student, reference, rng, close):
    """The gradients dx, dgamma and dbeta of several batches with large eps."""
    for N, D, eps in ((5, 3, 0.1), (3, 4, 0.5), (4, 4, 0.2), (2, 5, 0.3)):
        judge(student.batchnorm_backward_alt, student, reference, close, batch(rng, N, D), eps)


@exercise("batchnorm_backward_alt")
def test_gradients_of_small_eps_alt(student, reference, rng, close):
    """The eps that is there without bn_param's, a constant column, and a batch of one."""
    judge(student.batchnorm_backward_alt, student, reference, close, batch(rng, 6, 4), None)
    case = batch(rng, 5, 3)
    case[0][:, 1] = 1.5
    judge(student.batchnorm_backward_alt, student, reference, close, case, 0.1)
    judge(student.batchnorm_backward_alt, student, reference, close, batch(rng, 1, 3), 0.1)


@exercise("batchnorm_backward_alt")
def test_caches_alt(student, reference, rng, close):
    """Two layers at a time: each backward pass belongs to its own cache."""
    judge_caches(student.batchnorm_backward_alt, student, reference, close, rng)
