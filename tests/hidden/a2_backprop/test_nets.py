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


def check_weights(check, W, scale):
    """Check that weights look drawn from a normal distribution of this scale around 0."""
    wide = 6 * np.std(W) / np.sqrt(W.size)
    check(np.any(W), "The weights start at zero: then all neurons stay alike.")
    check(abs(np.mean(W)) < wide, "The weights' mean is not zero: draw them normally, around 0.")
    check(
        abs(np.std(W) / scale - 1) < 6 / np.sqrt(2 * W.size),
        "The weights' standard deviation is not weight_scale.",
    )


# --- scores ---


@exercise("three_layer_forward")
def test_three_layers(student, reference, rng, close):
    """Scores of networks of several sizes; the inputs are only read."""
    for N, D, H1, H2, C in ((6, 4, 5, 7, 3), (1, 3, 3, 3, 3), (4, 4, 4, 4, 4)):
        X, params = rng.normal(size=(N, D)), parameters(rng, D, (H1, H2), C)
        for array in (X, *params.values()):
            array.flags.writeable = False
        got, want = (m.three_layer_forward(X, params) for m in (student, reference))
        close(got, want, names="scores", axes="N C", suspects=three_suspects(X, params))


def three_suspects(X, params):
    """Wrong scores that name the mistake behind them."""
    W1, b1, W2, b2, W3, b3 = params.values()

    def run(on1=True, on2=True, on3=False, biases=(1, 1, 1), X=X):
        h = X
        steps = ((W1, b1, on1), (W2, b2, on2), (W3, b3, on3))
        for (W, b, on), share in zip(steps, biases, strict=True):
            h = h @ W + share * b
            h = np.maximum(0, h) if on else h
        return h

    late = np.maximum(0, X @ W1) + b1
    late = np.maximum(0, late @ W2) + b2
    return {
        "A rectifier follows the last layer too; scores can be negative.": lambda: run(on3=True),
        "The rectifier after the first layer is missing.": lambda: run(on1=False),
        "The rectifier after the second layer is missing.": lambda: run(on2=False),
        "There is no rectifier at all: three linear layers are one.": lambda: run(False, False),
        "The biases are missing.": lambda: run(biases=(0, 0, 0)),
        "The first bias is missing.": lambda: run(biases=(0, 1, 1)),
        "The second bias is missing.": lambda: run(biases=(1, 0, 1)),
        "The last bias is missing.": lambda: run(biases=(1, 1, 0)),
        "The rectifier is applied to the examples; it follows the layers.": (
            lambda: run(X=np.maximum(0, X))
        ),
        "The biases are added after the rectifier.": lambda: late @ W3 + b3,
    }


# --- two layers ---


