"""Hidden suite for training.py: inference."""

from typing import NamedTuple

import numpy as np

from autograder.suite import exercise, raises

SIZES = (5, 4, 2)  # of the batches
FEATURES, HIDDEN, CLASSES = 5, 6, 3
NAMES = ("loss", "accuracy")
SINGLE = 1e-5  # sums and shares may be worked out in single precision
# The same code makes the same network in the sandbox and here. Twice tells one mode from the other
# without chance; it also sees whether a graph is recorded.
LAB = """
from collections import OrderedDict

import torch
from torch import nn


class Twice(nn.Module):
    def __init__(self):
        super().__init__()
        self.recorded = []

    def forward(self, x):
        self.recorded.append(x.requires_grad)
        return 2 * x if self.training else x


class Lab:
    def __init__(self, weights, batches, device):
        self.net = nn.Sequential(OrderedDict(
            first=nn.Linear(5, 6), norm=nn.BatchNorm1d(6), mode=Twice(), act=nn.Tanh(),
            last=nn.Linear(6, 3),
        )).double()
        with torch.no_grad():
            for parameter, value in zip(self.net.parameters(), weights):
                parameter.copy_(torch.tensor(value))
            self.net.norm.running_mean.copy_(torch.tensor(weights[-1]))
        self.net.to(device)
        self.batches = [(torch.tensor(x).to(device), torch.tensor(y).to(device))
                        for x, y in batches]
        for parameter in self.net.parameters():
            parameter.grad = torch.ones_like(parameter)

    def loss(self, scores, y):
        return 3 * nn.functional.cross_entropy(scores, y, label_smoothing=0.2)

    def to_mode(self, training, norm_too=True):
        self.net.train(training)
        if not norm_too:
            self.net.norm.train(not training)

    def modes(self):
        return {name or "the model": module.training
                for name, module in self.net.named_modules()}

    def run(self, evaluate, how="list", recording=True):
        if how == "nothing":
            self.batches = []
        loader = self.batches if how == "list" else (batch for batch in self.batches)
        torch.set_grad_enabled(recording)
        try:
            return evaluate(self.net, loader, self.loss)
        finally:
            self.recording_afterwards = torch.is_grad_enabled()
            torch.set_grad_enabled(True)

    def recorded(self):
        return self.net.mode.recorded

    def wants_gradients(self):
        return [parameter.requires_grad for parameter in self.net.parameters()]

    def state(self):
        return {name: value.detach().cpu().numpy().copy()
                for name, value in self.net.state_dict().items()}

    def gradients(self):
        return {name: None if value.grad is None else value.grad.detach().cpu().numpy().copy()
                for name, value in self.net.named_parameters()}
"""


class Labs:
    """The same lab in the sandbox and, as often as needed, on this side."""

    def __init__(self, student, sandbox, rng, device):
        shapes = [
            (HIDDEN, FEATURES),
            (HIDDEN,),
            (HIDDEN,),
            (HIDDEN,),
            (CLASSES, HIDDEN),
            (CLASSES,),
        ]
        weights = [rng.normal(size=shape) for shape in [*shapes, (HIDDEN,)]]
        batches = [(rng.normal(size=(N, FEATURES)), rng.integers(CLASSES, size=N)) for N in SIZES]
        here = {}
        exec(LAB, here)
        self.evaluate = student.evaluate
        self.theirs = sandbox.define(LAB, "Lab")(weights, batches, device)
        self.mine = lambda: here["Lab"](weights, batches, "cpu")

    def run(self, how="list"):
        """What the student's function returns."""
        return self.theirs.run(self.evaluate, how)


class Parts(NamedTuple):
    """Of each batch: how many examples, the loss, how many right answers."""

    n: np.ndarray
    loss: np.ndarray
    right: np.ndarray


