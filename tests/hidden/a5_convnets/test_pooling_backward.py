"""Hidden suite for layers.py: the gradients of max pooling and average pooling."""

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


def distinct(want, suspects):
    """The suspects, silent where a mistake makes no difference or cannot be made."""

    def quiet(thunk):
        try:
            wrong = thunk()
        except (ValueError, IndexError, ZeroDivisionError):
            return np.zeros(0)
        return np.zeros(0) if np.array_equal(wrong, want) else wrong

    return {text: lambda thunk=thunk: quiet(thunk) for text, thunk in suspects.items()}


def scatter(dout, shape, param, share):
    """Put `share(n, c, i, j, place)` into dx, window after window, overwriting what stood there."""
    dx, stride = np.zeros(shape), param["stride"]
    for n, c, i, j in np.ndindex(dout.shape):
        rows = slice(i * stride, i * stride + param["pool_height"])
        columns = slice(j * stride, j * stride + param["pool_width"])
        place = (n, c, rows, columns)
        dx[place] = share(dout[n, c, i, j], place, dx[place])
    return dx


def hits(window):
    """The first of the largest values."""
    won = np.zeros(window.shape)
    won.flat[np.argmax(window)] = 1
    return won


def max_grad_suspects(x, param, dout, want):
    """Gradients of the usual mistakes in max pooling."""

    def last(window):
        won = np.zeros(window.shape)
        won.flat[window.size - 1 - np.argmax(window.ravel()[::-1])] = 1
        return won

    def each(winners):
        return scatter(dout, x.shape, param, lambda d, place, old: old + d * winners(x[place]))

    return distinct(want, {
        "A pixel that wins in several windows gets the last one's gradient only; add up.": lambda: (
            scatter(dout, x.shape, param, lambda d, at, old: np.where(hits(x[at]) > 0, d, old))
        ),
        "Each window overwrites all that stood in dx; where windows overlap, add up.": lambda: (
            scatter(dout, x.shape, param, lambda d, place, _: d * hits(x[place]))
        ),
        "All pixels of a window get its gradient; only the largest one gets it.": lambda: (
            each(np.ones_like)
        ),
        "The gradient is shared by all pixels of a window, as in average pooling.": lambda: (
            each(lambda window: np.full(window.shape, 1 / window.size))
        ),
        "All pixels that share the largest value get the gradient; the docstring gives it to the "
        "first of them.": lambda: each(lambda window: window == np.max(window)),
        "Pixels that share the largest value share the gradient; the docstring gives it to the "
        "first of them.": lambda: each(lambda window: (
            (window == np.max(window)) / np.sum(window == np.max(window))
        )),
        "The last of the largest values gets the gradient; the docstring gives it to the first of "
        "them.": lambda: each(last),
        "The first of the largest values is looked for column by column; go row by row.": lambda: (
            each(lambda window: hits(window.T).T)
        ),
        "The gradient goes to the smallest pixel of each window.": lambda: (
            each(lambda window: hits(-window))
        ),
        "The gradient goes to the first pixel of each window, whoever wins.": lambda: (
            each(lambda window: hits(np.zeros(window.shape)))
        ),
        "The gradient is multiplied by the pixel; its factor is one.": lambda: each(
            lambda window: window * hits(window)
        ),
        "The winner gets 1: multiply by the upstream gradient.": lambda: (
            scatter(dout, x.shape, param, lambda _, place, old: old + hits(x[place]))
        ),
        "The stride is ignored: windows start at i * stride and j * stride.": lambda: (
            unstrided(dout, x, param)
        ),
    })  # fmt: skip


def unstrided(dout, x, param):
    """The gradient of max pooling with windows at row i and column j."""
    near = dict(param, stride=1)
    return scatter(dout, x.shape, near, lambda d, place, old: old + d * hits(x[place]))


def avg_grad_suspects(x, param, dout, want):
    """Gradients of the usual mistakes in average pooling."""
    size, square = param["pool_height"] * param["pool_width"], param["stride"] ** 2
    return distinct(want, {
        "Each pixel gets all of its window's gradient; divide by the number of pixels.": lambda: (
            want * size
        ),
        "Each window overwrites what stood in dx; where windows overlap, add up.": lambda: (
            scatter(dout, x.shape, param, lambda d, _, old: np.full(old.shape, d / size))
        ),
        "The gradient is divided by the square of the stride; divide by the window's pixels.": (
            lambda: want * size / square
        ),
        "The gradient goes to the largest pixel only, as in max pooling.": lambda: scatter(
            dout, x.shape, param, lambda d, place, old: old + d * hits(x[place])
        ),
        "The gradient is multiplied by the pixels; their factor is one share.": lambda: want * x,
        "The gradient is divided by the window's height only.": lambda: want * param["pool_width"],
        "The gradient is divided by the window's width only.": lambda: want * param["pool_height"],
        "The stride is ignored: windows start at i * stride and j * stride.": lambda: scatter(
            dout, x.shape, dict(param, stride=1), lambda d, _, old: old + d / size
        ),
    })  # fmt: skip


