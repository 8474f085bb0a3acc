"""Hidden suite for architectures.py: networks whose data take several ways."""

from collections import Counter
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from runpy import run_path
from types import MethodType, SimpleNamespace

import numpy as np
import torch
from torch import nn

from autograder.suite import exercise
from autograder.suite.compare import check

shared = SimpleNamespace(**run_path(str(Path(__file__).with_name("networks.py"))))
NETS, RECORDER, each = shared.NETS, shared.RECORDER, shared.each
ours, built, twins = shared.ours, shared.built, shared.twins


# --- layers ---


def kinds_of(steps):
    """How many layers of each kind and key there are, and what they make: their order is free."""
    return Counter((kind, key, shape) for kind, key, _, shape in steps)


def compare_kinds(got, done, want):
    """Say what the first difference is about; the order in which ways are gone is free."""
    words = {"conv2d": "convolution", "linear": "fully connected layer"}
    sizes = {key: shape for _, key, _, shape in want}
    for kind, key, _, shape in got:
        word = words.get(kind, "batch normalisation")
        if key in sizes:
            said = f"A {word} makes maps of another size than it should: look at the padding."
            check(shape == sizes[key], said)
    have, need = kinds_of(got), kinds_of(want)
    for (kind, key, _), count in have.items():
        word = words.get(kind, "batch normalisation")
        place = "" if kind != "batch_norm" else ", or stands in another place"
        said = f"A {word} is not among those of the docstring{place}: look at sizes and strides."
        check(key in sizes, said)
        check(count <= sum(each for (_, k, _), each in need.items() if k == key),
              f"There is a {word} too many.")  # fmt: skip
    check(done, "The pass fails: do the shapes of what is put together fit to one another?")
    for kind, key, shape in need:
        word = words.get(kind, "batch normalisation")
        check(
            have[kind, key, shape] >= need[kind, key, shape],
            f"A {word} is missing, or never called.",
        )


@each("build_resnet18", "inception_module", weight=2)
def test_layers(student, reference, sandbox, name):
    """The layers with weights are those of the docstring, and make maps of the right sizes."""
    want = shared.layers_of(built(reference, name), name)
    compare_kinds(*shared.layers_of_student(student, sandbox, name), want)


# --- a residual network ---


def rewired(net, forward, x):
    """What the network gives when the blocks go another way."""
    net = deepcopy(net)
    for block in net:
        if hasattr(block, "skip"):
            block.forward = MethodType(forward, block)
    with torch.no_grad():
        return net(x).numpy()


def unprojected(block, x):
    """The skip of a block without its batch normalisation."""
    return block.skip[0](x) if isinstance(block.skip, nn.Sequential) else x


def residual_without(block, x, *left_out):
    """The residual of a block without some of its layers."""
    for place, layer in enumerate(block.residual):
        x = x if place in left_out else layer(x)
    return x


