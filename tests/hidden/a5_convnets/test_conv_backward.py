"""Hidden suite for layers.py: the gradients of the convolution."""

import numpy as np

from autograder.suite import exercise

NAMES = ("dx", "dw", "db")
AXES = {"dx": "N C H W", "dw": "F C HH WW", "db": "F"}

# (images, filters, stride, pad): everything of another size than everything else
STRIDED = [
    ((2, 3, 7, 4), (4, 3, 3, 2), 2, 1),
    ((3, 1, 8, 5), (2, 1, 3, 3), 3, 2),
    ((1, 2, 4, 3), (3, 2, 3, 2), 1, 1),
]
UNPADDED = [
    ((1, 2, 6, 8), (5, 2, 2, 3), 1, 0),
    ((2, 3, 4, 5), (2, 3, 4, 5), 1, 0),  # the filter is as large as the image
    ((2, 2, 6, 5), (4, 2, 2, 2), 1, 0),  # as many filters as columns of the result
]
LEFT_OVER = [
    ((1, 3, 6, 6), (4, 3, 3, 3), 2, 0),
    ((2, 3, 7, 5), (4, 3, 3, 2), 2, 1),
    ((3, 1, 8, 6), (2, 1, 3, 3), 3, 2),
    ((2, 1, 9, 5), (3, 1, 2, 3), 4, 1),
]


def layer(rng, case):
    """Random images, filters, biases, parameters and an upstream gradient for a case."""
    x_shape, w_shape, stride, pad = case
    x, w, b = rng.normal(size=x_shape), rng.normal(size=w_shape), rng.normal(size=w_shape[0])
    rows, columns = ((x_shape[axis] + 2 * pad - w_shape[axis]) // stride + 1 for axis in (2, 3))
    dout = rng.normal(size=(x_shape[0], w_shape[0], rows, columns))
    return x, w, b, {"stride": stride, "pad": pad}, dout


def distinct(want, suspects):
    """The suspects, silent where a mistake makes no difference or cannot be made."""

    def quiet(output, thunk):
        try:
            wrong = thunk()
        except (ValueError, IndexError, ZeroDivisionError):
            return {output: np.zeros(0)}
        same = np.array_equal(wrong, want[NAMES.index(output)])
        return {output: np.zeros(0) if same else wrong}

    return {
        text: lambda output=output, thunk=thunk: quiet(output, thunk)
        for text, (output, thunk) in suspects.items()
    }


def overwritten(dout, x, w, stride, pad):
    """The dx that comes out when each window overwrites what stood there."""
    (H, W), (HH, WW) = x.shape[2:], w.shape[2:]
    dx = np.zeros(np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad))).shape)
    for n, f, i, j in np.ndindex(dout.shape):
        top, left = i * stride, j * stride
        dx[n, :, top : top + HH, left : left + WW] = dout[n, f, i, j] * w[f]
    return dx[:, :, pad : pad + H, pad : pad + W]


