"""Hidden suite for nets.py: a network of three layers with parameters."""

import numpy as np
import pytest

from autograder.suite import exercise

WEIGHTS, BIASES = ("W1", "W2", "W3"), ("b1", "b2", "b3")
AXES = {
    "W1": "F C filter_size filter_size", "b1": "F", "W2": "F*H/2*W/2 M", "b2": "M",
    "W3": "M K", "b3": "K", "scores": "N K",
}  # fmt: skip
FLOAT = "kind = np.float64"


def arguments(**other):
    """The sizes of a small network, everything of another size than everything else."""
    sizes = {"input_dim": (2, 6, 4), "num_filters": 5, "filter_size": 3, "hidden_dim": 7}
    return sizes | {"num_classes": 4} | other


def nets(student, reference, rng, sandbox, **other):
    """A network of the student's and one of the reference's with the same random parameters."""
    given = arguments(**other)
    mine = reference.ThreeLayerConvNet(**given, dtype=np.float64)
    theirs = student.ThreeLayerConvNet(**given, dtype=sandbox.define(FLOAT, "kind"))
    for name, value in mine.params.items():
        mine.params[name] = rng.normal(size=value.shape) / np.sqrt(max(1, value[..., 0].size))
        theirs.params[name] = mine.params[name]
    return theirs, mine


def batch(rng, N, given):
    """Random images and labels."""
    return rng.normal(size=(N, *given["input_dim"])), rng.integers(given["num_classes"], size=N)


# --- parameters ---


@exercise("convnet_init")
@pytest.mark.parametrize("other", [{}, {"filter_size": 5, "input_dim": (1, 4, 8)}])
def test_shapes_of_the_parameters(student, reference, close, sandbox, check, other):
    """Names and shapes, single precision unless asked for double, and biases of zero."""
    for kind in (np.float32, np.float64):
        given = arguments(**other) | ({} if kind == np.float32 else {"dtype": kind})
        want = reference.ThreeLayerConvNet(**given).params
        dtype = {} if kind == np.float32 else {"dtype": sandbox.define(FLOAT, "kind")}
        params = sandbox.fetch(student.ThreeLayerConvNet(**given | dtype).params)
        for name in BIASES:
            got = params.get(name) if isinstance(params, dict) else None
            start = isinstance(got, np.ndarray) and got.any()
            check(not start, f"{name} must be zero at the start: a bias needs no randomness.")
            close(got, want[name], names=name, axes=AXES[name])
        for name in WEIGHTS:
            got = params.get(name)
            check(isinstance(got, np.ndarray), f"self.params[{name!r}] must be a numpy array.")
            shape = f"{name} must have the shape ({AXES[name].replace(' ', ', ')})."
            check(got.shape == want[name].shape, shape)
            check(got.dtype == kind, f"{name} must have the given dtype.")


@exercise("convnet_init")
def test_spread_of_the_weights(student, rng, sandbox, check):
    """The weights are independent, around 0, with the standard deviation that is asked for."""
    given = {"input_dim": (3, 8, 8), "num_filters": 20, "filter_size": 7, "hidden_dim": 60}
    for scale in (0.03, 2.0):
        net = student.ThreeLayerConvNet(**given, num_classes=40, weight_scale=scale)
        params = sandbox.fetch(net.params)
        for name in WEIGHTS:
            w = np.asarray(params[name], dtype=float)
            mean, std, bound = np.mean(w), np.std(w), 6 / np.sqrt(w.size)
            check(std > 0, f"All entries of {name} are the same: draw them at random.")
            same = f"Some entries of {name} are copies of others: draw each by itself."
            check(np.unique(w).size > 0.9 * w.size, same)
            spread = f"The standard deviation of {name} must be weight_scale."
            check(abs(std / scale - 1) < bound / np.sqrt(2), spread)
            check(abs(mean) < bound * scale, f"The mean of {name} must be zero.")
            tails = np.mean(np.abs(w) > 2 * scale)
            normal = f"The entries of {name} must be drawn from a normal distribution."
            check(abs(tails - 0.0455) < 6 * np.sqrt(0.0455 / w.size), normal)


# --- scores, loss, gradients ---


