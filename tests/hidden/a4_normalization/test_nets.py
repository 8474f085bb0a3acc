"""Hidden checks of nets.py: the network without extras, with normalisation, with dropout."""

from functools import cache
from pathlib import Path

import numpy as np

from autograder.suite import exercise

DIGITS = Path(__file__).parents[3] / "assignments" / "a4_normalization" / "data" / "digits.npz"
ALL = ("loss", "grads")
# Plain mini-batch descent on a network in the worker.
TRAIN = """
def train(model, X, y, batches, rate):
    for rows in batches:
        _, grads = model.loss(X[rows], y[rows])
        for name in list(model.params):
            model.params[name] = model.params[name] - rate * grads[name]
"""


def shapes_of(D, hidden, C, norm):
    """Names and shapes of the parameters of a network."""
    sizes, shapes = [D, *hidden, C], {}
    for layer in range(1, len(sizes)):
        shapes[f"W{layer}"] = (sizes[layer - 1], sizes[layer])
        shapes[f"b{layer}"] = (sizes[layer],)
        if norm and layer <= len(hidden):
            shapes[f"gamma{layer}"] = shapes[f"beta{layer}"] = (sizes[layer],)
    return shapes


def build(both, sandbox, rng, sizes, **kw):
    """The student's network and ours with the same parameters, and these."""
    (student, reference), (D, hidden, C) = both, sizes
    dtype = sandbox.define("dtype = np.float64", "dtype")
    theirs = student.FullyConnectedNet(list(hidden), input_dim=D, num_classes=C, dtype=dtype, **kw)
    ours = reference.FullyConnectedNet(hidden, input_dim=D, num_classes=C, dtype=float, **kw)
    params = {}
    for name, shape in shapes_of(D, hidden, C, kw.get("normalization")).items():
        scale = 1 / np.sqrt(shape[0]) if name[0] == "W" else 0.5
        params[name] = scale * rng.normal(size=shape) + (1.5 if name.startswith("gamma") else 0)
        theirs.params[name] = params[name]
        ours.params[name] = params[name].copy()
    return theirs, ours, params


# --- a network that can be told to go wrong ---


def scores_of(params, X, *, norm=None, order="norm relu drop", masks=None, on_top=(), eps=1e-5):
    """Scores of a network in training mode; `order` says what follows a hidden affine layer."""
    L, h = sum(name[0] == "W" for name in params), X.reshape(len(X), -1)
    for layer in range(1, L + 1):
        h = h @ params[f"W{layer}"] + params[f"b{layer}"]
        for step in order.split() if layer < L else on_top:
            if step == "relu":
                h = np.where(h.real > 0, h, 0)
            elif step == "norm" and norm:
                axis = 0 if norm == "batchnorm" else 1
                centred = h - h.mean(axis=axis, keepdims=True)
                var = (centred * centred).mean(axis=axis, keepdims=True)
                h = centred / np.sqrt(var + eps)
                h = params[f"gamma{layer}"] * h + params[f"beta{layer}"]
            elif step == "drop" and masks is not None:
                h = h * masks[layer - 1]
    return h


def loss_of(params, X, y, reg, *, decayed="W", half=0.5, **kw):
    """Loss of that network."""
    s = scores_of(params, X, **kw)
    s = s - s.real.max(axis=1, keepdims=True)
    log_p = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
    penalty = sum(np.sum(p * p) for name, p in params.items() if name.startswith(decayed))
    return -np.mean(log_p[np.arange(len(y)), y]) + half * reg * penalty


def slopes_of(params, X, y, reg, **kw):
    """Loss and its gradients by complex steps: exact, whatever the network does."""
    grads = {}
    for name, value in params.items():
        grads[name] = np.zeros(value.shape)
        for place in np.ndindex(value.shape):
            moved = value.astype(complex)
            moved[place] += 1e-30j
            grads[name][place] = loss_of(params | {name: moved}, X, y, reg, **kw).imag / 1e-30
    return float(loss_of(params, X, y, reg, **kw)), grads


