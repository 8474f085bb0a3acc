"""Hidden suite for architectures.py: sizes, layers, scores, gradients and dropout."""

from collections import defaultdict
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from runpy import run_path
from types import SimpleNamespace

import numpy as np
import torch
from torch import nn

from autograder.suite.compare import check

shared = SimpleNamespace(**run_path(str(Path(__file__).with_name("networks.py"))))
NETS, PLAIN, RECORDER, each = shared.NETS, shared.PLAIN, shared.RECORDER, shared.each
ours, built, twins = shared.ours, shared.built, shared.twins
NARROWED = [name for name in NETS if name != "inception_module"]


# --- sizes ---


@each(*NETS, weight=2)
def test_number_of_parameters(student, sandbox, exact, name):
    """At full width the network has exactly as many parameters as the docstring says."""
    got = sandbox.define(RECORDER, "tools").count(built(student, name), {})
    mistakes = NETS[name].mistakes | {shared.UNSEEN: 0, shared.LAZY: -1}
    suspects = {text: lambda count=count: count for text, count in mistakes.items()}
    exact(got, NETS[name].parameters, "the number of parameters", suspects=suspects)


@each(*NARROWED)
def test_arguments(student, reference, sandbox, rng, exact, name):
    """Other numbers of classes and channels, and other widths, change the layers they belong to."""
    tools = sandbox.define(RECORDER, "tools")
    options = {"num_classes": int(rng.integers(11, 99)), "in_channels": int(rng.integers(4, 9))}
    if "shrink" in NETS[name].narrow:
        options["shrink"] = 8
    build = getattr(reference, name)
    suspects = {
        f"{left_out} makes no difference: use it.": lambda left_out=left_out: ours.count(
            build, {key: value for key, value in options.items() if key != left_out}
        )
        for left_out in options
    } | {shared.UNSEEN: lambda: 0}
    got = tools.count(getattr(student, name), options)
    exact(got, ours.count(build, options), "the number of parameters", suspects=suspects)


# --- layers ---


def called(steps):
    """What to call each layer: "convolution 2"."""
    words = {"conv2d": "convolution", "linear": "fully connected layer"}
    seen = defaultdict(int)
    for kind, *_ in steps:
        seen[kind] += 1
        yield f"{words.get(kind, 'batch normalisation')} {seen[kind]}"


def compare_layers(got, done, want):
    """Say which layer is the first that is not as the table has it."""
    for label, mine, theirs in zip(called(want), got, want, strict=False):
        check(mine[0] == theirs[0], f"The table has {label} where your network has another layer.")
        outputs = f"{label} has another number of outputs than the table says."
        check(mine[3][:2] == theirs[3][:2], outputs)
        sizes = (
            f"{label} makes maps of another height and width than the table says: look at its "
            "padding and stride, and at the pooling before it."
        )
        check(mine[3] == theirs[3], sizes)
        filters = f"The weights of {label} are not those of the table: look at size and groups."
        check(mine[1].split(" stride ")[0] == theirs[1].split(" stride ")[0], filters)
        check(mine[1] == theirs[1], f"Stride or groups of {label} are not those of the table.")
    for label in [*called(want)][len(got) :]:
        check(False, f"The pass does not reach {label}: look at the sizes in front of it.")
    check(done, "The pass fails behind the last layer that has weights.")
    check(len(got) <= len(want), "There are more layers with weights than the table has.")


@each(*PLAIN, weight=2)
def test_layers(student, reference, sandbox, name):
    """Each layer with weights makes of a batch of images what the table says, one by one."""
    want = shared.layers_of(built(reference, name), name)
    compare_layers(*shared.layers_of_student(student, sandbox, name), want)


# --- numbers ---


def edited(net, x, change):
    """Scores of the network when `change` makes a list of layers of each layer; 0 if none fit."""
    with suppress(RuntimeError), torch.no_grad():
        return nn.Sequential(*(new for layer in net for new in change(layer)))(x).numpy()
    return np.zeros(())


def instead(kind, *new):
    """A change: other layers in the place of each layer of that kind."""
    return lambda layer: list(new) if isinstance(layer, kind) else [layer]


def only(layers, *new):
    """A change: other layers in the place of these."""
    return lambda layer: list(new) if any(layer is each for each in layers) else [layer]


