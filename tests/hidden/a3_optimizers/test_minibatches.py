"""Hidden suite for train.py: the mini-batches of one epoch."""

import itertools

import numpy as np

from autograder.suite import exercise
from autograder.suite.compare import check
from autograder.suite.remote import fetch

# A container of the student's is emptied in the worker, and not without end.
SOURCE = """
import itertools

def epochs(X, y, size, seed=None, count=1, **options):
    rng = None if seed is None else np.random.default_rng(seed)
    made = [student.minibatches(X, y, size, rng=rng, **options) for _ in range(count)]
    return {"epochs": [list(itertools.islice(batches, 60)) for batches in made]}
"""


def rows(rng, N, shape=(3,)):
    """Examples that all differ, and labels that tell the rows apart."""
    return rng.normal(size=(N, *shape)), rng.permutation(1000)[:N]


def draw(sandbox, *args, **kw):
    """Bring over the batches of one or more epochs and check that they are pairs of arrays."""
    args = [arg.copy() if isinstance(arg, np.ndarray) else arg for arg in args]
    made = fetch(sandbox.define(SOURCE, "epochs")(*args, **kw))["epochs"]
    for pair in itertools.chain(*made):
        fine = type(pair) in (tuple, list) and len(pair) == 2
        fine = fine and all(isinstance(part, np.ndarray) for part in pair)
        check(fine, "Every batch must be a pair (X_batch, y_batch) of arrays.")
    return made if "count" in kw else made[0]


def order_of(got, y):
    """Return which rows the batches go through, by their labels, as one list."""
    where = {int(label): row for row, label in enumerate(y)}
    return [where.get(int(label), -1) for _, labels in got for label in np.ravel(labels)]


def cover(got, X, y, close, exact):
    """Check that each row occurs once, with its own label."""
    order = order_of(got, y)
    check(len(set(order)) == len(order), "Some rows come up more than once in an epoch.")
    check(len(order) == len(y), "Some rows are missing from the epoch.")
    together = np.concatenate([images for images, _ in got])
    exact(together.shape, X.shape, names="shape of all batches together")
    torn = "X and y are torn apart: use the same order for both."
    close(together, X[order], names="X", suspects={torn: lambda: together})


def sizes(got):
    """Return the number of rows of every batch."""
    return [len(labels) for _, labels in got]


SMALL_LAST = "The last, smaller batch is left out: without drop_last it is a batch like the others."


def batches_of(X, y, size, order=None, count=None):
    """Return the batches in a given order."""
    order = np.arange(len(y)) if order is None else order
    starts = range(0, len(order), size)[:count]
    return [(X[order[i : i + size]], y[order[i : i + size]]) for i in starts]


@exercise("minibatches", weight=2)
def test_in_order(student, rng, sandbox, close):
    """Without shuffling the rows come in their order, the last and smaller batch too."""
    X, y = rows(rng, 11)
    got = draw(sandbox, X, y, 4, shuffle=False)
    want = batches_of(X, y, 4)
    suspects = {
        SMALL_LAST: lambda: want[:2],
        "The last batch is filled up with rows of the one before it.": lambda: (
            [*want[:2], (X[-4:], y[-4:])]
        ),
        "The last batch is filled up with the first rows.": lambda: batches_of(
            X, y, 4, np.arange(12) % 11
        ),
        "The last batch is missing a row.": lambda: batches_of(X[:-1], y[:-1], 4),
        "There is only one batch.": lambda: want[:1],
    }
    check(sizes(got) != [4, 4], SMALL_LAST)
    check(max(sizes(got), default=0) <= 4, "A batch has more rows than batch_size.")
    order = order_of(got, y)
    mixed = sorted(order) == list(range(11)) != order
    check(not mixed, "The rows are shuffled although shuffle is False.")
    check(sum(sizes(got)) >= 11, "Some rows are missing from the epoch.")
    check(all(sizes(got)), "There is an empty batch.")
    check(len(got) == 3, "The number of batches is not N / batch_size, rounded up.")
    close(got, want, names=("batch 1", "batch 2", "batch 3"), suspects=suspects)


