"""Hidden suite for layers.py: padding, one step of a convolution, the convolution with loops."""

import numpy as np

from autograder.suite import exercise

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
    """Random images, filters and biases, and the parameters, of a case."""
    x_shape, w_shape, stride, pad = case
    x, w, b = rng.normal(size=x_shape), rng.normal(size=w_shape), rng.normal(size=w_shape[0])
    return x, w, b, {"stride": stride, "pad": pad}


def out_of(result, check):
    """The first of (out, cache)."""
    pair = isinstance(result, tuple | list) and len(result) == 2
    check(pair, "A forward function returns two things: out, and the cache for its backward.")
    return result[0]


def distinct(want, suspects):
    """The suspects, silent where a mistake makes no difference or cannot be made."""

    def quiet(thunk):
        try:
            wrong = thunk()
        except (ValueError, IndexError, ZeroDivisionError):
            return np.zeros(0)
        return np.zeros(0) if np.array_equal(wrong, want) else wrong

    return {text: lambda thunk=thunk: quiet(thunk) for text, thunk in suspects.items()}


def stays(sandbox, check, call, **arrays):
    """Run the call on arrays kept in the sandbox and check that it changes none of them."""
    kept = {name: sandbox.put(array) for name, array in arrays.items()}
    result = call(*kept.values())
    for name, array in arrays.items():
        same = np.array_equal(sandbox.fetch(kept[name]), array)
        check(same, f"{name} is changed by the call: work on a copy of it.")
    return result


# --- pieces ---


def pad_suspects(x, pad, want):
    """Borders of the usual mistakes."""
    widths = [(0, 0), (0, 0), (pad, pad), (pad, pad)]
    suspects = {
        "The border repeats the outermost pixels; it must be zero.": lambda: np.pad(
            x, widths, mode="edge"
        ),
        "The border mirrors the image; it must be zero.": lambda: np.pad(
            x, widths, mode="symmetric"
        ),
        "The border holds ones; it must be zero.": lambda: np.pad(x, widths, constant_values=1),
        "Images and channels are padded as well; only rows and columns get a border.": (
            lambda: np.pad(x, pad)
        ),
        "Only rows are added: columns get a border, too.": lambda: np.pad(x, [*widths[:3], (0, 0)]),
        "Only columns are added: rows get a border, too.": lambda: np.pad(
            x, [*widths[:2], (0, 0), widths[3]]
        ),
        "The zeros stand on one side only; all four sides get a border.": lambda: np.pad(
            x, [(0, 0), (0, 0), (0, pad), (0, pad)]
        ),
        "The zeros stand on one side only: all four sides get a border.": lambda: np.pad(
            x, [(0, 0), (0, 0), (pad, 0), (pad, 0)]
        ),
        "The zeros stand on one side only, and all of them; share them out.": lambda: np.pad(
            x, [(0, 0), (0, 0), (0, 2 * pad), (0, 2 * pad)]
        ),
        "The channels are padded instead of the columns: the axes are (N, C, H, W).": lambda: (
            np.pad(x, [(0, 0), (pad, pad), (pad, pad), (0, 0)])
        ),
        "Half of pad is put on each side; each side gets all of it.": lambda: np.pad(
            x, [(0, 0), (0, 0), (pad // 2, pad - pad // 2), (pad // 2, pad - pad // 2)]
        ),
    }
    return distinct(want, suspects)


@exercise("zero_pad")
def test_border_of_zeros(student, rng, close):
    """Images of another height than width get a border of every width, also of none."""
    for shape, pad in (((1, 2, 3, 6), 2), ((2, 3, 4, 5), 1), ((3, 1, 5, 4), 4), ((2, 2, 3, 4), 0)):
        x, (N, C, H, W) = rng.normal(size=shape), shape
        want = np.zeros((N, C, H + 2 * pad, W + 2 * pad))
        want[:, :, pad : pad + H, pad : pad + W] = x
        suspects = pad_suspects(x, pad, want)
        got = student.zero_pad(x, pad)
        close(got, want, names="the result", axes="N C H+2pad W+2pad", suspects=suspects)


@exercise("zero_pad", weight=0.5)
def test_padding_leaves_images_alone(student, rng, close, sandbox, check):
    """The images that are given stay as they are, and views of larger arrays are welcome."""
    x = rng.normal(size=(2, 6, 3, 4)).transpose(0, 2, 3, 1)
    got = stays(sandbox, check, lambda x: student.zero_pad(x, 1), x=x)
    close(got, np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1))), names="the result")


