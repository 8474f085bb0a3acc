"""Hidden suite for training.py: a new head on features that stay."""

import numpy as np
import pytest
import torch

from autograder.suite import exercise

OLD, NEW, FEATURES, WIDTH = 4, 3, 6, 12
SHAPES = {
    "norm3.weight": (1,), "norm3.bias": (1,), "conv.weight": (3, 2, 3, 3), "conv.bias": (3,),
    "norm2.weight": (3,), "norm2.bias": (3,), "fc_before.weight": (FEATURES, WIDTH),
    "fc_before.bias": (FEATURES,), "norm1.weight": (FEATURES,), "norm1.bias": (FEATURES,),
    "norm3.running_mean": (1,), "norm2.running_mean": (3,), "norm1.running_mean": (FEATURES,),
}  # fmt: skip
# The same code makes the same network in the sandbox and here. Twice tells one mode from the other
# without chance.
LAB = """
import torch
from torch import nn


class Twice(nn.Module):
    def forward(self, x):
        return 2 * x if self.training else x


class Net(nn.Module):
    def __init__(self, bias):
        super().__init__()
        self.norm3 = nn.BatchNorm3d(1)
        self.conv = nn.Conv2d(2, 3, 3)
        self.norm2 = nn.BatchNorm2d(3)
        self.fc_before = nn.Linear(12, 6)
        self.norm1 = nn.BatchNorm1d(6)
        self.mode = Twice()
        self.fc = nn.Linear(6, 4, bias=bias)

    def forward(self, x):
        x = self.norm3(x[:, None])[:, 0]
        x = torch.tanh(self.norm2(self.conv(x)))
        x = self.norm1(self.fc_before(x.flatten(1)))
        return self.fc(self.mode(torch.tanh(x)))


class Lab:
    def __init__(self, weights, device, kind="float64", bias=True):
        self.net = Net(bias).to(device, getattr(torch, kind))
        held = dict(self.net.named_parameters()) | dict(self.net.named_buffers())
        with torch.no_grad():
            for name, value in weights.items():
                if device != "meta":
                    held[name].copy_(torch.tensor(value))
        self.device, self.optimizer = device, None

    def freeze(self, function, *given):
        self.optimizer = function(self.net, *given)
        return isinstance(self.optimizer, torch.optim.SGD), type(self.net.fc) is nn.Linear

    def head(self):
        fc = self.net.fc
        return [fc.in_features, fc.out_features, str(tuple(fc.weight.shape)), fc.bias is not None,
                str(fc.weight.dtype), fc.weight.device.type]

    def set_head(self, weight, bias):
        with torch.no_grad():
            self.net.fc.weight.copy_(torch.tensor(weight))
            self.net.fc.bias.copy_(torch.tensor(bias))

    def flags(self):
        return {name: value.requires_grad for name, value in self.net.named_parameters()}

    def held(self):
        names = {id(value): name for name, value in self.net.named_parameters()}
        groups = self.optimizer.param_groups
        return sorted(names.get(id(value), "?") for group in groups for value in group["params"])

    def steps(self, batches):
        for x, y in batches:
            self.net.train()
            scores = self.net(torch.tensor(x).to(self.device))
            loss = nn.functional.cross_entropy(scores, torch.tensor(y).to(self.device))
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()

    def scores(self, x, training):
        self.net.train(training)
        return self.net(torch.tensor(x).to(self.device)).detach().cpu().numpy()

    def state(self):
        return {name: value.detach().cpu().numpy().copy()
                for name, value in self.net.state_dict().items()}
"""


class Labs:
    """The same lab in the sandbox and, as often as needed, on this side."""

    def __init__(self, student, reference, sandbox, rng, device):
        self.weights = {name: rng.normal(size=shape) for name, shape in SHAPES.items()}
        self.new_head = rng.normal(size=(NEW, FEATURES)), rng.normal(size=NEW)
        self._here = {}
        exec(LAB, self._here)
        self._there, self._device = sandbox.define(LAB, "Lab"), device
        self.student, self.reference = student, reference

    def theirs(self, check, *given, net=()):
        """A lab in the sandbox, with the head replaced by the student's function."""
        lab = self._there(self.weights, *(net or (self._device,)))
        self.freeze(lab, check, *given)
        return lab

    def freeze(self, lab, check, *given):
        """Let the student's function replace the head; see to it that there is one."""
        is_sgd, is_linear = lab.freeze(self.student.freeze_and_replace_head, *given)
        check(is_linear, "model.fc must be an nn.Linear, changed in place in the given model.")
        check(is_sgd, "The function returns the optimizer, a torch.optim.SGD.")

    def mine(self, *given):
        """A lab on this side, with the head replaced by the reference."""
        lab = self._here["Lab"](self.weights, "cpu")
        lab.freeze(self.reference.freeze_and_replace_head, *given)
        return lab

    def plain(self):
        """A lab on this side with nothing replaced."""
        return self._here["Lab"](self.weights, "cpu")