@exercise("minibatches", weight=2)
def test_every_row_once(student, rng, sandbox, close, exact):
    """A shuffled epoch goes through every row once and keeps X and y together."""
    for N, size, shape in ((23, 4, (3,)), (12, 5, (2, 3, 2))):
        X, y = rows(rng, N, shape)
        got = draw(sandbox, X, y, size, seed=int(rng.integers(1 << 30)))
        cover(got, X, y, close, exact)
        want = [size] * (N // size) + [N % size]
        check(sizes(got) == want, "All batches but the last must have batch_size rows.")


@exercise("minibatches")
def test_drop_last(student, rng, sandbox, exact):
    """With drop_last a smaller last batch is left out; a full one stays."""
    cases = (
        (11, 4, [4, 4], "drop_last does not leave out the smaller last batch."),
        (12, 4, [4, 4, 4], "drop_last leaves out a last batch that is full."),
        (3, 5, [], "drop_last must leave nothing when batch_size is larger than N."),
    )
    for N, size, want, said in cases:
        X, y = rows(rng, N)
        for shuffle in (False, True):
            got = draw(sandbox, X, y, size, seed=5, shuffle=shuffle, drop_last=True)
            check(sizes(got) == want, said)


@exercise("minibatches")
def test_sizes_that_fit(student, rng, sandbox, close, exact):
    """Batches that fit exactly, single rows, and one batch that is larger than the data."""
    cases = (
        (12, 4, [4, 4, 4], "N is a multiple of batch_size here: there are N / batch_size batches."),
        (3, 1, [1, 1, 1], "With batch_size = 1 every row is a batch."),
        (3, 5, [3], "When batch_size is larger than N, all rows are in one batch."),
    )
    for N, size, want, said in cases:
        X, y = rows(rng, N)
        got = draw(sandbox, X, y, size, seed=7)
        check(all(sizes(got)), "There is an empty batch.")
        check(sizes(got) == want, said)
        cover(got, X, y, close, exact)


@exercise("minibatches", weight=2)
def test_order_is_random(student, rng, sandbox):
    """Single rows are shuffled, anew on every call, and the order comes from rng alone."""
    X, y = rows(rng, 60)
    seed = int(rng.integers(1 << 30))
    first, second = (order_of(got, y) for got in draw(sandbox, X, y, 4, seed, count=2))
    again = order_of(draw(sandbox, X, y, 4, seed), y)
    other = order_of(draw(sandbox, X, y, 4, seed + 1), y)
    check(first != list(range(60)), "The rows are not shuffled.")
    check(first != second, "Two epochs have the same order: draw a new one on every call.")
    check(first == again, "The same seed gives another order: draw it from rng and nothing else.")
    check(first != other, "Another seed gives the same order: draw it from rng.")
    steps = np.abs(np.diff(first))
    check(np.sum(steps == 1) < 25, "Neighbouring rows stay together: shuffle single rows.")
    way = np.mean(np.abs(np.array(first) - np.arange(60)))  # about 20 for a random order
    check(way > 8, "Rows change places only with their neighbours: shuffle all of them together.")


@exercise("minibatches")
def test_inputs_stay(student, rng, sandbox, close, exact):
    """X and y stay unchanged; without rng the order is random as well."""
    X, y = rows(rng, 40)
    there, labels = sandbox.put(X), sandbox.put(y)
    made = [draw(sandbox, there, labels, 8) for _ in range(2)]
    same = np.array_equal(sandbox.fetch(there), X) and np.array_equal(sandbox.fetch(labels), y)
    check(same, "X or y is shuffled in place: shuffle indices and leave the data as they are.")
    for got in made:
        cover(got, X, y, close, exact)
    check(
        order_of(made[0], y) != order_of(made[1], y), "Without rng two epochs have the same order."
    )
