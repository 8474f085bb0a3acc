# Generated from solutions/a3_optimizers/train.py by `autograder starter`.
# Write your code where it says NotImplementedError.
"""Training: batches of the data, and the loop that everything else hangs on.

A model is an object with
    params      dict name -> array, and
    loss(X, y)  which returns the loss (a number) and a dict name -> gradient of that parameter.
"""

import copy

import numpy as np


def minibatches(X, y, batch_size, shuffle=True, rng=None, drop_last=False):
    """Mini-batches of one epoch: every row of X once, together with its label.

    Args:
        X: (N, ...) examples, one per row, of any further shape. It stays unchanged.
        y: (N,) labels. It stays unchanged.
        batch_size: rows in a batch, an integer >= 1; it can be larger than N.
        shuffle: True to go through the rows in a random order, a new one on every call. False to
            take them in the order in which they stand.
        rng: numpy Generator that the order is drawn from and nothing else, so that the same seed
            gives the same order. None stands for a fresh np.random.default_rng().
        drop_last: a last batch with fewer than batch_size rows is left out when True, and is a
            batch like the others when False. There are no empty batches.

    Returns:
        The batches (X_batch, y_batch) in turn: a list of pairs or a generator, as you like.
    """
    raise NotImplementedError("minibatches: your code here")


def train(
    model,
    batches,
    rule,
    config=None,
    *,
    num_epochs=10,
    schedule=None,
    evaluate=None,
    checkpoint=None,
):
    """Train a model, from the start or from where a checkpoint left off.

    Epoch e (0, 1, ..., num_epochs - 1) goes through the batches of batches(e). Each batch makes one
    step: model.loss(X, y) is called once and gives all gradients; then the rule moves every
    parameter, each with a config of its own. After the epoch's last batch the model is evaluated.

    Args:
        model: object with params and loss (see above). At the end its params hold the last weights.
        batches: function; batches(epoch) gives an iterable of pairs (X, y).
        rule: update rule as in optim.py: rule(w, dw, config) -> (next_w, config). It may work in
            place in w and config, or return new ones: what it returns counts.
        config: dict of hyper-parameters to begin with, or None. Every parameter starts with a copy
            of it; the dict itself stays unchanged.
        num_epochs: how many epochs there are in all, those of the checkpoint included.
        schedule: function or None; schedule(epoch) is the learning_rate of all steps in that epoch.
        evaluate: function or None; evaluate(model) is a number, the larger the better.
        checkpoint: what an earlier call returned, or None to start with the model's own params.
            Training goes on from it as if it had never stopped, whatever the model's params are
            now. The checkpoint itself stays unchanged: one can go on from it many times.

    Returns:
        A checkpoint: a dict of plain numbers, arrays, lists and dicts. Nothing in it is shared with
        the model, so that later training does not change it.
            "epoch": number of epochs made so far;
            "params": dict name -> array, the last weights;
            "configs": dict name -> the rule's config of that parameter;
            "loss_history": list with the loss of every step since the very first;
            "val_history": list with the value of evaluate after every epoch (without evaluate: []);
            "best_params": dict name -> array, the weights after the epoch with the largest of these
                values, the first of them if there are several (without evaluate: None).
    """
    raise NotImplementedError("train: your code here")
