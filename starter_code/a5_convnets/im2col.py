# Generated from solutions/a5_convnets/im2col.py by `autograder starter`.
# Write your code where it says NotImplementedError.
"""Convolution as a matrix product: lay all windows out as columns, multiply once.

Loops in Python cost about a microsecond a step, a matrix product less than a nanosecond. The price
is memory: a pixel is copied into every window that it belongs to.
"""

import numpy as np


def im2col_indices(x, field_height, field_width, padding=1, stride=1):
    """Lay out every window of a batch of images as one column of a matrix.

    x: (N, C, H, W) images.  field_height, field_width: size of the window.
    padding: zeros added on all four sides of each image.
    stride: distance between neighbouring windows, in both directions.

    Returns cols: (C * field_height * field_width, H_out * W_out * N), with
    H_out = floor((H + 2 padding - field_height) / stride) + 1 and W_out likewise. From top to
    bottom a column holds the window's values in the order of window.ravel(), for a window of shape
    (C, field_height, field_width). From left to right come all images at the first place, then all
    images at the next place: the window of image n at place (i, j) is column
    (i * W_out + j) * N + n.
    """
    raise NotImplementedError("im2col_indices: your code here")


def col2im_indices(cols, x_shape, field_height=3, field_width=3, padding=1, stride=1):
    """Bring columns back to the images that they came from, adding up where windows overlap.

    It is no inverse of im2col_indices but its transpose (adjoint), which is what backpropagation
    needs: a pixel that was copied into several columns gets the sum of what comes back.

    cols: (C * field_height * field_width, H_out * W_out * N), laid out as im2col_indices does.
    x_shape: (N, C, H, W), the shape of the images without padding.
    field_height, field_width, padding, stride: as in im2col_indices.

    Returns (N, C, H, W): what falls onto the padding is dropped, and pixels that no window reaches
    get 0.
    """
    raise NotImplementedError("col2im_indices: your code here")


def conv_forward_fast(x, w, b, conv_param):
    """The same as conv_forward_naive, as one matrix product.

    x: (N, C, H, W) images.  w: (F, C, HH, WW) filters.  b: (F,) biases.
    conv_param: dict with "stride" and "pad", integers.

    Returns:
        out: (N, F, H_out, W_out), rounded down where the stride does not divide.
        cache: whatever conv_backward_fast needs.

    Speed counts (exercise conv_fast_speed): on a few small images it must be at least five times
    as quick as loops over images, filters and places. No inner loop over pixels can do that.
    """
    raise NotImplementedError("conv_forward_fast: your code here")


def conv_backward_fast(dout, cache):
    """The gradients of conv_forward_fast, as matrix products.

    dout: (N, F, H_out, W_out) upstream gradient.  cache: from conv_forward_fast.

    Returns dx, dw, db: gradients in the shapes of x, w and b.

    Speed counts here as well (exercise conv_fast_speed).
    """
    raise NotImplementedError("conv_backward_fast: your code here")
