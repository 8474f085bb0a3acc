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
    ### BEGIN SOLUTION
    return np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    ### END SOLUTION


def conv_single_step(window, w, b):
    """What one filter makes of one window: the sum of the products of their entries, plus the bias.

    window: (C, HH, WW) part of a padded image.  w: (C, HH, WW) filter.  b: number, its bias.

    Returns a number.
    """
    ### BEGIN SOLUTION
    return np.sum(window * w) + b
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, _, H, W = x.shape
    F, _, HH, WW = w.shape
    H_out, W_out = (H + 2 * pad - HH) // stride + 1, (W + 2 * pad - WW) // stride + 1
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = np.zeros((N, F, H_out, W_out))
    for n, f, i, j in np.ndindex(out.shape):
        top, left = i * stride, j * stride
        window = padded[n, :, top : top + HH, left : left + WW]  # (C, HH, WW)
        out[n, f, i, j] = np.sum(window * w[f]) + b[f]
    return out, (x, w, conv_param)
    ### END SOLUTION


def conv_backward_naive(dout, cache):
    """The gradients of conv_forward_naive.

    dout: (N, F, H_out, W_out) upstream gradient.  cache: from conv_forward_naive.

    Returns dx (N, C, H, W), dw (F, C, HH, WW) and db (F,).

    out[n, f, i, j] is a dot product of a window with filter f. So dout[n, f, i, j] sends the filter
    to the window's place in dx and the window to dw[f]; where windows overlap, dx adds up. The
    border of zeros is no part of x and has no gradient.
    """
    ### BEGIN SOLUTION
    x, w, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    H, W = x.shape[2:]
    HH, WW = w.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dpadded, dw = np.zeros(padded.shape), np.zeros(w.shape)
    for n, f, i, j in np.ndindex(dout.shape):
        rows = slice(i * stride, i * stride + HH)
        columns = slice(j * stride, j * stride + WW)
        dpadded[n, :, rows, columns] += dout[n, f, i, j] * w[f]
        dw[f] += dout[n, f, i, j] * padded[n, :, rows, columns]
    db = np.sum(dout, axis=(0, 2, 3))
    return dpadded[:, :, pad : pad + H, pad : pad + W], dw, db
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    out = np.zeros(_pooled_shape(x, pool_param))
    for n, c, i, j in np.ndindex(out.shape):
        out[n, c, i, j] = np.max(x[n, c][_window(i, j, pool_param)])
    return out, (x, pool_param)
    ### END SOLUTION


def max_pool_backward_naive(dout, cache):
    """The gradient of max_pool_forward_naive: each window's goes to the pixel that won.

    dout: (N, C, H_out, W_out) upstream gradient.  cache: from max_pool_forward_naive.

    Returns dx (N, C, H, W). A pixel that wins in several windows gets the sum. When several pixels
    of a window share the largest value, the first of them gets all, in the order of rows (which is
    the order of np.argmax).
    """
    ### BEGIN SOLUTION
    x, pool_param = cache
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(dout.shape):
        place = _window(i, j, pool_param)
        window = x[n, c][place]
        winner = np.unravel_index(np.argmax(window), window.shape)
        dx[n, c][place][winner] += dout[n, c, i, j]
    return dx
    ### END SOLUTION


def avg_pool_forward(x, pool_param):
    """Take the mean of each window, in each channel by itself.

    x, pool_param: as in max_pool_forward_naive.

    Returns out (N, C, H_out, W_out), of the size of the max pooling, and a cache.
    """
    ### BEGIN SOLUTION
    out = np.zeros(_pooled_shape(x, pool_param))
    for n, c, i, j in np.ndindex(out.shape):
        out[n, c, i, j] = np.mean(x[n, c][_window(i, j, pool_param)])
    return out, (x.shape, pool_param)
    ### END SOLUTION


def avg_pool_backward(dout, cache):
    """The gradient of avg_pool_forward: all pixels of a window have an equal share in its mean.

    dout: (N, C, H_out, W_out) upstream gradient.  cache: from avg_pool_forward.

    Returns dx (N, C, H, W). A pixel that lies in several windows gets the sum.
    """
    ### BEGIN SOLUTION
    x_shape, pool_param = cache
    dx = np.zeros(x_shape)
    share = 1 / (pool_param["pool_height"] * pool_param["pool_width"])
    for n, c, i, j in np.ndindex(dout.shape):
        dx[n, c][_window(i, j, pool_param)] += dout[n, c, i, j] * share
    return dx
    ### END SOLUTION


