"""Hidden suite for activations.py: threshold, sigmoid, tanh, and the collapse of linear layers."""

from itertools import pairwise

import numpy as np

from autograder.suite import exercise

PAIR = "forward must return (out, cache), a tuple of two."


def data(rng, *shape):
    """Inputs in general position, and a random gradient from above."""
    return rng.choice([-1, 1], shape) * rng.uniform(0.3, 2, shape), rng.normal(size=shape)


def pair(check, got):
    """(out, cache), or the verdict that it is none."""
    check(isinstance(got, tuple | list) and len(got) == 2, PAIR)
    return got


def stays(sandbox, check, forward, backward, x, dout):
    """Check that neither pass changes the arrays that it is given."""
    kept, kept_dout = sandbox.put(x), sandbox.put(dout)
    _, cache = pair(check, forward(kept))
    check(np.array_equal(sandbox.fetch(kept), x), "x is changed by forward: work on a copy.")
    backward(kept_dout, cache)
    same = np.array_equal(sandbox.fetch(kept_dout), dout)
    check(same, "dout is changed by backward: work on a copy.")


# --- threshold ---


@exercise("step", weight=2)
def test_threshold(student, reference, rng, close, check):
    """Points from the threshold on give 1, those below give 0."""
    x = np.array([[59.999, 60, 60.001], [0, -3, 100]])
    for threshold in (60.0, float(np.round(rng.uniform(1, 50), 2)), 0.0):
        suspects = {
            "An x of exactly the threshold gives 0; it should give 1.": (
                lambda t=threshold: (x > t) * 1.0
            ),
            "It gives 1 below the threshold and 0 above.": lambda t=threshold: (x < t) * 1.0,
            "The threshold is not used.": lambda: (x >= 0) * 1.0,
            "It gives 1 and -1; 1 and 0 are asked for.": lambda t=threshold: np.where(
                x >= t, 1.0, -1.0
            ),
            "It hands x on above the threshold; 1 is asked for.": lambda t=threshold: np.where(
                x >= t, x, 0
            ),
        }
        x[0, 2] = threshold
        out, _ = pair(check, student.step_forward(x, threshold))
        close(out, reference.step_forward(x, threshold)[0], names="out", suspects=suspects)


@exercise("step")
def test_threshold_gradient(student, reference, rng, close, check):
    """No gradient comes through, and the default threshold is 0."""
    x, dout = data(rng, 3, 4)
    out, cache = pair(check, student.step_forward(x))
    want, ours = reference.step_forward(x)
    close(out, want, names="out")
    suspects = {
        "dout is let through; the derivative of a step is zero.": lambda: dout,
        "dout is let through where out is one, as in relu; a step is flat there too.": (
            lambda: dout * (x > 0)
        ),
    }
    got = student.step_backward(dout, cache)
    close(got, reference.step_backward(dout, ours), names="dx", suspects=suspects)


# --- sigmoid ---

CALM = """
def calm(x):
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        try:
            return student.sigmoid_forward(x)
        except FloatingPointError:
            return None
"""


@exercise("sigmoid", weight=2)
def test_sigmoid_forward(student, reference, rng, close, check):
    """The sigmoid of arrays with one to three axes; x is only read."""
    for shape in ((3, 4, 2), (5,), (1, 1)):
        x, _ = data(rng, *shape)
        x.flags.writeable = False
        suspects = {
            "The exponent has the wrong sign: 1 / (1 + exp(-x)).": lambda x=x: 1 / (1 + np.exp(x)),
            "This is tanh; the sigmoid runs from zero to one.": lambda x=x: np.tanh(x),
            "This is the sigmoid of |x|.": lambda x=x: 1 / (1 + np.exp(-np.abs(x))),
            "This is exp(-x) alone.": lambda x=x: np.exp(-x),
            "The sign is lost below 0: exp(-|x|) / (1 + exp(-|x|)) belongs to negative x only.": (
                lambda x=x: 1 / (1 + np.exp(np.abs(x)))
            ),
        }
        out, _ = pair(check, student.sigmoid_forward(x))
        close(out, reference.sigmoid_forward(x)[0], names="out", suspects=suspects)


