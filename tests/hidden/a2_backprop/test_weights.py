"""Hidden suite for nets.py: the parameters that a network starts with."""

import numpy as np

from autograder.suite import exercise


def layer_sizes(D, hidden, C):
    """Names and shapes of the parameters of a network."""
    sizes = [D, *hidden, C]
    shapes = {}
    for layer in range(1, len(sizes)):
        shapes[f"W{layer}"] = (sizes[layer - 1], sizes[layer])
        shapes[f"b{layer}"] = (sizes[layer],)
    return shapes


def check_weights(check, W, scale):
    """Check that weights look drawn from a normal distribution of this scale around 0."""
    wide = 6 * np.std(W) / np.sqrt(W.size)
    check(np.any(W), "The weights start at zero: then all neurons stay alike.")
    check(abs(np.mean(W)) < wide, "The weights' mean is not zero: draw them normally, around 0.")
    check(
        abs(np.std(W) / scale - 1) < 6 / np.sqrt(2 * W.size),
        "The weights' standard deviation is not weight_scale.",
    )


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
