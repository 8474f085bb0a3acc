"""Hidden suite for functions.py: an operation of one's own for autograd."""

import numpy as np
import pytest

from autograder.suite import exercise

NAMES = ("out", "dx", "dbeta")
# The same code runs in the sandbox and here; `student` is the module that is looked at.
LAB = """
import torch


def leaf(value, device, wanted=True):
    return torch.tensor(value, device=device).requires_grad_(wanted)


def array(tensor):
    return None if tensor is None else tensor.detach().cpu().numpy().copy()


def passes(x, beta, dout, device, views=()):
    x, beta, dout = leaf(x, device), leaf(beta, device), torch.tensor(dout, device=device)
    seen = x
    for view in views:
        seen = seen.transpose(0, -1) if view == "transposed" else seen[::2, 1:]
    if views:  # no upstream gradient is contiguous either
        dout = dout.expand(seen.shape) if dout.ndim == 0 else dout.transpose(0, 1)
    out = student.swish(seen, beta)
    out.backward(dout)
    return array(out), array(x.grad), array(beta.grad)


def named(x, beta, device):
    return type(student.swish(leaf(x, device), leaf(beta, device)).grad_fn).__name__


def returned(x, beta, dout, wanted, device):
    out = student.swish(leaf(x, device, wanted[0]), leaf(beta, device, wanted[1]))
    found = student.Swish.backward(out.grad_fn, torch.tensor(dout, device=device))
    return tuple(array(each) for each in found)


def nested(x, first, second, dout, device):
    x, first, second = (leaf(each, device) for each in (x, first, second))
    out = student.swish(student.swish(x, first), second) + student.swish(3 * x[:1], first)
    out.backward(torch.tensor(dout, device=device))
    return tuple(array(each) for each in (out, x.grad, first.grad, second.grad))


def two_graphs(x, other, beta, dout, device):
    x, other, beta = (leaf(each, device) for each in (x, other, beta))
    out = student.swish(x, beta)
    student.swish(other, 2 * beta)
    out.backward(torch.tensor(dout, device=device), retain_graph=True)
    once = array(x.grad)
    x.grad = None
    out.backward(torch.tensor(dout, device=device))
    return once, array(x.grad)


def changed_between(x, beta, dout, device):
    x, beta = leaf(x, device), leaf(beta, device)
    middle = x * 1
    out = student.swish(middle, beta)
    with torch.no_grad():
        middle.mul_(2)
    try:
        out.backward(torch.tensor(dout, device=device))
    except RuntimeError:
        return None
    return array(x.grad)


def left_alone(x, beta, dout, device):
    x, beta, upstream = leaf(x, device), leaf(beta, device), torch.tensor(dout, device=device)
    out = student.swish(x, beta)
    kept = out.detach().clone()
    out.backward(upstream)
    return array(x), array(upstream), array(out), array(kept), array(x.grad)
"""


@pytest.fixture
def theirs(sandbox):
    """Functions around the student's module."""
    return lambda name: sandbox.define(LAB, name)


@pytest.fixture
def mine(reference):
    """The same around the reference."""
    here = {"student": reference}
    exec(LAB, here)
    return here.__getitem__


def inputs(rng, shape=(3, 4), beta=None, kind=np.float64):
    """Random x, beta and upstream gradient."""
    beta = rng.choice([-1, 1]) * rng.uniform(0.6, 2) if beta is None else beta
    x, dout = 2 * rng.normal(size=shape), rng.normal(size=shape)
    return np.asarray(x, kind), np.asarray(beta, kind), np.asarray(dout, kind)


def sigmoid(x):
    """The logistic function."""
    return 0.5 * (1 + np.tanh(x / 2))


