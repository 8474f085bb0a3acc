"""Hidden suite for counting.py: parameters of a module, memory of a pass."""

import math

import pytest
import torch

from autograder.suite import exercise, raises

MODULES = '''
import torch
from torch import nn


class Own(nn.Module):
    """Parameters of its own, a scalar among them, and a part with parts."""

    def __init__(self, a, b, c):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))
        self.table = nn.Parameter(torch.ones(a, b, c))
        self.parts = nn.ModuleDict({"one": nn.Sequential(nn.Linear(a, b), nn.Linear(b, c))})
        self.register_buffer("mask", torch.ones(b, c))


class Tied(nn.Module):
    """A layer that shares its weight with another, and one that is there twice."""

    def __init__(self, a, b, c):
        super().__init__()
        self.first, self.last = nn.Linear(a, b), nn.Linear(a, b, bias=False)
        self.last.weight = self.first.weight
        again = nn.Linear(b, c)
        self.steps = nn.ModuleList([again, nn.ReLU(), again])


def convolutions(a, b, c):
    return nn.Sequential(nn.Conv2d(a, b, (3, 2)), nn.ReLU(), nn.Conv2d(b, c, 3, bias=False))


def normalised(a, b, c):
    return nn.Sequential(nn.Conv2d(a, b, 3, bias=False), nn.BatchNorm2d(b), nn.BatchNorm1d(c))


def nested(a, b, c):
    inner = nn.Sequential(nn.Linear(a, b), nn.Sequential(nn.Linear(b, c), nn.Sequential()))
    return nn.Sequential(inner, nn.Linear(c, a))


def frozen(a, b, c):
    model = nested(a, b, c)
    model[1].requires_grad_(False)
    return model


def nothing(a, b, c):
    return nn.Sequential(nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())


def huge(a, b, c):
    with torch.device("meta"):
        return nn.Linear(40000 + a, 60000 + b)
'''
KINDS = ("convolutions", "normalised", "nested", "frozen", "nothing", "huge", "Own", "Tied")
namespace: dict = {}
exec(MODULES, namespace)


def count_suspects(module):
    """Counts of the usual mistakes."""
    parameters = list(module.parameters())
    buffers = sum(buffer.numel() for buffer in module.buffers())
    count = sum(p.numel() for p in parameters)
    return {
        "Buffers such as running statistics are counted; they are not learnt.": count + buffers,
        "Parameters that are shared are counted once for each layer that has them.": sum(
            p.numel() for p in module.state_dict().values()
        )
        - buffers,
        "Shared parameters are counted more than once: parameters() has each of them once.": sum(
            p.numel() for part in module.modules() for p in part.parameters(recurse=False)
        ),
        "Parts of parts are counted several times: parameters() has them all, once.": sum(
            p.numel() for part in module.modules() for p in part.parameters()
        ),
        "The parameters of parts of parts are missing.": sum(
            p.numel() for part in module.children() for p in part.parameters(recurse=False)
        ),
        "The module's own parameters are missing, or all but them.": sum(
            p.numel() for p in module.parameters(recurse=False)
        ),
        "The module's own parameters are missing; not all are in its parts.": sum(
            p.numel() for part in module.children() for p in part.parameters()
        ),
        "These are the tensors; count the numbers in them.": len(parameters),
        "Only the first axis of each parameter is counted.": sum(
            p.shape[0] if p.ndim else 1 for p in parameters
        ),
        "The biases and other parameters with a single axis are missing.": sum(
            p.numel() for p in parameters if p.ndim > 1
        ),
    } | frozen_suspects(module)


def frozen_suspects(module):
    """Counts of mistakes that only frozen parameters show."""
    parameters = list(module.parameters())
    return {
        "Frozen parameters are missing: they count unless `trainable` is true.": sum(
            p.numel() for p in parameters if p.requires_grad
        ),
        "Frozen parameters are counted; with `trainable` they must not be.": sum(
            p.numel() for p in parameters
        ),
        "With `trainable`, the frozen parameters are counted instead of the others.": sum(
            p.numel() for p in parameters if not p.requires_grad
        ),
    }


@exercise("parameter_count")
@pytest.mark.parametrize("kind", KINDS)
def test_count(student, reference, sandbox, rng, exact, kind):
    """Modules of all kinds: parts of parts, shared and frozen parameters, buffers, none at all."""
    sizes = [int(size) for size in rng.integers(3, 12, size=3)]
    want = reference.parameter_count(namespace[kind](*sizes))
    given = sandbox.define(MODULES, kind)(*sizes)
    suspects = given_by(count_suspects(namespace[kind](*sizes)))
    exact(student.parameter_count(given), want, "the number of parameters", suspects=suspects)


