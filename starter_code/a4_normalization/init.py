# Generated from solutions/a4_normalization/init.py by `autograder starter`.
# Write your code where it says NotImplementedError.
"""Before the first step: how weights start, what becomes of signals, how data are prepared.

Wherever random numbers are drawn, `rng` is a numpy.random.Generator and all of them come from it:
two generators with the same seed give the same result. N examples, D features: X is (N, D).
"""

import numpy as np


def xavier_init(fan_in, fan_out, rng, dist="uniform"):
    """Xavier (Glorot) weights of a fully connected layer, for tanh, sigmoid and linear units.

    The variance of every weight is 2 / (fan_in + fan_out): a compromise between what keeps the
    variance of the signals (1 / fan_in) and that of the gradients (1 / fan_out).

    Args:
        fan_in: numbers that come into the layer, an integer >= 1.
        fan_out: numbers that go out of it, an integer >= 1.
        rng: numpy.random.Generator.
        dist: "uniform" draws from [-a, a], with the a that gives this variance (a uniform
            distribution on [-a, a] has the variance a^2 / 3); "normal" draws from the normal
            distribution with mean 0 and this variance.

    Returns:
        (fan_in, fan_out) weights, independent of each other.

    Raises:
        ValueError: for any other `dist`.
    """
    raise NotImplementedError("xavier_init: your code here")


def fans(shape):
    """Return how many numbers a unit is fed by, and how many units a number feeds.

    Args:
        shape: tuple, the shape of a layer's weights: (D, M) for a fully connected layer with D
            numbers in and M out, or (F, C, HH, WW) for F filters over C channels. A filter sees
            C * HH * WW numbers at a time, and each number is seen HH * WW times by each of the F
            filters (borders and strides are not considered).

    Returns:
        fan_in, fan_out: two integers.
    """
    raise NotImplementedError("fans: your code here")


def kaiming_init(shape, rng, dist="normal"):
    """Kaiming (He) weights for a layer that a ReLU follows.

    The variance of every weight is 2 / fan_in: the ReLU halves the power of the signal, and the 2
    makes up for it.

    Args:
        shape: (D, M) of a fully connected layer, or (F, C, HH, WW) of a convolutional one; see
            fans.
        rng: numpy.random.Generator.
        dist: "normal" (mean 0) or "uniform" (on [-a, a]), both with this variance.

    Returns:
        Weights of that shape, independent of each other.

    Raises:
        ValueError: for any other `dist`.
    """
    raise NotImplementedError("kaiming_init: your code here")


def activation_stats(X, depth, init, act):
    """Send data through a deep network at its start and watch mean and spread of the activations.

    All layers are as wide as the data: h_0 = X and h_k = act(h_{k-1} @ W_k) for k = 1 to depth,
    with W_k = init(D, D), drawn once for each layer, in order. There are no biases.

    Args:
        X: (N, D) examples.
        depth: number of layers, an integer >= 1.
        init: function; init(fan_in, fan_out) returns (fan_in, fan_out) weights.
        act: function of an array, applied to all numbers of it (np.tanh, for instance).

    Returns:
        means: (depth,) mean of all N * D numbers of h_1, ..., h_depth.
        stds: (depth,) standard deviation of all N * D numbers of h_1, ..., h_depth (divided by
            their count, as np.std does).
    """
    raise NotImplementedError("activation_stats: your code here")


def sigmoid_chain_grad(x, n, w=1.0):
    """Derivative of a chain of n sigmoid neurons with respect to its input.

    h_0 = x and h_k = sigmoid(w * h_{k-1}) for k = 1 to n, with sigmoid(z) = 1 / (1 + exp(-z)).

    Args:
        x: array of any shape; every number is the input of a chain of its own.
        n: number of neurons, an integer >= 0.
        w: number, the weight of every neuron.

    Returns:
        Array of x's shape: dh_n / dx for each number. A chain of no neurons has the derivative 1.
    """
    raise NotImplementedError("sigmoid_chain_grad: your code here")


def largest_chain_grad(n):
    """Bound of the derivative of a chain of n sigmoids whose weights are all 1.

    Each sigmoid multiplies the derivative by its own slope. Take the steepest slope that a sigmoid
    has anywhere for all of them: no input can leave more than this.

    Args:
        n: number of sigmoids, an integer >= 0.

    Returns:
        number.
    """
    raise NotImplementedError("largest_chain_grad: your code here")


def preprocess_train_test(X_train, X_test, kind="standardize", eps=1e-5):
    """Prepare two sets of data with numbers that are computed from the training set alone.

    With m the mean of each column of X_train, v their variances (divided by N), and u_1, u_2, ...
    the directions of the covariance of X_train (its orthonormal eigenvectors) with the variances
    l_1 >= l_2 >= ... along them:

    - "center": x - m.
    - "standardize": (x - m) / sqrt(v + eps), column by column.
    - "pca": column j is (x - m) @ u_j. A direction may point either way: its sign is free, but the
      same for both sets.
    - "whiten": as "pca", with column j divided by sqrt(l_j + eps).

    Args:
        X_train: (N, D) training examples, N > D.
        X_test: (M, D) test examples; M can be 1.
        kind: one of the four above.
        eps: number > 0 that keeps the divisions finite.

    Returns:
        Two new arrays, (N, D) and (M, D): the training and the test set, prepared in the same way.

    Raises:
        ValueError: for any other `kind`.
    """
    raise NotImplementedError("preprocess_train_test: your code here")