@exercise("sigmoid", weight=2)
def test_sigmoid_backward(student, reference, rng, close, check):
    """The gradient is dout times out (1 - out), and backward can be called again."""
    x, dout = data(rng, 4, 3)
    _, cache = pair(check, student.sigmoid_forward(x))
    out, ours = reference.sigmoid_forward(x)
    again = 1 / (1 + np.exp(-out))
    suspects = {
        "dout is missing: the local derivative must be multiplied by it.": lambda: out * (1 - out),
        "The derivative is out (1 - x); it should be out (1 - out).": lambda: dout * out * (1 - x),
        "The derivative is x (1 - x), an x taken for the output: apply the sigmoid first.": (
            lambda: dout * x * (1 - x)
        ),
        "The sigmoid is applied twice: what backward takes for x is already the output.": (
            lambda: dout * again * (1 - again)
        ),
        "The derivative is that of tanh, 1 - out^2.": lambda: dout * (1 - out**2),
        "The factor 1 - out is missing.": lambda: dout * out,
        "The factor out is missing.": lambda: dout * (1 - out),
        "The derivative is out (1 + out); the sign is wrong.": lambda: dout * out * (1 + out),
    }
    want = reference.sigmoid_backward(dout, ours)
    for _ in range(2):
        close(student.sigmoid_backward(dout, cache), want, names="dx", suspects=suspects)


@exercise("sigmoid", weight=2)
def test_sigmoid_extremes(student, reference, rng, close, check, sandbox):
    """Numbers of +-1000 neither overflow nor warn, forwards and backwards."""
    x = rng.permutation([-1000.0, -720, -30, 0, 30, 720, 1000]) * rng.uniform(1, 1.2)
    dout = rng.normal(size=7)
    got = sandbox.define(CALM, "calm")(x)
    check(
        got is not None,
        "exp overflows where x is far from 0 (numpy warns): exp may only see numbers that are not "
        "positive, so use exp(-x) / exp(x) according to the sign of x, on those entries alone.",
    )
    out, cache = pair(check, got)
    want, ours = reference.sigmoid_forward(x)
    close(out, want, names="out")
    got = student.sigmoid_backward(dout, cache)
    close(got, reference.sigmoid_backward(dout, ours), names="dx")


@exercise("sigmoid", weight=0.5)
def test_sigmoid_inputs_stay(student, rng, sandbox, check):
    """Both x and dout are the caller's: they stay unchanged."""
    stays(sandbox, check, student.sigmoid_forward, student.sigmoid_backward, *data(rng, 3, 4))


# --- tanh ---


@exercise("tanh")
def test_tanh_forward(student, reference, rng, close, check):
    """The tanh of arrays of any shape, also far from 0."""
    x, _ = data(rng, 2, 3, 2)
    x[0, 0, 0], x[1, 1, 1] = 1000, -1000
    x.flags.writeable = False
    suspects = {
        "This is the sigmoid; tanh runs from minus one to one.": (
            lambda: 1 / (1 + np.exp(-np.clip(x, -700, 700)))
        ),
        "This is tanh of half of x: 2 sigmoid(x) - 1. tanh x is 2 sigmoid(2 x) - 1.": (
            lambda: np.tanh(x / 2)
        ),
        "The sign is wrong.": lambda: -np.tanh(x),
        "This is the tangent, not the hyperbolic one.": lambda: np.tan(x),
    }
    out, _ = pair(check, student.tanh_forward(x))
    close(out, reference.tanh_forward(x)[0], names="out", suspects=suspects)


@exercise("tanh")
def test_tanh_backward(student, reference, rng, close, check):
    """The gradient is dout times 1 - out^2, and backward can be called again."""
    x, dout = data(rng, 4, 3)
    _, cache = pair(check, student.tanh_forward(x))
    out, ours = reference.tanh_forward(x)
    suspects = {
        "dout is missing: the local derivative must be multiplied by it.": lambda: 1 - out**2,
        "The derivative is 1 - x^2; it should be 1 - out^2.": lambda: dout * (1 - x**2),
        "tanh is applied twice: what backward takes for x is already the output.": (
            lambda: dout * (1 - np.tanh(out) ** 2)
        ),
        "The derivative is 1 - out; the square is missing.": lambda: dout * (1 - out),
        "The derivative is that of the sigmoid, out (1 - out).": lambda: dout * out * (1 - out),
        "The derivative is 1 + out^2; the sign is wrong.": lambda: dout * (1 + out**2),
        "The derivative is out^2; one minus that is right.": lambda: dout * out**2,
    }
    want = reference.tanh_backward(dout, ours)
    for _ in range(2):
        close(student.tanh_backward(dout, cache), want, names="dx", suspects=suspects)