def penalty_suspects(params, reg, want):
    """Wrong regularisation of loss and gradients."""
    (loss, grads), weights = want, [name for name in params if name[0] == "W"]
    squares = {name: np.sum(value**2) for name, value in params.items()}
    penalty, everything = sum(squares[name] for name in weights), sum(squares.values())
    extras = [name for name in params if name.startswith(("gamma", "beta"))]
    found = {
        "The penalty's factor one half is missing in the loss.": {"loss": loss + reg * penalty / 2},
        "The penalty is missing in the loss.": {"loss": loss - reg * penalty / 2},
        "The biases are regularised, and gamma and beta if there are any; only weights are.": {
            "loss": loss + reg * (everything - penalty) / 2
        },
        "The biases are regularised; only weights are.": {
            "loss": loss + reg * sum(s for name, s in squares.items() if name[:2] in _BIASES) / 2
        },
        "gamma and beta are regularised; only weights are.": {
            "loss": loss + reg * sum(squares[name] for name in extras) / 2
        },
        "The last layer's weights are not regularised.": {
            "loss": loss - reg * squares[weights[-1]] / 2
        },
        "Only the last layer's weights are regularised.": {
            "loss": loss - reg * (penalty - squares[weights[-1]]) / 2
        },
    }
    for said, share in (
        ("The gradient of the penalty is missing.", -1),
        ("The gradient of the penalty is twice what it should be: with the half it is reg * W.", 1),
        ("The gradient of the penalty is halved: the one half cancels the 2.", -0.5),
    ):
        found[said] = {"grads": {w: grads[w] + share * reg * params[w] for w in weights}}
    for said, names in (
        ("The gradients of the biases hold a penalty.", [n for n in params if n[:2] in _BIASES]),
        ("The gradients of gamma and beta hold a penalty; they are not regularised.", extras),
    ):
        found[said] = {"grads": {n: grads[n] + reg * params[n] for n in names}}
    return {said: lambda wrong=wrong: wrong for said, wrong in found.items()} if reg else {}


_BIASES = frozenset(f"b{n}" for n in range(1, 9))


def structure_suspects(params, X, y, reg, kw):
    """Layers that are missing, in the wrong order, or too many."""

    def run(**mistake):
        return lambda: slopes_of(params, X, y, reg, **(kw | mistake))

    found = {
        "The rectifiers are missing.": run(order="norm drop"),
        "A rectifier follows the last layer too; scores must be free to be negative.": run(
            on_top=("relu",)
        ),
    }
    if kw.get("norm"):
        other = {"batchnorm": "layernorm", "layernorm": "batchnorm"}[kw["norm"]]
        found |= {
            "The normalisation follows the rectifier; it belongs before it.": run(
                order="relu norm drop"
            ),
            "The normalisation is missing.": run(norm=None),
            "Batch and layer normalisation are mixed up.": run(norm=other),
        }
    if kw.get("masks") is not None:
        found |= {
            "What dropout keeps is not scaled.": run(masks=[m > 0 for m in kw["masks"]]),
            "Dropout comes before the normalisation; it belongs after the rectifier.": run(
                order="drop norm relu"
            ),
            "The backward pass or the loss leaves dropout out.": run(masks=None),
        }
    return found


# --- without extras ---


def check_weights(check, W, scale):
    """Check that weights look drawn from a normal distribution of this scale around 0."""
    check(np.any(W), "The weights start at zero: then all neurons stay alike.")
    wide = 6 * scale / np.sqrt(W.size)
    check(abs(np.mean(W)) < wide, "The weights' mean is not zero: draw them normally, around 0.")
    near = abs(np.std(W) / scale - 1) < 6 / np.sqrt(2 * W.size)
    check(near, "The weights' standard deviation is not weight_scale.")


def judge_params(student, sandbox, rng, check, exact, norm):
    """Names, shapes, types and first values of the parameters."""
    for hidden, kind in (((40, 30, 50), "float64"), ((40,), "float32"), ((), "float32")):
        scale, dtype = float(rng.uniform(0.02, 0.2)), sandbox.define(f"d = np.{kind}", "d")
        model = student.FullyConnectedNet(
            list(hidden), input_dim=60, num_classes=7, normalization=norm, weight_scale=scale,
            dtype=dtype,
        )  # fmt: skip
        params, shapes = sandbox.fetch(model.params), shapes_of(60, hidden, 7, norm)
        more = "params holds more than it should: the last layer has no gamma and beta."
        check(not set(params) - set(shapes), more)
        for name, shape in shapes.items():
            check(name in params, f"params has no {name!r}.")
            exact(np.shape(params[name]), shape, names=f"the shape of {name}")
            check(params[name].dtype == kind, f"{name} does not have the type that dtype asks for.")
            if name[0] == "W":
                check_weights(check, params[name], scale)
            else:
                first = 1 if name.startswith("gamma") else 0
                check(np.all(params[name] == first), f"{name} starts with other values.")


