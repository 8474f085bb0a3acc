"""Hidden suite for gates.py: one neuron."""

import numpy as np

from autograder.suite import exercise

NEURON = ("f", "dx", "dw")


def numbers(rng, *shape):
    """Random numbers of either sign, none of them near 0."""
    return rng.choice([-1, 1], shape) * rng.uniform(0.5, 2, shape)


@exercise("sigmoid_neuron", weight=3)
def test_neuron(student, reference, rng, close):
    """Output and gradients of neurons with one, two and five inputs."""
    for D in (2, 5, 1):
        w, x = numbers(rng, D + 1) / D, numbers(rng, D)
        w.flags.writeable = x.flags.writeable = False
        got, want = student.sigmoid_neuron(w, x), reference.sigmoid_neuron(w, x)
        axes = {"dx": "D", "dw": "D+1"}
        close(got, want, names=NEURON, axes=axes, suspects=neuron_suspects(w, x, want))


def neuron_suspects(w, x, want):
    """Wrong outputs and gradients that name the mistake behind them."""
    f, dx, dw = want
    slope = f * (1 - f)
    dot = w[:-1] @ x + w[-1]
    other = 1 / (1 + np.exp(dot - w[-1]))
    return {
        "The exponent has the wrong sign: 1 / (1 + e^-dot).": lambda: {"f": 1 - f},
        "The bias, the last weight, is not in the sum.": lambda: {"f": 1 - other},
        "The sigmoid is missing: f is the weighted sum.": lambda: {"f": dot},
        "The first weight is taken as the bias; the last one is it.": (
            lambda: {"f": 1 / (1 + np.exp(-(w[1:] @ x + w[0])))}
        ),
        "f is tanh of the sum; the sigmoid is asked for.": lambda: {"f": np.tanh(dot)},
        "dx and dw lack the slope of the sigmoid, f (1 - f): multiply by it.": (
            lambda: {"dx": dx / slope, "dw": dw / slope}
        ),
        "The slope of the sigmoid is f (1 - f); here the factor 1 - f is missing.": (
            lambda: {"dx": f * w[:-1], "dw": f * np.append(x, 1)}
        ),
        "The slope of the sigmoid is f (1 - f); here the factor f is missing.": (
            lambda: {"dx": (1 - f) * w[:-1], "dw": (1 - f) * np.append(x, 1)}
        ),
        "The slope is computed from the weighted sum, dot (1 - dot); it is f (1 - f).": (
            lambda: {"dx": dot * (1 - dot) * w[:-1]}
        ),
        "The slope is that of tanh, 1 - f^2.": lambda: {"dx": (1 - f**2) * w[:-1]},
        "The bias's derivative is the bias times the slope; its input counts as one.": (
            lambda: {"dw": slope * np.append(x, w[-1])}
        ),
        "The bias's derivative lacks the slope f (1 - f).": (
            lambda: {"dw": np.append(slope * x, 1.0)}
        ),
        "The bias's derivative is zero; its input counts as one.": (
            lambda: {"dw": np.append(slope * x, 0.0)}
        ),
        "The bias's derivative stands first; the bias is the last weight.": (
            lambda: {"dw": slope * np.append(1, x)}
        ),
        "dx and dw are swapped: the product hands each the other one.": (lambda: {"dx": slope * x}),
    }