def resnet_suspects(net, x):
    """Scores of the usual mistakes."""
    x = torch.tensor(x)
    blocks = {
        "The skip is not added.": lambda b, x: torch.relu(b.residual(x)),
        "The ReLU behind the sum is missing.": lambda b, x: b.residual(x) + b.skip(x),
        "The ReLU comes before the sum; it takes the sum of residual and skip.": lambda b, x: (
            torch.relu(b.residual(x)) + b.skip(x)
        ),
        "The ReLU between the two convolutions of a block is missing.": lambda b, x: torch.relu(
            residual_without(b, x, 2) + b.skip(x)
        ),
        "Residual and skip are multiplied; add them.": lambda b, x: torch.relu(
            b.residual(x) * b.skip(x)
        ),
        "The skip goes through a ReLU of its own.": lambda b, x: torch.relu(
            b.residual(x) + torch.relu(b.skip(x))
        ),
        "The skip is subtracted; add it.": lambda b, x: torch.relu(b.residual(x) - b.skip(x)),
        "The projection's batch normalisation is not used.": lambda b, x: torch.relu(
            b.residual(x) + unprojected(b, x)
        ),
        "Only blocks with a projection add their skip.": lambda b, x: torch.relu(
            b.residual(x) + (b.skip(x) if isinstance(b.skip, nn.Sequential) else 0)
        ),
        "A block starts with a ReLU; it should end with one.": lambda b, x: (
            b.residual(torch.relu(x)) + b.skip(x)
        ),
        "The skip starts behind the first convolution, not at the block's input.": (
            lambda b, x: torch.relu(b.residual(x) + b.residual[1](b.residual[0](x)))
        ),
    }
    stem, pool = list(net[:3]), net[3]
    rest = list(net[4:])
    known = {
        "The ReLU behind the first normalisation is missing.": [*stem[:2], pool, *rest],
        "The first pooling takes the mean; it takes the largest value.": [
            *stem, nn.AvgPool2d(3, stride=2, padding=1), *rest,
        ],
        "The first pooling takes the mean; it should take the largest value.": [
            *stem, nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False), *rest,
        ],
        "The first pooling is not 3 x 3 with padding 1.": [*stem, nn.MaxPool2d(2), *rest],
        "The padding of the first pooling is missing: its places are shifted.": [
            *stem, nn.MaxPool2d(3, stride=2, ceil_mode=True), *rest,
        ],
        "The last pooling takes the largest value; it should take the mean.": [
            *stem, pool, *rest[:-3], nn.AdaptiveMaxPool2d(1), *rest[-2:],
        ],
        "A ReLU stands behind the last layer; scores may be negative.": [*net, nn.ReLU()],
        "These are probabilities; the scores before the softmax are asked for.": [
            *net, nn.Softmax(1),
        ],
    }  # fmt: skip
    return {
        text: lambda forward=forward: rewired(net, forward, x) for text, forward in blocks.items()
    } | {text: lambda layers=layers: scores(layers, x) for text, layers in known.items()}


def scores(layers, x):
    """What a stack of layers gives."""
    with torch.no_grad():
        return nn.Sequential(*layers)(x).numpy()


@exercise("build_resnet18", weight=3)
def test_scores_of_resnet(student, reference, sandbox, rng, close, tensor, device):
    """With the reference's weights the network gives the reference's scores, at any image size."""
    seed = int(rng.integers(2**62))
    both = twins(student, reference, sandbox, "build_resnet18", seed, device)
    for x in (both.x, rng.normal(size=(1, 3, 70, 50))):
        with torch.no_grad():
            want = both.net(torch.tensor(x))
        close(
            both.theirs(tensor(x, dtype="float64")),
            want,
            names="scores",
            axes="N num_classes",
            suspects=resnet_suspects(both.net, x),
        )
    check(both.tools.keeps(both.theirs, both.x), "The images are changed: work on a copy of them.")


@exercise("build_resnet18", weight=2)
def test_both_modes_of_resnet(student, reference, sandbox, rng, close, tensor, device):
    """In train mode the batch's statistics are used and the running ones follow them."""
    seed = int(rng.integers(2**62))
    both = twins(student, reference, sandbox, "build_resnet18", seed, device)
    net = deepcopy(both.net).train()
    theirs = both.theirs.train()
    running = {own: our for own, our in both.names.items() if "running" in our}
    for _ in range(2):
        x = rng.normal(1, 2, size=(3, 3, 40, 56))
        before = ours.state(net, running.values())
        got = theirs(tensor(x, dtype="float64"))
        with torch.no_grad():
            resting = net.eval()(torch.tensor(x)).numpy()
            want = net.train()(torch.tensor(x))
        suspects = {
            "In train mode the running statistics are used; those of the batch should be.": (
                lambda resting=resting: resting
            )
        }
        close(got, want, rtol=1e-8, names="scores", axes="N num_classes", suspects=suspects)
        after = ours.state(net, running.values())
        found = sandbox.fetch(both.tools.state(theirs, list(running)))
        for one, old, new in zip(found, before, after, strict=True):
            fast = 0.1 * old + 0.9 * (new - 0.9 * old) / 0.1
            wrong = {
                "A running statistic follows too fast: a tenth is new, nine tenths stay.": fast,
                "A running statistic does not follow.": old,
            }
            suspects = {text: lambda value=value: value for text, value in wrong.items()}
            close(one, new, rtol=1e-8, names="a running statistic", suspects=suspects)
    with torch.no_grad():
        want = net.eval()(torch.tensor(x[:1]))
    close(theirs.eval()(tensor(x[:1], dtype="float64")), want, rtol=1e-8, names="scores")