@exercise("net_loss")
def test_parameters(student, sandbox, rng, check, exact):
    """Names, shapes and types of the parameters, for zero to three hidden layers."""
    judge_params(student, sandbox, rng, check, exact, None)


@exercise("net_loss", weight=3)
def test_loss_and_gradients(student, reference, rng, close, sandbox):
    """Scores, loss and all gradients for several depths, with and without regularisation."""
    for hidden, reg in (((8, 6, 7), 0.7), ((5, 5), 0.0), ((), 0.7)):
        theirs, ours, params = build((student, reference), sandbox, rng, (6, hidden, 3), reg=reg)
        X, y = rng.normal(size=(5, 2, 3)), rng.integers(3, size=5)
        scored = {
            "The rectifiers are missing.": lambda p=params, X=X: scores_of(p, X, order=""),
            "A rectifier follows the last layer too; scores can be negative.": (
                lambda p=params, X=X: scores_of(p, X, on_top=("relu",))
            ),
        }
        close(theirs.loss(X), ours.loss(X), names="scores", axes="N C", suspects=scored)
        want = ours.loss(X, y)
        suspects = penalty_suspects(params, reg, want)
        suspects |= structure_suspects(params, X, y, reg, {})
        for _ in range(2):
            close(theirs.loss(X, y), want, names=ALL, sizes={"N": 5}, suspects=suspects)


# --- with normalisation ---


@exercise("net_normalization")
def test_parameters_of_normalisation(student, sandbox, rng, check, exact):
    """Every hidden layer has a gamma of ones and a beta of zeros, the last layer has none."""
    judge_params(student, sandbox, rng, check, exact, "batchnorm")
    judge_params(student, sandbox, rng, check, exact, "layernorm")


@exercise("net_normalization", weight=3)
def test_gradients_with_normalisation(student, reference, rng, close, sandbox):
    """Loss and gradients: affine, normalisation, ReLU; gamma and beta are not regularised."""
    for norm, hidden in (("batchnorm", (5, 4)), ("layernorm", (4, 5))):
        kw = {"normalization": norm, "reg": 0.7}
        theirs, ours, params = build((student, reference), sandbox, rng, (4, hidden, 3), **kw)
        X, y = rng.normal(size=(7, 4)), rng.integers(3, size=7)
        want = ours.loss(X, y)
        swapped = {name: want[1][name.replace("gamma", "beta")] for name in ("gamma1", "gamma2")}
        suspects = penalty_suspects(params, 0.7, want)
        suspects |= structure_suspects(params, X, y, 0.7, {"norm": norm})
        suspects["The gradients of gamma and beta are swapped."] = lambda swapped=swapped: {
            "grads": swapped
        }
        close(theirs.loss(X, y), want, rtol=1e-8, names=ALL, sizes={"N": 7}, suspects=suspects)


@exercise("net_normalization", weight=2)
def test_scores_after_training(student, reference, rng, close, sandbox):
    """Test mode: batchnorm with the running statistics of each layer, layernorm as in training."""
    for norm in ("batchnorm", "layernorm"):
        kw = {"normalization": norm}
        theirs, ours, params = build((student, reference), sandbox, rng, (4, (5, 5), 3), **kw)
        for drift in (0.0, 2.0, 1.0):
            X, y = rng.normal(drift, 1, (6, 4)), rng.integers(3, size=6)
            theirs.loss(X, y), ours.loss(X, y)
        for N in (1, 6):
            X = rng.normal(size=(N, 4))
            suspects = {
                "Test mode normalises with the statistics of its own batch.": (
                    lambda p=params, X=X, norm=norm: scores_of(p, X, norm=norm)
                ),
                "The normalisation is left out at test time.": (
                    lambda p=params, X=X: scores_of(p, X)
                ),
            }
            want = ours.loss(X)
            for _ in range(2):
                close(theirs.loss(X), want, names="scores", axes="N C", suspects=suspects)


@cache
def digits():
    """Scaled images and labels, in the file's order."""
    with np.load(DIGITS, allow_pickle=False) as data:
        return data["images"].reshape(-1, 64) / 16, data["labels"].astype(int)