def behind_last(net, *new):
    """A change: something more behind the last layer."""
    return only([net[-1]], net[-1], *new)


def plain_suspects(net, x):
    """Scores of the usual mistakes in a network without branches."""
    x = torch.tensor(x)
    relus = [layer for layer in net if isinstance(layer, nn.ReLU)]
    flatten = [isinstance(layer, nn.Flatten) for layer in net].index(True)
    late = [layer for layer in relus if layer in list(net)[flatten:]]
    early = [layer for layer in relus if layer not in late]
    known = {
        "The ReLUs are missing.": instead(nn.ReLU),
        "The ReLUs behind the convolutions are missing.": only(early),
        "The ReLUs behind the fully connected layers are missing.": only(late),
        "The ReLU behind the last hidden layer is missing.": only(relus[-1:]),
        "A ReLU stands behind the last layer; scores may be negative.": behind_last(net, nn.ReLU()),
        "These are probabilities; the scores before the softmax are asked for.": behind_last(
            net, nn.Softmax(1)
        ),
        "These are logarithms of probabilities; plain scores are asked for.": behind_last(
            net, nn.LogSoftmax(1)
        ),
        "The activations are tanh; today it is the ReLU.": instead(nn.ReLU, nn.Tanh()),
        "The activations are sigmoids; they should be ReLUs.": instead(nn.ReLU, nn.Sigmoid()),
        "The activations are leaky; they should be ReLUs.": instead(nn.ReLU, nn.LeakyReLU()),
        "The pooling takes the largest value; it should take the mean.": swapped(nn.AvgPool2d),
        "The pooling takes the mean; it should take the largest value.": swapped(nn.MaxPool2d),
        "The pooling has windows of 2 x 2; they should be 3 x 3 and overlap.": instead(
            nn.MaxPool2d, nn.MaxPool2d(2)
        ),
        "The first convolution is padded; its size comes out without padding.": only(
            [net[0]], padded(net[0])
        ),
        "The ReLUs between the convolutions of a block are missing.": only(
            [relu for relu in early if isinstance(net[list(net).index(relu) + 1], nn.Conv2d)]
        ),
        "The features are flattened channels last; the channels come first.": only(
            [net[flatten]], ChannelsLast()
        ),
        "The normalisation between neighbouring channels is still there.": only(
            early[:2], nn.ReLU(), nn.LocalResponseNorm(5)
        ),
    }
    known |= one_by_one(net, relus)
    return {text: lambda change=change: edited(net, x, change) for text, change in known.items()}


def swapped(kind):
    """A change: the largest value for the mean, or the other way round."""
    return lambda layer: [other_pool(layer)] if isinstance(layer, kind) else [layer]


def other_pool(layer):
    """A mean over the same windows as a maximum, or the other way round."""
    other = nn.MaxPool2d if isinstance(layer, nn.AvgPool2d) else nn.AvgPool2d
    return other(layer.kernel_size, stride=layer.stride)


def padded(convolution):
    """The same convolution with padding."""
    convolution = deepcopy(convolution)
    convolution.padding = (1, 1)
    return convolution


def one_by_one(net, relus):
    """Mistakes in a single place, and what they change."""
    pools = [layer for layer in net if isinstance(layer, (nn.AvgPool2d, nn.MaxPool2d))]
    return (
        {
            f"The ReLU behind layer {number} with weights is missing.": only([relu])
            for number, relu in enumerate(relus, 1)
        }
        | {
            f"Pooling {number} does not take what it should: means, or the largest value.": only(
                [pool], other_pool(pool)
            )
            for number, pool in enumerate(pools, 1)
        }
        | {
            "The ReLUs come behind the pooling; with means the order matters.": late_relus(
                net, pools
            ),
            "The first ReLU comes behind the pooling; with means the order matters.": late_relus(
                net, pools[:1]
            ),
        }
    )


def late_relus(net, pools):
    """A change: these pools come before the ReLU in front of them."""
    before = [net[list(net).index(pool) - 1] for pool in pools]
    return lambda layer: (
        [layer, nn.ReLU()] if layer in pools else [] if layer in before else [layer]
    )


