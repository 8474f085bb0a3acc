"""Hidden checks of layers.py: layer normalisation forward and backward."""

import numpy as np

from autograder.suite import exercise

NAMES = ("dx", "dgamma", "dbeta")
AXES = {"dx": "N D", "dgamma": "D", "dbeta": "D"}


def batch(rng, N, D):
    """Rows with means and spreads of their own, scale, shift and an upstream gradient."""
    x = rng.normal(size=(N, D)) * rng.uniform(0.5, 2, (N, 1)) + rng.normal(0, 2, (N, 1))
    return x, rng.normal(size=D) + 2, rng.normal(size=D), rng.normal(0.7, 1, (N, D))


def first(result):
    """The output of a (out, cache) pair; anything else is left for `close` to judge."""
    return result[0] if isinstance(result, tuple | list) and len(result) == 2 else result


def normal(x, gamma, beta, eps, *, axis=1, ddof=0, root=np.sqrt, centre=None, outside=False):
    """Normalised data of a layer that can be told to go wrong."""
    keep = {"axis": axis, "keepdims": True}
    mu = x.mean(**keep) if centre is None else centre
    var = x.var(ddof=ddof, **keep) if x.shape[1] > ddof else x.var(**keep)
    scale = root(var) + eps if outside else root(var + eps)
    return gamma * (x - mu) / scale + beta


def forward_suspects(x, gamma, beta, eps):
    """Wrong outputs that name the mistake behind them."""

    def run(gamma=gamma, beta=beta, eps=eps, **mistake):
        return lambda: normal(x, gamma, beta, eps, **mistake)

    return {
        "The statistics are taken over the batch, as in batch normalisation: each example is "
        "normalised over its own features (axis one).": run(axis=0),
        "One mean and one variance are taken of all numbers; each example has its own.": run(
            axis=None
        ),
        "eps is missing.": run(eps=0.0),
        "eps is not the one of ln_param.": run(eps=1e-5),
        "eps is added to the root; it belongs under it.": run(outside=True),
        "The variance is divided by D - 1; divide by D.": run(ddof=1),
        "The data are divided by the variance; take its root.": run(root=lambda v: v),
        "gamma is missing.": run(gamma=1.0),
        "beta is missing.": run(beta=0.0),
        "gamma and beta are missing.": run(1.0, 0.0),
        "gamma and beta are swapped.": run(gamma=beta, beta=gamma),
        "The mean is not subtracted.": run(centre=0.0),
        "The root mean square is taken around zero; take the variance around the mean.": lambda: (
            gamma * (x - x.mean(1, keepdims=True)) / _power(x, eps) + beta
        ),
        "The data are divided by the sum of squares: the variance is a mean.": lambda: (
            normal(x, gamma, 0.0, eps / x.shape[1]) / np.sqrt(x.shape[1]) + beta
        ),
        "gamma and beta scale examples; they belong to the features.": lambda: (
            (normal(x, 1.0, 0.0, eps).T * gamma + beta).T if len(x) == x.shape[1] else None
        ),
        "beta is added before gamma multiplies.": lambda: gamma * normal(x, 1.0, beta, eps),
    }


def _power(x, eps):
    return np.sqrt((x * x).mean(1, keepdims=True) + eps)


@exercise("layernorm_forward", weight=3)
def test_output(student, reference, rng, close):
    """The output for several batches, with eps and without; a batch of one among them."""
    for N, D, eps in ((3, 5, 0.1), (6, 4, 0.3), (4, 4, None), (1, 6, 0.2)):
        x, gamma, beta, _ = batch(rng, N, D)
        param = {} if eps is None else {"eps": eps}
        want, _ = reference.layernorm_forward(x, gamma, beta, dict(param))
        got = first(student.layernorm_forward(x, gamma, beta, dict(param)))
        suspects = forward_suspects(x, gamma, beta, 1e-5 if eps is None else eps)
        close(got, want, names="out", axes="N D", sizes={"N": N, "D": D}, suspects=suspects)


@exercise("layernorm_forward")
def test_constant_rows(student, reference, rng, close):
    """An example whose features are all the same gives beta; examples do not touch each other."""
    x, gamma, beta, _ = batch(rng, 5, 4)
    x[2] = x[2, 0]
    want, _ = reference.layernorm_forward(x, gamma, beta, {})
    got = first(student.layernorm_forward(x, gamma, beta, {}))
    close(got, want, names="out", axes="N D", suspects=forward_suspects(x, gamma, beta, 1e-5))


@exercise("layernorm_forward")
def test_params_of_batchnorm(student, reference, rng, close):
    """A dict that also holds a mode, as in a network, changes nothing: test time is the same."""
    x, gamma, beta, _ = batch(rng, 3, 4)
    want, _ = reference.layernorm_forward(x, gamma, beta, {"eps": 0.1})
    for mode in ("train", "test"):
        got = first(student.layernorm_forward(x, gamma, beta, {"eps": 0.1, "mode": mode}))
        close(got, want, names="out", axes="N D", suspects=forward_suspects(x, gamma, beta, 0.1))


@exercise("layernorm_forward", weight=0.5)
def test_layernorm_inputs(student, reference, rng, close, sandbox, check):
    """x, gamma and beta are only read, also as views; float32 stays float32."""
    x, gamma, beta, _ = batch(rng, 6, 4)
    wide = np.repeat(x, 2, axis=1)[:, ::2]
    wide.flags.writeable = gamma.flags.writeable = beta.flags.writeable = False
    want, _ = reference.layernorm_forward(x, gamma, beta, {})
    close(first(student.layernorm_forward(wide, gamma, beta, {})), want, names="out", axes="N D")
    kept = sandbox.put(x)
    student.layernorm_forward(kept, gamma, beta, {})
    check(np.array_equal(sandbox.fetch(kept), x), "x is changed by the call: work on a copy.")
    single = [array.astype(np.float32) for array in (x, gamma, beta)]
    want, _ = reference.layernorm_forward(*(a.astype(float) for a in single), {})
    got = first(student.layernorm_forward(*single, {}))
    close(got, want.astype(np.float32), rtol=1e-4, names="out", axes="N D")