@exercise("net_normalization")
def test_reads_digits(student, rng, sandbox, check):
    """Three layers with batch normalisation learn to read digits within sixty steps.

    The reference reads 85 to 98 of 100, 94 on average (200 seeds).
    """
    X, y = digits()
    order = rng.permutation(len(X))
    train, test = order[:600], order[600:900]
    batches = [rng.choice(600, 50, replace=False) for _ in range(60)]
    dtype = sandbox.define("dtype = np.float64", "dtype")
    model = student.FullyConnectedNet(
        [30, 20], input_dim=64, normalization="batchnorm", weight_scale=0.1, dtype=dtype
    )
    sandbox.define(TRAIN, "train")(model, X[train], y[train], batches, 0.5)
    scores = model.loss(X[test])
    check(type(scores) is np.ndarray and scores.shape == (300, 10), "The scores must be (N, C).")
    right = np.mean(np.argmax(scores, axis=1) == y[test])
    check(right > 0.75, "The trained network misreads more than a quarter of the test digits.")


# --- with dropout ---


def lively(both, sandbox, rng, hidden, keep, **kw):
    """Networks whose hidden units are all on, so that the gradients show which were dropped."""
    kw |= {"dropout_keep_ratio": keep}
    theirs, ours, params = build(both, sandbox, rng, (4, hidden, 3), **kw)
    for name, value in params.items():
        calm = name[0] == "W"  # small weights and positive biases: no score runs away either
        params[name] = value / 10 if calm else rng.uniform(1, 2, value.shape)
        theirs.params[name] = params[name]
        ours.params[name] = params[name].copy()
    return theirs, ours, params


def masks_of(grads, hidden, keep, reg, params):
    """The masks that the gradients of one example show: a dropped unit's weights get none."""
    masks = []
    for layer in range(2, len(hidden) + 2):
        dW = grads[f"W{layer}"] - reg * params[f"W{layer}"]
        masks.append((np.abs(dW).max(axis=1) > 1e-13) / keep)
    return masks


def masked(ours, params, X, y, reg, masks):
    """Loss and gradients with these masks: those of a network whose weights are masked instead."""
    ours.use_dropout = False
    gates = {f"W{layer}": mask[:, np.newaxis] for layer, mask in enumerate(masks, start=2)}
    for name, value in params.items():
        ours.params[name] = value * gates.get(name, 1)
    loss, grads = ours.loss(X, y)
    weights = [name for name in params if name[0] == "W"]
    for name in weights:
        grads[name] = grads[name] * gates.get(name, 1) + reg * params[name]
    return loss + 0.5 * reg * sum(np.sum(params[name] ** 2) for name in weights), grads


@exercise("net_dropout", weight=3)
def test_gradients_with_dropout(student, reference, rng, close, sandbox, check):
    """Loss and gradients of one example with the masks that its gradients show."""
    hidden, keep, reg = (16, 15), 0.7, 0.3
    theirs, ours, params = lively((student, reference), sandbox, rng, hidden, keep, reg=reg)
    ours.reg = 0.0
    for _ in range(2):
        X, y = rng.normal(size=(1, 4)), rng.integers(3, size=1)
        got = theirs.loss(X, y)
        check(isinstance(got, tuple | list) and len(got) == 2, "loss must return (loss, grads).")
        grads = sandbox.fetch(got[1])
        check(type(grads) is dict and set(params) <= set(grads), "grads lacks some parameters.")
        right = all(grads[name].shape == value.shape for name, value in params.items())
        check(right, "Some gradients do not have the shapes of their parameters.")
        masks = masks_of(grads, hidden, keep, reg, params)
        want = masked(ours, params, X, y, reg, masks)
        suspects = penalty_suspects(params, reg, want)
        suspects |= structure_suspects(params, X, y, reg, {"masks": masks})
        suspects |= {
            "The backward pass leaves out dropout after the first rectifier.": (
                lambda X=X, y=y, masks=masks, want=want: open_gate(params, X, y, reg, masks, want)
            )
        }
        close((got[0], grads), want, rtol=1e-8, names=ALL, suspects=suspects)


def open_gate(params, X, y, reg, masks, want):
    """Gradients when the backward pass goes through all units of hidden layers."""
    passed = [np.ones(mask.shape) for mask in masks]
    grads = dict(want[1])
    s = scores_of(params, X, masks=masks)
    d = np.exp(s - s.max()) / np.exp(s - s.max()).sum()
    d[0, y[0]] -= 1
    for layer in range(len(masks), 0, -1):
        d = d @ params[f"W{layer + 1}"].T * passed[layer - 1]
        grads[f"b{layer}"] = d[0]
    return {"grads": {name: grads[name] for name in ("b1", "b2")}}