def suspects(x, beta, dout):
    """Results of the usual mistakes."""
    s = sigmoid(beta * x)
    slope = s * (1 - s)
    dx, dbeta = dout * (s + beta * x * slope), np.sum(dout * x**2 * slope)

    def of(name, value):
        return lambda: {name: np.asarray(value)}

    return {
        "beta is missing: x * sigmoid(beta * x).": of("out", x * sigmoid(x)),
        "This is the sigmoid alone: multiply by x.": of("out", s),
        "beta is in front of the result, too: x * sigmoid(beta * x).": of("out", beta * x * s),
        "beta divides x; it multiplies it.": of("out", x * sigmoid(x / beta)),
        "beta stands in front, and not in the sigmoid.": of("out", beta * x * sigmoid(x)),
        "This is the ReLU.": of("out", np.maximum(0, x)),
        "The sign inside of the sigmoid is wrong.": of("out", x * sigmoid(-beta * x)),
        "dx has only the part where x stands in front: the sigmoid depends on x, too.": of(
            "dx", dout * s
        ),
        "dx has only the part inside of the sigmoid: x stands in front, too.": of(
            "dx", dout * beta * x * slope
        ),
        "beta is missing in dx: the sigmoid's slope by x is beta * s * (1 - s).": of(
            "dx", dout * (s + x * slope)
        ),
        "x is missing in the second part of dx.": of("dx", dout * (s + beta * slope)),
        "dx is the slope itself: multiply by the upstream gradient.": of(
            "dx", s + beta * x * slope
        ),
        "The sigmoid in dx is that of x; it is that of beta * x.": of(
            "dx", dout * (sigmoid(x) + beta * x * sigmoid(x) * (1 - sigmoid(x)))
        ),
        "The sigmoid's slope is s * (1 - s); here it is 1 - s * s.": of(
            "dx", dout * (s + beta * x * (1 - s * s))
        ),
        "The two parts of dx are subtracted; add them.": of("dx", dout * (s - beta * x * slope)),
        "x is missing in dbeta: it is there twice, in front and inside.": of(
            "dbeta", np.sum(dout * x * slope)
        ),
        "dbeta leaves the upstream gradient out.": of("dbeta", np.sum(x**2 * slope)),
        "dbeta is a mean; beta gets the sum over all entries.": of("dbeta", dbeta / x.size),
        "dbeta has a factor beta too many.": of("dbeta", beta * dbeta),
        "dbeta is the sum of dx.": of("dbeta", np.sum(dx)),
        "The sigmoid in dbeta is that of x; it is that of beta * x.": of(
            "dbeta", np.sum(dout * x**2 * sigmoid(x) * (1 - sigmoid(x)))
        ),
        "dx is zero: nothing comes back to x.": of("dx", 0 * dx),
        "dbeta is zero: nothing comes back to beta.": of("dbeta", 0.0),
    }


@exercise("custom_function", weight=2)
@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 1, 5), (7,), ()], ids=str)
def test_value_and_gradients(theirs, mine, rng, close, device, shape):
    """The value, dx and dbeta for a random upstream gradient, in double precision."""
    x, beta, dout = inputs(rng, shape)
    want = mine("passes")(x, beta, dout, "cpu")
    got = theirs("passes")(x, beta, dout, device)
    close(got, want, names=NAMES, suspects=suspects(x, beta, dout) if x.ndim else None)


@exercise("custom_function")
def test_negative_and_zero_beta(theirs, mine, rng, close, device):
    """A slope of 0 gives x / 2, and it may be negative."""
    for slope in (0.0, -1.3):
        x, beta, dout = inputs(rng, beta=slope)
        want = mine("passes")(x, beta, dout, "cpu")
        close(theirs("passes")(x, beta, dout, device), want, names=NAMES)


@exercise("custom_function")
@pytest.mark.parametrize("views", [("transposed",), ("strided",), ("transposed", "strided")])
def test_views(theirs, mine, rng, close, device, views):
    """Inputs and upstream gradients need not lie in memory one entry after the other."""
    x, beta, _ = inputs(rng, (5, 6))
    seen = np.zeros((6, 5) if "transposed" in views else (5, 6))
    seen = seen[::2, 1:] if "strided" in views else seen
    for dout in (np.array(rng.normal()), rng.normal(size=seen.T.shape)):
        want = mine("passes")(x, beta, dout, "cpu", views)
        close(theirs("passes")(x, beta, dout, device, views), want, names=NAMES)


