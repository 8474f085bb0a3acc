"""Hidden checks of layers.py: dropout forward and backward.

What is random is judged by statistics whose bounds a right layer misses less than once in a hundred
million runs; values and gradients are judged exactly, with the mask that the output shows.
"""

import numpy as np

from autograder.suite import exercise

CALLS = 6
KEEP = "p is the probability to keep; this code drops with probability p."


def data(rng, shape):
    """Numbers none of which is near 0, so that a zero of the output is a dropped number."""
    return rng.choice([-1, 1], shape) * rng.uniform(0.5, 2, shape)


def first(result):
    """The output of a (out, cache) pair; anything else is left for `close` to judge."""
    return result[0] if isinstance(result, tuple | list) and len(result) == 2 else result


def kept(out, x, check):
    """The mask that an output shows."""
    check(type(out) is np.ndarray, "dropout_forward must give (out, cache), out a numpy array.")
    check(out.shape == x.shape, "out must have the shape of x.")
    return out != 0


def masks_of(student, x, p, check):
    """The masks of several calls without a seed."""
    calls = (student.dropout_forward(x, {"mode": "train", "p": p}) for _ in range(CALLS))
    return np.array([kept(first(call), x, check) for call in calls])


def rate_mistakes(p):
    """Keep rates that name the mistake behind them."""
    bell = 0.5 * (1 + np.tanh(p * 0.7978845608 * (1 + 0.044715 * p * p)))  # nearly P(normal < p)
    return {
        KEEP: 1 - p,
        "Nothing is dropped in training.": 1.0,
        "Everything is dropped in training.": 0.0,
        "The mask compares normal random numbers with p; they should be uniform from 0 to 1.": bell,
        "The mask compares normal random numbers with p, and keeps those above it.": 1 - bell,
        "Half of the numbers are kept whatever p is.": 0.5,
        "The keep rate is p squared: is the mask applied twice?": p * p,
    }


@exercise("dropout_forward", weight=2)
def test_keep_rate(student, rng, check):
    """A number is kept with probability p, each independently of all others."""
    for p in (float(rng.uniform(0.25, 0.3)), float(rng.uniform(0.75, 0.8))):
        masks = masks_of(student, data(rng, (40, 30)), p, check)
        wide = 6 * np.sqrt(p * (1 - p) / masks.size)
        rate = masks.mean()
        for said, wrong in rate_mistakes(p).items():
            close_by = max(wide, 0.01 if said.startswith("The mask compares") else 0.0)
            check(abs(rate - p) < wide or not abs(rate - wrong) < close_by + 1e-9, said)
        # A correlated mask has the right rate on average only: those are named first.
        judge_independence(check, masks, p)
        check(abs(rate - p) < wide, "The share of numbers that are kept is not p.")


def judge_independence(check, masks, p):
    """Counts along rows and columns spread as those of independent draws do, and over calls."""
    _, R, C = masks.shape
    check(
        not np.array_equal(masks[0], masks[1]),
        "Two calls without a seed drop the same numbers: draw a new mask in each call.",
    )

    def spread(axis, length):
        counts = masks.sum(axis=axis)
        return np.mean((counts - length * p) ** 2) / (length * p * (1 - p))

    rows, columns, totals = spread(2, C), spread(1, R), masks.sum(axis=(1, 2))
    check(rows < 3, "Whole examples are dropped together: each number has a draw of its own.")
    check(columns < 3, "Whole features are dropped together: each number has a draw of its own.")
    same = "The same count is dropped every time: draw each number independently."
    check(rows > 0.3 and columns > 0.3 and np.ptp(totals) > 0, same)


@exercise("dropout_forward", weight=2)
def test_values(student, rng, close, check):
    """Numbers that are kept are x / p; arrays of any shape."""
    for shape, p in (((6, 7), 0.3), ((5, 4), 0.8), ((2, 3, 2, 4), 0.6), ((40,), 0.5)):
        x = data(rng, shape)
        out = first(student.dropout_forward(x, {"mode": "train", "p": p}))
        kept_x = x * kept(out, x, check)
        suspects = {
            "What is kept is not divided by p: inverted dropout scales in training.": (
                lambda kept_x=kept_x: kept_x
            ),
            KEEP: lambda kept_x=kept_x, p=p: kept_x / (1 - p),
            "What is kept is multiplied by p; divide by it.": lambda kept_x=kept_x, p=p: kept_x * p,
            "What is kept is divided by p twice.": lambda kept_x=kept_x, p=p: kept_x / p**2,
            "What is kept is divided by 1 + p.": lambda kept_x=kept_x, p=p: kept_x / (1 + p),
            "The scale 1 / p is cut off to an integer: the mask has an integer type.": (
                lambda kept_x=kept_x, p=p: kept_x * int(1 / p)
            ),
            "What is kept is scaled by the share that was kept; divide by p.": (
                lambda kept_x=kept_x: kept_x / max(np.mean(kept_x != 0), 1e-9)
            ),
            "The mask replaces the numbers: multiply x by it.": (
                lambda kept_x=kept_x, p=p: (kept_x != 0) / p
            ),
            "Numbers are kept with their absolute values.": lambda kept_x=kept_x, p=p: (
                np.abs(kept_x) / p
            ),
        }
        close(out, kept_x / p, names="out", suspects=suspects)