def given_by(counts):
    """Suspects of numbers that are known already."""
    return {text: lambda count=count: count for text, count in counts.items()}


@exercise("parameter_count", weight=2)
def test_trainable(student, reference, sandbox, rng, exact):
    """With `trainable`, frozen parameters do not count; nothing is thawed or frozen by counting."""
    sizes = [int(size) for size in rng.integers(3, 12, size=3)]
    for kind in ("frozen", "Own", "normalised"):
        module, given = namespace[kind](*sizes), sandbox.define(MODULES, kind)(*sizes)
        for trainable in (True, False, True):
            want = reference.parameter_count(module, trainable=trainable)
            got = student.parameter_count(given, trainable=trainable)
            suspects = given_by(frozen_suspects(module))
            exact(got, want, "the number of parameters", suspects=suspects)


# --- memory ---


def vgg16():
    """The layers of VGG-16."""
    yield {"kind": "input", "shape": (3, 224, 224)}
    for width, depth in zip((64, 128, 256, 512, 512), (2, 2, 3, 3, 3), strict=True):
        yield from [{"kind": "conv", "out": width, "size": 3, "pad": 1}, {"kind": "relu"}] * depth
        yield {"kind": "pool", "size": 2}
    for outputs in (4096, 4096, 1000):
        yield from [{"kind": "fc", "out": outputs}, {"kind": "relu"}][: 1 + (outputs > 1000)]


VGG16 = list(vgg16())


def results(layers, **mistake):
    """The shape of each result, or what a mistake makes of it."""
    shape = ()
    for layer in layers:
        if layer["kind"] == "input":
            shape = layer["shape"]
        elif layer["kind"] == "fc":
            shape = (layer["out"],)
        elif layer["kind"] != "relu":
            channels, *sides = shape
            sides = sides_behind(layer, sides, **mistake)
            shape = (channels if "thin" in mistake else layer.get("out", channels), *sides)
        yield layer["kind"], shape


def sides_behind(
    layer, sides, *, pad=1, up=0, one=1, same=0, stride=None, unless=None, square=0, thin=0
):
    """Height and width behind a layer, or what a mistake makes of them."""
    F, P = layer["size"], layer.get("pad", 0) * pad
    untold = F if (layer["kind"] == "pool") != (layer["kind"] == unless) else 1
    S = stride or layer.get("stride", untold)
    if same:
        return sides
    return [
        (side - F + 2 * P + up * (S - 1)) // S + one
        for side in (sides[1:] * 2 if square else sides)
    ]


def memory(layers, size, batch, *, without=("relu",), **mistake):
    """Bytes of all results, or of what a mistake makes of them."""
    shapes = [shape for kind, shape in results(layers, **mistake) if kind not in without]
    return size * batch * sum(max(0, math.prod(shape)) for shape in shapes)


def memory_suspects(layers, size, batch):
    """Bytes of the usual mistakes."""
    right = memory(layers, size, batch)
    widest = max(math.prod(shape) for _, shape in results(layers))
    last = math.prod(list(results(layers))[-1][1])
    return given_by({
        "The input is missing: it is kept as well.": memory(
            layers, size, batch, without=("relu", "input")
        ),
        "The results of the pooling are missing.": memory(
            layers, size, batch, without=("relu", "pool")
        ),
        "The results of the fully connected layers are missing.": memory(
            layers, size, batch, without=("relu", "fc")
        ),
        "The ReLUs are counted; they work in place.": memory(layers, size, batch, without=()),
        "Only the convolutions are counted.": memory(
            layers, size, batch, without=("relu", "input", "pool", "fc")
        ),
        "The one is missing: floor((W - F + 2P) / S) + 1.": memory(layers, size, batch, one=0),
        "Height and width are taken for the same, and images are not square.": memory(
            layers, size, batch, square=1
        ),
        "The stride of pooling that says nothing is its size, not 1.": memory(
            layers, size, batch, unless="pool"
        ),
        "The stride of a convolution that says nothing is 1, not its size.": memory(
            layers, size, batch, unless="conv"
        ),
        "The padding is not used, or only at one end: there are P zeros at each end.": memory(
            layers, size, batch, pad=0
        ),
        "The padding is used at one end; there are P zeros at each.": memory(
            layers, size, batch, pad=0.5
        ),
        "The padding is twice too large.": memory(layers, size, batch, pad=2),
        "Sizes are rounded up; a window that would stick out is left out.": memory(
            layers, size, batch, up=1
        ),
        "Heights and widths stay as they are; layers change them.": memory(
            layers, size, batch, same=1
        ),
        "The strides are not used.": memory(layers, size, batch, stride=1),
        "The channels stay as they are; a convolution has as many as filters.": memory(
            layers, size, batch, thin=1
        ),
        "The batch is not used: every image has its results.": right // batch,
        "These are values; a value has several bytes, as the dtype says.": right // size,
        "These are values of one image: batch and dtype are missing.": right // size // batch,
        "A value is taken to have 4 bytes; the dtype says how many it has.": right // size * 4,
        "These are bits; bytes are asked for.": right * 8,
        "The gradients are counted, too; only results are asked for.": right * 2,
        "This is the largest result; all of them are kept.": widest * size * batch,
        "This is the last result; all of them are kept.": last * size * batch,
        "The batch is counted twice.": right * batch,
    })  # fmt: skip


