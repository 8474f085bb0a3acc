"""Hidden suite for im2col.py: how quick the convolution is.

The clock is on this side, and so is what the call is compared with: loops over images, filters and
places. A matrix product is about a hundred times as quick.
"""

import numpy as np

from autograder.suite import exercise

IMAGES = 4  # the loops are timed on one of them


def naive_forward(x, w, b):
    """Convolution with loops over everything, stride 1 and no padding."""
    (N, _, H, W), (F, _, HH, WW) = x.shape, w.shape
    out = np.zeros((N, F, H - HH + 1, W - WW + 1))
    for n, f, i, j in np.ndindex(out.shape):
        out[n, f, i, j] = np.sum(x[n, :, i : i + HH, j : j + WW] * w[f]) + b[f]
    return out


def naive_backward(dout, x, w):
    """Gradients with loops over everything, stride 1 and no padding."""
    dx, dw, (HH, WW) = np.zeros(x.shape), np.zeros(w.shape), w.shape[2:]
    for n, f, i, j in np.ndindex(dout.shape):
        dx[n, :, i : i + HH, j : j + WW] += dout[n, f, i, j] * w[f]
        dw[f] += dout[n, f, i, j] * x[n, :, i : i + HH, j : j + WW]
    return dx, dw


SLOW = (
    "It is not five times as quick as loops over images, filters and places: call im2col_indices "
    "and col2im_indices once, and let a matrix product do the rest."
)


def layer(rng):
    """A few small images, filters and biases."""
    return rng.normal(size=(IMAGES, 3, 14, 14)), rng.normal(size=(8, 3, 3, 3)), rng.normal(size=8)


@exercise("conv_fast_speed")
def test_forward_is_quick(student, reference, rng, close, check, is_quick):
    """The forward pass takes less than a fifth of the time of loops."""
    (x, w, b), param = layer(rng), {"stride": 1, "pad": 0}
    got = student.conv_forward_fast(x, w, b, param)[0]
    close(got, reference.conv_forward_fast(x, w, b, param)[0], names="out")
    quick = is_quick(
        lambda: student.conv_forward_fast(x, w, b, param),
        lambda: naive_forward(x[:1], w, b),
        parts=IMAGES,
    )
    check(quick, SLOW)


@exercise("conv_fast_speed")
def test_backward_is_quick(student, reference, rng, close, check, is_quick):
    """The backward pass takes less than a fifth of the time of loops."""
    (x, w, b), param = layer(rng), {"stride": 1, "pad": 0}
    want, known = reference.conv_forward_fast(x, w, b, param)
    dout = rng.normal(size=want.shape)
    _, cache = student.conv_forward_fast(x, w, b, param)
    got, want = student.conv_backward_fast(dout, cache), reference.conv_backward_fast(dout, known)
    close(got, want, names=("dx", "dw", "db"), rtol=1e-8)
    quick = is_quick(
        lambda: student.conv_backward_fast(dout, cache),
        lambda: naive_backward(dout[:1], x[:1], w),
        parts=IMAGES,
    )
    check(quick, SLOW)