### BEGIN SOLUTION
def _pooled_shape(x, pool_param):
    """The shape of the result of pooling x."""
    N, C, H, W = x.shape
    stride = pool_param["stride"]
    H_out = (H - pool_param["pool_height"]) // stride + 1
    W_out = (W - pool_param["pool_width"]) // stride + 1
    return N, C, H_out, W_out


def _window(i, j, pool_param):
    """The rows and columns of the window at place (i, j)."""
    top, left = i * pool_param["stride"], j * pool_param["stride"]
    return np.s_[top : top + pool_param["pool_height"], left : left + pool_param["pool_width"]]


def _per_channel(v):
    """A value per channel (C,), ready to be broadcast over images, rows and columns."""
    return v.reshape(1, -1, 1, 1)


### END SOLUTION


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
    ### BEGIN SOLUTION
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    running_mean = bn_param.get("running_mean", np.zeros(x.shape[1]))
    running_var = bn_param.get("running_var", np.zeros(x.shape[1]))
    if bn_param["mode"] == "train":
        mean, var = np.mean(x, axis=(0, 2, 3)), np.var(x, axis=(0, 2, 3))
        bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean
        bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
    else:
        mean, var = running_mean, running_var
    std = np.sqrt(_per_channel(var) + eps)
    x_hat = (x - _per_channel(mean)) / std
    return _per_channel(gamma) * x_hat + _per_channel(beta), (x_hat, std, gamma)
    ### END SOLUTION


def spatial_batchnorm_backward(dout, cache):
    """The gradients of spatial_batchnorm_forward in train mode.

    dout: (N, C, H, W) upstream gradient.  cache: from spatial_batchnorm_forward.

    Returns dx (N, C, H, W), dgamma (C,) and dbeta (C,). Mean and variance depend on x, too.
    """
    ### BEGIN SOLUTION
    x_hat, std, gamma = cache
    over = (0, 2, 3)
    dbeta = np.sum(dout, axis=over)
    dgamma = np.sum(dout * x_hat, axis=over)
    dx_hat = dout * _per_channel(gamma)
    dx = dx_hat - np.mean(dx_hat, axis=over, keepdims=True)
    dx -= x_hat * np.mean(dx_hat * x_hat, axis=over, keepdims=True)
    return dx / std, dgamma, dbeta
    ### END SOLUTION


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    """Group normalisation: in each image, each group of neighbouring channels by itself.

    x: (N, C, H, W) feature maps.  gamma, beta: (1, C, 1, 1) scale and shift of each channel.
    G: number of groups, a divisor of C; group 0 is the first C / G channels, and so on.
    gn_param: dict with "eps", added to the variance; 1e-5 when it is not given.

    Mean and variance are over the C / G * H * W values of a group in one image (divide by that
    count), so that nothing depends on the rest of the batch and there is no test mode.

    Returns out (N, C, H, W) = gamma * (x - mean) / sqrt(variance + eps) + beta, and a cache.
    """
    ### BEGIN SOLUTION
    groups = x.reshape(x.shape[0], G, -1)  # (N, G, C / G * H * W)
    mean = np.mean(groups, axis=2, keepdims=True)
    std = np.sqrt(np.var(groups, axis=2, keepdims=True) + gn_param.get("eps", 1e-5))
    x_hat = ((groups - mean) / std).reshape(x.shape)
    return gamma * x_hat + beta, (x_hat, std, gamma, G)
    ### END SOLUTION


def spatial_groupnorm_backward(dout, cache):
    """The gradients of spatial_groupnorm_forward.

    dout: (N, C, H, W) upstream gradient.  cache: from spatial_groupnorm_forward.

    Returns dx (N, C, H, W), dgamma (1, C, 1, 1) and dbeta (1, C, 1, 1).
    """
    ### BEGIN SOLUTION
    x_hat, std, gamma, G = cache
    dbeta = np.sum(dout, axis=(0, 2, 3), keepdims=True)
    dgamma = np.sum(dout * x_hat, axis=(0, 2, 3), keepdims=True)
    in_groups = (dout.shape[0], G, -1)
    dx_hat, x_hat = (dout * gamma).reshape(in_groups), x_hat.reshape(in_groups)
    dx = dx_hat - np.mean(dx_hat, axis=2, keepdims=True)
    dx -= x_hat * np.mean(dx_hat * x_hat, axis=2, keepdims=True)
    return (dx / std).reshape(dout.shape), dgamma, dbeta
    ### END SOLUTION
