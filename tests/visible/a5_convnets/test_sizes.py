"""Checks for sizes.py that you can run as often as you like: small cases to follow by hand.

They lead the way; they do not grade. The graded tests use other data and more kinds of it.
"""

import pytest
import sizes

LENET = [
    {"kind": "conv", "in": 1, "out": 6, "size": 5},
    {"kind": "pool", "size": 2},
    {"kind": "conv", "in": 6, "out": 16, "size": 5},
    {"kind": "pool", "size": 2},
    {"kind": "fc", "in": 400, "out": 120},
    {"kind": "fc", "in": 120, "out": 84},
    {"kind": "fc", "in": 84, "out": 10},
]


def test_size_of_alexnets_first_layer():
    """(227 - 11 + 0) / 4 + 1 = 55."""
    assert sizes.conv_output_size(227, 11, 4, 0) == 55, "(W - F + 2P) / S + 1"
    assert sizes.conv_output_size(7, 3, 2, 1) == 4, "(7 - 3 + 2 * 1) / 2 + 1: zeros at both ends"


def test_size_is_rounded_down():
    """A filter of size 3 takes the places 0, 2, 4 and 6 of 10 pixels; at 8 it would stick out."""
    size = sizes.conv_output_size(10, 3, 2, 0)
    assert size == 4, "(10 - 3) / 2 + 1 = 4.5 is rounded down"
    assert isinstance(size, int), "a size is an integer: use // instead of /"


def test_filter_that_does_not_fit():
    """A filter of size 5 fits into 4 pixels only with padding."""
    assert sizes.conv_output_size(4, 5, 1, 1) == 2, "padded by one on each side, 6 pixels are there"
    with pytest.raises(ValueError):  # noqa: PT011 - any text will do
        sizes.conv_output_size(4, 5, 1, 0)


def test_padding_that_keeps_the_size():
    """A filter of size 3 needs 1, one of size 5 needs 2, and one of size 2 has none."""
    assert [sizes.same_pad(F) for F in (1, 3, 5)] == [0, 1, 2], "(F - 1) / 2"
    with pytest.raises(ValueError):  # noqa: PT011 - any text will do
        sizes.same_pad(2)


def test_three_small_filters_see_as_much_as_a_large_one():
    """Three layers of 3 x 3 see 7 pixels; with stride 2 in the first one they see 11."""
    assert sizes.receptive_field([(3, 1)]) == 3, "one layer sees F pixels"
    assert sizes.receptive_field([(3, 1), (3, 1), (3, 1)]) == 7, "each layer adds F - 1"
    assert sizes.receptive_field([(3, 2), (3, 1), (3, 1)]) == 11, (
        "behind a stride of 2, neighbours are two pixels apart"
    )


def test_parameters_of_lenet_5():
    """156 + 2,416 + 48,120 + 10,164 + 850 = 61,706."""
    assert sizes.param_count(LENET[:1]) == 156, "6 filters of 5 x 5 x 1, with a bias each"
    assert sizes.param_count(LENET[2:3]) == 2416, "16 filters, each through all 6 channels"
    assert sizes.param_count(LENET) == 61706, "pooling has nothing to learn"


def test_parameters_of_batch_normalisation():
    """A convolution in front of batch normalisation needs no bias; gamma and beta do its work."""
    layers = [
        {"kind": "conv", "in": 3, "out": 8, "size": 3, "bias": False},
        {"kind": "batchnorm", "in": 8},
    ]
    assert sizes.param_count(layers) == 8 * 27 + 16, "weights without biases, and 2 a channel"
