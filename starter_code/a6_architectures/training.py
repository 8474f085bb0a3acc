# Generated from solutions/a6_architectures/training.py by `autograder starter`.
# Write your code where it says NotImplementedError.
"""The training loop in PyTorch, inference, transfer learning, and code that runs on any device.

A loader is anything that gives batches when a `for` walks over it, a DataLoader or a list; each
batch is a pair (x, y) of tensors with the N examples along their first axis, on the device of the
model. Batches may have different sizes, and a loader may not know how many there are. `loss_fn`
takes the model's output and y, and returns the MEAN loss over the batch's examples, as a tensor.
"""

import torch
from torch import nn


def train_epoch(model, loader, loss_fn, optimizer):
    """Train the model on each batch once.

    The model is in training mode meanwhile, whatever mode it was in before. Each batch is one step
    of the optimizer, along the gradient of this batch's loss alone: gradients that are left over
    from before, in whatever way, do not count.

    Returns the mean loss over all EXAMPLES of the epoch, as a Python float. Each loss is the one
    before its batch's step. A small last batch counts for as many examples as it has.

    Raises a ValueError where the loader gives no batch.
    """
    raise NotImplementedError("train_epoch: your code here")


def evaluate(model, loader, loss_fn):
    """Inference: the loss and the accuracy of the model as it is.

    The model is in evaluation mode meanwhile, no graph is recorded, and nothing is learnt: weights,
    their gradients and the statistics of batch normalisation stay as they are. Afterwards each
    module of the model is in the mode (training or evaluation) that it was in before, and
    gradients are recorded again where they were.

    The model returns scores (N, C), and y holds labels (N,), integers below C. The predicted class
    is the one with the largest score.

    Returns two Python floats: the mean loss over all EXAMPLES, and the share of examples whose
    predicted class is right, between 0 and 1.

    Raises a ValueError where the loader gives no batch.
    """
    raise NotImplementedError("evaluate: your code here")


def freeze_and_replace_head(model, num_classes, lr=0.01):
    """Make a trained network ready for another task: a new last layer on features that stay.

    model: a network whose last layer, its head, is `model.fc`, an nn.Linear. It is changed in
        place:
        * The head becomes a fresh nn.Linear, with a bias and PyTorch's own initialisation, from as
          many features as before to num_classes scores, on the device and of the dtype of the old
          one's weight.
        * No other parameter requires a gradient any more.
        * The layers of batch normalisation (nn.BatchNorm1d, 2d, 3d) are frozen, too. They are in
          evaluation mode and stay in it, also after model.train(): they normalise with their
          running statistics and do not change them. Other layers follow model.train() as ever.

    Returns an optimizer, torch.optim.SGD with the given learning rate and momentum 0.9, that holds
    the parameters of the new head and no others.
    """
    raise NotImplementedError("freeze_and_replace_head: your code here")


def to_device(batch, model):
    """The batch with all its tensors on the device of the model's parameters, wherever that is.

    batch: a tensor, or a dict, list or tuple of batches, nested as deeply as you like, also a named
        tuple; anything else (a text, a number, None) is returned as it is.

    Returns the same structure with the same kinds of containers. It does not change the batch. A
    model without parameters has no device: the tensors stay where they are.

    The code names no device. Written like this, a program runs on a laptop and on a GPU without a
    change; `.cuda()` would end it on the laptop.
    """
    raise NotImplementedError("to_device: your code here")
