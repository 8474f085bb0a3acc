"""Hidden suite for layers.py: spatial batch normalisation and group normalisation, forward."""

import numpy as np
import pytest

from autograder.suite import exercise

SHAPES = [(3, 4, 5, 2), (2, 3, 4, 6)]


def per_channel(v):
    """A value per channel, ready to be broadcast."""
    return np.reshape(v, (1, -1, 1, 1))


def maps(rng, shape):
    """Feature maps whose channels have means and spreads of their own, with gamma and beta."""
    channels = shape[1]
    spread, mean = rng.uniform(0.3, 3, size=channels), rng.normal(0, 2, size=channels)
    x = per_channel(mean) + per_channel(spread) * rng.normal(size=shape)
    return x, rng.normal(size=channels), rng.normal(size=channels)


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


def norm_suspects(x, gamma, beta, eps, axes, want, count):
    """Results of the usual mistakes; `axes` are those of the statistics of (N, G, C/G, H, W)."""
    mean, var = np.mean(x, axis=axes, keepdims=True), np.var(x, axis=axes, keepdims=True)

    def norm(mean=mean, var=var, root=None):
        x_hat = (x - mean) / (np.sqrt(var + eps) if root is None else root)
        return gamma * x_hat.reshape(want.shape) + beta

    def over(*axes):
        return norm(np.mean(x, axis=axes, keepdims=True), np.var(x, axis=axes, keepdims=True))

    return distinct(want, {
        "gamma is missing.": lambda: (want - beta) / gamma + beta,
        "beta is missing.": lambda: want - beta,
        "beta is scaled by gamma: it is added after the scaling.": lambda: (
            want + beta * (gamma - 1)
        ),
        "eps is added to the standard deviation; it belongs to the variance, under the root.": (
            lambda: norm(root=np.sqrt(var) + eps)
        ),
        "eps is missing, or fixed.": lambda: norm(root=np.sqrt(var)),
        "eps is fixed to its default; the caller's eps counts.": lambda: norm(
            root=np.sqrt(var + 1e-5)
        ),
        "It is divided by the variance; divide by its root.": lambda: norm(root=var + eps),
        "The mean is not subtracted.": lambda: norm(mean=0),
        "The variance divides by the count less one; divide by the count.": lambda: norm(
            var=var * count / (count - 1)
        ),
        "The variance is not that of deviations: subtract the mean before squaring.": lambda: norm(
            var=var + mean**2
        ),
        "The statistics are over the images only; rows and columns are samples, too.": lambda: (
            over(0)
        ),
        "The statistics are over rows and columns of each image and channel.": lambda: over(3, 4),
        "The statistics are over everything; each channel has its own.": lambda: (
            over(0, 1, 2, 3, 4)
        ),
        "The statistics are over the channels: they belong to each channel.": lambda: over(1, 2),
        "The statistics are over all of an image, whatever the groups are.": lambda: (
            over(1, 2, 3, 4)
        ),
        "The statistics of a group are taken over the whole batch; each image has its own.": (
            lambda: over(0, 2, 3, 4)
        ),
        "The statistics are over the channels of a group at each place; rows and columns belong "
        "to them, too.": lambda: over(2),
    })  # fmt: skip


def batch_suspects(x, gamma, beta, eps, want):
    """Results of the usual mistakes in spatial batch normalisation."""
    N, C, H, W = x.shape
    scale, shift = per_channel(gamma), per_channel(beta)
    usual = norm_suspects(x[:, :, None], scale, shift, eps, (0, 2, 3, 4), want, N * H * W)

    def flat():
        rows = x.reshape(-1, C)
        x_hat = (rows - np.mean(rows, axis=0)) / np.sqrt(np.var(rows, axis=0) + eps)
        return (gamma * x_hat + beta).reshape(x.shape)

    return usual | distinct(want, {
        "Channels are mixed up: x.reshape(-1, C) does not make columns of channels; move the "
        "channels to the end first (transpose).": flat,
    })  # fmt: skip


