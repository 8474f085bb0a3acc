# Generated from solutions/a3_optimizers/optim.py by `autograder starter`.
# Write your code where it says NotImplementedError.
"""Update rules: what to do with a gradient once it is there.

Every rule has the same form, rule(w, dw, config) -> (next_w, config):

    w       array of any shape, the parameters.
    dw      array of the same shape, the gradient of the loss with respect to w. It stays unchanged.
    config  dict with the rule's hyper-parameters and, after the first step, its state. Missing
            hyper-parameters get the default that the rule states; None stands for an empty dict.
            Every parameter array of a model has a config of its own.

    next_w  array like w, of the same floating type (float32 stays float32).
    config  the dict to hand to the next step. It may be the one that came in, changed in place, or
            another one: whoever calls a rule goes on with the one that is returned.
"""

import numpy as np


def sgd(w, dw, config=None):
    """Plain stochastic gradient descent: w <- w - learning_rate * dw.

    Args:
        w: parameters, an array of any shape.
        dw: gradient, of the shape of w.
        config: dict or None; learning_rate (1e-2) is the only hyper-parameter, there is no state.

    Returns:
        next_w: the parameters after the step.
        config: dict for the next step.
    """
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    raise NotImplementedError("sgd: your code here")


def ewma(theta, beta, bias_correction=False):
    """Exponentially weighted moving average of a series.

    The average starts at v_0 = 0, and v_t = beta * v_{t-1} + (1 - beta) * theta_t for t = 1, 2, ...
    It is too small at first, because it started at 0. The corrected average is v_t / (1 - beta^t);
    the recursion itself always goes on with the uncorrected v_t.

    Args:
        theta: (T,) array, the series theta_1 to theta_T; integers or floats.
        beta: share of the old average that is kept, 0 <= beta < 1.
        bias_correction: True to return the corrected averages.

    Returns:
        (T,) float array of v_1 to v_T, or of the corrected ones.
    """
    raise NotImplementedError("ewma: your code here")


def ewma_window(beta):
    """How many values a moving average looks back on, roughly: 1 / (1 - beta).

    The weight of a value that is so many steps old has fallen to about 1 / e of the newest one's.

    Args:
        beta: share of the old average that is kept, 0 <= beta < 1.

    Returns:
        float, for instance 10 (days) for beta = 0.9. It is not rounded.
    """
    raise NotImplementedError("ewma_window: your code here")


def sgd_momentum(w, dw, config=None):
    """Gradient descent with momentum: a velocity gathers the gradients, and w moves along with it.

    The new velocity is momentum * velocity - learning_rate * dw, so it points downhill; then it is
    added to w. The learning rate stands inside the velocity. The velocity starts at 0.

    Args:
        w: parameters, an array of any shape.
        dw: gradient, of the shape of w.
        config: dict or None; learning_rate (1e-2), momentum (0.9), and the state velocity, an
            array like w.

    Returns:
        next_w: the parameters after the step.
        config: dict for the next step, with the new velocity.
    """
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    config.setdefault("velocity", np.zeros_like(w))
    raise NotImplementedError("sgd_momentum: your code here")


def nesterov(w, grad_fn, config=None):
    """Nesterov momentum as it was thought of: look ahead first, then take the gradient.

    The old velocity alone would carry w to w + momentum * velocity. The gradient is taken there:
    the new velocity is momentum * velocity - learning_rate * grad_fn(w + momentum * velocity), and
    it is added to w (not to the point ahead). The velocity starts at 0.

    Args:
        w: parameters, an array of any shape.
        grad_fn: function; grad_fn(x) is the gradient of the loss at x, an array of the shape of w.
            Call it once.
        config: dict or None; learning_rate (1e-2), momentum (0.9), and the state velocity, an
            array like w.

    Returns:
        next_w: the parameters after the step.
        config: dict for the next step, with the new velocity.
    """
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    config.setdefault("velocity", np.zeros_like(w))
    raise NotImplementedError("nesterov: your code here")


