"""Layers that make deep networks trainable: batch and layer normalisation, dropout.

Each layer has a forward pass that returns (out, cache) and a backward pass that takes the gradient
of the loss with respect to out, and the cache. What is in a cache is your own business: it only has
to be what your backward pass needs, and all that it knows of the forward pass. N examples, D
features: x, out, dout and dx are (N, D). Inputs are left unchanged (only bn_param is written to).
"""

import numpy as np


def batchnorm_forward(x, gamma, beta, bn_param):
    """Forward pass of batch normalisation: each feature is normalised over the batch.

    In training, with the mean mu and the variance var of each column of this batch (the biased
    variance, divided by N):

        out = gamma * (x - mu) / sqrt(var + eps) + beta

    and the running statistics move a little towards those of the batch:

        running_mean = momentum * running_mean + (1 - momentum) * mu
        running_var = momentum * running_var + (1 - momentum) * var

    `momentum` is the share of the old value that is kept; the running variance averages the biased
    variances. At test time the running statistics stand in the place of mu and var, and nothing is
    updated.

    Args:
        x: (N, D) data, float64 or float32.
        gamma: (D,) scale.
        beta: (D,) shift.
        bn_param: dict with
            mode: "train" or "test"; required.
            eps: added to the variance; 1e-5 where the key is missing.
            momentum: 0.9 where the key is missing.
            running_mean: (D,); zeros where the key is missing.
            running_var: (D,); zeros where the key is missing.
            After a call the last two hold the running statistics, updated in mode "train".

    Returns:
        out: (N, D), of the floating type of x.
        cache: what batchnorm_backward and batchnorm_backward_alt need; in mode "test" anything.

    Raises:
        ValueError: for any other mode.
    """
    mode = bn_param["mode"]
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    running_mean = bn_param.get("running_mean", np.zeros(x.shape[1], x.dtype))
    running_var = bn_param.get("running_var", np.zeros(x.shape[1], x.dtype))
    ### BEGIN SOLUTION
    if mode == "train":
        mu, var = x.mean(axis=0), x.var(axis=0)
        running_mean = momentum * running_mean + (1 - momentum) * mu
        running_var = momentum * running_var + (1 - momentum) * var
    elif mode == "test":
        mu, var = running_mean, running_var
    else:
        raise ValueError(f"the mode is 'train' or 'test', not {mode!r}")
    std = np.sqrt(var + eps)
    x_hat = (x - mu) / std
    out = gamma * x_hat + beta
    bn_param["running_mean"] = running_mean
    bn_param["running_var"] = running_var
    return out, (x_hat, gamma, std)
    ### END SOLUTION


def batchnorm_backward(dout, cache):
    """Backward pass of batch normalisation in training.

    Draw the graph from x to out gate by gate and go back through it. Mind that x reaches out on
    three ways: directly, through the mean, and through the variance.

    Args:
        dout: (N, D) gradient with respect to out.
        cache: from batchnorm_forward in mode "train".

    Returns:
        dx: (N, D) gradient with respect to x.
        dgamma: (D,) gradient with respect to gamma.
        dbeta: (D,) gradient with respect to beta.
    """
    ### BEGIN SOLUTION
    x_hat, gamma, std = cache
    N = dout.shape[0]
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)

    centred = x_hat * std  # x - mu
    dx_hat = dout * gamma
    dstd = -np.sum(dx_hat * centred, axis=0) / std**2
    dvar = dstd / (2 * std)
    dcentred = dx_hat / std + 2 * centred * dvar / N
    dmu = -np.sum(dcentred, axis=0)
    dx = dcentred + dmu / N
    return dx, dgamma, dbeta
    ### END SOLUTION


def batchnorm_backward_alt(dout, cache):
    """Backward pass of batch normalisation from a formula worked out on paper.

    The same gradients as batchnorm_backward, from the same cache. Work out on paper how dx depends
    on dout: all ways together simplify to one short expression.

    Args:
        dout: (N, D) gradient with respect to out.
        cache: from batchnorm_forward in mode "train".

    Returns:
        dx: (N, D) gradient with respect to x.
        dgamma: (D,) gradient with respect to gamma.
        dbeta: (D,) gradient with respect to beta.
    """
    ### BEGIN SOLUTION
    x_hat, gamma, std = cache
    N = dout.shape[0]
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx = gamma / std * (dout - dbeta / N - x_hat * dgamma / N)
    return dx, dgamma, dbeta
    ### END SOLUTION


def layernorm_forward(x, gamma, beta, ln_param):
    """Forward pass of layer normalisation: each example is normalised over its own features.

    With the mean mu and the variance var of each row (the biased variance, divided by D):

        out = gamma * (x - mu) / sqrt(var + eps) + beta

    There are no running statistics: training and test time are the same.

    Args:
        x: (N, D) data, float64 or float32.
        gamma: (D,) scale, one number for each feature.
        beta: (D,) shift, one number for each feature.
        ln_param: dict with
            eps: added to the variance; 1e-5 where the key is missing.

    Returns:
        out: (N, D), of the floating type of x.
        cache: what layernorm_backward needs.
    """
    eps = ln_param.get("eps", 1e-5)
    ### BEGIN SOLUTION
    mu, var = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)  # (N, 1)
    std = np.sqrt(var + eps)
    x_hat = (x - mu) / std
    return gamma * x_hat + beta, (x_hat, gamma, std)
    ### END SOLUTION


def layernorm_backward(dout, cache):
    """Backward pass of layer normalisation.

    Args:
        dout: (N, D) gradient with respect to out.
        cache: from layernorm_forward.

    Returns:
        dx: (N, D) gradient with respect to x.
        dgamma: (D,) gradient with respect to gamma.
        dbeta: (D,) gradient with respect to beta.
    """
    ### BEGIN SOLUTION
    x_hat, gamma, std = cache
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    mean = np.mean(dx_hat, axis=1, keepdims=True)
    along = np.mean(dx_hat * x_hat, axis=1, keepdims=True)
    dx = (dx_hat - mean - x_hat * along) / std
    return dx, dgamma, dbeta
    ### END SOLUTION


def dropout_forward(x, dropout_param):
    """Forward pass of inverted dropout.

    In training each number of x is kept with probability p and set to 0 otherwise, independently of
    all others; numbers that are kept are divided by p, so that every number keeps its mean. At test
    time out equals x.

    Args:
        x: array of any shape, float64 or float32.
        dropout_param: dict with
            p: probability to KEEP a number, 0 < p <= 1.
            mode: "train" or "test".
            seed: an integer, or missing. The same seed gives the same mask for the same shape of x;
                without it every call draws another mask.

    Returns:
        out: array of the shape and floating type of x.
        cache: what dropout_backward needs.
    """
    p, mode = dropout_param["p"], dropout_param["mode"]
    rng = np.random.default_rng(dropout_param.get("seed"))
    ### BEGIN SOLUTION
    mask = (rng.random(x.shape) < p) / p if mode == "train" else np.ones(x.shape)
    mask = mask.astype(x.dtype)
    return x * mask, mask
    ### END SOLUTION


def dropout_backward(dout, cache):
    """Backward pass of inverted dropout, in training and at test time.

    Args:
        dout: gradient with respect to out, of any shape.
        cache: from dropout_forward, in either mode.

    Returns:
        dx: gradient with respect to x, of the same shape.
    """
    ### BEGIN SOLUTION
    return dout * cache
    ### END SOLUTION
