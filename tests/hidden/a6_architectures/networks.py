"""What the suites for architectures.py share: the networks, and twins with the same weights.

A narrow network of the student's is listened to while it runs: which layers with weights follow one
another, and what they make. Then one gets the reference's weights, layer by layer, and must compute
the same numbers. What its parts are called makes no difference.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from autograder.suite import exercise
from autograder.suite.compare import check

RECORDER = Path(__file__).with_name("recorder.py").read_text("utf-8")
namespace = {}
exec(RECORDER, namespace)
ours = namespace["tools"]


@dataclass(frozen=True)
class Net:
    """What a network is tried with: images (C, H, W), and its options for a narrow one."""

    parameters: int
    image: tuple[int, int, int]
    narrow: dict = field(default_factory=lambda: {"num_classes": 7, "shrink": 32})
    mistakes: dict = field(default_factory=dict)  # counts of the usual ones
    images: int = 2


UNSEEN = (
    "The module has no parameters: layers in a plain list or dict are not found; use "
    "nn.Sequential, nn.ModuleList or attributes."
)
FEW = {"in_channels": 5, "one": 4, "three": (3, 6), "five": (2, 7), "pool": 8}
LAZY = "Lazy layers have no shapes yet: say how many inputs a layer has."
NETS = {
    "build_lenet5": Net(61_706, (1, 32, 32), {"num_classes": 7}, {
        "The layers have no biases; each output has one.": 61_470,
        "The first layer takes three channels; images are grey unless in_channels says more.":
            62_006,
        "This is the network for images of 28 x 28: 5 x 5 places are left before the first fully "
        "connected layer, and not 4 x 4.": 44_426,
        "The last layer is missing.": 60_856,
        "The second fully connected layer is missing, the one with 84 units.": 51_902,
    }),
    "build_alexnet": Net(62_378_344, (3, 227, 227), mistakes={
        "The convolutions have two groups; here every filter sees all channels.": 60_965_224,
        "This is the later form of AlexNet, which starts with 64 filters; the table has 96.":
            61_100_840,
        "The layers have no biases; each output has one.": 62_367_776,
        "5 x 5 places are left before the first fully connected layer: the pooling has 3 x 3 "
        "windows and stride 2, and the images have 227 pixels.": 50_844_008,
        "One of the two hidden fully connected layers is missing.": 45_597_032,
    }),
    "build_vgg16": Net(138_357_544, (3, 224, 224), mistakes={
        "This is VGG-11: the table has thirteen convolutions.": 132_863_336,
        "This is VGG-13: the table has thirteen convolutions, not ten.": 133_047_848,
        "This is VGG-19: the table has thirteen convolutions, not sixteen.": 143_667_240,
        "There is batch normalisation; VGG-16 has none.": 138_365_992,
        "The layers have no biases; each output has one.": 138_344_128,
        "One of the two hidden fully connected layers is missing.": 121_576_232,
    }, images=1),
    "build_resnet18": Net(11_689_512, (3, 64, 96), {"num_classes": 7, "shrink": 16}, {
        "This is ResNet-34: there are two blocks of each width.": 21_797_672,
        "The convolutions have biases; the normalisation behind them has its own.": 11_694_312,
        "The projections have no batch normalisation.": 11_687_720,
        "There is no batch normalisation.": 11_679_912,
        "The projections are missing: where stride or channels change, the skip needs one.":
            11_515_688,
        "The first block has a projection; its input has the right shape already.": 11_693_736,
        "There is one block of each width, not two.": 5_418_792,
    }),
    "inception_module": Net(163_696, (5, 6, 9), FEW, {
        "The convolutions have no biases.": 163_328,
        "The convolutions of 1 x 1 in front of the larger ones are missing.": 393_472,
        "The filters of the third way are 3 x 3; they should be 5 x 5.": 155_504,
        "The convolution of 1 x 1 behind the pooling is missing.": 157_520,
        "There is batch normalisation; this module has none.": 164_432,
    }),
}  # fmt: skip
PLAIN = ("build_lenet5", "build_alexnet", "build_vgg16")


def each(*names, weight=1.0):
    """Give the test to each of these exercises."""
    return pytest.mark.parametrize(
        "name", [pytest.param(name, marks=exercise(name, weight=weight)) for name in names]
    )


def built(module, name):
    """What makes the network: a function or a class."""
    return module.InceptionModule if name == "inception_module" else getattr(module, name)


def matched(got, want):
    """{name in the student's network: name in the reference's} of parameters and buffers."""
    waiting = defaultdict(list)
    for _, key, held, _ in want:
        waiting[key].append(held)
    pairs = {}
    for _, key, held, _ in got:
        check(waiting[key], "The layers are not those of the table, so numbers say nothing.")
        for theirs, mine in zip(held, waiting[key].pop(0), strict=True):
            biases = "Biases are missing, or are where they should not be."
            check(bool(theirs) == bool(mine), biases)
            check(theirs not in pairs or not theirs, "Layers share weights; make each anew.")
            pairs[theirs] = mine
    check(not any(waiting.values()), "Layers are missing, so numbers say nothing.")
    return {theirs: mine for theirs, mine in pairs.items() if theirs}


def drawn(net, rng):
    """Random parameters and statistics that keep the signal alive through many layers."""
    arrays = {}
    for name, tensor in [*net.named_parameters(), *net.named_buffers()]:
        shape = tuple(tensor.shape)
        if name.endswith("running_var"):
            arrays[name] = rng.uniform(0.5, 2, shape)
        elif name.endswith("weight") and len(shape) == 1:
            arrays[name] = rng.uniform(0.5, 1.5, shape)
        elif name.endswith("weight"):
            arrays[name] = rng.normal(0, np.sqrt(2 / np.prod(shape[1:])), shape)
        elif shape:
            arrays[name] = rng.normal(0, 0.3, shape)
    return arrays


@lru_cache(maxsize=64)
def reference_of(build, name, seed):
    """The reference with weights of that seed, these weights, and a batch of images."""
    rng = np.random.default_rng(seed)
    net = ours.make(build, NETS[name].narrow, "cpu")
    arrays = drawn(net, rng)
    x = rng.normal(size=(NETS[name].images, *NETS[name].image))
    x.flags.writeable = False  # it is used again
    return ours.load(net, arrays).eval(), arrays, x


@lru_cache(maxsize=64)
def layers_of(build, name):
    """The layers of the reference."""
    return ours.steps(build, NETS[name].narrow, (2, *NETS[name].image))["steps"]


def layers_of_student(student, sandbox, name):
    """The layers of the student's network, and whether its pass comes to an end."""
    steps = sandbox.define(RECORDER, "tools").steps
    found = sandbox.fetch(steps(built(student, name), NETS[name].narrow, (2, *NETS[name].image)))
    return found["steps"], found["done"]


def twins(student, reference, sandbox, name, seed, device):
    """The student's network with the reference's weights, both in eval mode."""
    net, arrays, x = reference_of(built(reference, name), name, seed)
    want = layers_of(built(reference, name), name)
    names = matched(layers_of_student(student, sandbox, name)[0], want)
    tools = sandbox.define(RECORDER, "tools")
    theirs = tools.make(built(student, name), NETS[name].narrow, device)
    tools.load(theirs, {own: arrays[name] for own, name in names.items()})
    theirs.eval()
    return SimpleNamespace(tools=tools, theirs=theirs, net=net, x=x, names=names)
