"""Checks for training.py that you can run as often as you like: small cases to follow by hand.

They lead the way; they do not grade. The graded tests use other data and more kinds of it.
"""

from typing import Any, NamedTuple

import pytest
import torch
import training
from torch import nn


class Pair(NamedTuple):
    """An image with a label."""

    image: Any
    label: Any


def small_net():
    """A network of a linear layer, batch normalisation and a head for three classes."""
    torch.manual_seed(0)
    net = nn.Sequential()
    net.add_module("body", nn.Linear(4, 5))
    net.add_module("norm", nn.BatchNorm1d(5))
    net.add_module("fc", nn.Linear(5, 3))
    return net


def some_batches():
    """Three batches of data, the last one smaller."""
    torch.manual_seed(1)
    return [(torch.randn(n, 4), torch.randint(3, (n,))) for n in (6, 6, 2)]


def copy_of(model):
    """What the model holds now."""
    return {name: value.clone() for name, value in model.state_dict().items()}


def square(output, y):
    """The mean squared error: d/dw of (w x - y)^2 is 2 x (w x - y)."""
    return ((output - y) ** 2).mean()


def test_two_steps_by_hand():
    """The weight goes from 1 to 0.8 to 0.48, and the losses 1 and 0.64 * 4 average to 1.52."""
    line = nn.Linear(1, 1, bias=False)
    nn.init.ones_(line.weight)
    optimizer = torch.optim.SGD(line.parameters(), lr=0.1)
    batches = [(torch.ones(2, 1), torch.zeros(2, 1)), (2 * torch.ones(1, 1), torch.zeros(1, 1))]
    loss = training.train_epoch(line, batches, square, optimizer)
    # w = 1: loss 1, gradient 2.  w = 0.8: loss 2.56, gradient 2 * 2 * 1.6 = 6.4
    assert line.weight.item() == pytest.approx(1 - 0.1 * 2 - 0.1 * 6.4), (
        "one step a batch, each along its own gradient: are old gradients cleared?"
    )
    assert isinstance(loss, float), "a Python float: loss.item()"
    assert loss == pytest.approx((2 * 1 + 1 * 2.56) / 3), (
        "the mean over three examples: a batch counts for as many as it has"
    )


def test_training_happens_in_training_mode():
    """The running mean moves, although the model was in evaluation mode before."""
    net = small_net().eval()
    before = net.norm.running_mean.clone()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    training.train_epoch(net, some_batches(), nn.functional.cross_entropy, optimizer)
    assert not torch.equal(net.norm.running_mean, before), "call model.train() first"


def test_training_without_data():
    """There is no mean of no losses."""
    net = small_net()
    with pytest.raises(ValueError):  # noqa: PT011 - the text is yours
        training.train_epoch(net, [], square, torch.optim.SGD(net.parameters(), lr=0.1))


def test_loss_and_accuracy():
    """Two of three examples are right."""
    scores = torch.tensor([[2.0, 1.0], [0.0, 3.0], [5.0, 4.0]])
    labels = torch.tensor([0, 1, 1])
    batches = [(scores[:2], labels[:2]), (scores[2:], labels[2:])]
    loss, accuracy = training.evaluate(nn.Identity(), batches, nn.functional.cross_entropy)
    assert accuracy == pytest.approx(2 / 3), "the share of right answers of all examples"
    want = nn.functional.cross_entropy(scores, labels).item()
    assert loss == pytest.approx(want), "the mean over all examples, whatever the batches are"


def test_inference_changes_nothing():
    """Weights and running statistics are the same afterwards, and so is the mode."""
    net = small_net().train()
    net.norm.eval()
    before = copy_of(net)
    training.evaluate(net, some_batches(), nn.functional.cross_entropy)
    for name, value in net.state_dict().items():
        assert torch.equal(value, before[name]), f"{name} is changed"
    assert net.training, "the model was in training mode before"
    assert net.fc.training, "each module was in training mode before"
    assert not net.norm.training, "but norm was not"


def test_only_the_new_head_learns():
    """After two steps the head is another one, and everything else is as it was, bit by bit."""
    net = small_net()
    optimizer = training.freeze_and_replace_head(net, 2, lr=0.1)
    assert net.fc.weight.shape == (2, 5), "two scores from five features"
    learning = [name for name, value in net.named_parameters() if value.requires_grad]
    assert learning == ["fc.weight", "fc.bias"], "only the head requires gradients"
    held = [value for group in optimizer.param_groups for value in group["params"]]
    assert len(held) == 2, "the optimizer holds the head's weight and bias"
    before = copy_of(net)
    net.train()
    for x, y in some_batches()[:2]:
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), y.clamp(max=1)).backward()
        optimizer.step()
    for name, value in net.state_dict().items():
        same = torch.equal(value, before[name])
        assert same != name.startswith("fc."), f"{name} should {'' if same else 'not '}change"


def test_everything_goes_to_the_device():
    """The device `meta` is on every machine: its tensors have shapes, and no numbers."""
    batch = {"image": torch.ones(2, 4), "more": [torch.ones(1), ("cat.png", torch.ones(3))]}
    got = training.to_device(batch, small_net().to("meta"))
    assert got["image"].device.type == "meta", "a tensor in a dict"
    assert got["more"][0].device.type == "meta", "a tensor in a list in a dict"
    assert got["more"][1][1].device.type == "meta", "a tensor in a tuple in a list in a dict"
    assert got["more"][1][0] == "cat.png", "what is no tensor stays as it is"
    assert batch["image"].device.type == "cpu", "the given batch is not changed"


def test_a_named_tuple_stays_one():
    """Its items come one by one: Pair(a, b), where a tuple takes them all in one."""
    got = training.to_device(Pair(torch.ones(2, 3), "cat.png"), small_net().to("meta"))
    assert type(got) is Pair, "the same kind of container"
    assert got.image.device.type == "meta", "its items can still be asked for by name"
