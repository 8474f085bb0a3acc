"""Hidden checks of layers.py: batch normalisation forward, its running statistics, test mode."""

import copy

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


# --- running statistics ---

RUNNING = ("running_mean", "running_var")


def averages(batches, momentum, start, *, ddof=0, root=False, sums=False):
    """Running statistics after the batches, by a rule that can be told to go wrong."""
    mean, var = start
    for x in batches:
        new = x.var(0, ddof=ddof)
        new = np.sqrt(new) if root else new
        keep, take = (momentum, 1 - momentum) if not sums else (1, 1)
        mean, var = keep * mean + take * x.mean(0), keep * var + take * new
    return {"running_mean": mean, "running_var": var}


def running_suspects(batches, momentum, start):
    """Wrong running statistics that name the mistake behind them."""

    def run(momentum=momentum, start=start, batches=batches, **mistake):
        return lambda: averages(batches, momentum, start, **mistake)

    D = batches[0].shape[1]
    last, head = batches[-1], batches[0]
    ones, firsts = (np.zeros(D), np.ones(D)), (head.mean(0), head.var(0))
    found = {
        "momentum is the share of the new value here; it should be that of the old value.": run(
            1 - momentum
        ),
        "momentum is not the one of bn_param.": run(0.9),
        "The running variance averages variances divided by N - 1; take the biased ones.": run(
            ddof=1
        ),
        "The running variance starts at ones; it starts at zeros.": run(start=ones),
        "The running statistics start with the first batch's; they start at zeros.": run(
            start=firsts
        ),
        "The running variance averages standard deviations.": run(root=True),
        "The running statistics are those of the last batch alone: nothing of the old is kept.": (
            run(0.0)
        ),
        "The statistics are added up, not averaged.": run(sums=True),
        "The running statistics do not move in training: put them into bn_param.": run(batches=[]),
        "Only the running mean is put into bn_param.": lambda: {
            "running_mean": run()()["running_mean"],
            "running_var": start[1],
        },
        "Only the running variance is put into bn_param.": lambda: {
            "running_mean": start[0],
            "running_var": run()()["running_var"],
        },
        "The running statistics start anew in each call; take the old ones from bn_param.": run(
            start=(np.zeros(D), np.zeros(D)), batches=[last]
        ),
        "The running mean and variance are swapped.": lambda: {
            name: run()()[other] for name, other in zip(RUNNING, RUNNING[::-1], strict=True)
        },
        "Only the new share is stored: the old one is not added.": lambda: {
            "running_mean": (1 - momentum) * last.mean(0),
            "running_var": (1 - momentum) * last.var(0),
        },
        "The running mean takes the variance's place in the update.": lambda: {
            "running_mean": run()()["running_mean"],
            "running_var": run()()["running_mean"],
        },
    }
    return found | {
        "The running variance averages var + eps; take the variance itself.": lambda: {
            "running_mean": run()()["running_mean"],
            "running_var": averages(batches, momentum, start)["running_var"]
            + 0.2 * (1 - momentum ** len(batches)),
        }
    }


def running(sandbox, check, param):
    """The running statistics in the student's bn_param."""
    held = sandbox.fetch(param)
    for name in RUNNING:
        check(name in held, f"bn_param does not hold {name} after training: store it there.")
    return {name: copy.deepcopy(held[name]) for name in RUNNING}  # as they are now


@exercise("batchnorm_running", weight=2)
def test_running_statistics(student, rng, close, sandbox, check):
    """Three batches with drifting means: the running statistics after each."""
    _, gamma, beta = batch(rng, 5, 3)
    momentum, start = float(rng.uniform(0.6, 0.75)), (np.zeros(3), np.zeros(3))
    param = sandbox.put({"mode": "train", "momentum": momentum, "eps": 0.2})
    batches, seen = [], []
    for drift in (1.0, 4.0, -2.0):
        batches.append(batch(rng, 5, 3)[0] + drift)
        student.batchnorm_forward(batches[-1], gamma, beta, param)
        seen.append(running(sandbox, check, param))
    for count in (3, 2, 1):  # the last state tells mistakes apart that the first cannot
        want = averages(batches[:count], momentum, start)
        suspects = running_suspects(batches[:count], momentum, start)
        close(seen[count - 1], want, sizes={"N": 5, "D": 3}, suspects=suspects)


