# Generated from solutions/a1_linear/arithmetic.py by `autograder starter`.
# Write your code where it says NotImplementedError.
"""The arithmetic of training: how many steps, how much memory, how long."""

import numpy as np


def iterations(n, batch, epochs=1, drop_last=False):
    """How many mini-batches a training run goes through.

    n: training examples.  batch: examples in a mini-batch.  epochs: passes over the data.
    drop_last: leave out the last mini-batch of an epoch when it is smaller than the others.

    Returns an int. Every epoch starts afresh: 101 examples in mini-batches of 25 are 5 iterations
    an epoch, or 4 with drop_last. Fewer examples than a mini-batch are 1 iteration an epoch, or 0
    with drop_last.
    """
    raise NotImplementedError("iterations: your code here")


def updates(method, n, batch, epochs=1):
    """How often a training run changes the weights.

    method: "batch" (full-batch gradient descent: one step an epoch, on the average over all
    examples), "sgd" (one step for each single example) or "minibatch" (one step for each
    mini-batch; a smaller last mini-batch counts too).
    n: training examples.  batch: examples in a mini-batch; the other two methods ignore it.
    epochs: passes over the data.

    Returns an int. Raises ValueError for any other method.
    """
    raise NotImplementedError("updates: your code here")


def memory_bytes(shape, dtype="float32"):
    """How many bytes the values of an array take.

    shape: a tuple of ints; () is a single number.  dtype: a numpy dtype or its name.

    Returns an int, the number of elements times the bytes of one. It never makes the array: it also
    answers for arrays that no computer could hold.
    """
    raise NotImplementedError("memory_bytes: your code here")


def n_loads(total, ram):
    """How many pieces data must be loaded in when only a part of it fits into memory.

    total: the bytes of all data, an int.  ram: the bytes that fit at once, an int above 0.

    Returns an int, the smallest number of pieces: 100 GB of data through 25 GB of memory are 4, and
    one byte more makes it 5. No data needs no loading. It is exact for any integers, also for
    those that a float cannot hold.
    """
    raise NotImplementedError("n_loads: your code here")


def training_time(steps, minutes_per_step):
    """How long a training run takes.

    steps: the number of steps.  minutes_per_step: how long one takes, in whole minutes.

    Returns (hours, minutes), two ints with minutes below 60: 6 steps of an hour each are (6, 0),
    and 10 steps of 5 minutes each are (0, 50).
    """
    raise NotImplementedError("training_time: your code here")
