"""Checks for counting.py that you can run as often as you like: small cases to follow by hand.

They lead the way; they do not grade. The graded tests use other data and more kinds of it.
"""

import counting
import pytest
import torch
from torch import nn

IMAGE = {"kind": "input", "shape": (3, 8, 6)}


def test_parameters_of_layers():
    """A layer of 4 x 3 weights and 4 biases, and a convolution inside of another module."""
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Sequential(nn.Conv2d(2, 5, 3, bias=False)))
    count = counting.parameter_count(model)
    assert count == 16 + 90, "4 * 3 + 4, and 5 * 2 * 3 * 3 without biases"
    assert isinstance(count, int), "an integer, not a tensor"


def test_running_statistics_are_no_parameters():
    """Batch normalisation of 7 channels learns 14 numbers; its running statistics are buffers."""
    assert counting.parameter_count(nn.BatchNorm2d(7)) == 14, "gamma and beta"


def test_shared_parameters():
    """A layer that is there twice has its parameters once."""
    layer = nn.Linear(3, 3)
    assert counting.parameter_count(nn.Sequential(layer, nn.ReLU(), layer)) == 12


def test_frozen_parameters():
    """They count, unless only trainable ones are asked for."""
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    model[0].requires_grad_(False)
    assert counting.parameter_count(model) == 26, "frozen ones are parameters"
    assert counting.parameter_count(model, trainable=True) == 10, "4 * 2 + 2 are left"


def test_memory_of_a_small_network():
    """144 values of the image, 240 of the convolution, 60 of the pooling, and 10 scores."""
    layers = [
        IMAGE,
        {"kind": "conv", "out": 5, "size": 3, "pad": 1},
        {"kind": "relu"},
        {"kind": "pool", "size": 2},
        {"kind": "fc", "out": 10},
    ]
    assert counting.activation_memory(layers) == 4 * (144 + 240 + 60 + 10), "4 bytes for each value"
    assert counting.activation_memory(layers, torch.float16, batch=8) == 8 * 2 * 454, (
        "8 images, and 2 bytes for each value"
    )


def test_memory_with_strides():
    """A filter of 3 with stride 2 takes 3 and 2 places along 8 and 6 pixels."""
    layers = [IMAGE, {"kind": "conv", "out": 1, "size": 3, "stride": 2}]
    assert counting.activation_memory(layers) == 4 * (144 + 6), "sizes are rounded down"


def test_unknown_layer():
    """A layer that nobody knows is an error."""
    with pytest.raises(ValueError):  # noqa: PT011 - any text will do
        counting.activation_memory([IMAGE, {"kind": "sponge"}])