@exercise("batchnorm_running")
def test_running_statistics_go_on(student, rng, close, sandbox, check):
    """Training goes on from statistics that are there; momentum is 0.9 where it is missing."""
    x, gamma, beta = batch(rng, 6, 4)
    start = rng.normal(size=4), rng.uniform(1, 2, 4)
    param = sandbox.put({"mode": "train", "eps": 0.2, **dict(zip(RUNNING, start, strict=True))})
    student.batchnorm_forward(x, gamma, beta, param)
    got = running(sandbox, check, param)
    close(got, averages([x], 0.9, start), suspects=running_suspects([x], 0.9, start))


def inference_suspects(x, gamma, beta, eps, mean, var):
    """Wrong outputs in test mode that name the mistake behind them."""

    def run(mean=mean, var=var, gamma=gamma, beta=beta, eps=eps, root=np.sqrt):
        return lambda: gamma * (x - mean) / root(var + eps) + beta

    return {
        "Test mode normalises with the statistics of its own batch: use the running ones.": run(
            x.mean(0), x.var(0)
        ),
        "Test mode updates the running statistics before it uses them.": run(
            0.7 * mean + 0.3 * x.mean(0), 0.7 * var + 0.3 * x.var(0)
        ),
        "eps is missing in test mode.": run(eps=0.0),
        "eps is added to the root in test mode; it belongs under it.": lambda: (
            gamma * (x - mean) / (np.sqrt(var) + eps) + beta
        ),
        "gamma is missing in test mode.": run(gamma=1.0),
        "beta is missing in test mode.": run(beta=0.0),
        "gamma and beta are missing in test mode.": run(gamma=1.0, beta=0.0),
        "The running variance is used without its root.": run(root=lambda v: v),
        "The running variance is used as a standard deviation.": lambda: (
            gamma * (x - mean) / (var + eps) + beta
        ),
        "The running mean is not subtracted in test mode.": run(mean=0.0),
        "The running mean is used, and the variance of the test batch.": run(var=x.var(0)),
        "The running variance is used, and the mean of the test batch.": run(mean=x.mean(0)),
        "Test mode returns x unchanged.": lambda: x,
        "eps is not the one of bn_param in test mode.": run(eps=1e-5),
    }


@exercise("batchnorm_running", weight=2)
def test_test_mode(student, rng, close, sandbox, check):
    """Test mode uses the running statistics and leaves them alone, for one example and for many."""
    mean, var = rng.normal(size=3), rng.uniform(1, 2, 3)
    held = {"running_mean": mean, "running_var": var}
    param = sandbox.put({"mode": "test", "eps": 0.2, "momentum": 0.7, **held})
    _, gamma, beta = batch(rng, 5, 3)
    for N in (1, 1, 4):
        x = rng.normal(1, 2, (N, 3))
        want = gamma * (x - mean) / np.sqrt(var + 0.2) + beta
        suspects = inference_suspects(x, gamma, beta, 0.2, mean, var)
        got = first(student.batchnorm_forward(x, gamma, beta, param))
        close(got, want, names="out", axes="N D", suspects=suspects)
        after = running(sandbox, check, param)
        same = all(np.array_equal(after[name], held[name]) for name in RUNNING)
        check(same, "The running statistics are updated in test mode: only training moves them.")


@exercise("batchnorm_running")
def test_train_then_test(student, rng, close, sandbox):
    """After training with one bn_param, test mode finds in it what training has left."""
    momentum, param = 0.6, sandbox.put({"mode": "train", "eps": 0.2, "momentum": 0.6})
    batches = [batch(rng, 5, 3)[0] + drift for drift in (0.0, 3.0)]
    _, gamma, beta = batch(rng, 5, 3)
    for x in batches:
        student.batchnorm_forward(x, gamma, beta, param)
    param["mode"] = "test"
    mean, var = averages(batches, momentum, (np.zeros(3), np.zeros(3))).values()
    x = rng.normal(size=(2, 3))
    want = gamma * (x - mean) / np.sqrt(var + 0.2) + beta
    suspects = inference_suspects(x, gamma, beta, 0.2, mean, var)
    got = first(student.batchnorm_forward(x, gamma, beta, param))
    close(got, want, names="out", axes="N D", suspects=suspects)