def backward_suspects(x, gamma, beta, dout, eps):
    """Wrong gradients that name the mistake behind them."""
    D, keep = x.shape[1], {"axis": 1, "keepdims": True}
    std = np.sqrt(x.var(**keep) + eps)
    x_hat = (x - x.mean(**keep)) / std
    g = dout * gamma
    mean, along = g.mean(**keep), (g * x_hat).mean(**keep)
    dgamma, dbeta = (dout * x_hat).sum(0), dout.sum(0)

    def dx(value):
        return lambda: {"dx": value}

    return {
        "The ways through the mean and the variance are missing: dx is more than gamma / std * "
        "dout.": dx(g / std),
        "The way through the mean is missing.": dx((g - x_hat * along) / std),
        "The way through the variance is missing.": dx((g - mean) / std),
        "gamma is missing in dx.": dx(
            (dout - dout.mean(**keep) - x_hat * (dout * x_hat).mean(**keep)) / std
        ),
        "gamma multiplies after the means; here it differs within a row and must be inside of "
        "them.": dx(gamma * (dout - dout.mean(**keep) - x_hat * (dout * x_hat).mean(**keep)) / std),
        "The means in dx run over the batch; each example has its own (axis one).": dx(
            (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / std
        ),
        "The sums in dx are divided by the size of the batch; divide by D.": dx(
            (g - (mean + x_hat * along) * D / len(x)) / std
        ),
        "The sums in dx are not divided by D.": dx((g - D * mean - D * x_hat * along) / std),
        "The division by the standard deviation is missing in dx.": dx(g - mean - x_hat * along),
        "dx is divided by the variance; divide by its root.": dx(
            (g - mean - x_hat * along) / std**2
        ),
        "dx is divided by D once too often.": dx((g - mean - x_hat * along) / std / D),
        "The way through the variance has the wrong sign.": dx((g - mean + x_hat * along) / std),
        "The way through the mean has the wrong sign.": dx((g + mean - x_hat * along) / std),
        "The way through the variance takes x - mean where x_hat belongs.": dx(
            (g - mean - x_hat * std * along) / std
        ),
        "The factor 2 of the square is missing in the way through the variance.": dx(
            (g - mean - x_hat * along / 2) / std
        ),
        "dgamma is the sum of dout * x; it is x_hat that gamma multiplies.": lambda: {
            "dgamma": (dout * x).sum(0)
        },
        "dgamma and dbeta are summed over the features; sum over the examples.": lambda: {
            "dgamma": (dout * x_hat).sum(1),
            "dbeta": dout.sum(1),
        },
        "dgamma is summed over the features; sum over the examples.": lambda: {
            "dgamma": (dout * x_hat).sum(1)
        },
        "dgamma and dbeta are means; they are sums over the examples.": lambda: {
            "dgamma": dgamma / len(x),
            "dbeta": dbeta / len(x),
        },
        "gamma is in dgamma; it should be in dx only.": lambda: {"dgamma": gamma * dgamma},
        "gamma is in dbeta; beta is only added.": lambda: {"dbeta": gamma * dbeta},
        "dgamma and dbeta are swapped.": lambda: {"dgamma": dbeta, "dbeta": dgamma},
    }


@exercise("layernorm_backward", weight=3)
def test_layernorm_gradients(student, reference, rng, close):
    """The gradients dx, dgamma and dbeta of several batches."""
    for N, D, eps in ((3, 5, 0.1), (6, 4, 0.4), (4, 4, None), (1, 6, 0.2)):
        x, gamma, beta, dout = batch(rng, N, D)
        param = {} if eps is None else {"eps": eps}
        cache = student.layernorm_forward(x, gamma, beta, dict(param))[1]
        _, ours = reference.layernorm_forward(x, gamma, beta, dict(param))
        want = reference.layernorm_backward(dout, ours)
        got = student.layernorm_backward(dout, cache)
        suspects = backward_suspects(x, gamma, beta, dout, 1e-5 if eps is None else eps)
        sizes = {"N": N, "D": D}
        close(got, want, rtol=1e-8, names=NAMES, axes=AXES, sizes=sizes, suspects=suspects)


@exercise("layernorm_backward")
def test_layernorm_caches(student, reference, rng, close):
    """Two layers at a time, each with its own cache, used twice; dout is only read."""
    cases, caches, ours = [batch(rng, 4, 3), batch(rng, 4, 3)], [], []
    for x, gamma, beta, dout in cases:
        dout.flags.writeable = False
        caches.append(student.layernorm_forward(x, gamma, beta, {"eps": 0.1})[1])
        ours.append(reference.layernorm_forward(x, gamma, beta, {"eps": 0.1})[1])
    last = reference.layernorm_backward(cases[0][3], ours[1])
    mixed = "The backward pass uses the last forward pass's numbers, not those of its own cache."
    for turn in (0, 1, 0):
        dout = cases[turn][3]
        want = reference.layernorm_backward(dout, ours[turn])
        suspects = {mixed: lambda: last} | backward_suspects(*cases[turn], 0.1)
        got = student.layernorm_backward(dout, caches[turn])
        close(got, want, rtol=1e-8, names=NAMES, axes=AXES, suspects=suspects)
