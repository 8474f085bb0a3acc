# Generated from solutions/a5_convnets/layers.py by `autograder starter`.
# Write your code where it says NotImplementedError.
"""Layers of convolutional networks, forward and backward, as the formulas say it.

Images come as (N, C, H, W): N images with C channels, each H pixels high and W wide. A forward
function returns its result and a cache: whatever your backward function wants to know about the
forward pass, in any form you like. A backward function gets the upstream gradient dout, in the
shape of the forward result, and returns gradients in the shapes of what they belong to. No function
changes the arrays that it is given.
"""

import numpy as np


def zero_pad(x, pad):
    """Put a border of zeros around each image.

    x: (N, C, H, W) images.  pad: width of the border on each of the four sides, 0 or more.

    Returns (N, C, H + 2 pad, W + 2 pad): images and channels are not padded.
    """
    raise NotImplementedError("zero_pad: your code here")


def conv_single_step(window, w, b):
    """What one filter makes of one window: the sum of the products of their entries, plus the bias.

    window: (C, HH, WW) part of a padded image.  w: (C, HH, WW) filter.  b: number, its bias.

    Returns a number.
    """
    raise NotImplementedError("conv_single_step: your code here")


def conv_forward_naive(x, w, b, conv_param):
    """Convolve images with filters, with loops over images, filters and places.

    x: (N, C, H, W) images.  w: (F, C, HH, WW) filters.  b: (F,) biases.
    conv_param: dict with
        "stride": distance between neighbouring windows, in both directions.
        "pad": zeros added on all four sides of each image.

    Returns:
        out: (N, F, H_out, W_out), with H_out = floor((H + 2 pad - HH) / stride) + 1 and W_out
            likewise; rows and columns at the end that no window reaches are left out.
        cache: whatever conv_backward_naive needs.

    out[n, f, i, j] is filter f on the window of the padded image n that starts at row i * stride
    and column j * stride, as in conv_single_step. The filter is not flipped: what deep learning
    calls a convolution is a cross-correlation. You may use zero_pad and conv_single_step.
    """
    raise NotImplementedError("conv_forward_naive: your code here")


def conv_backward_naive(dout, cache):
    """The gradients of conv_forward_naive.

    dout: (N, F, H_out, W_out) upstream gradient.  cache: from conv_forward_naive.

    Returns dx (N, C, H, W), dw (F, C, HH, WW) and db (F,).

    out[n, f, i, j] is a dot product of a window with filter f. So dout[n, f, i, j] sends the filter
    to the window's place in dx and the window to dw[f]; where windows overlap, dx adds up. The
    border of zeros is no part of x and has no gradient.
    """
    raise NotImplementedError("conv_backward_naive: your code here")


def max_pool_forward_naive(x, pool_param):
    """Keep the largest value of each window, in each channel by itself.

    x: (N, C, H, W) feature maps.
    pool_param: dict with "pool_height", "pool_width" and "stride" (in both directions). Windows may
        overlap (stride smaller than the window) or leave gaps. There is no padding.

    Returns:
        out: (N, C, H_out, W_out), with H_out = floor((H - pool_height) / stride) + 1 and W_out
            likewise; rows and columns at the end that no window reaches are left out.
        cache: whatever max_pool_backward_naive needs.
    """
    raise NotImplementedError("max_pool_forward_naive: your code here")


def max_pool_backward_naive(dout, cache):
    """The gradient of max_pool_forward_naive: each window's goes to the pixel that won.

    dout: (N, C, H_out, W_out) upstream gradient.  cache: from max_pool_forward_naive.

    Returns dx (N, C, H, W). A pixel that wins in several windows gets the sum. When several pixels
    of a window share the largest value, the first of them gets all, in the order of rows (which is
    the order of np.argmax).
    """
    raise NotImplementedError("max_pool_backward_naive: your code here")


def avg_pool_forward(x, pool_param):
    """Take the mean of each window, in each channel by itself.

    x, pool_param: as in max_pool_forward_naive.

    Returns out (N, C, H_out, W_out), of the size of the max pooling, and a cache.
    """
    raise NotImplementedError("avg_pool_forward: your code here")


def avg_pool_backward(dout, cache):
    """The gradient of avg_pool_forward: all pixels of a window have an equal share in its mean.

    dout: (N, C, H_out, W_out) upstream gradient.  cache: from avg_pool_forward.

    Returns dx (N, C, H, W). A pixel that lies in several windows gets the sum.
    """
    raise NotImplementedError("avg_pool_backward: your code here")


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    """Batch normalisation of feature maps: each channel by its own mean and variance.

    A filter sees the same statistics wherever it looks, so images, rows and columns are all samples
    of a channel: N * H * W of them.

    x: (N, C, H, W) feature maps.  gamma, beta: (C,) scale and shift of each channel.
    bn_param: dict with
        "mode": "train" (normalise with the statistics of this batch and update the running ones) or
            "test" (normalise with the running statistics and leave them alone).
        "eps": added to the variance, 1e-5 when it is not given.
        "momentum": 0.9 when it is not given.
        "running_mean", "running_var": (C,), zeros when they are not given.

    In train mode the function stores the new running statistics in bn_param, as
    running = momentum * running + (1 - momentum) * statistic of the batch. Momentum is the share of
    the OLD value that is kept. Every variance is the mean squared deviation (divide by N * H * W).

    Returns:
        out: (N, C, H, W), gamma * (x - mean) / sqrt(variance + eps) + beta.
        cache: whatever spatial_batchnorm_backward needs (it follows on train mode only).

    You may reshape x and call batchnorm_forward of your earlier assignment, copied to this file.
    """
    raise NotImplementedError("spatial_batchnorm_forward: your code here")


def spatial_batchnorm_backward(dout, cache):
    """The gradients of spatial_batchnorm_forward in train mode.

    dout: (N, C, H, W) upstream gradient.  cache: from spatial_batchnorm_forward.

    Returns dx (N, C, H, W), dgamma (C,) and dbeta (C,). Mean and variance depend on x, too.
    """
    raise NotImplementedError("spatial_batchnorm_backward: your code here")


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    """Group normalisation: in each image, each group of neighbouring channels by itself.

    x: (N, C, H, W) feature maps.  gamma, beta: (1, C, 1, 1) scale and shift of each channel.
    G: number of groups, a divisor of C; group 0 is the first C / G channels, and so on.
    gn_param: dict with "eps", added to the variance; 1e-5 when it is not given.

    Mean and variance are over the C / G * H * W values of a group in one image (divide by that
    count), so that nothing depends on the rest of the batch and there is no test mode.

    Returns out (N, C, H, W) = gamma * (x - mean) / sqrt(variance + eps) + beta, and a cache.
    """
    raise NotImplementedError("spatial_groupnorm_forward: your code here")


def spatial_groupnorm_backward(dout, cache):
    """The gradients of spatial_groupnorm_forward.

    dout: (N, C, H, W) upstream gradient.  cache: from spatial_groupnorm_forward.

    Returns dx (N, C, H, W), dgamma (1, C, 1, 1) and dbeta (1, C, 1, 1).
    """
    raise NotImplementedError("spatial_groupnorm_backward: your code here")