@exercise("custom_function")
def test_single_precision(theirs, mine, rng, close, device):
    """Single precision stays single, and thousands neither overflow nor give NaN."""
    x, beta, dout = inputs(rng, (4, 3), kind=np.float32)
    x = np.asarray(rng.uniform(-2, 2, size=x.shape), np.float32)
    dout = np.abs(dout) + np.float32(0.5)  # so that the sum in dbeta loses no digits
    want = mine("passes")(x, beta, dout, "cpu")
    close(theirs("passes")(x, beta, dout, device), want, names=NAMES, rtol=1e-4)
    x[0], x[1] = (-5000, 3000, -200), (5000, -3000, 200)
    for slope in (1.5, -2.0):
        beta = np.asarray(slope, np.float32)
        want = mine("passes")(x, beta, dout, "cpu")
        close(theirs("passes")(x, beta, dout, device), want, names=NAMES, rtol=1e-4)


@exercise("custom_function")
def test_a_function_of_its_own(theirs, rng, exact, device):
    """Autograd knows it as one step, called Swish, and not as the steps inside."""
    x, beta, _ = inputs(rng)
    said = "swish does not call Swish.apply, so autograd works the gradient out by itself."
    wrong = {said: lambda: "MulBackward0"}
    exact(theirs("named")(x, beta, device), "SwishBackward", "the step", suspects=wrong)


@exercise("custom_function")
@pytest.mark.parametrize("wanted", [(True, False), (False, True)], ids=["x only", "beta only"])
def test_gradients_nobody_asks_for(theirs, mine, rng, close, device, wanted):
    """A gradient that is not needed is None, and dbeta has the shape of beta."""
    x, beta, dout = inputs(rng)
    want = mine("returned")(x, beta, dout, wanted, "cpu")
    close(theirs("returned")(x, beta, dout, wanted, device), want, names=("dx", "dbeta"))


@exercise("custom_function")
def test_twice_in_one_graph(theirs, mine, rng, close, device):
    """One graph may hold several calls, also one inside of another: each keeps its own."""
    x, first, dout = inputs(rng)
    second = np.asarray(rng.uniform(0.5, 1))
    want = mine("nested")(x, first, second, dout, "cpu")
    got = theirs("nested")(x, first, second, dout, device)
    close(got, want, names=("out", "dx", "the first dbeta", "the second dbeta"))


@exercise("custom_function", weight=0.5)
def test_backward_again(theirs, mine, rng, close, device):
    """A later call does not disturb an earlier one, and a second backward pass gives the same."""
    x, beta, dout = inputs(rng)
    other = rng.normal(size=x.shape)
    want = mine("two_graphs")(x, other, beta, dout, "cpu")
    later = mine("two_graphs")(other, x, 2 * beta, dout, "cpu")[0]
    said = "This is the gradient of a later call: keep what backward needs in ctx, call by call."
    got = theirs("two_graphs")(x, other, beta, dout, device)
    names = ("dx", "dx of the second pass")
    close(got, want, names=names, suspects={said: lambda: {"dx": later}})


@exercise("custom_function", weight=0.5)
def test_change_in_between(theirs, mine, rng, close, device):
    """When x is changed in place before backward, the result is an error, or still right."""
    x, beta, dout = inputs(rng)
    got = theirs("changed_between")(x, beta, dout, device)
    want = mine("passes")(x, beta, dout, "cpu")[1]
    wrong = mine("passes")(2 * x, beta, dout, "cpu")[1]
    said = "x is changed before backward, and nobody notices: use ctx.save_for_backward."
    if got is not None:
        close(got, want, names="dx", suspects={said: lambda: wrong})


@exercise("custom_function", weight=0.5)
def test_nothing_is_changed(theirs, mine, rng, close, device):
    """Neither x, nor the result, nor the upstream gradient is changed in place."""
    x, beta, dout = inputs(rng)
    after, upstream, out, kept, dx = theirs("left_alone")(x, beta, dout, device)
    want_out, want_dx, _ = mine("passes")(x, beta, dout, "cpu")
    close(kept, want_out, names="out")
    close(dx, want_dx, names="dx")
    changed = " is changed in place: work on a copy."
    close(after, x, names="x", rtol=0.0, atol=0.0, suspects={f"x{changed}": lambda: want_out})
    for name, got, want in (("the upstream gradient", upstream, dout), ("out", out, kept)):
        close(got, want, names=name, rtol=0.0, atol=0.0, suspects={name + changed: lambda: want_dx})