def two_layers(params, X, y, reg, *, on=True, on_top=False, skip=False):
    """Loss and gradients of a two-layer network that can be told to make mistakes."""
    W1, b1, W2, b2 = params.values()
    X, N = X.reshape(len(X), -1), len(X)
    a = X @ W1 + b1
    h = np.maximum(0, a) if on else a
    s = h @ W2 + b2
    s = np.maximum(0, s) if on_top else s
    p = np.exp(s - s.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    loss = -np.mean(np.log(p[np.arange(N), y]))
    ds = (p - np.eye(s.shape[1])[y]) / N
    ds = ds * (s > 0) if on_top else ds
    dh = ds @ W2.T * ((a > 0) if on and not skip else 1)
    grads = {"W1": X.T @ dh, "b1": dh.sum(0), "W2": h.T @ ds, "b2": ds.sum(0)}
    loss += 0.5 * reg * sum(np.sum(params[name] ** 2) for name in ("W1", "W2"))
    return loss, grads | {name: grads[name] + reg * params[name] for name in ("W1", "W2")}


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


def two_suspects(params, X, y, reg, want):
    """Wrong losses and gradients that name the mistake behind them."""
    _, grads = want
    N = len(X)

    def data(factor):
        """Gradients with the data's part times a factor."""
        return {
            name: factor * (grad - reg * params[name] * (name[0] == "W")) + _penalty(name)
            for name, grad in grads.items()
        }

    def _penalty(name):
        return reg * params[name] if name[0] == "W" else 0

    return {
        "The scores pass a rectifier before the softmax; they must be free to be negative.": (
            lambda: two_layers(params, X, y, reg, on_top=True)
        ),
        "The rectifier is missing.": lambda: two_layers(params, X, y, reg, on=False),
        "The backward pass skips the rectifier.": lambda: two_layers(params, X, y, reg, skip=True),
        "The gradients are not divided by N.": lambda: {"grads": data(N)},
        "The gradients are divided by N once more.": lambda: {"grads": data(1 / N)},
        "The gradients of the data have the wrong sign.": lambda: {"grads": data(-1)},
        "The gradients of W1 and W2 are the penalty's alone.": lambda: {
            "grads": {name: reg * params[name] for name in ("W1", "W2")}
        },
    } | reg_suspects(params, reg, want)


@exercise("two_layer_net")
def test_two_layer_parameters(student, rng, sandbox, check, exact):
    """Names and shapes of the parameters; weights drawn with weight_scale, biases zero."""
    D, H, C, scale = 60, 50, 7, float(rng.uniform(0.02, 0.2))
    model = student.TwoLayerNet(input_dim=D, hidden_dim=H, num_classes=C, weight_scale=scale)
    params = sandbox.fetch(model.params)
    for name, shape in layer_sizes(D, (H,), C).items():
        check(name in params, f"params has no {name!r}.")
        exact(np.shape(params[name]), shape, names=f"the shape of {name}")
        if name.startswith("b"):
            check(not np.any(params[name]), f"{name} should start at zero.")
        else:
            check_weights(check, params[name], scale)


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
        suspects = two_suspects(params, X, y, reg, want)
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


def deep(params, X, y, reg, on, *, on_top=False, back=None):
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


def deep_suspects(params, X, y, reg, want):
    """Wrong losses and gradients that name the mistake behind them."""

    def always(_layer):
        return True

    def never(_layer):
        return False

    return {
        "The rectifiers are missing.": lambda: deep(params, X, y, reg, never),
        "A rectifier follows the last layer too; scores must be free to be negative.": (
            lambda: deep(params, X, y, reg, always, on_top=True)
        ),
        "Only the first layer has a rectifier; every hidden layer needs one.": (
            lambda: deep(params, X, y, reg, lambda layer: layer == 1)
        ),
        "The first layer has no rectifier.": (
            lambda: deep(params, X, y, reg, lambda layer: layer > 1)
        ),
        "The last hidden layer has no rectifier.": (
            lambda: deep(params, X, y, reg, lambda layer: layer < len(params) // 2 - 1)
        ),
        "The backward pass skips the rectifiers.": (
            lambda: deep(params, X, y, reg, always, back=never)
        ),
    } | reg_suspects(params, reg, want)


@exercise("fully_connected_net")
def test_deep_parameters(student, sandbox, rng, check, exact):
    """Names, shapes and types of the parameters for zero to three hidden layers."""
    for hidden, kind in (((40, 30, 50), "float64"), ((40,), "float32"), ((), "float32")):
        scale = float(rng.uniform(0.02, 0.2))
        dtype = sandbox.define(f"dtype = np.{kind}", "dtype")
        model = student.FullyConnectedNet(
            list(hidden), input_dim=60, num_classes=7, weight_scale=scale, dtype=dtype
        )
        params, shapes = sandbox.fetch(model.params), layer_sizes(60, hidden, 7)
        check(not set(params) - set(shapes), "params holds more than W and b of every layer.")
        for name, shape in shapes.items():
            check(name in params, f"params lacks the {name[0]} of a layer.")
            exact(np.shape(params[name]), shape, names=f"the shape of {name}")
            check(params[name].dtype == kind, f"{name} does not have the type that dtype asks for.")
            if name.startswith("b"):
                check(not np.any(params[name]), f"{name} should start at zero.")
            else:
                check_weights(check, params[name], scale)


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
        suspects = deep_suspects(params, X, y, reg, want)
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