def max_pool(module):
    """The two functions of max pooling."""
    return module.max_pool_forward_naive, module.max_pool_backward_naive


def avg_pool(module):
    """The two functions of average pooling."""
    return module.avg_pool_forward, module.avg_pool_backward


def judge_backward(mine, theirs, suspects, rng, close, cases, maps=layer):
    """Compare the gradients of some cases, on the student's own cache."""
    for case in cases:
        x, param = maps(rng, case)
        out, cache = mine[0](x, param)
        dout = rng.normal(size=out.shape)
        want = mine[1](dout, cache)
        _, cache = theirs[0](x, param)
        thunks = suspects(x, param, dout, want)
        got = theirs[1](dout, cache)
        close(got, want, names="dx", rtol=1e-8, axes="N C H W", suspects=thunks)


def judge_again(mine, theirs, rng, close, check, sandbox):
    """Judge two backward passes with one cache, and that no call changes anything."""
    x, param = layer(rng, OVERLAPPING[0])
    x = np.repeat(x, 2, axis=2)[:, :, ::2]
    out, cache = mine[0](x, param)
    kept = sandbox.put(x)
    _, their_cache = theirs[0](kept, param)
    check(np.array_equal(sandbox.fetch(kept), x), "x is changed by the call: work on a copy.")
    dout = rng.normal(size=out.shape)
    kept = sandbox.put(dout)
    theirs[1](kept, their_cache)
    check(np.array_equal(sandbox.fetch(kept), dout), "dout is changed by the call: copy it first.")
    dout = rng.normal(size=out.shape)
    close(theirs[1](dout, their_cache), mine[1](dout, cache), names="dx", rtol=1e-8)


def plateaus(rng, case):
    """Feature maps of few different values, so that most windows have several largest pixels."""
    _, param = layer(rng, case)
    return rng.integers(0, 2, size=case[0]).astype(float), param


@exercise("max_pool_backward_naive", weight=2)
def test_winners_of_windows(student, reference, rng, close):
    """Windows side by side and with gaps between them: one pixel of each gets the gradient."""
    pools = max_pool(reference), max_pool(student)
    judge_backward(*pools, max_grad_suspects, rng, close, DISJOINT + LEFT_OVER)


@exercise("max_pool_backward_naive", weight=2)
def test_winners_of_overlapping_windows(student, reference, rng, close):
    """A pixel that wins in several windows gets the sum."""
    pools = max_pool(reference), max_pool(student)
    judge_backward(*pools, max_grad_suspects, rng, close, OVERLAPPING)


@exercise("max_pool_backward_naive", weight=0.5)
def test_first_winner_takes_all(student, reference, rng, close):
    """Where several pixels share the largest value, the first in the order of rows gets all."""
    pools = max_pool(reference), max_pool(student)
    cases = [((2, 3, 6, 8), 2, 2, 2), ((2, 1, 7, 8), 3, 2, 2)]
    judge_backward(*pools, max_grad_suspects, rng, close, cases, plateaus)


@exercise("max_pool_backward_naive", weight=0.5)
def test_max_pool_changes_nothing(student, reference, rng, close, check, sandbox):
    """The cache serves twice, and x and dout stay as they are."""
    judge_again(max_pool(reference), max_pool(student), rng, close, check, sandbox)


@exercise("avg_pool_backward", weight=2)
def test_shares_of_windows(student, reference, rng, close):
    """Windows side by side and with gaps between them: each pixel gets its share."""
    pools = avg_pool(reference), avg_pool(student)
    judge_backward(*pools, avg_grad_suspects, rng, close, DISJOINT + LEFT_OVER)


@exercise("avg_pool_backward", weight=2)
def test_shares_of_overlapping_windows(student, reference, rng, close):
    """A pixel that lies in several windows gets the sum of its shares."""
    pools = avg_pool(reference), avg_pool(student)
    judge_backward(*pools, avg_grad_suspects, rng, close, OVERLAPPING)


@exercise("avg_pool_backward", weight=0.5)
def test_average_pool_changes_nothing(student, reference, rng, close, check, sandbox):
    """The cache serves twice, and x and dout stay as they are."""
    judge_again(avg_pool(reference), avg_pool(student), rng, close, check, sandbox)
