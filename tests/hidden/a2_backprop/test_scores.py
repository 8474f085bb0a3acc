"""Hidden suite for nets.py: the scores of a three-layer network."""

from itertools import pairwise

import numpy as np

from autograder.suite import exercise


def parameters(rng, sizes):
    """Random parameters, biases included, that leave about half of the neurons on."""
    params = {}
    for layer, (D, M) in enumerate(pairwise(sizes), start=1):
        params[f"W{layer}"] = rng.normal(size=(D, M)) / np.sqrt(D)
        params[f"b{layer}"] = rng.normal(size=M)
    return params


@exercise("three_layer_forward")
def test_three_layers(student, reference, rng, close):
    """Scores of networks of several sizes; the inputs are only read."""
    for N, D, H1, H2, C in ((6, 4, 5, 7, 3), (1, 3, 3, 3, 3), (4, 4, 4, 4, 4)):
        X, params = rng.normal(size=(N, D)), parameters(rng, (D, H1, H2, C))
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
