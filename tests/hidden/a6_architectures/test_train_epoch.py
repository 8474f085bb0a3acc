"""Hidden suite for training.py: one epoch of training."""

import numpy as np
import torch

from autograder.suite import exercise, raises

SIZES = (4, 4, 2)  # of the batches
SINGLE = 1e-5  # a mean may be worked out in single precision
FEATURES, HIDDEN, CLASSES = 5, 6, 3
# The same code makes the same network in the sandbox and here. Twice tells one mode from the other
# without chance.
LAB = """
from collections import OrderedDict

import torch
from torch import nn


class Twice(nn.Module):
    def forward(self, x):
        return 2 * x if self.training else x


class Lab:
    def __init__(self, weights, batches, device):
        self.net = nn.Sequential(OrderedDict(
            first=nn.Linear(5, 6), norm=nn.BatchNorm1d(6), mode=Twice(), act=nn.Tanh(),
            last=nn.Linear(6, 3),
        )).double().to(device)
        with torch.no_grad():
            for parameter, value in zip(self.net.parameters(), weights):
                parameter.copy_(torch.tensor(value))
        self.batches = [(torch.tensor(x).to(device), torch.tensor(y).to(device))
                        for x, y in batches]
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=0.5, momentum=0.7)

    def loss(self, scores, y):
        return 3 * nn.functional.cross_entropy(scores, y, label_smoothing=0.2)

    def to_evaluation(self):
        self.net.eval()

    def leave_gradients(self):
        for parameter in self.net.parameters():
            parameter.grad = torch.ones_like(parameter)

    def run(self, train_epoch, how="list"):
        if how == "nothing":
            self.batches = []
        loader = self.batches if how == "list" else (batch for batch in self.batches)
        return train_epoch(self.net, loader, self.loss, self.optimizer)

    def state(self):
        return {name: value.detach().cpu().numpy().copy()
                for name, value in self.net.state_dict().items()}
"""


def setting(rng):
    """Weights of the network, and batches of data."""
    shapes = [(HIDDEN, FEATURES), (HIDDEN,), (HIDDEN,), (HIDDEN,), (CLASSES, HIDDEN), (CLASSES,)]
    weights = [rng.normal(size=shape) for shape in shapes]
    return weights, [(rng.normal(size=(N, FEATURES)), rng.integers(CLASSES, size=N)) for N in SIZES]


class Labs:
    """The same lab in the sandbox and, as often as needed, on this side."""

    def __init__(self, student, sandbox, rng, device):
        weights, batches = setting(rng)
        here = {}
        exec(LAB, here)
        self.theirs = sandbox.define(LAB, "Lab")(weights, batches, device)
        self.train = student.train_epoch
        self._make = lambda: here["Lab"](weights, batches, "cpu")

    def mine(self, train, prepare):
        """What comes out on this side: the loss and the state."""
        lab = self._make()
        for step in prepare:
            getattr(lab, step)()
        return {"loss": lab.run(train), "state": lab.state()}

    def suspects(self, wrong, prepare, part):
        """What each mistake leads to."""

        def outcome(mistake):
            return self.mine(lambda *given: epoch(*given, mistake), prepare)[part]

        return {text: lambda mistake=mistake: outcome(mistake) for text, mistake in wrong.items()}


def epoch(model, loader, loss_fn, optimizer, mistake):
    """An epoch with a mistake in it."""
    if mistake != "never train":
        model.train()
    losses = []
    for x, y in loader:
        if mistake not in ("never clear", "one step", "clear after"):
            optimizer.zero_grad()
        own = torch.nn.functional.cross_entropy if mistake == "own loss" else loss_fn
        loss = own(model(x), y)
        (loss * {"sum": len(x), "share": 1 / len(x)}.get(mistake, 1)).backward()
        for chosen in steps(model, optimizer, mistake):
            chosen.step()
        if mistake == "clear after":
            optimizer.zero_grad()
        losses += [(len(x), (own(model(x), y) if mistake == "late loss" else loss).item())]
        if mistake == "first batch":
            break
    if mistake == "one step":
        optimizer.step()
    return mean_of(np.array(losses), mistake)


def steps(model, optimizer, mistake):
    """The optimizers that make a step after a batch, one after the other."""
    plain = torch.optim.SGD(model.parameters(), lr=optimizer.param_groups[0]["lr"])
    several = {"one step": [], "no step": [], "plain step": [plain], "two steps": [optimizer] * 2}
    return several.get(mistake, [optimizer])