@exercise("dropout_forward")
def test_test_mode(student, rng, close):
    """At test time out equals x, whatever p and seed."""
    x = data(rng, (5, 8))
    for param in ({"p": 0.3}, {"p": 0.7, "seed": 5}):
        p = param["p"]
        suspects = {
            "The output is scaled by p at test time: inverted dropout has done that in "
            "training.": lambda p=p: x * p,
            "The output is divided by p at test time.": lambda p=p: x / p,
            "The output is scaled by 1 - p at test time.": lambda p=p: x * (1 - p),
        }
        got = first(student.dropout_forward(x, {"mode": "test", **param}))
        dropped = "Numbers are dropped at test time: only training drops."
        suspects[dropped] = lambda got=got: got if np.any(got == 0) else None
        close(got, x, names="out", suspects=suspects)


@exercise("dropout_forward", weight=0.5)
def test_keep_all(student, rng, close):
    """With p = 1 nothing is dropped in training either."""
    x = data(rng, (4, 6))
    got = first(student.dropout_forward(x, {"mode": "train", "p": 1}))
    close(got, x, names="out", suspects={KEEP: lambda: np.zeros_like(x)})


@exercise("dropout_forward")
def test_seeds(student, rng, check):
    """The same seed drops the same numbers, another seed drops others."""
    x, seed = data(rng, (9, 8)), int(rng.integers(1000))

    def mask(seed):
        param = {"mode": "train", "p": 0.5, "seed": seed}
        return kept(first(student.dropout_forward(x, param)), x, check)

    one = mask(seed)
    check(np.array_equal(one, mask(seed)), "The same seed drops other numbers the second time.")
    check(not np.array_equal(one, mask(seed + 1)), "Another seed drops the same numbers.")
    free = [
        kept(first(student.dropout_forward(x, {"mode": "train", "p": 0.5})), x, check)
        for _ in range(2)
    ]
    check(not np.array_equal(*free), "Two calls without a seed drop the same numbers.")


@exercise("dropout_forward", weight=0.5)
def test_dropout_inputs(student, rng, close, sandbox, check):
    """X is only read, also as a view; float32 stays float32."""
    x = np.repeat(data(rng, (5, 8)), 2, axis=1)[:, ::2]
    store = sandbox.put(x)
    student.dropout_forward(store, {"mode": "train", "p": 0.4})
    check(np.array_equal(sandbox.fetch(store), x), "x is changed by the call: work on a copy.")
    single = x.astype(np.float32)
    single.flags.writeable = False
    out = first(student.dropout_forward(single, {"mode": "train", "p": 0.4}))
    want = single * kept(out, single, check) / np.float32(0.4)
    close(out, want, rtol=1e-4, names="out")


def gradient_suspects(x, out, dout, p):
    """Wrong gradients that name the mistake behind them."""
    mask = out != 0
    return {
        "The gradient passes all numbers; only those that were kept have one.": lambda: dout,
        "The gradient is not divided by p, as the numbers that were kept are.": lambda: dout * mask,
        "The gradient passes all numbers, divided by p.": lambda: dout / p,
        "The gradient passes the numbers that were dropped.": lambda: dout * ~mask / p,
        "The gradient is divided by p twice.": lambda: dout * mask / p**2,
        "The gradient is multiplied by p; divide by it.": lambda: dout * mask * p,
        "The gradient is divided by 1 - p; p is the probability to keep.": lambda: (
            dout * mask / (1 - p)
        ),
        "The gradient is multiplied by x: the mask is what the forward pass multiplied by.": (
            lambda: dout * mask * x / p
        ),
        "The gradient is multiplied by out; multiply by the mask.": lambda: dout * out,
    }


OTHER_MASK = (
    "The gradient has another mask than its forward pass: a new one is drawn, or that of a later "
    "call is used."
)


def masked(got, dout, p):
    """The gradient itself where it is dout / p with any mask, else nothing."""
    return got if np.all(np.isclose(got, 0) | np.isclose(got, dout / p)) else None


@exercise("dropout_backward", weight=2)
def test_dropout_gradient(student, rng, close, check):
    """The gradient has the mask and the scale of its own forward pass."""
    for shape, p in (((6, 7), 0.3), ((2, 3, 2, 4), 0.7)):
        x, dout = data(rng, shape), data(rng, shape)
        dout.flags.writeable = False
        out, cache = student.dropout_forward(x, {"mode": "train", "p": p})
        student.dropout_forward(data(rng, shape), {"mode": "train", "p": p})
        want = dout * kept(out, x, check) / p
        suspects = gradient_suspects(x, out, dout, p)
        for _ in range(2):
            got = student.dropout_backward(dout, cache)
            suspects[OTHER_MASK] = lambda got=got, dout=dout, p=p: masked(got, dout, p)
            close(got, want, names="dx", suspects=suspects)


@exercise("dropout_backward")
def test_dropout_gradient_in_test_mode(student, rng, close):
    """At test time, and with p = 1, the gradient passes unchanged."""
    x, dout = data(rng, (5, 4)), data(rng, (5, 4))
    for param in ({"mode": "test", "p": 0.4}, {"mode": "train", "p": 1}):
        _, cache = student.dropout_forward(x, param)
        p = param["p"]
        suspects = {
            "The gradient is masked at test time: nothing was dropped.": lambda: None,
            "The gradient is divided by p at test time.": lambda p=p: dout / p,
            "The gradient is multiplied by p at test time.": lambda p=p: dout * p,
        }
        close(student.dropout_backward(dout, cache), dout, names="dx", suspects=suspects)