# --- an inception module ---


def inception_suspects(net, x):
    """Results of the usual mistakes."""
    x = torch.tensor(x)
    one, three, five, pool = (list(way) for way in net.ways)
    right = [one, three, five, pool]

    def result(ways, dim=1):
        with suppress(RuntimeError), torch.no_grad():
            made = [nn.Sequential(*way)(x) for way in ways]
            return (sum(made) if dim is None else torch.cat(made, dim=dim)).numpy()
        return np.zeros(())

    def pooled(*layers):
        return [one, three, five, [*layers, *pool[1:]]]

    bare = [[layer for layer in way if not isinstance(layer, nn.ReLU)] for way in right]
    late = [one[:1], three[:3], five[:3], pool[:2]]
    early = [one, [three[0], *three[2:]], [five[0], *five[2:]], pool]
    zeros = nn.ZeroPad2d(1), nn.MaxPool2d(3, stride=1)
    known = {
        "The ReLUs are missing.": bare,
        "The ReLUs at the end of the ways are missing.": late,
        "The ReLUs behind the 1 x 1 filters in front of the larger ones are missing.": early,
        "The ReLU behind the pooling's convolution is missing.": [*right[:3], pool[:2]],
        "The pooling takes the mean; it takes the largest value.": pooled(
            nn.AvgPool2d(3, stride=1, padding=1)
        ),
        "The pooling takes the mean; it should take the largest value.": pooled(
            nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)
        ),
        "The pooling is missing in the fourth way.": pooled(),
        "The border of the pooling is filled with zeros, which win over negative values.": (
            pooled(*zeros)
        ),
        "The pooling comes behind its convolution; it comes first.": [
            *right[:3], [*pool[1:], pool[0]],
        ],
    }  # fmt: skip

    order = "The ways are put together in another order than that of the docstring."
    known = {
        "The images go through a ReLU first; they may be negative.": [
            [nn.ReLU(), *way] for way in right
        ],
    } | known
    return {text: lambda ways=ways: result(ways) for text, ways in known.items()} | {
        order: lambda: result([pool, one, three, five]),
        f"{order} They are reversed.": lambda: result(right[::-1]),
        "The ways are added; they lie behind one another.": lambda: result(right, None),
    }


@exercise("inception_module", weight=3)
def test_results_of_inception(student, reference, sandbox, rng, close, tensor, device):
    """With the reference's weights the module gives the reference's maps, on images of any size."""
    seed = int(rng.integers(2**62))
    both = twins(student, reference, sandbox, "inception_module", seed, device)
    negative = rng.normal(size=(1, 5, 7, 4)) - 3
    negative.flags.writeable = False
    for x in (both.x, negative):
        with torch.no_grad():
            want = both.net(torch.tensor(x))
        close(
            both.theirs(tensor(x, dtype="float64")),
            want,
            names="the maps",
            axes="N channels H W",
            suspects=inception_suspects(both.net, x),
        )
    check(both.tools.keeps(both.theirs, both.x), "The images are changed: work on a copy of them.")


@exercise("inception_module")
def test_arguments_of_inception(student, reference, sandbox, rng, exact):
    """Each argument changes the layers that it belongs to."""
    few = {name: int(rng.integers(3, 30)) for name in ("in_channels", "one", "pool")}
    pairs = {name: tuple(int(n) for n in rng.integers(3, 30, size=2)) for name in ("three", "five")}
    options, tools = few | pairs, sandbox.define(RECORDER, "tools")
    count = ours.count
    suspects = {
        f"{left_out} makes no difference: use it.": lambda left_out=left_out: count(
            reference.InceptionModule, {k: v for k, v in options.items() if k != left_out}
        )
        for left_out in options
    }
    want = count(reference.InceptionModule, options)
    got = tools.count(student.InceptionModule, options)
    exact(got, want, "the number of parameters", suspects=suspects)
