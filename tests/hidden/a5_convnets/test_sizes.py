"""Hidden suite for sizes.py: output sizes, receptive fields, parameter counts."""

import numpy as np
import pytest

from autograder.suite import exercise, raises


def judge(exact, got, want, name, suspects):
    """Compare an integer; a suspect that happens to give the right number is no suspect."""
    known = {text: wrong for text, wrong in suspects.items() if wrong() != want}
    exact(got, want, name, suspects=known)


def size_suspects(W, F, S, P):
    """Output sizes of the usual mistakes."""
    return {
        "The one is missing, or added before the division: size = floor((W - F + 2P) / S) + 1.": (
            lambda: (W - F + 2 * P) // S
        ),
        "P zeros stand at each of the two ends: the formula has 2P.": lambda: (W - F + P) // S + 1,
        "The padding is missing in the formula.": lambda: (W - F) // S + 1,
        "The size is rounded up or to the nearest number; a filter that would stick out is left "
        "out, so round down.": lambda: -(-(W - F + 2 * P) // S) + 1,
        "The stride is not used.": lambda: W - F + 2 * P + 1,
        "The filter's size is not subtracted.": lambda: (W + 2 * P) // S + 1,
        "The filter's size is divided by the stride as well as the rest: put the brackets right.": (
            lambda: W - F + 2 * P // S + 1
        ),
    }


def telling_case(rng):
    """A case in which each mistake gives a number of its own."""
    while True:
        F, S, P = (int(rng.integers(low, high)) for low, high in ((2, 8), (2, 5), (1, 4)))
        case = ((int(rng.integers(7, 40)) - 1) * S + F - 2 * P, F, S, P)
        sizes = {wrong() for wrong in size_suspects(*case).values()}
        if len(sizes) == len(size_suspects(*case)):
            return case


@exercise("conv_output_size", weight=2)
def test_sizes_that_fit(student, reference, rng, exact):
    """Filters whose stride divides the way: AlexNet's first layer, and sizes of all kinds."""
    cases = [telling_case(rng) for _ in range(4)]
    for case in [*cases, (227, 11, 4, 0)]:
        want = reference.conv_output_size(*case)
        judge(exact, student.conv_output_size(*case), want, "the size", size_suspects(*case))


@exercise("conv_output_size")
def test_sizes_round_down(student, reference, rng, exact):
    """Where the stride does not divide, the size is rounded down."""
    for S, rest in ((2, 1), (3, 1), (3, 2), (5, 4), (4, 2)):
        F, P = int(rng.integers(1, 6)), int(rng.integers(0, 3))
        case = (int(rng.integers(3, 20)) * S + rest + F - 2 * P, F, S, P)
        want = reference.conv_output_size(*case)
        judge(exact, student.conv_output_size(*case), want, "the size", size_suspects(*case))


@exercise("conv_output_size")
def test_filter_as_large_as_the_image(student, exact):
    """A filter as large as the padded image fits once, a larger one is an error."""
    for W, F, P in ((5, 5, 0), (5, 9, 2), (1, 3, 1)):
        exact(student.conv_output_size(W, F, 2, P), 1, "the size")
    for W, F, S, P in ((4, 5, 2, 0), (4, 10, 1, 2), (3, 30, 7, 1)):
        with raises(ValueError, "A filter larger than the padded input must raise ValueError."):
            student.conv_output_size(W, F, S, P)


@exercise("conv_output_size")
def test_same_pad(student, exact):
    """Odd filters keep the size with (F - 1) / 2 zeros at each end, even ones raise ValueError."""
    for F in (1, 3, 5, 11):
        suspects = {
            "This is the padding of both ends together; one end gets half of it.": lambda F=F: (
                F - 1
            ),
            "It is (F - 1) / 2: the pixel in the middle needs no padding.": lambda F=F: (
                (F + 1) // 2
            ),
        }
        judge(exact, student.same_pad(F), (F - 1) // 2, "the padding", suspects)
    for F in (2, 6):
        with raises(ValueError, "A filter of even size must raise ValueError."):
            student.same_pad(F)


def field_suspects(layers):
    """Receptive fields of the usual mistakes."""

    def field(after=1, start=1, minus=1, strided=True, add=False, of=layers):
        size, step = start, 1
        for F, S in of:
            if after:
                size += (F - minus) * step
            if strided:
                step = step + S if add else step * S
            if not after:
                size += (F - minus) * step
        return size

    def last_stride_only():
        strides = [1, *(S for _, S in layers)][: len(layers)]
        return 1 + sum((F - 1) * S for (F, _), S in zip(layers, strides, strict=True))

    return {
        "The last layer is left out.": lambda: field(of=layers[:-1]),
        "The strides are not used: after a stride, neighbours are farther apart.": lambda: field(
            strided=False
        ),
        "A layer's own stride is used one layer too early: it spreads what comes after it.": (
            lambda: field(after=0)
        ),
        "The layers are gone through in the wrong order.": lambda: field(of=layers[::-1]),
        "Each layer adds F - 1 steps, not F.": lambda: field(minus=0),
        "A field starts as one pixel, not as none.": lambda: field(start=0),
        "Only the stride of the layer just before is used: strides multiply.": last_stride_only,
        "The strides are summed: strides multiply.": lambda: field(add=True),
        "A pair holds the size first, and then the stride.": lambda: (
            1
            + sum(
                (S - 1) * int(np.prod([F for F, _ in layers[:at]]))
                for at, (_, S) in enumerate(layers)
            )
        ),
        "The sizes are multiplied; each layer adds to the field.": lambda: int(
            np.prod([F for F, _ in layers])
        ),
    }


@exercise("receptive_field")
def test_field_without_strides(student, reference, rng, exact):
    """With stride 1 each layer adds F - 1 pixels; no layer at all sees one pixel."""
    for layers in ([], [(1, 1)], [(int(rng.integers(2, 9)), 1)], [(3, 1)] * 3, [(5, 1), (2, 1)]):
        want = reference.receptive_field(layers)
        judge(exact, student.receptive_field(layers), want, "the field", field_suspects(layers))


@exercise("receptive_field", weight=2)
def test_field_with_strides(student, reference, rng, exact):
    """Strides multiply, and spread what comes after them."""
    for depth in (2, 3, 4, 6):
        sizes, strides = rng.integers(2, 8, size=depth), rng.integers(2, 5, size=depth)
        layers = [(int(F), int(S)) for F, S in zip(sizes, strides, strict=True)]
        want = reference.receptive_field(layers)
        judge(exact, student.receptive_field(layers), want, "the field", field_suspects(layers))


def random_layer(rng, kind):
    """A layer of that kind."""
    inputs, outputs, size = (int(rng.integers(2, 12)) for _ in range(3))
    return {
        "conv": {"kind": "conv", "in": inputs, "out": outputs + 11, "size": size},
        "fc": {"kind": "fc", "in": inputs, "out": outputs + 11},
        "batchnorm": {"kind": "batchnorm", "in": inputs},
        "pool": {"kind": "pool", "size": size},
    }[kind]


def count_suspects(layer):
    """Counts of one layer for the usual mistakes."""
    fan_in, out, size = layer.get("in", 0), layer.get("out", 0), layer.get("size", 1)
    weights, bias = fan_in * out * size**2, layer.get("bias", True)
    known = {
        "The biases are missing.": lambda: weights,
        "The layer has no biases: its dict says so.": lambda: weights + out,
        "There is one bias for each output, not for each input.": lambda: weights + bias * fan_in,
        "There is one bias for each filter, not for the whole layer.": lambda: weights + 1,
        "There is one bias for each filter, not for each of its channels.": lambda: (
            weights + out * fan_in
        ),
        "Each filter goes through all input channels: the channels are missing.": lambda: (
            out * (size**2 + bias)
        ),
        "A filter has F x F weights for each channel, not F.": lambda: out * (fan_in * size + bias),
        "The count is for one filter; the layer has several.": lambda: fan_in * size**2 + bias,
    }
    if layer["kind"] == "batchnorm":
        known = {
            "A channel has a gamma and a beta: two numbers.": lambda: fan_in,
            "Running statistics are not learnt, and do not count.": lambda: 4 * fan_in,
            "Normalisation has parameters, too: gamma and beta.": lambda: 0,
        }
    return known


@exercise("param_count", weight=2)
@pytest.mark.parametrize("kind", ["conv", "fc", "batchnorm"])
def test_count_of_one_layer(student, reference, rng, exact, kind):
    """One layer alone, with biases and without."""
    layer = random_layer(rng, kind)
    cases = [layer, {**layer, "bias": True}, {**layer, "bias": False}]
    for case in cases[: 1 if kind == "batchnorm" else 3]:
        want = reference.param_count([case])
        got, suspects = student.param_count([case]), count_suspects(case)
        judge(exact, got, want, "the number of parameters", suspects)


@exercise("param_count")
def test_count_of_a_network(student, reference, rng, exact):
    """Layers add up, pooling counts nothing, and no layers have no parameters."""
    kinds = ["conv", "pool", "batchnorm", "conv", "pool", "fc", "fc"]
    layers = [random_layer(rng, kind) for kind in kinds]
    suspects = {
        "Only the last layer is counted.": lambda: reference.param_count(layers[-1:]),
        "Only the first layer is counted.": lambda: reference.param_count(layers[:1]),
    }
    judge(exact, student.param_count(layers), reference.param_count(layers), "the sum", suspects)
    exact(student.param_count([]), 0, "the number of parameters")


@exercise("param_count", weight=0.5)
def test_unknown_layer(student):
    """A kind that nobody knows raises ValueError."""
    with raises(ValueError, "A layer of an unknown kind must raise ValueError."):
        student.param_count([{"kind": "conv", "in": 1, "out": 2, "size": 3}, {"kind": "sponge"}])