@pytest.fixture
def labs(student, reference, sandbox, rng, device):
    """The labs of a test."""
    return Labs(student, reference, sandbox, rng, device)


def batches(rng, classes=NEW):
    """Two batches of images and labels."""
    return [(rng.normal(size=(N, 2, 4, 4)), rng.integers(classes, size=N)) for N in (5, 4)]


@exercise("freeze_and_replace_head", weight=2)
def test_only_the_head_learns(labs, check, exact, sandbox):
    """The new head requires gradients, and nothing else does."""
    flags = sandbox.fetch(labs.theirs(check, NEW).flags())
    want = {name: name.startswith("fc.") for name in flags}

    def but(beginning, value):
        return lambda: {n: value if n.startswith(beginning) else want[n] for n in want}

    wrong = {
        "All layers still learn: only the new head should require gradients.": but("", True),
        "The new head is frozen, too: freeze first, then replace.": but("fc.", False),
        "It is the other way round: the head is frozen and the rest learns.": lambda: {
            name: not value for name, value in want.items()
        },
        "A layer learns because its name begins with fc: the head is model.fc alone.": but(
            "fc", True
        ),
        "Batch normalisation still learns its scale and shift.": but("norm", True),
        "Biases are not frozen.": lambda: {n: want[n] or n.endswith("bias") for n in want},
        "Convolutions are not frozen.": but("conv", True),
    }
    exact(flags, want, suspects=wrong)


@exercise("freeze_and_replace_head")
@pytest.mark.parametrize("kind", ["float64", "float32"])
def test_new_head(labs, check, sandbox, kind):
    """The head is a linear layer of the asked size, like the old one in dtype and device."""
    for where, bias in ((labs._device, kind == "float64"), ("meta", True)):
        lab = labs.theirs(check, 7, net=(where, kind, bias))
        features, classes, shape, has_bias, dtype, device = sandbox.fetch(lab.head())
        check(features == FEATURES, "The new head must take as many features as the old one.")
        check(classes == 7, "The new head must give num_classes scores.")
        check(shape == str((7, FEATURES)), "The new head's weight does not fit its sizes.")
        check(has_bias, "The new head has no bias.")
        check(dtype == f"torch.{kind}", "The new head has another dtype than the old one.")
        there = "The new head is on another device than the old one."
        check(device == where.partition(":")[0], there)


@exercise("freeze_and_replace_head", weight=0.5)
def test_head_is_fresh(labs, check, sandbox):
    """The new head starts at random as PyTorch's linear layers do, whatever the old one was."""
    lab = labs._there(labs.weights, labs._device)
    before = sandbox.fetch(lab.state())["fc.weight"]
    labs.freeze(lab, check, OLD)
    after = sandbox.fetch(lab.state())["fc.weight"]
    check(not np.isin(before, after).any(), "The old head is still there: the new one is fresh.")
    state = sandbox.fetch(labs.theirs(check, 400).state())
    w, b, bound = state["fc.weight"], state["fc.bias"], 1 / np.sqrt(FEATURES)
    said = "The new head does not start as PyTorch starts an nn.Linear: leave that to PyTorch."
    check(np.unique(w).size > 0.9 * w.size and np.unique(b).size > 0.9 * b.size, said)
    check(max(np.abs(w).max(), np.abs(b).max()) <= bound * (1 + 1e-6), said)
    for values in (w, b):  # uniform; six standard deviations of its standard deviation
        spread = np.std(values) * np.sqrt(3) / bound
        check(abs(spread - 1) < 6 * np.sqrt(0.2 / values.size), said)


@exercise("freeze_and_replace_head")
def test_optimizer_holds_the_head(labs, check, sandbox):
    """The optimizer holds the new head's weight and bias, and no frozen parameter."""
    held = sandbox.fetch(labs.theirs(check, NEW).held())
    said = "The optimizer holds parameters that are none of the model's: make it after the head."
    check("?" not in held, said)
    check({"fc.weight", "fc.bias"} <= set(held), "The optimizer must hold weight and bias of fc.")
    check(len(held) == 2, "The optimizer holds more than the new head: give it model.fc's only.")