def forward(params, X, swap=False, relu=(True, True), pad=None, channels_last=False, bias=None):
    """Scores of the network, or of one with a mistake in it."""
    W1, W2, W3 = (params[name] for name in WEIGHTS)
    b1, b2, b3 = (params[name] * (name != bias) for name in BIASES)
    pad = (W1.shape[2] - 1) // 2 if pad is None else pad
    padded = np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    views = np.lib.stride_tricks.sliding_window_view(padded, W1.shape[2:], axis=(2, 3))
    maps = np.einsum("nchwij,fcij->nfhw", views, W1) + b1[:, None, None]
    if relu[0]:
        maps = np.maximum(0, maps)
    N, F, H, W = maps.shape
    blocks = maps[:, :, : H // 2 * 2, : W // 2 * 2].reshape(N, F, H // 2, 2, W // 2, 2)
    pooled = np.mean(blocks, axis=(3, 5)) if swap else np.max(blocks, axis=(3, 5))
    if channels_last:
        pooled = pooled.transpose(0, 2, 3, 1)
    hidden = pooled.reshape(N, -1) @ W2 + b2
    return (np.maximum(0, hidden) if relu[1] else hidden) @ W3 + b3


def score_suspects(params, X, want):
    """Scores of the usual mistakes."""
    known = {
        "The ReLU after the convolution is missing.": {"relu": (False, True)},
        "The ReLU after the hidden layer is missing.": {"relu": (True, False)},
        "Both ReLUs are missing.": {"relu": (False, False)},
        "The pooling takes the mean; it takes the largest value.": {"swap": True},
        "The features are flattened channels last; they have the order of the feature maps.": {
            "channels_last": True
        },
        "The bias b1 is missing.": {"bias": "b1"},
        "The bias b2 is missing.": {"bias": "b2"},
        "The bias b3 is missing.": {"bias": "b3"},
    }
    suspects = {
        text: lambda mistake=mistake: forward(params, X, **mistake)
        for text, mistake in known.items()
    }
    suspects["The scores go through a ReLU; they come straight from the last layer."] = lambda: (
        np.maximum(0, want)
    )
    suspects["These are probabilities; the scores before the softmax are asked for."] = lambda: (
        np.exp(want) / np.sum(np.exp(want), axis=1, keepdims=True)
    )
    return suspects


@exercise("convnet_loss")
def test_scores(student, reference, rng, close, sandbox):
    """Without labels the result is the scores, for filters of several sizes."""
    for other in ({}, {"filter_size": 5, "input_dim": (1, 4, 8)}, {"filter_size": 1}):
        theirs, mine = nets(student, reference, rng, sandbox, **other)
        X, _ = batch(rng, 3, arguments(**other))
        want = mine.loss(X)
        suspects = score_suspects(mine.params, X, want)
        close(theirs.loss(X), want, names="scores", axes=AXES["scores"], suspects=suspects)


def grad_suspects(mine, X, y, want):
    """Gradients, at reg = 0, of the usual mistakes."""
    loss, grads = want
    N = len(y)
    suspects = {
        "The loss is summed over the images; take the mean.": lambda: {"loss": loss * N},
        "The gradients are summed over the images; take the mean.": lambda: {
            "grads": {name: grad * N for name, grad in grads.items()}
        },
        "The gradients are divided by the number of images twice.": lambda: {
            "grads": {name: grad / N for name, grad in grads.items()}
        },
        "The one at the true class is not subtracted from the probabilities.": lambda: {
            "grads": {"b3": grads["b3"] + np.bincount(y, minlength=grads["b3"].size) / N}
        },
        "All gradients have the wrong sign.": lambda: {
            "grads": {name: -grad for name, grad in grads.items()}
        },
        "The gradient of the second ReLU is missing: nothing comes back where it was zero.": (
            lambda: {"grads": {"W2": no_relu(mine, X, y)}}
        ),
    }
    for name in grads:
        suspects[f"{name} gets no gradient."] = lambda name=name: {
            "grads": {name: np.zeros(grads[name].shape)}
        }
    for name in BIASES:
        suspects[f"The gradient of {name} is a mean over the images; add them up."] = (
            lambda name=name: {"grads": {name: grads[name] / N}}
        )
    return suspects


def no_relu(mine, X, y):
    """The gradient of W2 when all of the upstream gradient passes the second ReLU."""
    params = mine.params
    scores = mine.loss(X)
    p = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    p /= np.sum(p, axis=1, keepdims=True)
    p[np.arange(len(y)), y] -= 1
    dhidden = p / len(y) @ params["W3"].T
    features = features_of(params, X)
    return features.T @ dhidden


def features_of(params, X):
    """The flattened features behind the pooling."""
    size = params["W2"].shape[0]
    probe = dict(params, W2=np.eye(size), b2=np.zeros(size), W3=np.eye(size), b3=np.zeros(size))
    return forward(probe, X)


@exercise("convnet_loss", weight=3)
def test_loss_and_gradients(student, reference, rng, close, sandbox):
    """The loss and the gradient of each parameter, without regularisation."""
    for N, other in ((3, {}), (1, {"filter_size": 5, "input_dim": (1, 4, 8)}), (4, {})):
        theirs, mine = nets(student, reference, rng, sandbox, **other)
        X, y = batch(rng, N, arguments(**other))
        want = mine.loss(X, y)
        suspects = grad_suspects(mine, X, y, want)
        close(theirs.loss(X, y), want, names=("loss", "grads"), rtol=1e-10, axes=AXES,
              sizes={"N": N}, suspects=suspects)  # fmt: skip


def penalty_suspects(params, reg, want, free):
    """Losses and gradients of the usual mistakes in the regularisation."""
    loss = want[0]
    squares = {name: np.sum(value**2) for name, value in params.items()}
    all_weights = sum(squares[name] for name in WEIGHTS)
    bare = loss - 0.5 * reg * all_weights

    def gradient(factor, names=WEIGHTS):
        return {"grads": {name: free[1][name] + factor * reg * params[name] for name in names}}

    suspects = {
        "The penalty is missing in the loss.": lambda: {"loss": bare},
        "The penalty has a factor 1/2: 0.5 * reg * sum(W * W).": lambda: {
            "loss": bare + reg * all_weights
        },
        "The biases are regularised in the loss; only weights are.": lambda: {
            "loss": bare + 0.5 * reg * sum(squares.values())
        },
        "The penalty is divided by the number of images.": lambda: {
            "loss": bare + 0.5 * reg * all_weights / 3
        },
        "The gradient of the penalty is missing.": lambda: gradient(0),
        "The gradient of the penalty is reg * W: the 1/2 and the 2 cancel.": lambda: gradient(2),
        "The gradient of the penalty is reg * W: it has a 1/2 too many.": lambda: gradient(0.5),
        "The biases are regularised in the gradients; only weights are.": lambda: gradient(
            1, BIASES
        ),
    }
    for name in WEIGHTS:
        suspects[f"{name} is not regularised in the loss."] = lambda name=name: {
            "loss": loss - 0.5 * reg * squares[name]
        }
        suspects[f"The gradient of the penalty is missing in {name}."] = lambda name=name: gradient(
            0, [name]
        )
    return suspects


@exercise("convnet_loss")
def test_regularisation(student, reference, rng, close, sandbox):
    """The penalty is half of reg times the sum of all squared weights, with its gradient."""
    theirs, mine = nets(student, reference, rng, sandbox, reg=0.7)
    X, y = batch(rng, 3, arguments())
    want = mine.loss(X, y)
    mine.reg = 0.0
    suspects = penalty_suspects(mine.params, 0.7, want, mine.loss(X, y))
    got = theirs.loss(X, y)
    close(got, want, names=("loss", "grads"), rtol=1e-10, axes=AXES, suspects=suspects)


@exercise("convnet_loss", weight=0.5)
def test_large_scores(student, reference, rng, close, sandbox):
    """Scores in the thousands neither overflow nor lose the small ones."""
    theirs, mine = nets(student, reference, rng, sandbox)
    X, y = batch(rng, 3, arguments())
    want = mine.loss(5000 * X, y)
    got = theirs.loss(5000 * X, y)
    close(got, want, names=("loss", "grads"), rtol=1e-10, axes=AXES)
