"""Hidden suite for residual.py: the gradients of a residual block."""

import numpy as np
import pytest

from autograder.suite import exercise

# (images, filters, stride): everything of another size than everything else
IDENTITY = [((2, 3, 5, 4), 3, 1), ((1, 4, 3, 6), 4, 1)]
PROJECTED = [((2, 3, 7, 4), 5, 2), ((1, 2, 8, 5), 3, 3), ((3, 4, 5, 6), 2, 1)]
NAMES = ("dx", "grads")
AXES = {
    "dx": "N C H W", "w1": "F C 3 3", "b1": "F", "w2": "F F 3 3", "b2": "F", "wp": "F C 1 1",
    "bp": "F",
}  # fmt: skip


def block(rng, case, *, project):
    """Random images, parameters and an upstream gradient of a block."""
    (N, C, H, W), F, stride = case
    params = {
        "w1": rng.normal(size=(F, C, 3, 3)) / 2,
        "b1": rng.normal(size=F),
        "w2": rng.normal(size=(F, F, 3, 3)) / 2,
        "b2": rng.normal(size=F),
    }
    if project:
        params |= {"wp": rng.normal(size=(F, C, 1, 1)), "bp": rng.normal(size=F)}
    dout = rng.normal(size=(N, F, (H - 1) // stride + 1, (W - 1) // stride + 1))
    return 2 * rng.normal(size=(N, C, H, W)), params, stride, dout


def gradients(ref, x, params, stride, dout, mistakes=()):
    """The gradients, or those of a backward pass with mistakes in it."""
    a = ref.conv_forward(x, params["w1"], params["b1"], stride, 1)
    h = np.maximum(0, a)
    branch = ref.conv_forward(h, params["w2"], params["b2"], 1, 1)
    projected = "wp" in params
    shortcut = ref.conv_forward(x, params["wp"], params["bp"], stride, 0) if projected else x
    masks = {"branch": branch > 0, "skip": shortcut > 0, "all": True}
    outer = next((mask for name, mask in masks.items() if f"outer {name}" in mistakes), None)
    ds = dout * ((branch + shortcut > 0) if outer is None else outer)
    dbranch = dout if "branch unmasked" in mistakes else ds
    dskip = dout if "skip unmasked" in mistakes else ds
    dh, dw2, db2 = ref.conv_backward(
        dbranch, a if "w2 from a" in mistakes else h, params["w2"], 1, 1
    )
    inner = {"inner missing": True, "inner turned": a <= 0}
    da = dh * next((mask for name, mask in inner.items() if name in mistakes), a > 0)
    dx, dw1, db1 = ref.conv_backward(da, x, params["w1"], stride, 1)
    grads = {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2}
    if projected:
        dskip, grads["wp"], grads["bp"] = ref.conv_backward(dskip, x, params["wp"], stride, 0)
    return {"dx": dx + dskip, "branch": dx, "skip": dskip, "grads": grads}


def suspects(ref, x, params, stride, dout):
    """Gradients of the usual mistakes."""

    def run(*mistakes):
        return gradients(ref, x, params, stride, dout, mistakes)

    def dx(*mistakes, way="dx"):
        return lambda: {"dx": run(*mistakes)[way]}

    def only(name, *mistakes):
        return lambda: {"grads": {name: run(*mistakes)["grads"][name]}}

    def times(name, factor):
        return lambda: {"grads": {name: factor * run()["grads"][name]}}

    found = {
        "The shortcut's gradient is missing in dx: add it to that of the branch.": dx(way="branch"),
        "dx is the shortcut's gradient alone: add that of the branch.": dx(way="skip"),
        "The shortcut's gradient is added twice.": lambda: {"dx": run()["dx"] + run()["skip"]},
        "The shortcut's gradient is subtracted; add it.": lambda: {
            "dx": run()["branch"] - run()["skip"]
        },
        "The two ways of x are averaged in dx; add them.": lambda: {"dx": run()["dx"] / 2},
        "The ReLU after the addition is forgotten on the way back.": dx("outer all"),
        "The ReLU after the addition lets pass what the branch made positive; the sum counts.": dx(
            "outer branch"
        ),
        "The ReLU after the addition lets pass where the shortcut is positive; the sum counts.": dx(
            "outer skip"
        ),
        "The shortcut gets dout as it is: it lies before the last ReLU, too.": dx("skip unmasked"),
        "The branch gets dout as it is: it lies before the last ReLU, too.": dx("branch unmasked"),
        "The ReLU between the convolutions is forgotten on the way back.": dx("inner missing"),
        "The ReLU between the convolutions lets pass where it was zero.": dx("inner turned"),
        "w1 gets a gradient as if there were no ReLU between the convolutions.": only(
            "w1", "inner missing"
        ),
        "b1 gets a gradient as if there were no ReLU between the convolutions.": only(
            "b1", "inner missing"
        ),
        "w2 gets the gradient for what came before the ReLU; the ReLU's result went in.": only(
            "w2", "w2 from a"
        ),
        "b2 gets a gradient as if there were no ReLU after the addition.": only("b2", "outer all"),
        "w2 gets a gradient as if there were no ReLU after the addition.": only("w2", "outer all"),
    }
    if "wp" in params:
        for name in ("wp", "bp"):
            found[f"{name} gets the upstream gradient without the last ReLU."] = only(
                name, "skip unmasked"
            )
    for name in params:
        found[f"{name} gets no gradient."] = times(name, 0.0)
        found[f"The gradient of {name} is a mean over the images; add them up."] = times(
            name, 1 / len(x)
        )
    return {text: lambda thunk=thunk: told(thunk(), run()) for text, thunk in found.items()}


def told(wrong, right):
    """The suspect, silent where the mistake makes no difference."""
    dull = {"dx": np.zeros(0)}
    if "dx" in wrong:
        return dull if np.array_equal(wrong["dx"], right["dx"]) else wrong
    ((name, value),) = wrong["grads"].items()
    return dull if np.array_equal(value, right["grads"][name]) else wrong


def judge(student, reference, rng, close, case, *, project):
    """Compare the gradients of one block, on the student's own cache."""
    x, params, stride, dout = block(rng, case, project=project)
    want = reference.residual_backward(
        dout, reference.residual_forward(x, params, stride=stride)[1]
    )
    _, cache = student.residual_forward(x, params, stride=stride)
    got = student.residual_backward(dout, cache)
    wrong = suspects(reference, x, params, stride, dout)
    close(got, want, names=NAMES, rtol=1e-8, axes=AXES, suspects=wrong)


@exercise("residual_backward", weight=2)
@pytest.mark.parametrize("case", IDENTITY, ids=["batch", "one image"])
def test_identity(student, reference, rng, close, case):
    """Without a projection dx is the branch's gradient plus the shortcut's, which is unchanged."""
    judge(student, reference, rng, close, case, project=False)


@exercise("residual_backward")
@pytest.mark.parametrize("case", PROJECTED, ids=["stride 2", "stride 3", "channels"])
def test_projection(student, reference, rng, close, case):
    """With a projection the shortcut's gradient goes back through it, and it learns as well."""
    judge(student, reference, rng, close, case, project=True)


@exercise("residual_backward")
def test_zero_weights(student, rng, close):
    """A block of zeros passes the gradient on wherever x is positive."""
    x, params, _, dout = block(rng, ((2, 3, 4, 5), 3, 1), project=False)
    nothing = {name: np.zeros(value.shape) for name, value in params.items()}
    _, cache = student.residual_forward(x, nothing)
    dx, _ = student.residual_backward(dout, cache)
    wrong = {
        "Nothing comes back: the shortcut's gradient is missing.": lambda: np.zeros(x.shape),
        "The last ReLU stops nothing: its gradient is zero where x is negative.": lambda: dout,
    }
    close(dx, dout * (x > 0), names="dx", rtol=1e-8, axes=AXES, suspects=wrong)


@exercise("residual_backward", weight=0.5)
def test_slope_at_zero(student, reference, rng, close):
    """Where a ReLU gets exactly 0, nothing comes back."""
    x, params, stride, dout = block(rng, IDENTITY[0], project=False)
    params |= {name: np.zeros(params[name].shape) for name in ("w1", "b1", "b2")}
    x = np.round(x)  # the branch is zero, and so is the sum where x is
    want = reference.residual_backward(
        dout, reference.residual_forward(x, params, stride=stride)[1]
    )
    _, cache = student.residual_forward(x, params, stride=stride)
    got = student.residual_backward(dout, cache)
    sums = {"dx": dout * (x >= 0)}
    sums["dx"] = sums["dx"] if (x == 0).any() else np.zeros(0)
    wrong = {"The slope of the ReLU at 0 is 0; here it is 1.": lambda: sums}
    close(got, want, names=NAMES, rtol=1e-8, axes=AXES, suspects=wrong)


@exercise("residual_backward", weight=0.5)
def test_cache_serves_twice(student, reference, rng, close, check, sandbox):
    """A second gradient from the same cache is right, and dout stays as it is."""
    x, params, stride, dout = block(rng, PROJECTED[0], project=True)
    other = rng.normal(size=dout.shape)
    want = reference.residual_backward(
        other, reference.residual_forward(x, params, stride=stride)[1]
    )
    _, cache = student.residual_forward(x, params, stride=stride)
    kept = sandbox.put(dout)
    student.residual_backward(kept, cache)
    check(np.array_equal(sandbox.fetch(kept), dout), "dout is changed by the call: copy it first.")
    close(student.residual_backward(other, cache), want, names=NAMES, rtol=1e-8, axes=AXES)