def nesterov_rewritten(w, dw, config=None):
    """Nesterov momentum for a gradient that is known at w only, as backpropagation gives it.

    Call the point ahead, x + momentum * velocity, by the name w, and write the rule of `nesterov`
    in terms of it. With v_prev the old velocity and v the new one:

        v = momentum * v_prev - learning_rate * dw
        w <- w - momentum * v_prev + (1 + momentum) * v

    The velocity is the same as in `nesterov` and starts at 0.

    Args:
        w: parameters (the points ahead), an array of any shape.
        dw: gradient at w, of the shape of w.
        config: dict or None; learning_rate (1e-2), momentum (0.9), and the state velocity, an
            array like w.

    Returns:
        next_w: the parameters after the step.
        config: dict for the next step, with the new velocity v.
    """
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    config.setdefault("velocity", np.zeros_like(w))
    raise NotImplementedError("nesterov_rewritten: your code here")


def adagrad(w, dw, config=None):
    """Adagrad: each number in w has its own step, smaller the more its gradients have moved it.

    The cache adds up all squared gradients, the new one included, and starts at 0. The step is
    learning_rate * dw / (sqrt(cache) + epsilon). Epsilon is added outside the root.

    Args:
        w: parameters, an array of any shape.
        dw: gradient, of the shape of w.
        config: dict or None; learning_rate (1e-2), epsilon (1e-8), and the state cache, an array
            like w.

    Returns:
        next_w: the parameters after the step.
        config: dict for the next step, with the new cache.
    """
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("cache", np.zeros_like(w))
    raise NotImplementedError("adagrad: your code here")


def rmsprop(w, dw, config=None):
    """RMSProp: as Adagrad, but old gradients are forgotten, so that the steps do not die out.

    The cache is a moving average of squared gradients: decay_rate is the share of the old cache
    that is kept, and 1 - decay_rate that of the new square. It starts at 0 and is not corrected for
    that. The step is learning_rate * dw / (sqrt(cache) + epsilon), with the new cache. Epsilon is
    added outside the root.

    Args:
        w: parameters, an array of any shape.
        dw: gradient, of the shape of w.
        config: dict or None; learning_rate (1e-2), decay_rate (0.99), epsilon (1e-8), and the state
            cache, an array like w.

    Returns:
        next_w: the parameters after the step.
        config: dict for the next step, with the new cache.
    """
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("decay_rate", 0.99)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("cache", np.zeros_like(w))
    raise NotImplementedError("rmsprop: your code here")


def adam(w, dw, config=None):
    """Adam: RMSProp with momentum, and both averages corrected for their start at 0.

    t counts the steps: it is 0 before the first and is raised before it is used, so that the first
    step works with t = 1. Then

        m = beta1 * m + (1 - beta1) * dw            v = beta2 * v + (1 - beta2) * dw^2
        m_hat = m / (1 - beta1^t)                   v_hat = v / (1 - beta2^t)
        w <- w - learning_rate * m_hat / (sqrt(v_hat) + epsilon)

    Epsilon is added outside the root of the corrected second moment. (A form that is often seen,
    learning_rate * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon), is not the same
    thing: its epsilon acts on the uncorrected root, and weighs more in the first steps.) The state
    holds m and v as they are in the recursion, not the corrected ones.

    Args:
        w: parameters, an array of any shape.
        dw: gradient, of the shape of w.
        config: dict or None; learning_rate (1e-3), beta1 (0.9), beta2 (0.999), epsilon (1e-8), and
            the state: m and v, arrays like w, and t, the number of steps made.

    Returns:
        next_w: the parameters after the step.
        config: dict for the next step, with the new m, v and t.
    """
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-3)
    config.setdefault("beta1", 0.9)
    config.setdefault("beta2", 0.999)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("m", np.zeros_like(w))
    config.setdefault("v", np.zeros_like(w))
    config.setdefault("t", 0)
    raise NotImplementedError("adam: your code here")


def adamw(w, dw, config=None):
    """AdamW: Adam, and beside it a pull of the weights towards 0 that does not go through Adam.

    With L2 regularisation in the loss, reg * w would be a part of dw and Adam would divide it away.
    Here the decay is decoupled: w <- w - (Adam's step) - learning_rate * weight_decay * w, where w
    on the right is the one before the step, m and v see dw alone, and the decay is multiplied by
    the learning rate. You may call adam.

    Args:
        w: parameters, an array of any shape.
        dw: gradient of the loss without any penalty, of the shape of w.
        config: dict or None; weight_decay (1e-2), and all that adam has, with the same defaults.

    Returns:
        next_w: the parameters after the step.
        config: dict for the next step, with the new m, v and t.
    """
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-3)
    config.setdefault("weight_decay", 1e-2)
    raise NotImplementedError("adamw: your code here")
