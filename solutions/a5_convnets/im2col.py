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
    ### BEGIN SOLUTION
    C = x.shape[1]
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(
        padded, (field_height, field_width), axis=(2, 3)
    )[:, :, ::stride, ::stride]  # (N, C, H_out, W_out, field_height, field_width)
    return windows.transpose(1, 4, 5, 2, 3, 0).reshape(C * field_height * field_width, -1)
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    N, C, H, W = x_shape
    H_out = (H + 2 * padding - field_height) // stride + 1
    W_out = (W + 2 * padding - field_width) // stride + 1
    cols = cols.reshape(C, field_height, field_width, H_out, W_out, N)
    padded = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
    for i, j in np.ndindex(field_height, field_width):  # all windows' value at (i, j) at once
        rows = slice(i, i + stride * H_out, stride)
        columns = slice(j, j + stride * W_out, stride)
        padded[:, :, rows, columns] += cols[:, i, j].transpose(3, 0, 1, 2)
    return padded[:, :, padding : padding + H, padding : padding + W]
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, _, H, W = x.shape
    F, _, HH, WW = w.shape
    H_out, W_out = (H + 2 * pad - HH) // stride + 1, (W + 2 * pad - WW) // stride + 1
    cols = im2col_indices(x, HH, WW, pad, stride)
    out = w.reshape(F, -1) @ cols + b[:, np.newaxis]  # (F, H_out * W_out * N)
    out = out.reshape(F, H_out, W_out, N).transpose(3, 0, 1, 2)
    return out, (x.shape, w, conv_param, cols)
    ### END SOLUTION


def conv_backward_fast(dout, cache):
    """The gradients of conv_forward_fast, as matrix products.

    dout: (N, F, H_out, W_out) upstream gradient.  cache: from conv_forward_fast.

    Returns dx, dw, db: gradients in the shapes of x, w and b.

    Speed counts here as well (exercise conv_fast_speed).
    """
    ### BEGIN SOLUTION
    x_shape, w, conv_param, cols = cache
    F, _, HH, WW = w.shape
    dout = dout.transpose(1, 2, 3, 0).reshape(F, -1)  # the columns of cols
    db = np.sum(dout, axis=1)
    dw = (dout @ cols.T).reshape(w.shape)
    dcols = w.reshape(F, -1).T @ dout
    dx = col2im_indices(dcols, x_shape, HH, WW, conv_param["pad"], conv_param["stride"])
    return dx, dw, db
    ### END SOLUTION