@exercise("tanh", weight=0.25)
def test_tanh_inputs_stay(student, rng, sandbox, check):
    """Both x and dout are the caller's: they stay unchanged."""
    stays(sandbox, check, student.tanh_forward, student.tanh_backward, *data(rng, 3, 4))


# --- the collapse of linear layers ---


def stack(rng, *sizes):
    """Random weights and biases of linear layers."""
    pairs = list(pairwise(sizes))
    return [rng.normal(size=shape) for shape in pairs], [rng.normal(size=m) for _, m in pairs]


def chain(arrays):
    """The matrix product of all."""
    product = arrays[0]
    for array in arrays[1:]:
        product = product @ array
    return product


def collapse_suspects(Ws, bs):
    """Wrong layers that name the mistake behind them; some exist for square layers only."""
    W, b, square = chain(Ws), bs[0], len({side for V in Ws for side in V.shape}) == 1
    for V, more in zip(Ws[1:], bs[1:], strict=True):
        b = b @ V + more
    own = sum(bs[i] @ chain(Ws[i:]) for i in range(len(Ws))) if square else None
    later = own - bs[0] @ chain(Ws) + chain([bs[0], *Ws[1:]]) if square else None
    backwards = chain(Ws[::-1]) if square else None
    return {
        "Only the last bias is there; the earlier ones pass through the layers after them.": (
            lambda: {"W": W, "b": bs[-1]}
        ),
        "The last bias is missing.": lambda: {"W": W, "b": b - bs[-1]},
        "The biases are simply added up; each earlier one passes through the layers after it.": (
            lambda: {"W": W, "b": sum(bs) if square else None}
        ),
        "The biases are missing.": lambda: {"W": W, "b": 0 * b},
        "The first bias is missing.": lambda: {"W": W, "b": b - chain([bs[0], *Ws[1:]])},
        "Each bias passes through its own layer too; it is added after it.": (
            lambda: {"W": W, "b": own}
        ),
        "Each later bias passes through its own layer too; it is added after it.": (
            lambda: {"W": W, "b": later}
        ),
        "Only the first bias is there; every layer adds one.": (
            lambda: {"W": W, "b": chain([bs[0], *Ws[1:]])}
        ),
        "The last layer is left out.": lambda: {"W": chain(Ws[:-1])},
        "The first layer is left out.": lambda: {"W": chain(Ws[1:])},
        "The weights are multiplied in the wrong order; x meets the first layer first.": (
            lambda: {"W": backwards}
        ),
        "The weights are multiplied entry by entry; use the matrix product.": (
            lambda: {"W": np.prod(Ws, axis=0) if square else None}
        ),
        "The weights are added; layers in a row multiply.": (
            lambda: {"W": sum(Ws) if square else None}
        ),
        "Only the first layer's weights are there.": lambda: {"W": Ws[0]},
        "Only the last layer's weights are there.": lambda: {"W": Ws[-1]},
        "A rectifier's cut is in the weights; these layers have no activation.": (
            lambda: {"W": np.maximum(0, W)}
        ),
    }


@exercise("collapse_linear", weight=3)
def test_stack(student, reference, rng, close):
    """One layer equals the stack, with layers of different sizes and of the same size."""
    for sizes in ((3, 3, 3, 3), (4, 2, 5), (2, 6, 3, 4, 1)):
        Ws, bs = stack(rng, *sizes)
        for array in (*Ws, *bs):
            array.flags.writeable = False
        got, want = student.collapse_linear(Ws, bs), reference.collapse_linear(Ws, bs)
        axes, suspects = {"W": "D_0 D_L", "b": "D_L"}, collapse_suspects(Ws, bs)
        close(got, want, names=("W", "b"), axes=axes, suspects=suspects)


@exercise("collapse_linear")
def test_single_layer_and_single_numbers(student, reference, rng, close):
    """A stack of one layer is that layer; c x three times over is c^3 x."""
    c = float(rng.uniform(1.5, 3))
    one = stack(rng, 4, 2)
    for Ws, bs in (one, ([np.array([[c]])] * 3, [np.zeros(1)] * 3)):
        got, want = student.collapse_linear(Ws, bs), reference.collapse_linear(Ws, bs)
        close(got, want, names=("W", "b"), axes={"W": "D_0 D_L", "b": "D_L"})