class ChannelsLast(nn.Module):
    """Flattens the wrong way."""

    def forward(self, x):
        """(N, C, H, W) -> (N, H * W * C)."""
        return x.permute(0, 2, 3, 1).flatten(1)


@each(*PLAIN, weight=3)
def test_scores(student, reference, sandbox, rng, close, tensor, device, name):
    """With the reference's weights the network gives the reference's scores."""
    seed = int(rng.integers(2**62))
    both = twins(student, reference, sandbox, name, seed, device)
    with torch.no_grad():
        want = both.net(torch.tensor(both.x))
    given = tensor(both.x, dtype="float64")
    once, again = both.theirs(given), both.theirs(given)
    steady = "In eval mode the scores must be the same each time: does dropout rest?"
    check(np.array_equal(values(once), values(again), equal_nan=True), steady)
    suspects = plain_suspects(both.net, both.x)
    close(once, want, names="scores", axes="N num_classes", suspects=suspects)


def values(result):
    """The numbers of a tensor that has come over; of anything else, nothing."""
    array = getattr(result, "array", None)
    return array if isinstance(array, np.ndarray) else np.zeros(0)


@each(*NETS)
def test_gradients(student, reference, sandbox, rng, close, device, name):
    """A backward pass reaches the images and every parameter, with the right gradients."""
    seed = int(rng.integers(2**62))
    both = twins(student, reference, sandbox, name, seed, device)
    with torch.no_grad():
        shape = both.net(torch.tensor(both.x)).shape
    upstream = rng.normal(size=tuple(shape))
    grads = sandbox.fetch(both.tools.learn(both.theirs, both.x, upstream))["grads"]
    want = ours.learn(both.net, both.x, upstream)["grads"]
    both.net.zero_grad()
    lost = "Some parameters get no gradient: is there a detach, a no_grad or a number on the way?"
    names = {"": ""} | {own: our for own, our in both.names.items() if our in want}
    check(all(own in grads for own in names), lost)
    for own, our in names.items():
        what = "the gradient of a parameter" if own else "the gradient of the images"
        close(grads[own], want[our], rtol=1e-8, names=what)


# --- dropout ---


@each("build_alexnet", "build_vgg16")
def test_dropout(student, reference, sandbox, rng, device, name):
    """In train mode half of the hidden units are dropped, the rest doubled; nothing else is."""
    seed = int(rng.integers(2**62))
    both = twins(student, reference, sandbox, name, seed, device)
    calm = sandbox.fetch(both.tools.features(both.theirs, both.x))["given"]
    train = sandbox.fetch(both.tools.features(both.theirs.train(), both.x))
    given = train["given"]
    early = "In train mode the features in front of the first fully connected layer change: "
    check(alike(calm[0], given[0]), early + "dropout comes behind the hidden layers.")
    linear = [layer for layer in both.net if isinstance(layer, nn.Linear)]
    for features, layer, after in zip(given, linear, given[1:], strict=False):
        with torch.no_grad():
            before = torch.relu(layer(torch.tensor(features))).numpy()
        check(before.shape == after.shape, "The hidden layers have another shape.")
        check_dropped(before, after)
    with torch.no_grad():
        scores = linear[-1](torch.tensor(given[-1])).numpy()
    late = "In train mode something happens behind the last layer: are scores dropped?"
    check(alike(train["result"], scores), late)


def alike(got, want):
    """Whether two arrays are the same but for rounding."""
    return got.shape == want.shape and np.abs(got - want).max() < 1e-9 * np.abs(want).max()


def check_dropped(before, after):
    """Half of the values that are not zero are dropped, each by itself; the others are doubled."""
    alive = before > 1e-6 * before.max()
    dropped = alive & (after == 0)
    check(dropped.any(), "In train mode no hidden unit is dropped.")
    kept = after[alive & ~dropped]
    doubled = np.abs(kept - 2 * before[alive & ~dropped]).max(initial=0) < 1e-9 * before.max()
    check(doubled, "Dropout has probability 0.5: units that are kept must be doubled.")
    share, bound = dropped.sum() / alive.sum(), 3 / np.sqrt(alive.sum())  # six deviations
    check(abs(share - 0.5) < bound, "In train mode half of the hidden units must be dropped.")