def step_suspects(window, w, b, want):
    """Results of the usual mistakes."""
    size = window.size
    suspects = {
        "The bias is missing.": lambda: want - b,
        "The bias is added to every product before the sum; it is added once.": lambda: (
            want + (size - 1) * b
        ),
        "The bias is subtracted.": lambda: want - 2 * b,
        "The bias is multiplied; it is added.": lambda: (want - b) * b,
        "The products are averaged; they are summed.": lambda: (want - b) / size + b,
        "The filter is flipped; multiply window and filter as they are.": lambda: (
            np.sum(window * w[:, ::-1, ::-1]) + b
        ),
        "The filter is flipped, even along the channels.": lambda: np.sum(window * np.flip(w)) + b,
        "Only the first channel is used; a filter goes through all of them.": lambda: (
            np.sum(window[0] * w[0]) + b
        ),
        "Window and filter are added; they are multiplied.": lambda: np.sum(window + w) + b,
        "Sums are multiplied: multiply entry by entry, then sum.": lambda: (
            np.sum(window) * np.sum(w) + b
        ),
        "The largest product is taken; sum them all.": lambda: np.max(window * w) + b,
    }
    return distinct(want, suspects)


@exercise("conv_single_step")
def test_dot_product_and_bias(student, rng, close):
    """Windows of several shapes: the sum of all products, plus the bias once."""
    for shape in ((3, 2, 4), (1, 3, 3), (2, 1, 1), (4, 5, 2)):
        window, w, b = rng.normal(size=shape), rng.normal(size=shape), float(rng.normal())
        want = np.sum(window * w) + b
        suspects = step_suspects(window, w, b, want)
        close(student.conv_single_step(window, w, b), want, names="the result", suspects=suspects)


# --- forward ---