def dtype_of(sandbox, name):
    """A torch.dtype in the sandbox."""
    return sandbox.define(f"import torch\nkind = torch.{name}", "kind")


def judge(student, reference, sandbox, exact, layers, kind, batch):
    """Compare the bytes of one network."""
    dtype = getattr(torch, kind)
    want = reference.activation_memory(layers, dtype, batch)
    got = student.activation_memory(layers, dtype_of(sandbox, kind), batch)
    suspects = memory_suspects(layers, dtype.itemsize, batch)
    exact(got, want, "the number of bytes", suspects=suspects)


def drawn(rng, kinds):
    """Layers of these kinds that fit on one another, on an image that is not square."""
    sides = [int(side) for side in rng.integers(41, 90, size=2)]
    layers = [{"kind": "input", "shape": (int(rng.integers(2, 6)), *sides)}]
    for kind in kinds:
        size, out = int(rng.integers(3, 6)), int(rng.integers(7, 30))
        strides = {"stride": int(rng.integers(2, 4)), "pad": int(rng.integers(1, 3))}
        halved = {**strides, "pad": 1}  # a window may not lie in the padding as a whole
        layers.append({
            "conv": {"kind": "conv", "out": out, "size": size, **strides},
            "plain": {"kind": "conv", "out": out, "size": size},
            "pool": {"kind": "pool", "size": size, **halved},
            "tiles": {"kind": "pool", "size": size},
            "fc": {"kind": "fc", "out": out},
            "relu": {"kind": "relu"},
        }[kind])  # fmt: skip
    return layers


@exercise("activation_memory", weight=2)
def test_memory_of_vgg16(student, reference, sandbox, exact):
    """VGG-16 keeps 15,237,608 values of an image: 58.1 MiB in single precision."""
    for kind, batch in (("float32", 1), ("float16", 1), ("float32", 32)):
        judge(student, reference, sandbox, exact, VGG16, kind, batch)


@exercise("activation_memory")
@pytest.mark.parametrize("kind", ["conv", "plain", "pool", "tiles", "fc", "relu"])
def test_memory_of_one_layer(student, reference, sandbox, rng, exact, kind):
    """An image and one layer: strides, paddings, and what holds where they are not told."""
    judge(student, reference, sandbox, exact, drawn(rng, [kind]), "float32", 1)


@exercise("activation_memory", weight=2)
def test_memory_of_a_network(student, reference, sandbox, rng, exact):
    """Layers in a row, for several dtypes and batches."""
    for kinds in (
        ["conv", "relu", "tiles", "fc"],
        ["plain", "relu", "pool", "relu", "fc", "fc"],
        [],
    ):
        for kind in ("float64", "bfloat16", "int8"):
            batch = int(rng.integers(2, 50))
            judge(student, reference, sandbox, exact, drawn(rng, kinds), kind, batch)


@exercise("activation_memory")
def test_memory_unless_told(student, reference, sandbox, rng, exact):
    """Without a dtype and a batch it is single precision and one image."""
    layers = drawn(rng, ["conv", "relu", "pool"])
    want = reference.activation_memory(layers)
    right = memory(layers, 4, 1)
    suspects = memory_suspects(layers, 4, 1) | given_by({
        "Without a dtype it is single precision: 4 bytes for each value.": right // 2,
        "Without a dtype it is single precision: 4 bytes for each value, and not 8.": right * 2,
    })  # fmt: skip
    exact(student.activation_memory(layers), want, "the number of bytes", suspects=suspects)


@exercise("activation_memory", weight=0.5)
def test_unknown_layer(student, rng):
    """A kind that nobody knows raises ValueError."""
    with raises(ValueError, "A layer of an unknown kind must raise ValueError."):
        student.activation_memory([*drawn(rng, ["conv"]), {"kind": "sponge", "size": 3}])