@exercise("spatial_batchnorm_forward", weight=2)
def test_batchnorm_of_a_batch(student, reference, rng, close, check):
    """Each channel is normalised by its statistics over images, rows and columns."""
    for shape, eps in zip(SHAPES, (1e-5, 0.1), strict=True):
        x, gamma, beta = maps(rng, shape)
        param = {"mode": "train", "eps": eps}
        want = reference.spatial_batchnorm_forward(x, gamma, beta, dict(param))[0]
        got = out_of(student.spatial_batchnorm_forward(x, gamma, beta, param), check)
        suspects = batch_suspects(x, gamma, beta, eps, want)
        close(got, want, names="out", axes="N C H W", suspects=suspects)


def running_suspects(old, x, momentum, want):
    """Running statistics of the usual mistakes; None where a mistake does not touch them."""
    over, count = (0, 2, 3), x.size // x.shape[1]
    mean, var = np.mean(x, axis=over), np.var(x, axis=over)
    zero = np.zeros(x.shape[1])
    old_mean, old_var = old.get("running_mean", zero), old.get("running_var", zero)

    def both(new_mean=mean, new_var=var, keep=momentum, first=(old_mean, old_var)):
        return {
            "running_mean": keep * first[0] + (1 - keep) * new_mean,
            "running_var": keep * first[1] + (1 - keep) * new_var,
        }

    return {
        "Momentum is on the wrong side: it is the share of the old value that is kept.": lambda: (
            both(keep=1 - momentum)
        ),
        "The momentum is fixed to its default; the caller's momentum counts.": lambda: (
            both(keep=0.9)
        ),
        "The running variance divides by the count less one; divide by the count.": lambda: (
            both(new_var=var * count / (count - 1))
        ),
        "The running variance averages standard deviations; average variances.": lambda: (
            both(new_var=np.sqrt(var))
        ),
        "The running statistics are those of the last batch alone.": lambda: both(keep=0),
        "The running statistics are not updated.": lambda: both(keep=1),
        "The running variance starts at one; the docstring says zero.": lambda: (
            both(first=(old_mean, zero + 1))
        ),
        "The old running statistics are forgotten: read them from bn_param.": lambda: (
            both(first=(zero, zero))
        ),
        "The whole new mean is added; it counts 1 - momentum.": lambda: {
            "running_mean": momentum * old_mean + mean
        },
        "The whole new variance is added; it counts 1 - momentum.": lambda: {
            "running_var": momentum * old_var + var
        },
        "The running mean is not updated.": lambda: {
            "running_mean": old_mean, "running_var": want["running_var"],
        },
        "The running variance is not updated.": lambda: {
            "running_mean": want["running_mean"], "running_var": old_var,
        },
    }  # fmt: skip


def statistics(param):
    """The running statistics among the parameters."""
    return {name: param[name] for name in ("running_mean", "running_var") if name in param}


@exercise("spatial_batchnorm_forward")
@pytest.mark.parametrize("momentum", [0.9, 0.6])
def test_running_statistics(student, reference, rng, close, sandbox, momentum):
    """Three batches with drifting means update the running statistics, one after the other."""
    param = {"mode": "train"} | ({} if momentum == 0.9 else {"momentum": momentum, "eps": 0.1})
    kept = sandbox.put(param)
    for drift in (0, 3, -5):
        x, gamma, beta = maps(rng, (2, 3, 4, 2))
        old = dict(param)
        reference.spatial_batchnorm_forward(x + drift, gamma, beta, param)
        student.spatial_batchnorm_forward(x + drift, gamma, beta, kept)
        got, want = sandbox.fetch(kept), statistics(param)
        close(got, want, axes=dict.fromkeys(want, "C"),
              suspects=running_suspects(old, x + drift, momentum, want))  # fmt: skip


