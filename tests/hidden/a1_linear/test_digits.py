"""Hidden suite for linear.py: LinearSVM and Softmax, up to reading digits."""

from functools import cache
from pathlib import Path

import numpy as np

from autograder.suite import exercise

DIGITS = Path(__file__).parents[3] / "assignments" / "a1_linear" / "data" / "digits.npz"
SEED = "def seed(number): np.random.seed(number)"


def same_loss(model, ours, rng, close, other):
    """Judge the loss of a classifier on one batch against the reference's."""
    X, y, W = rng.normal(size=(9, 5)), rng.integers(4, size=9), rng.normal(size=(5, 4))
    model.W, ours.W, other.W = W.copy(), W, W
    want, plain = ours.loss(X, y, 0.7), ours.loss(X, y, 0.0)
    suspects = {
        "This is the loss of the other classifier: the SVM has the hinge, Softmax the "
        "cross-entropy.": lambda: other.loss(X, y, 0.7),
        "reg is not handed on: the penalty is missing.": lambda: plain,
        "The penalty is added twice: the loss function already has it.": lambda: {
            "loss": 2 * want[0] - plain[0]
        },
        "The penalty's gradient is added twice: the loss function already has it.": lambda: {
            "dW": 2 * want[1] - plain[1]
        },
        "Loss and gradient are divided by N again: the loss function is a mean already.": lambda: (
            want[0] / 9,
            want[1] / 9,
        ),
        "The gradient has the wrong sign.": lambda: {"dW": -want[1]},
        "Only the first example of the batch is used.": lambda: ours.loss(X[:1], y[:1], 0.7),
    }
    got = model.loss(X, y, 0.7)
    close(got, want, names=("loss", "dW"), axes={"dW": "D C"}, sizes={"N": 9}, suspects=suspects)


@exercise("svm_and_softmax")
def test_svm_loss(student, reference, rng, close):
    """LinearSVM has the SVM loss of its weights."""
    same_loss(student.LinearSVM(), reference.LinearSVM(), rng, close, reference.Softmax())


@exercise("svm_and_softmax")
def test_softmax_loss(student, reference, rng, close):
    """Softmax has the softmax loss of its weights."""
    same_loss(student.Softmax(), reference.Softmax(), rng, close, reference.LinearSVM())


@cache
def digits():
    """Scaled images and labels, in the file's order."""
    with np.load(DIGITS, allow_pickle=False) as data:
        return data["images"].reshape(-1, 64) / 16, data["labels"].astype(int)


def learns(kind, rate, rng, sandbox, check):
    """Judge by the outcome: the loss falls, and digits that were not trained with are read.

    The reference reads 85 to 97 of 100 (200 seeds), and its loss falls to a quarter or less.
    """
    X, y = digits()
    order = rng.permutation(len(X))
    train, test = order[:500], order[500:900]
    sandbox.define(SEED, "seed")(int(rng.integers(2**31)))
    model = kind()
    history = sandbox.fetch(
        model.train(X[train], y[train], learning_rate=rate, reg=1e-4, num_iters=80, batch_size=50)
    )
    history = np.array(history, dtype=float)
    check(np.mean(history[-10:]) < 0.6 * np.mean(history[:2]), "Training does not lower the loss.")
    right = np.mean(model.predict(X[test]) == y[test])
    check(right > 0.75, "The trained classifier misreads more than a quarter of the test digits.")


@exercise("svm_and_softmax")
def test_svm_reads_digits(student, rng, sandbox, check):
    """LinearSVM learns to read digits that it was not trained with."""
    learns(student.LinearSVM, 0.1, rng, sandbox, check)


@exercise("svm_and_softmax")
def test_softmax_reads_digits(student, rng, sandbox, check):
    """Softmax learns to read digits that it was not trained with."""
    learns(student.Softmax, 0.5, rng, sandbox, check)