def inference(model, loader, loss_fn, mistake=""):
    """The parts of an inference: losses and right answers, batch by batch."""
    if mistake != "training":
        model.eval()
    answers = []
    for x, y in loader:
        scores = model(x)
        picked = scores.argmin(dim=1) if mistake == "smallest" else scores.argmax(dim=1)
        loss = loss_fn(scores, y).item()
        answers.append((len(x), loss, (picked == y).sum().item()))
    return np.array(answers).T


def suspects(labs):
    """Results of the usual mistakes."""

    def parts(mistake=""):
        lab = labs.mine()
        return lab.run(lambda *given: inference(*given, mistake))

    def means(mistake):
        count, loss, right = parts(mistake)
        return {"loss": count @ loss / count.sum(), "accuracy": right.sum() / count.sum()}

    def of(name, thunk):
        return lambda: {name: thunk(Parts(*parts()))}

    return {
        "The model is in training mode: call model.eval() first.": lambda: means("training"),
        "The loss is the mean over the batches; a small batch counts for fewer examples.": of(
            "loss", lambda p: p.loss.mean()
        ),
        "The loss is the sum over the batches; take the mean over the examples.": of(
            "loss", lambda p: p.loss.sum()
        ),
        "The loss is summed over the examples; take the mean.": of("loss", lambda p: p.n @ p.loss),
        "The loss is the last batch's.": of("loss", lambda p: p.loss[-1]),
        "The loss is the first batch's.": of("loss", lambda p: p.loss[0]),
        "The mean of the batches' losses is divided by the number of examples, too.": of(
            "loss", lambda p: p.loss.sum() / p.n.sum()
        ),
        "The accuracy is the mean over the batches; a small batch counts for fewer examples.": of(
            "accuracy", lambda p: (p.right / p.n).mean()
        ),
        "The accuracy is in percent; a share between 0 and 1 is asked for.": of(
            "accuracy", lambda p: 100 * p.right.sum() / p.n.sum()
        ),
        "The accuracy is a number of examples; divide by how many there are.": of(
            "accuracy", lambda p: float(p.right.sum())
        ),
        "The accuracy is divided by the number of batches; divide by that of examples.": of(
            "accuracy", lambda p: p.right.sum() / p.n.size
        ),
        "The accuracy is the last batch's.": of("accuracy", lambda p: p.right[-1] / p.n[-1]),
        "The accuracy is the share of wrong answers.": of(
            "accuracy", lambda p: 1 - p.right.sum() / p.n.sum()
        ),
        "The two results are the other way round: loss first, then accuracy.": lambda: {
            "loss": means("")["accuracy"],
            "accuracy": means("")["loss"],
        },
        "The predicted class is the one with the smallest score; take the largest.": lambda: {
            "accuracy": means("smallest")["accuracy"]
        },
    }


@exercise("evaluate", weight=2)
def test_loss_and_accuracy(student, reference, rng, close, sandbox, device):
    """The loss and the accuracy over all examples, in evaluation mode."""
    labs = Labs(student, sandbox, rng, device)
    want = labs.mine().run(reference.evaluate)
    close(labs.run(), want, names=NAMES, rtol=SINGLE, suspects=suspects(labs))


@exercise("evaluate", weight=0.5)
def test_any_loader(student, reference, rng, close, sandbox, device):
    """A loader that gives its batches once and has no length is enough."""
    labs = Labs(student, sandbox, rng, device)
    want = labs.mine().run(reference.evaluate)
    close(labs.run("generator"), want, names=NAMES, rtol=SINGLE, suspects=suspects(labs))


@exercise("evaluate", weight=0.5)
def test_no_batch(student, rng, sandbox, device):
    """A loader without batches is an error."""
    labs = Labs(student, sandbox, rng, device)
    with raises(ValueError, "A loader that gives no batch must raise a ValueError."):
        labs.run("nothing")


def judge_result(labs, reference, close):
    """The result must be right, too: to do nothing is no merit."""
    close(labs.run(), labs.mine().run(reference.evaluate), names=NAMES, rtol=SINGLE)