def mean_of(losses, mistake):
    """The mean of (number of examples, loss) over the examples, or what a mistake makes of it."""
    sizes, means = losses.T
    return {
        "batches": means.mean(),
        "batches added": means.sum(),
        "batches by examples": means.sum() / sizes.sum(),
        "examples added": sizes @ means,
        "last": means[-1],
    }.get(mistake, sizes @ means / sizes.sum())


WRONG_STEPS = {
    "Gradients add up from batch to batch: call optimizer.zero_grad() before each backward().": (
        "never clear"
    ),
    "No weight has changed: call optimizer.step() after backward().": "no step",
    "There is one step for the whole epoch; each batch is a step.": "one step",
    "Training ends after the first batch.": "first batch",
    "The loss is multiplied by the number of examples before backward().": "sum",
    "The loss is divided by the number of examples before backward(): it is a mean.": "share",
    "Each batch makes two steps; make one.": "two steps",
    "This is another loss than loss_fn.": "own loss",
    "This is plain descent: let optimizer.step() make the step, which has a momentum here.": (
        "plain step"
    ),
}
WRONG_MODE = {
    "The model trains in evaluation mode: call model.train() first.": "never train",
}
WRONG_LEFT_OVERS = {
    "Gradients from before the epoch count in the first step: clear them before backward().": (
        "clear after"
    ),
    "Gradients are never cleared: call optimizer.zero_grad() before each backward().": (
        "never clear"
    ),
}
WRONG_LOSS = {
    "This is the mean over the batches; a small batch counts for fewer examples.": "batches",
    "This is the sum of the batches' losses; take the mean over the examples.": "batches added",
    "This is the sum over the examples; take the mean.": "examples added",
    "The sum of the batches' means is divided by the number of examples: weigh each mean first.": (
        "batches by examples"
    ),
    "This is the loss of the last batch.": "last",
    "This is the loss after each step; take the one before it.": "late loss",
    "This is the loss of the first batch.": "first batch",
}


def judge_state(labs, reference, close, wrong, prepare=(), how="list"):
    """Compare the network after an epoch: weights and statistics."""
    want = labs.mine(reference.train_epoch, prepare)["state"]
    for step in prepare:
        getattr(labs.theirs, step)()
    labs.theirs.run(labs.train, how)
    close(labs.theirs.state(), want, suspects=labs.suspects(wrong, prepare, "state"))


@exercise("train_epoch", weight=2)
def test_steps(student, reference, rng, close, sandbox, device):
    """Each batch is one step of the optimizer: weights and statistics after an epoch."""
    labs = Labs(student, sandbox, rng, device)
    judge_state(labs, reference, close, WRONG_STEPS)


@exercise("train_epoch", weight=2)
def test_mean_loss(student, reference, rng, close, sandbox, device):
    """The result is the mean loss over the examples, also where batches differ in size."""
    labs = Labs(student, sandbox, rng, device)
    want = labs.mine(reference.train_epoch, ())["loss"]
    suspects = labs.suspects(WRONG_LOSS, (), "loss")
    close(labs.theirs.run(labs.train), want, names="the mean loss", rtol=SINGLE, suspects=suspects)


@exercise("train_epoch")
def test_training_mode(student, reference, rng, close, sandbox, device):
    """A model in evaluation mode is put into training mode first."""
    labs = Labs(student, sandbox, rng, device)
    judge_state(labs, reference, close, WRONG_MODE | WRONG_STEPS, prepare=("to_evaluation",))


@exercise("train_epoch")
def test_left_over_gradients(student, reference, rng, close, sandbox, device):
    """Gradients from before the epoch do not count."""
    labs = Labs(student, sandbox, rng, device)
    judge_state(labs, reference, close, WRONG_LEFT_OVERS, prepare=("leave_gradients",))


@exercise("train_epoch", weight=0.5)
def test_any_loader(student, reference, rng, close, sandbox, device):
    """A loader that gives its batches once and has no length is enough."""
    labs = Labs(student, sandbox, rng, device)
    judge_state(labs, reference, close, WRONG_STEPS, how="generator")


@exercise("train_epoch", weight=0.5)
def test_no_batch(student, rng, sandbox, device):
    """A loader without batches is an error."""
    labs = Labs(student, sandbox, rng, device)
    with raises(ValueError, "A loader that gives no batch must raise a ValueError."):
        labs.theirs.run(labs.train, "nothing")