def grad_suspects(reference, x, w, param, dout, want):
    """Gradients of the usual mistakes."""
    stride, pad = param["stride"], param["pad"]
    (N, _, H, W), (F, C) = x.shape, w.shape[:2]
    dx, dw, db = want

    def back(x=x, w=w, dout=dout, stride=stride, pad=pad):
        return reference.conv_backward_naive(dout, (x, w, {"stride": stride, "pad": pad}))

    def bordered():
        return back(np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad))), pad=0)[0]

    def unshifted():
        return back(np.pad(x, ((0, 0), (0, 0), (0, 2 * pad), (0, 2 * pad))), pad=0)

    return distinct(want, {
        "The border of zeros is still part of dx: cut it off.": ("dx", bordered),
        "The border is cut off on the wrong sides: dx is shifted.": (
            "dx", lambda: bordered()[:, :, :H, :W],
        ),
        "The border is cut off on the wrong sides: dx is shifted the other way.": (
            "dx", lambda: bordered()[:, :, 2 * pad :, 2 * pad :],
        ),
        "Each window overwrites what stood in dx; where windows overlap, add up.": (
            "dx", lambda: overwritten(dout, x, w, stride, pad),
        ),
        "The filter is flipped on its way into dx: the windows get it as it is.": (
            "dx", lambda: back(w=w[:, :, ::-1, ::-1])[0],
        ),
        "All filters send the first filter back: filter f sends w[f].": (
            "dx", lambda: back(w=np.repeat(w[:1], F, axis=0))[0],
        ),
        "All images get the sum of all gradients; image n gets its own.": (
            "dx", lambda: np.repeat(np.sum(dx, axis=0, keepdims=True), N, axis=0),
        ),
        "Only the last filter reaches dx: add up all filters.": (
            "dx", lambda: back(w=w[-1:], dout=dout[:, -1:])[0],
        ),
        "Only the first filter reaches dx: add up all filters.": (
            "dx", lambda: back(w=w[:1], dout=dout[:, :1])[0],
        ),
        "The stride is ignored in dx: windows start at i * stride and j * stride.": (
            "dx", lambda: back(stride=1)[0],
        ),
        "The padding is ignored in dx.": ("dx", lambda: unshifted()[0][:, :, :H, :W]),
        "dw is flipped: windows are added as they are.": ("dw", lambda: dw[:, :, ::-1, ::-1]),
        "The stride is ignored in dw: windows start at i * stride and j * stride.": (
            "dw", lambda: back(stride=1)[1],
        ),
        "The windows of dw come from the image without its padding.": (
            "dw", lambda: unshifted()[1],
        ),
        "Only the last image reaches dw: add up all images.": (
            "dw", lambda: back(x=x[-1:], dout=dout[-1:])[1],
        ),
        "Only the first image reaches dw: add up all images.": (
            "dw", lambda: back(x=x[:1], dout=dout[:1])[1],
        ),
        "Only the last place reaches dw: add up all places.": (
            "dw", lambda: back(dout=last_place(dout))[1],
        ),
        "All channels of dw get the same: channel c gets the windows of channel c.": (
            "dw", lambda: back(x=np.repeat(x[:, :1], C, axis=1))[1],
        ),
        "All channels of dw get their sum: channel c gets the windows of channel c.": (
            "dw", lambda: np.repeat(np.sum(dw, axis=1, keepdims=True), C, axis=1),
        ),
        "Only the last image reaches db: add up all images.": (
            "db", lambda: np.sum(dout[-1], axis=(1, 2)),
        ),
        "Only the first image reaches db: add up all images.": (
            "db", lambda: np.sum(dout[0], axis=(1, 2)),
        ),
        "db is the sum over the wrong axes: one number for each filter is left.": (
            "db", lambda: np.sum(dout, axis=(0, 1, 2)),
        ),
        "db is one sum of everything: filter f gets the sum of dout[:, f].": (
            "db", lambda: np.full(F, np.sum(dout)),
        ),
        "db is the mean over the images; add them up.": ("db", lambda: db / N),
        "db is a mean; add up images, rows and columns.": ("db", lambda: db * F / dout.size),
        "dw is the mean over the images; add them up.": ("dw", lambda: dw / N),
        "dx is divided by the number of images: the loss does that, not this layer.": (
            "dx", lambda: dx / N,
        ),
    })  # fmt: skip


def last_place(dout):
    """The gradient with nothing but the last place."""
    only = np.zeros(dout.shape)
    only[:, :, -1, -1] = dout[:, :, -1, -1]
    return only


def judge_backward(student, reference, rng, close, cases):
    """Compare the gradients of some cases, on the student's own cache."""
    for case in cases:
        x, w, b, param, dout = layer(rng, case)
        want = reference.conv_backward_naive(dout, (x, w, param))
        _, cache = student.conv_forward_naive(x, w, b, param)
        got = student.conv_backward_naive(dout, cache)
        suspects = grad_suspects(reference, x, w, param, dout, want)
        close(got, want, names=NAMES, rtol=1e-8, axes=AXES, suspects=suspects)


@exercise("conv_backward_naive", weight=2)
def test_backward_without_padding(student, reference, rng, close):
    """Stride 1, no padding: windows overlap, and dx adds them up."""
    judge_backward(student, reference, rng, close, UNPADDED)


@exercise("conv_backward_naive", weight=2)
def test_backward_with_stride_and_padding(student, reference, rng, close):
    """Strides 2 and 3, padding 1 and 2: dx has the shape of x, without the border."""
    judge_backward(student, reference, rng, close, STRIDED)


@exercise("conv_backward_naive", weight=0.5)
def test_backward_rounds_down(student, reference, rng, close):
    """Rows and columns that no window reaches have no gradient."""
    judge_backward(student, reference, rng, close, LEFT_OVER)


@exercise("conv_backward_naive", weight=0.5)
def test_backward_twice(student, reference, rng, close, check, sandbox):
    """The cache serves again: a second gradient is right, and dout stays as it is."""
    x, w, b, param, dout = layer(rng, STRIDED[0])
    other = rng.normal(size=dout.shape)
    want = reference.conv_backward_naive(other, (x, w, param))
    _, cache = student.conv_forward_naive(x, w, b, param)
    kept = sandbox.put(dout)
    student.conv_backward_naive(kept, cache)
    check(np.array_equal(sandbox.fetch(kept), dout), "dout is changed by the call: copy it first.")
    close(student.conv_backward_naive(other, cache), want, names=NAMES, rtol=1e-8, axes=AXES)
