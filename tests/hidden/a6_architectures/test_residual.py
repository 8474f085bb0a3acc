"""Hidden suite for residual.py: what a residual block makes of images."""

import numpy as np
import pytest

from autograder.suite import exercise, raises

AXES = "N F H_out W_out"

# (images, filters, stride): everything of another size than everything else
IDENTITY = [((2, 3, 5, 4), 3, 1), ((1, 4, 3, 6), 4, 1)]
PROJECTED = [((2, 3, 7, 4), 5, 2), ((1, 2, 8, 5), 3, 3), ((3, 4, 5, 6), 2, 1), ((2, 3, 6, 4), 3, 2)]


def block(rng, case, *, project):
    """Random images and parameters of a block."""
    x_shape, F, stride = case
    C = x_shape[1]
    params = {
        "w1": rng.normal(size=(F, C, 3, 3)) / 2,
        "b1": rng.normal(size=F),
        "w2": rng.normal(size=(F, F, 3, 3)) / 2,
        "b2": rng.normal(size=F),
    }
    if project:
        params |= {"wp": rng.normal(size=(F, C, 1, 1)), "bp": rng.normal(size=F)}
    return 2 * rng.normal(size=x_shape), params, stride


def relu(x):
    """Zero for all that is negative."""
    return np.maximum(0, x)


def output(ref, x, params, stride, *, inner=relu, outer=relu, skip=1.0, without=None, late=False):
    """The block's output, or that of one with a mistake in it."""
    p = {name: value * (name != without) for name, value in params.items()}
    first, second = (1, stride) if late else (stride, 1)
    h = inner(ref.conv_forward(x, p["w1"], p["b1"], first, 1))
    branch = ref.conv_forward(h, p["w2"], p["b2"], second, 1)
    shortcut = ref.conv_forward(x, p["wp"], p["bp"], stride, 0) if "wp" in p else x
    return outer(branch + skip * shortcut)


def suspects(ref, x, params, stride):
    """Outputs of the usual mistakes."""

    def same(value):
        return value

    def run(**mistake):
        return lambda: output(ref, x, params, stride, **mistake)

    def branch():
        return output(ref, x, params, stride, outer=same, skip=0.0)

    def shortcut():
        return output(ref, x, params, stride, outer=same) - branch()

    found = {
        "The ReLU between the two convolutions is missing.": run(inner=same),
        "The ReLU after the addition is missing.": run(outer=same),
        "The second ReLU comes before the addition; it comes after it.": lambda: (
            relu(branch()) + shortcut()
        ),
        "The branch goes through a ReLU before the addition; only the sum does.": lambda: relu(
            relu(branch()) + shortcut()
        ),
        "The shortcut goes through a ReLU before the addition; only the sum does.": lambda: relu(
            branch() + relu(shortcut())
        ),
        "The shortcut starts from relu(x); it starts from x.": lambda: relu(
            output(ref, relu(x), params, stride, outer=same)
            - output(ref, relu(x), params, stride, outer=same, skip=0.0)
            + branch()
        ),
        "The shortcut is missing: this is the branch alone.": run(skip=0.0),
        "This is the shortcut alone: the branch is missing.": lambda: relu(shortcut()),
        "The shortcut is added twice.": run(skip=2.0),
        "The shortcut is subtracted; add it.": run(skip=-1.0),
        "Branch and shortcut are averaged; add them.": lambda: output(ref, x, params, stride) / 2,
        "Branch and shortcut are multiplied; add them.": lambda: relu(branch() * shortcut()),
    }
    for name in ("b1", "b2", "bp"):
        if name in params:
            found[f"The bias {name} is missing."] = run(without=name)
    if stride > 1:
        found["The second convolution has the stride; the first one has it."] = run(late=True)
    if "wp" in params and x.shape[1] == len(params["w1"]):
        found["The projection is ignored: the shortcut is x, every so many pixels."] = lambda: relu(
            branch() + x[:, :, ::stride, ::stride]
        )
    return found


def judge(student, reference, rng, close, case, *, project):
    """Compare the outputs of one block."""
    x, params, stride = block(rng, case, project=project)
    out, _ = student.residual_forward(x, params, stride=stride)
    want, _ = reference.residual_forward(x, params, stride=stride)
    wrong = suspects(reference, x, params, stride)
    close(out, want, names="out", axes=AXES, suspects=wrong)


@exercise("residual_forward", weight=2)
@pytest.mark.parametrize("case", IDENTITY, ids=["batch", "one image"])
def test_identity(student, reference, rng, close, case):
    """Without a projection the block adds x to what its branch makes of it."""
    judge(student, reference, rng, close, case, project=False)


@exercise("residual_forward")
@pytest.mark.parametrize("case", PROJECTED, ids=["stride 2", "stride 3", "channels", "size only"])
def test_projection(student, reference, rng, close, case):
    """Where channels or sizes change, a projection brings x into the shape of the branch."""
    judge(student, reference, rng, close, case, project=True)


@exercise("residual_forward")
def test_projection_without_need(student, reference, rng, close):
    """A projection that is given is used, also where x would fit as it is."""
    judge(student, reference, rng, close, IDENTITY[0], project=True)


@exercise("residual_forward", weight=0.5)
def test_default_stride(student, reference, rng, close):
    """The stride is 1 where none is given."""
    x, params, _ = block(rng, IDENTITY[0], project=False)
    out, _ = student.residual_forward(x, params)
    close(out, reference.residual_forward(x, params)[0], names="out", axes=AXES)


@exercise("residual_forward")
def test_zero_weights(student, rng, close):
    """A block of zeros is a ReLU: nothing of x gets lost on its way through the shortcut."""
    x, params, _ = block(rng, ((2, 3, 4, 5), 3, 1), project=False)
    nothing = {name: np.zeros(value.shape) for name, value in params.items()}
    out, _ = student.residual_forward(x, nothing)
    wrong = {
        "The result is x itself: the ReLU after the addition is missing.": lambda: x,
        "Nothing is left of x: the shortcut is missing.": lambda: np.zeros(x.shape),
    }
    close(out, relu(x), names="out", axes=AXES, suspects=wrong)


@exercise("residual_forward")
@pytest.mark.parametrize(
    "case",
    [((2, 1, 4, 5), 3, 1), ((2, 3, 4, 5), 1, 1), ((2, 3, 3, 2), 3, 3), ((2, 3, 5, 4), 4, 1)],
    ids=["one channel", "one filter", "one pixel", "channels"],
)
def test_missing_projection(student, rng, case):
    """Where x does not fit and there is no projection, the block says so."""
    x, params, stride = block(rng, case, project=False)
    said = "Branch and shortcut differ in shape: raise a ValueError, do not broadcast them."
    with raises(ValueError, said):
        student.residual_forward(x, params, stride=stride)


@exercise("residual_forward", weight=0.5)
def test_inputs_stay(student, reference, rng, close, check, sandbox):
    """The block changes neither x nor its parameters."""
    x, params, stride = block(rng, IDENTITY[0], project=False)
    kept, given = sandbox.put(x), sandbox.put(params)
    out, _ = student.residual_forward(kept, given, stride=stride)
    want, _ = reference.residual_forward(x, params, stride=stride)
    close(out, want, names="out", axes=AXES)
    check(np.array_equal(sandbox.fetch(kept), x), "x is changed by the call: copy it first.")
    after = sandbox.fetch(given)
    for name, value in params.items():
        same = name in after and np.array_equal(after[name], value)
        check(same, f"params[{name!r}] is changed by the call: copy it first.")
