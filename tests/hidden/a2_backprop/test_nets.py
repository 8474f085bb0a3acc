"""Hidden suite for nets.py: scores, loss and gradients of networks at given parameters."""

import numpy as np

from autograder.suite import exercise

ALL = ("loss", "grads")


def layer_sizes(D, hidden, C):
    """Names and shapes of the parameters of a network."""
    sizes = [D, *hidden, C]
    shapes = {}
    for layer in range(1, len(sizes)):
        shapes[f"W{layer}"] = (sizes[layer - 1], sizes[layer])
        shapes[f"b{layer}"] = (sizes[layer],)
    return shapes


def parameters(rng, D, hidden, C):
    """Random parameters, biases included, that leave about half of the neurons on."""
    shapes = layer_sizes(D, hidden, C)
    return {name: rng.normal(size=shape) / np.sqrt(shape[0]) for name, shape in shapes.items()}


def put(model, params):
    """Give a network parameters."""
    for name, value in params.items():
        model.params[name] = value


# --- what mistakes would give ---


def simulate(params, X, y, reg, on, *, on_top=False, back=None):
    """Loss and gradients of a network with rectifiers where `on` says, backwards where `back`."""
    L, N, hs, slopes = len(params) // 2, len(X), [X.reshape(len(X), -1)], []
    for layer in range(1, L + 1):
        h = hs[-1] @ params[f"W{layer}"] + params[f"b{layer}"]
        rectified = on(layer) if layer < L else on_top
        slopes.append((h > 0) if (back or on)(layer) or (layer == L and on_top) else 1.0)
        hs.append(np.maximum(0, h) if rectified else h)
    p = np.exp(hs[-1] - hs[-1].max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    loss = -np.mean(np.log(p[np.arange(N), y]))
    d, grads = (p - np.eye(p.shape[1])[y]) / N, {}
    for layer in range(L, 0, -1):
        W = params[f"W{layer}"]
        d = d * slopes[layer - 1] if layer < L or on_top else d
        grads[f"W{layer}"] = hs[layer - 1].T @ d + reg * W
        grads[f"b{layer}"] = d.sum(0)
        d = d @ W.T
        loss += 0.5 * reg * np.sum(W**2)
    return loss, grads


def net_suspects(params, X, y, reg, want):
    """Wrong losses and gradients that name the mistake behind them."""

    def net(on, **kw):
        return lambda: simulate(params, X, y, reg, on, **kw)

    return {
        "The rectifiers are missing.": net(lambda _: False),
        "A rectifier follows the last layer too; scores must be free to be negative.": net(
            lambda _: True, on_top=True
        ),
        "Only the first layer has a rectifier; every hidden layer needs one.": net(
            lambda layer: layer == 1
        ),
        "The first layer has no rectifier.": net(lambda layer: layer > 1),
        "The last hidden layer has no rectifier.": net(lambda layer: layer < len(params) // 2 - 1),
        "The backward pass skips the rectifiers.": net(lambda _: True, back=lambda _: False),
        **scale_suspects(params, len(X), reg, want[1]),
        **reg_suspects(params, reg, want),
    }


def scale_suspects(params, N, reg, grads):
    """Gradients whose part from the data is too large, too small or turned round."""

    def times(factor):
        penalty = {name: reg * params[name] * (name[0] == "W") for name in grads}
        wrong = {name: factor * (g - penalty[name]) + penalty[name] for name, g in grads.items()}
        return lambda: {"grads": wrong}

    return {
        "The gradients are not divided by N.": times(N),
        "The gradients are divided by N once more.": times(1 / N),
        "The gradients of the data have the wrong sign.": times(-1),
        "The gradients are the penalty's alone.": times(0),
    }


def reg_suspects(params, reg, want):
    """Wrong regularisation of any network: of the loss, of the gradients, or of both."""
    if reg == 0:
        return {}
    loss, grads = want
    weights = [name for name in params if name.startswith("W")]
    squares = {name: np.sum(value**2) for name, value in params.items()}
    penalty = sum(squares[name] for name in weights)
    extra = sum(squares.values()) - penalty

    def plus(factor, names):
        return {name: grads[name] + factor * reg * params[name] for name in names}

    def loss_plus(more):
        return {"loss": loss + reg * more}

    said = {
        "The loss lacks the factor one half of the penalty.": loss_plus(0.5 * penalty)
        | {"grads": plus(1, weights)},
        "The penalty's factor one half is missing in the loss.": loss_plus(0.5 * penalty),
        "The penalty is missing in loss and gradients.": loss_plus(-0.5 * penalty)
        | {"grads": plus(-1, weights)},
        "The penalty is missing in the loss.": loss_plus(-0.5 * penalty),
        "The penalty is divided by the number of examples.": loss_plus(-0.5 * penalty * 0.8),
        "The biases are regularised; only weights are.": loss_plus(0.5 * extra),
        "The penalty has the wrong sign in the loss.": loss_plus(-penalty),
        "The gradient of the penalty is missing.": {"grads": plus(-1, weights)},
        "The gradient of the penalty is twice what it should be: with the half it is reg * W.": {
            "grads": plus(1, weights)
        },
        "The gradient of the penalty is halved: the one half cancels the 2 of the square.": {
            "grads": plus(-0.5, weights)
        },
        "The gradient of the penalty has the wrong sign.": {"grads": plus(-2, weights)},
        "The biases' gradients hold a penalty; only weights are regularised.": {
            "grads": {name: grads[name] + reg * params[name] for name in params if name[0] == "b"}
        },
    }
    for name in weights:
        said[f"The penalty of {name} is missing in the loss."] = loss_plus(-0.5 * squares[name])
        others = {other: grads[other] for other in weights if other != name}
        said[f"The penalty of {name} is missing in its gradient."] = {
            "grads": plus(-1, [name]) | others
        }
        alone = plus(-1, list(others)) | {name: grads[name]}
        said[f"Only the gradient of {name} holds its penalty."] = {"grads": alone}
    return {why: lambda wrong=wrong: wrong for why, wrong in said.items()}


# --- two layers ---


@exercise("two_layer_net")
def test_two_layer_scores(student, reference, rng, close):
    """Without labels, loss gives the scores, of images too; the last parameters count."""
    D, H, C = 12, 9, 4
    model = student.TwoLayerNet(input_dim=D, hidden_dim=H, num_classes=C, reg=0.7)
    ours = reference.TwoLayerNet(D, H, C, reg=0.7)
    for shape in ((5, 12), (2, 3, 2, 2), (1, 12)):
        params, X = parameters(rng, D, (H,), C), rng.normal(size=shape)
        put(model, params), put(ours, params)
        rows, (W1, b1, W2, b2) = X.reshape(len(X), -1), params.values()
        hidden = np.maximum(0, rows @ W1 + b1)
        suspects = {
            "The rectifier is missing.": lambda r=rows, p=(W1, b1, W2, b2): (
                (r @ p[0] + p[1]) @ p[2] + p[3]
            ),
            "A rectifier follows the scores; they must be free to be negative.": (
                lambda h=hidden, W=W2, b=b2: np.maximum(0, h @ W + b)
            ),
            "The second bias is missing.": lambda h=hidden, W=W2: h @ W,
            "The first bias is missing.": lambda r=rows, p=(W1, W2, b2): (
                np.maximum(0, r @ p[0]) @ p[1] + p[2]
            ),
        }
        got = model.loss(X)
        close(got, ours.loss(X), names="scores", axes="N C", suspects=suspects)


@exercise("two_layer_net", weight=3)
def test_two_layer_loss_and_gradients(student, reference, rng, close):
    """Loss and all gradients, with and without regularisation."""
    D, H, C, N = 6, 8, 3, 5
    for reg in (0.0, 0.7):
        params = parameters(rng, D, (H,), C)
        X, y = rng.normal(size=(N, 2, 3)), rng.integers(C, size=N)
        model = student.TwoLayerNet(input_dim=D, hidden_dim=H, num_classes=C, reg=reg)
        ours = reference.TwoLayerNet(D, H, C, reg=reg)
        put(model, params), put(ours, params)
        want = ours.loss(X, y)
        suspects = net_suspects(params, X, y, reg, want)
        close(model.loss(X, y), want, names=ALL, sizes={"N": N}, suspects=suspects)


@exercise("two_layer_net", weight=0.5)
def test_two_layer_parameters_stay(student, rng, sandbox, check):
    """Computing loss and gradients changes neither parameters nor examples."""
    params, (X, y) = parameters(rng, 6, (5,), 3), (rng.normal(size=(4, 6)), np.array([0, 2, 1, 1]))
    model = student.TwoLayerNet(input_dim=6, hidden_dim=5, num_classes=3, reg=0.7)
    put(model, params)
    kept = sandbox.put(X)
    model.loss(kept, y)
    check(np.array_equal(sandbox.fetch(kept), X), "X is changed by loss: work on a copy.")
    after = sandbox.fetch(model.params)
    for name, value in params.items():
        same = np.array_equal(after[name], value)
        check(same, f"loss changes params[{name!r}]; only the caller takes steps.")


# --- any number of layers ---


def build(both, sandbox, rng, sizes, **kw):
    """The student's network and ours with the same parameters, and these."""
    (student, reference), (D, hidden, C) = both, sizes
    dtype = sandbox.define("dtype = np.float64", "dtype")
    theirs = student.FullyConnectedNet(list(hidden), input_dim=D, num_classes=C, dtype=dtype, **kw)
    ours = reference.FullyConnectedNet(hidden, input_dim=D, num_classes=C, dtype=float, **kw)
    params = parameters(rng, D, hidden, C)
    put(theirs, params), put(ours, params)
    return theirs, ours, params


@exercise("fully_connected_net")
def test_deep_scores(student, reference, rng, close, sandbox):
    """Without labels, loss gives the scores, of images too."""
    for hidden in ((7, 5, 6), (4, 4), (6,), ()):
        theirs, ours, params = build((student, reference), sandbox, rng, (12, hidden, 4), reg=0.7)
        for shape in ((5, 12), (1, 3, 2, 2)):
            X = rng.normal(size=shape)
            ends = np.maximum(0, ours.loss(X))
            suspects = {
                "A rectifier follows the last layer too; scores can be negative.": (
                    lambda ends=ends: ends
                ),
                "The rectifiers are missing: the layers collapse into one.": (
                    lambda p=params, X=X: linear(p, X)
                ),
            }
            close(theirs.loss(X), ours.loss(X), names="scores", axes="N C", suspects=suspects)


def linear(params, X):
    """Scores of a network without rectifiers."""
    h = X.reshape(len(X), -1)
    for layer in range(1, len(params) // 2 + 1):
        h = h @ params[f"W{layer}"] + params[f"b{layer}"]
    return h


@exercise("fully_connected_net", weight=3)
def test_deep_loss_and_gradients(student, reference, rng, close, sandbox):
    """Loss and all gradients for several depths, with and without regularisation."""
    for hidden, reg in (((8, 6, 7), 0.7), ((5, 5), 0.0), ((), 0.7), ((6,), 0.3)):
        theirs, ours, params = build((student, reference), sandbox, rng, (6, hidden, 3), reg=reg)
        X, y = rng.normal(size=(5, 2, 3)), rng.integers(3, size=5)
        want = ours.loss(X, y)
        suspects = net_suspects(params, X, y, reg, want)
        close(theirs.loss(X, y), want, names=ALL, sizes={"N": 5}, suspects=suspects)


@exercise("fully_connected_net", weight=0.5)
def test_deep_parameters_stay(student, reference, rng, sandbox, check):
    """Computing loss and gradients changes neither parameters nor examples."""
    theirs, _, params = build((student, reference), sandbox, rng, (6, (5, 4), 3), reg=0.7)
    X, y = rng.normal(size=(4, 6)), np.array([0, 2, 1, 1])
    kept = sandbox.put(X)
    theirs.loss(kept, y)
    check(np.array_equal(sandbox.fetch(kept), X), "X is changed by loss: work on a copy.")
    after = sandbox.fetch(theirs.params)
    for name, value in params.items():
        same = np.array_equal(after[name], value)
        check(same, f"loss changes params[{name!r}]; only the caller takes steps.")