@exercise("evaluate")
def test_nothing_is_learnt(student, reference, rng, close, check, sandbox, device):
    """Weights, their gradients and running statistics are the same afterwards, bit by bit."""
    labs = Labs(student, sandbox, rng, device)
    state, gradients = labs.theirs.state(), labs.theirs.gradients()
    before, slopes = sandbox.fetch(state), sandbox.fetch(gradients)
    judge_result(labs, reference, close)
    after = sandbox.fetch(labs.theirs.state())
    for name, value in before.items():
        what = "running statistics" if name.startswith("norm.r") else "parameters"
        said = f"The {what} of {name.partition('.')[0]!r} are changed: inference changes nothing."
        said = "norm counts a batch more: it is in training mode." if "num" in name else said
        check(np.array_equal(after[name], value), said)
    left = sandbox.fetch(labs.theirs.gradients())
    for name, value in slopes.items():
        check(left[name] is not None, f"The gradient of {name} is cleared: leave it alone.")
        said = f"The gradient of {name} is changed: inference needs no backward()."
        check(np.array_equal(left[name], value), said)
    wants = all(sandbox.fetch(labs.theirs.wants_gradients()))
    check(wants, "Parameters do not require a gradient any more: use torch.no_grad().")


@exercise("evaluate")
def test_no_graph(student, reference, rng, close, check, sandbox, device):
    """Nothing is recorded for a backward pass that never comes."""
    labs = Labs(student, sandbox, rng, device)
    judge_result(labs, reference, close)
    recorded = sandbox.fetch(labs.theirs.recorded())
    said = "The forward pass records a graph: it takes memory for nothing. Use torch.no_grad()."
    check(recorded and not any(recorded), said)


@exercise("evaluate", weight=0.5)
def test_recording_goes_on(student, reference, rng, close, check, sandbox, device):
    """Afterwards gradients are recorded where they were, and not where they were not."""
    labs = Labs(student, sandbox, rng, device)
    judge_result(labs, reference, close)
    said = "Gradients stay switched off afterwards: use `with torch.no_grad():`."
    check(sandbox.fetch(labs.theirs.recording_afterwards), said)
    labs.theirs.run(labs.evaluate, "list", False)
    said = "Gradients are switched on afterwards, and were not before."
    check(not sandbox.fetch(labs.theirs.recording_afterwards), said)


@exercise("evaluate")
def test_mode_comes_back(student, reference, rng, close, exact, sandbox, device):
    """A model in training goes on training, and a model in use stays in evaluation mode."""
    for training in (True, False):
        labs = Labs(student, sandbox, rng, device)
        labs.theirs.to_mode(training)
        before = sandbox.fetch(labs.theirs.modes())
        judge_result(labs, reference, close)
        other = dict.fromkeys(before, not training)
        left = {
            True: "The model is left in evaluation mode; it was in training mode before.",
            False: "The model is left in training mode; it was in evaluation mode before.",
        }
        exact(labs.theirs.modes(), before, suspects={left[training]: lambda other=other: other})


@exercise("evaluate", weight=0.5)
def test_each_module_gets_its_mode_back(student, reference, rng, close, exact, sandbox, device):
    """A layer that was in another mode than the rest is in it again."""
    labs = Labs(student, sandbox, rng, device)
    labs.theirs.to_mode(True, False)
    before = sandbox.fetch(labs.theirs.modes())
    judge_result(labs, reference, close)
    said = "A layer that was in evaluation mode is in training mode now: model.train() wakes all."
    wrong = {
        said: lambda: dict.fromkeys(before, True),
        "All layers are left in evaluation mode.": lambda: dict.fromkeys(before, False),
        "Only the model itself gets its mode back, and its layers do not.": lambda: {
            name: name == "the model" for name in before
        },
    }
    exact(labs.theirs.modes(), before, suspects=wrong)