def conv_suspects(reference, x, w, b, param, want):
    """Results of the usual mistakes."""
    stride, pad = param["stride"], param["pad"]
    (H, W), (HH, WW) = x.shape[2:], w.shape[2:]
    H_out, W_out = want.shape[2:]
    column, both = b[:, np.newaxis, np.newaxis], (pad, pad)
    bare = want - column

    def conv(x=x, w=w, b=b, stride=stride, pad=pad):
        return reference.conv_forward_naive(x, w, b, {"stride": stride, "pad": pad})[0]

    def padded(rows, columns, **how):
        return conv(np.pad(x, ((0, 0), (0, 0), rows, columns), **how), pad=0)

    suspects = {
        "The filter is flipped: in deep learning, window and filter are multiplied as they are.": (
            lambda: conv(w=w[:, :, ::-1, ::-1])
        ),
        "The bias is missing.": lambda: bare,
        "The bias is subtracted.": lambda: bare - column,
        "The bias is added to every product; it is added once.": lambda: bare + w[0].size * column,
        "The bias is added once for each channel; it is added once.": lambda: (
            bare + w.shape[1] * column
        ),
        "All filters get the first bias: filter f has the bias b[f].": lambda: bare + b[0],
        "The biases are summed: filter f has the bias b[f].": lambda: bare + np.sum(b),
        "The bias runs along the columns; it belongs to the filters, so give it the shape "
        "(F, 1, 1) before it is added.": lambda: bare + b,
        "Only the first channel is used; a filter goes through all of them.": lambda: conv(
            x[:, :1], w[:, :1]
        ),
        "Only the last channel is used; a filter goes through all of them.": lambda: conv(
            x[:, -1:], w[:, -1:]
        ),
        "All images give the result of the first one.": lambda: np.repeat(want[:1], len(x), axis=0),
        "All filters give the result of the first one.": lambda: (
            np.repeat(bare[:, :1], len(b), axis=1) + column
        ),
        "The padding stands once in the formula of the size: there are zeros at both ends.": (
            lambda: want[:, :, : (H + pad - HH) // stride + 1, : (W + pad - WW) // stride + 1]
        ),
        "The padding is ignored.": lambda: conv(pad=0),
        "The stride is ignored.": lambda: conv(stride=1),
        "The windows start at row i and column j; they start at i * stride and j * stride.": (
            lambda: conv(stride=1)[:, :, :H_out, :W_out]
        ),
        "The stride is used for the rows only; columns have it, too.": lambda: conv(stride=1)[
            :, :, ::stride, :W_out
        ],
        "The stride is used for the columns only; rows have it, too.": lambda: conv(stride=1)[
            :, :, :H_out, ::stride
        ],
        "Zeros are added at the top and left only; all four sides get them.": lambda: padded(
            (pad, 0), (pad, 0)
        ),
        "Zeros are added at the bottom and right only; all four sides get them.": lambda: padded(
            (0, pad), (0, pad)
        ),
        "All zeros are added at the bottom and right: the windows are shifted.": lambda: padded(
            (0, 2 * pad), (0, 2 * pad)
        ),
        "The rows are padded, the columns are not.": lambda: padded(both, (0, 0)),
        "The columns are padded, the rows are not.": lambda: padded((0, 0), both),
        "The border repeats the outermost pixels; it must be zero.": lambda: padded(
            both, both, mode="edge"
        ),
        "Twice the padding is added: each side gets pad zeros.": lambda: conv(pad=2 * pad),
        "The size misses its one: the last row and the last column are left out.": lambda: want[
            :, :, :-1, :-1
        ],
        "Rows and columns of the result are exchanged.": lambda: want.swapaxes(2, 3),
        "The products are averaged; they are summed.": lambda: bare / w[0].size + column,
        "The mean over the channels is taken; they are summed.": lambda: bare / w.shape[1] + column,
    }
    return distinct(want, suspects)


def judge_forward(student, reference, rng, close, check, cases):
    """Compare the results of some cases."""
    for case in cases:
        x, w, b, param = layer(rng, case)
        want = reference.conv_forward_naive(x, w, b, param)[0]
        got = out_of(student.conv_forward_naive(x, w, b, param), check)
        suspects = conv_suspects(reference, x, w, b, param, want)
        close(got, want, names="out", axes="N F H_out W_out", suspects=suspects)


@exercise("conv_forward_naive", weight=2)
def test_forward_without_padding(student, reference, rng, close, check):
    """Stride 1, no padding: filters that are not square, as large as the image, of any number."""
    judge_forward(student, reference, rng, close, check, UNPADDED)


@exercise("conv_forward_naive", weight=2)
def test_forward_with_stride_and_padding(student, reference, rng, close, check):
    """Strides 2 and 3, padding 1 and 2, images and filters that are not square."""
    judge_forward(student, reference, rng, close, check, STRIDED)


@exercise("conv_forward_naive", weight=0.5)
def test_forward_rounds_down(student, reference, rng, close, check):
    """Where the stride does not divide, rows and columns at the end are left out."""
    judge_forward(student, reference, rng, close, check, LEFT_OVER)


@exercise("conv_forward_naive", weight=0.5)
def test_forward_on_views(student, reference, rng, close, check, sandbox):
    """Views of larger arrays are welcome, and all inputs stay as they are."""
    x, w, b, param = layer(rng, STRIDED[0])
    x, w = np.repeat(x, 2, axis=3)[..., ::2], np.asfortranarray(w)
    want = reference.conv_forward_naive(x, w, b, param)[0]
    got = stays(
        sandbox, check, lambda x, w, b: student.conv_forward_naive(x, w, b, param), x=x, w=w, b=b
    )
    close(out_of(got, check), want, names="out")
