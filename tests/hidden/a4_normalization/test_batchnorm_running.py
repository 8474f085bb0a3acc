"""Hidden checks of layers.py: running statistics of batch normalisation, and test mode."""

import copy

import numpy as np

from autograder.suite import exercise


def batch(rng, N, D):
    """Columns with means and spreads of their own, and a scale and a shift for each."""
    x = rng.normal(size=(N, D)) * rng.uniform(0.5, 2, D) + rng.normal(0, 2, D)
    return x, rng.normal(size=D) + 2 * rng.choice([-1, 1], D), rng.normal(size=D)


def first(result):
    """The output of a (out, cache) pair; anything else is left for `close` to judge."""
    return result[0] if isinstance(result, tuple | list) and len(result) == 2 else result


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