@exercise("freeze_and_replace_head")
@pytest.mark.parametrize("given", [(NEW, 0.3), (NEW,)], ids=["rate", "default rate"])
def test_steps(labs, rng, check, close, sandbox, given):
    """Two steps of the optimizer move the head as SGD with this rate and momentum 0.9 does."""
    theirs, mine, data = labs.theirs(check, *given), labs.mine(*given), batches(rng)
    for lab in (theirs, mine):
        lab.set_head(*labs.new_head)
        lab.steps(data)

    def head(state):
        return [state["fc.weight"], state["fc.bias"]]

    def run(**settings):
        lab = labs.mine(*given)
        lab.set_head(*labs.new_head)
        rate = settings.pop("lr", given[1] if len(given) > 1 else 0.01)
        lab.optimizer = torch.optim.SGD(lab.net.fc.parameters(), lr=rate, **settings)
        lab.steps(data)
        return head(lab.state())

    wrong = {
        "The momentum is missing: 0.9 is asked for.": run,
        "The default learning rate is 0.01.": lambda: run(lr=0.001, momentum=0.9),
        "The default learning rate is 0.01, not 0.1.": lambda: run(lr=0.1, momentum=0.9),
        "The given learning rate is ignored.": lambda: run(lr=0.01, momentum=0.9),
        "This is Nesterov's momentum; the plain one is asked for.": lambda: run(
            momentum=0.9, nesterov=True
        ),
        "The momentum is 0.99; 0.9 is asked for.": lambda: run(momentum=0.99),
        "The momentum is 0.5; 0.9 is asked for.": lambda: run(momentum=0.5),
        "There is weight decay, and none is asked for.": lambda: run(
            momentum=0.9, weight_decay=1e-4
        ),
        "The optimizer does not move the head.": lambda: list(labs.new_head),
    }
    got = head(sandbox.fetch(theirs.state()))
    close(got, head(mine.state()), names=("weight", "bias"), suspects=wrong)


@exercise("freeze_and_replace_head", weight=2)
def test_the_rest_stays(labs, rng, check, sandbox):
    """Two steps in training mode leave all frozen weights and statistics, bit by bit."""
    lab, data = labs.theirs(check, NEW, 0.3), batches(rng)
    before = sandbox.fetch(lab.state())
    lab.steps(data)
    after = sandbox.fetch(lab.state())
    moved = not np.array_equal(after["fc.weight"], before["fc.weight"])
    check(moved, "A step of the optimizer does not move the head.")
    for name, value in before.items():
        if not name.startswith("fc."):
            layer, _, part = name.partition(".")
            said = f"A step changes {part} of the frozen layer {layer}."
            if part not in ("weight", "bias"):
                said = "Running statistics of frozen layers change in training: model.train() has"
                said += " woken batch normalisation up."
            check(name in after, "A frozen layer is missing, or has another name than before.")
            check(np.array_equal(after[name], value), said)


@exercise("freeze_and_replace_head")
def test_batchnorm_in_training(labs, rng, check, close):
    """After model.train() batch normalisation uses its running statistics; other layers train."""
    theirs, mine = labs.theirs(check, NEW), labs.mine(NEW)
    ((x, _), (other, _)) = batches(rng)
    for lab in (theirs, mine):
        lab.set_head(*labs.new_head)

    def woken(*asleep):
        lab = labs.mine(NEW)
        lab.set_head(*labs.new_head)
        for name in ("norm1", "norm2", "norm3"):
            layer = getattr(lab.net, name)
            if name not in asleep:
                layer.__dict__.pop("train", None)
        lab.net.train()
        return lab.scores(x, True)

    def sleeping():
        lab = labs.mine(NEW)
        lab.set_head(*labs.new_head)
        return lab.scores(x, False)

    wake = "normalises with the batch after model.train(); frozen, it keeps its running statistics."
    wrong = {
        f"Batch normalisation {wake}": woken,
        "model.train() does not reach the other layers: only batch normalisation stays.": sleeping,
        f"Batch normalisation of vectors {wake}": lambda: woken("norm2", "norm3"),
        f"Batch normalisation of images {wake}": lambda: woken("norm1", "norm3"),
        f"Batch normalisation of volumes {wake}": lambda: woken("norm1", "norm2"),
        f"Batch normalisation of vectors and volumes {wake}": lambda: woken("norm2"),
    }
    close(theirs.scores(x, True), mine.scores(x, True), names="the scores", suspects=wrong)
    close(theirs.scores(other, False), mine.scores(other, False), names="the scores in use")


@exercise("freeze_and_replace_head", weight=0.5)
def test_another_task(labs, check, exact, sandbox):
    """The function works on a network that it has worked on before."""
    lab = labs.theirs(check, NEW)
    labs.freeze(lab, check, 5)
    check(sandbox.fetch(lab.head())[1] == 5, "The head of the first task is still there.")
    flags = sandbox.fetch(lab.flags())
    exact(flags, {name: name.startswith("fc.") for name in flags})
    exact(lab.held(), ["fc.bias", "fc.weight"], names="the optimizer's parameters")