@exercise("net_dropout")
def test_keep_ratio_of_network(student, reference, rng, sandbox, check):
    """Hidden units are kept with the ratio, others at every call unless there is a seed."""
    hidden, keep = (60, 50), 0.3
    both = student, reference
    X, y = rng.normal(size=(1, 4)), rng.integers(3, size=1)
    free, _, params = lively(both, sandbox, rng, hidden, keep)
    fixed, _, held = lively(both, sandbox, rng, hidden, keep, seed=int(rng.integers(999)))

    def masks(model, params):
        grads = sandbox.fetch(model.loss(X, y)[1])
        return np.concatenate(masks_of(grads, hidden, keep, 0.0, params)) > 0

    calls = np.array([masks(free, params) for _ in range(10)])
    for layer in (calls[:, :60], calls[:, 60:]):
        rate, wide = layer.mean(), 6 * np.sqrt(keep * (1 - keep) / layer.size)
        right = abs(rate - keep) < wide
        check(rate < 1, "A hidden layer is without dropout: it follows every rectifier.")
        drops = "dropout_keep_ratio is the share to keep; this network drops that share."
        check(right or not abs(rate - 1 + keep) < wide, drops)
        check(right, "The share of hidden units that are kept is not the ratio.")
    check(not np.array_equal(calls[0], calls[1]), "Without a seed every call has other masks.")
    same = np.array_equal(masks(fixed, held), masks(fixed, held))
    check(same, "With a seed every call has the same masks: hand the seed to dropout_forward.")


@exercise("net_dropout")
def test_scores_without_dropout(student, reference, rng, close, sandbox):
    """Nothing is dropped at test time, and nothing in training with a ratio of one."""
    both = student, reference
    kw = {"dropout_keep_ratio": 0.4}
    theirs, ours, params = build(both, sandbox, rng, (4, (8, 7), 3), **kw)
    X, y = rng.normal(size=(5, 4)), rng.integers(3, size=5)
    shrunk = [np.full(8, 0.4), np.full(7, 0.4)]
    suspects = {
        "Activations are scaled at test time: inverted dropout has done that in training.": (
            lambda: scores_of(params, X, masks=shrunk)
        ),
        "The rectifiers are missing.": lambda: scores_of(params, X, order=""),
    }
    for _ in range(2):
        theirs.loss(X, y)
        got = theirs.loss(X)
        changing = "Units are dropped at test time: two calls give different scores."
        again = theirs.loss(X)
        differs = type(got) is np.ndarray and type(again) is np.ndarray and (got != again).any()
        suspects[changing] = lambda got=got, differs=differs: got if differs else None
        close(got, ours.loss(X), names="scores", axes="N C", suspects=suspects)
    whole, ours, _ = build(both, sandbox, rng, (4, (8, 7), 3), dropout_keep_ratio=1)
    close(whole.loss(X, y), ours.loss(X, y), names=ALL)


@exercise("net_dropout")
def test_dropout_after_normalisation(student, reference, rng, close, sandbox):
    """Dropout comes last in a hidden layer, after normalisation and ReLU."""
    hidden, keep = (16, 15), 0.6
    kw = {"dropout_keep_ratio": keep, "normalization": "layernorm"}
    theirs, ours, params = build((student, reference), sandbox, rng, (4, hidden, 3), **kw)
    for layer in (1, 2):  # small gammas and large betas leave all units on
        params[f"gamma{layer}"] = rng.uniform(0.1, 0.2, hidden[layer - 1])
        params[f"beta{layer}"] = rng.uniform(1, 2, hidden[layer - 1])
        for name in (f"gamma{layer}", f"beta{layer}"):
            theirs.params[name] = params[name]
    X, y = rng.normal(size=(1, 4)), rng.integers(3, size=1)
    got = theirs.loss(X, y)
    grads = sandbox.fetch(got[1])
    masks = masks_of(grads, hidden, keep, 0.0, params)
    want = masked(ours, params, X, y, 0.0, masks)
    suspects = structure_suspects(params, X, y, 0.0, {"norm": "layernorm", "masks": masks})
    close((got[0], grads), want, rtol=1e-8, names=ALL, suspects=suspects)
