"""Hidden suite for im2col.py: the convolution as a matrix product, and its gradients."""

import numpy as np

from autograder.suite import exercise

NAMES = ("dx", "dw", "db")
AXES = {"dx": "N C H W", "dw": "F C HH WW", "db": "F"}

# (images, filters, stride, pad): everything of another size than everything else
PLAIN = [
    ((1, 2, 6, 8), (5, 2, 2, 3), 1, 0),
    ((2, 3, 4, 5), (2, 3, 4, 5), 1, 0),  # the filter is as large as the image
    ((2, 2, 6, 5), (4, 2, 2, 2), 1, 0),  # as many filters as columns of the result
]
STRIDED = [
    ((2, 3, 7, 4), (4, 3, 3, 2), 2, 1),
    ((3, 1, 8, 5), (2, 1, 3, 3), 3, 2),
    ((1, 2, 4, 3), (3, 2, 3, 2), 1, 1),
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


def out_of(result, check):
    """The first of (out, cache)."""
    pair = isinstance(result, tuple | list) and len(result) == 2
    check(pair, "A forward function returns two things: out, and the cache for its backward.")
    return result[0]


def stays(sandbox, check, array, name, call):
    """Run the call on an array kept in the sandbox and check that it is not changed."""
    kept = sandbox.put(array)
    result = call(kept)
    same = np.array_equal(sandbox.fetch(kept), array)
    check(same, f"{name} is changed by the call: work on a copy of it.")
    return result


def distinct(want, suspects):
    """The suspects, silent where a mistake makes no difference or cannot be made."""

    def quiet(thunk):
        try:
            wrong = thunk()
        except (ValueError, IndexError, ZeroDivisionError):
            return np.zeros(0)
        return np.zeros(0) if np.array_equal(wrong, want) else wrong

    return {text: lambda thunk=thunk: quiet(thunk) for text, thunk in suspects.items()}


def conv_suspects(reference, x, w, b, param, want):
    """Results of the usual mistakes."""
    stride, pad = param["stride"], param["pad"]
    (N, F, H_out, W_out), column = want.shape, b[:, np.newaxis, np.newaxis]
    bare = want - column
    in_order = want.transpose(1, 2, 3, 0)  # as the matrix product gives it: (F, H_out, W_out, N)

    def conv(x=x, w=w, stride=stride, pad=pad):
        return reference.conv_forward_fast(x, w, b, {"stride": stride, "pad": pad})[0]

    return distinct(want, {
        "The product is (F, H_out * W_out * N) with the images last: reshape it to (F, H_out, "
        "W_out, N) first, and then bring N to the front (transpose).": lambda: (
            in_order.reshape(want.shape)
        ),
        "The product has the images last; they are read as if they came first.": lambda: (
            in_order.reshape(F, N, H_out, W_out).transpose(1, 0, 2, 3)
        ),
        "Rows and columns of the result are exchanged.": lambda: (
            in_order.reshape(F, W_out, H_out, N).transpose(3, 0, 2, 1)
        ),
        "The bias is missing.": lambda: bare,
        "The bias is subtracted.": lambda: bare - column,
        "The biases are summed: filter f has the bias b[f].": lambda: bare + np.sum(b),
        "All filters get the first bias: filter f has the bias b[f].": lambda: bare + b[0],
        "The bias runs along the columns; it belongs to the filters.": lambda: bare + b,
        "The filter is flipped: in deep learning, window and filter are multiplied as they are.": (
            lambda: conv(w=w[:, :, ::-1, ::-1])
        ),
        "The padding is ignored.": lambda: conv(pad=0),
        "The stride is ignored.": lambda: conv(stride=1),
        "Stride and padding are exchanged: padding comes before stride in im2col_indices.": (
            lambda: conv(stride=pad, pad=stride)
        ),
        "The filter's rows and columns are exchanged.": lambda: conv(w=w.swapaxes(2, 3)),
        "The filters are laid out in another order than the windows.": lambda: conv(
            w=np.ascontiguousarray(w.transpose(0, 2, 3, 1)).reshape(w.shape)
        ),
    })  # fmt: skip


def judge_forward(student, reference, rng, close, check, cases):
    """Compare the results of some cases."""
    for case in cases:
        x, w, b, param, _ = layer(rng, case)
        want = reference.conv_forward_fast(x, w, b, param)[0]
        got = out_of(student.conv_forward_fast(x, w, b, param), check)
        suspects = conv_suspects(reference, x, w, b, param, want)
        close(got, want, names="out", rtol=1e-10, axes="N F H_out W_out", suspects=suspects)


@exercise("conv_forward_fast", weight=2)
def test_forward_without_padding(student, reference, rng, close, check):
    """Stride 1, no padding: filters that are not square, as large as the image, of any number."""
    judge_forward(student, reference, rng, close, check, PLAIN)


@exercise("conv_forward_fast", weight=2)
def test_forward_with_stride_and_padding(student, reference, rng, close, check):
    """Strides 2 and 3, padding 1 and 2, images and filters that are not square."""
    judge_forward(student, reference, rng, close, check, STRIDED)


@exercise("conv_forward_fast", weight=0.5)
def test_forward_rounds_down(student, reference, rng, close, check):
    """Where the stride does not divide, rows and columns at the end are left out."""
    judge_forward(student, reference, rng, close, check, LEFT_OVER)


@exercise("conv_forward_fast", weight=0.5)
def test_forward_on_views(student, reference, rng, close, check, sandbox):
    """Views of larger arrays are welcome, and the images stay as they are."""
    x, w, b, param, _ = layer(rng, STRIDED[0])
    x, w = np.repeat(x, 2, axis=3)[..., ::2], np.asfortranarray(w)
    want = reference.conv_forward_fast(x, w, b, param)[0]
    got = stays(sandbox, check, x, "x", lambda x: student.conv_forward_fast(x, w, b, param))
    close(out_of(got, check), want, names="out", rtol=1e-10)


def grad_suspects(reference, x, w, b, param, dout, want):
    """Gradients of the usual mistakes."""
    (N, F, H_out, W_out), (dx, dw, db) = dout.shape, want
    moved = dout.reshape(F, H_out, W_out, N).transpose(3, 0, 1, 2)
    swapped = dout.transpose(1, 0, 2, 3).reshape(F, H_out, W_out, N).transpose(3, 0, 1, 2)

    def back(w=w, dout=dout, param=param):
        _, cache = reference.conv_forward_fast(x, w, b, param)
        return reference.conv_backward_fast(dout, cache)

    def back_unstrided():
        return back(dout=dout, param=dict(param, stride=1))

    raw = dw.transpose(1, 2, 3, 0)
    known = {
        "dout is reshaped to (F, ...) as it is: bring F to the front and N to the end first.": {
            "dw": lambda: back(dout=moved)[1]
        },
        "dout has its images before its places; the columns have them after.": {
            "dw": lambda: back(dout=swapped)[1]
        },
        "dout reaches dx in the wrong order: bring F to the front and N to the end first.": {
            "dx": lambda: back(dout=moved)[0]
        },
        "dout reaches dx with its images before its places; the columns have them after.": {
            "dx": lambda: back(dout=swapped)[0]
        },
        "dw is reshaped before it is transposed: its axes are mixed up.": {
            "dw": lambda: raw.reshape(w.shape)
        },
        "The filter is flipped on its way into dx: the windows get it as it is.": {
            "dx": lambda: back(w=w[:, :, ::-1, ::-1])[0]
        },
        "dw is flipped: windows are added as they are.": {"dw": lambda: dw[:, :, ::-1, ::-1]},
        "The filters reach dx in another order than the windows have.": {
            "dx": lambda: back(w=w.transpose(0, 2, 3, 1).reshape(w.shape))[0]
        },
        "db is the sum over the wrong axes.": {"db": lambda: np.sum(dout, axis=(0, 1, 2))},
        "db is a mean; add up images, rows and columns.": {"db": lambda: db * F / dout.size},
        "db is the sum of one image; add up all of them.": {
            "db": lambda: np.sum(dout[0], axis=(1, 2))
        },
        "dw is the mean over the images; add them up.": {"dw": lambda: dw / N},
        "dx is divided by the number of images: the loss does that, not this layer.": {
            "dx": lambda: dx / N
        },
        "The padding is forgotten on the way back to dx.": {
            "dx": lambda: unpadded(reference, dout, w, x, param)
        },
    }
    return {
        text: lambda name=name, thunk=thunk: {
            name: distinct(want[NAMES.index(name)], {"": thunk})[""]()
        }
        for text, mistake in known.items()
        for name, thunk in mistake.items()
    }


def unpadded(reference, dout, w, x, param):
    """The dx with windows that are put into the image as if it had no border."""
    F, _, HH, WW = w.shape
    (N, C, H, W), pad = x.shape, param["pad"]
    dcols = w.reshape(F, -1).T @ dout.transpose(1, 2, 3, 0).reshape(F, -1)
    grown = (N, C, H + 2 * pad, W + 2 * pad)
    return reference.col2im_indices(dcols, grown, HH, WW, 0, param["stride"])[:, :, :H, :W]


def judge_backward(student, reference, rng, close, cases):
    """Compare the gradients of some cases, on the student's own cache."""
    for case in cases:
        x, w, b, param, dout = layer(rng, case)
        want = reference.conv_backward_fast(dout, reference.conv_forward_fast(x, w, b, param)[1])
        _, cache = student.conv_forward_fast(x, w, b, param)
        got = student.conv_backward_fast(dout, cache)
        suspects = grad_suspects(reference, x, w, b, param, dout, want)
        close(got, want, names=NAMES, rtol=1e-8, axes=AXES, suspects=suspects)


@exercise("conv_backward_fast", weight=2)
def test_backward_without_padding(student, reference, rng, close):
    """Stride 1, no padding: windows overlap, and dx adds them up."""
    judge_backward(student, reference, rng, close, PLAIN)


@exercise("conv_backward_fast", weight=2)
def test_backward_with_stride_and_padding(student, reference, rng, close):
    """Strides 2 and 3, padding 1 and 2: dx has the shape of x, without the border."""
    judge_backward(student, reference, rng, close, STRIDED)


@exercise("conv_backward_fast", weight=0.5)
def test_backward_rounds_down(student, reference, rng, close):
    """Rows and columns that no window reaches have no gradient."""
    judge_backward(student, reference, rng, close, LEFT_OVER)


@exercise("conv_backward_fast", weight=0.5)
def test_backward_twice(student, reference, rng, close, check, sandbox):
    """The cache serves again: a second gradient is right, and dout stays as it is."""
    x, w, b, param, dout = layer(rng, STRIDED[0])
    other = rng.normal(size=dout.shape)
    want = reference.conv_backward_fast(other, reference.conv_forward_fast(x, w, b, param)[1])
    _, cache = student.conv_forward_fast(x, w, b, param)
    stays(sandbox, check, dout, "dout", lambda dout: student.conv_backward_fast(dout, cache))
    close(student.conv_backward_fast(other, cache), want, names=NAMES, rtol=1e-8, axes=AXES)