@exercise("spatial_batchnorm_forward")
def test_batchnorm_in_test_mode(student, reference, rng, close, check, sandbox):
    """In test mode the running statistics normalise, one image at a time, and do not move."""
    x, gamma, beta = maps(rng, (1, 4, 3, 2))
    running = {"running_mean": rng.normal(size=4), "running_var": rng.uniform(0.5, 3, size=4)}
    param = {"mode": "test", "eps": 0.1, "momentum": 0.6, **running}
    kept = sandbox.put(param)
    want = reference.spatial_batchnorm_forward(x, gamma, beta, param)[0]
    batch = reference.spatial_batchnorm_forward(x, gamma, beta, param | {"mode": "train"})[0]
    mean, var = (per_channel(running[name]) for name in ("running_mean", "running_var"))
    scale, shift = per_channel(gamma), per_channel(beta)
    suspects = distinct(want, {
        "In test mode the batch's own statistics are used: use the running ones.": lambda: batch,
        "eps is missing in test mode.": lambda: scale * (x - mean) / np.sqrt(var) + shift,
        "gamma is missing in test mode.": lambda: (want - shift) / scale + shift,
        "beta is missing in test mode.": lambda: want - shift,
        "gamma and beta are missing in test mode.": lambda: (want - shift) / scale,
        "In test mode it is divided by the variance; divide by its root.": lambda: (
            scale * (x - mean) / (var + 0.1) + shift
        ),
    })  # fmt: skip
    for _ in range(2):
        got = out_of(student.spatial_batchnorm_forward(x, gamma, beta, kept), check)
        close(got, want, names="out", axes="N C H W", suspects=suspects)
        moved = "The running statistics are updated in test mode; only training moves them."
        left = statistics(sandbox.fetch(kept))
        same = all(np.array_equal(left.get(name), value) for name, value in running.items())
        check(same, moved)


@exercise("spatial_groupnorm_forward", weight=2)
def test_groups_of_channels(student, reference, rng, close, check):
    """Each group of channels in each image is normalised by its own statistics."""
    for shape, G, eps in (((3, 6, 4, 2), 2, 1e-5), ((2, 6, 3, 5), 3, 0.1), ((2, 4, 5, 3), 2, 0.1)):
        judge_groups(student, reference, close, check, maps(rng, shape), G, eps)


@exercise("spatial_groupnorm_forward")
def test_one_group_and_single_channels(student, reference, rng, close, check):
    """One group for all channels, and one for each; one image alone."""
    for shape, G, eps in (((2, 4, 3, 5), 1, 0.1), ((1, 3, 4, 2), 3, 0.1)):
        judge_groups(student, reference, close, check, maps(rng, shape), G, eps)


def judge_groups(student, reference, close, check, given, G, eps):
    """Compare one group normalisation."""
    x, (gamma, beta) = given[0], map(per_channel, given[1:])
    N, C, H, W = x.shape
    param = {} if eps == 1e-5 else {"eps": eps}
    want = reference.spatial_groupnorm_forward(x, gamma, beta, G, param)[0]
    count, grouped = C // G * H * W, x.reshape(N, G, C // G, H, W)
    suspects = norm_suspects(grouped, gamma, beta, eps, (2, 3, 4), want, count)

    def other(G=G, x=x, order=None):
        order = np.arange(C) if order is None else order
        back = np.argsort(order)
        args = x[:, order], gamma[:, order], beta[:, order], G, param
        return reference.spatial_groupnorm_forward(*args)[0][:, back]

    suspects |= distinct(want, {
        "G is the number of groups, not the number of channels in a group.": lambda: other(C // G),
        "A group is neighbouring channels: with G groups, channel c is in group c // (C / G), not "
        "in group c % G.": lambda: other(order=np.arange(C).reshape(-1, G).T.ravel()),
    })  # fmt: skip
    got = out_of(student.spatial_groupnorm_forward(x, gamma, beta, G, param), check)
    close(got, want, names="out", axes="N C H W", suspects=suspects)
