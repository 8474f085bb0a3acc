"""Hidden suite for linear.py: training a linear classifier, and predicting."""

import numpy as np

from autograder.suite import exercise

# A loss of our own, so that training is judged whatever the student's losses are worth. It pulls W
# towards a target that depends on the batch, and keeps what it was given.
PULL = """
class Pull(student.LinearClassifier):
    def __init__(self, seed=0):
        super().__init__()
        np.random.seed(seed)
        self.calls, self.first = [], None

    def loss(self, X_batch, y_batch, reg):
        if self.first is None:
            self.first = np.array(self.W)
        self.calls.append((np.array(X_batch), np.array(y_batch)))
        target = np.outer(X_batch.mean(axis=0), 1 + y_batch.mean() + np.arange(self.W.shape[1]))
        away = self.W - target
        return float(np.sum(away**2) / 2 + reg * np.sum(self.W**2)), away + 2 * reg * self.W

    def batches(self, rows, D):
        ok = all(X.shape == (rows, D) and y.shape == (rows,) for X, y in self.calls)
        if not ok or not self.calls:
            return len(self.calls), np.zeros((0, rows, D)), np.zeros((0, rows), int)
        return len(self.calls), *map(np.stack, zip(*self.calls))
"""
IDLE = """
class Idle(student.LinearClassifier):
    def loss(self, X_batch, y_batch, reg):
        return 0.0, 0 * self.W
"""


def pull(W, x, label, reg):
    """Loss and gradient of `Pull` when all rows of the batch are x with that label."""
    away = W - np.outer(x, 1 + label + np.arange(W.shape[1]))
    return np.sum(away**2) / 2 + reg * np.sum(W**2), away + 2 * reg * W


def descent(W, x, label, reg, steps, lr):
    """All weights on the way, and the losses before each step."""
    way, losses = [W], []
    for t in range(steps):
        loss, dW = pull(way[-1], x, label, reg)
        way.append(way[-1] - (lr(t) if callable(lr) else lr) * dW)
        losses.append(loss)
    return way, losses


def same_rows(rng):
    """Six equal rows with one label, so that every batch is the same, and weights to start from."""
    x, label = rng.normal(size=4), 2
    return x, label, np.tile(x, (6, 1)), np.full(6, label), rng.normal(size=(4, 3))


@exercise("linear_classifier", weight=2)
def test_steps(student, rng, close, sandbox):
    """Each iteration takes one step against the gradient, with learning_rate and reg as given."""
    x, label, X, y, W = same_rows(rng)
    model = sandbox.define(PULL, "Pull")()
    model.W = W.copy()
    model.train(X, y, learning_rate=0.3, reg=0.2, num_iters=5, batch_size=3)
    way, _ = descent(W, x, label, 0.2, 5, 0.3)
    end = {
        "The steps go uphill: W <- W - learning_rate * dW.": lambda: descent(
            W, x, label, 0.2, 5, -0.3
        )[0][-1],
        "The learning rate is not used.": lambda: descent(W, x, label, 0.2, 5, 1)[0][-1],
        "reg is not handed on to self.loss.": lambda: descent(W, x, label, 0, 5, 0.3)[0][-1],
        "The default reg is used instead of the one given.": lambda: descent(
            W, x, label, 1e-5, 5, 0.3
        )[0][-1],
        "The default learning rate is used instead of the one given.": lambda: descent(
            W, x, label, 0.2, 5, 1e-3
        )[0][-1],
        "The regularisation is applied in training again; self.loss already has it.": lambda: (
            descent(W, x, label, 0.4, 5, 0.3)[0][-1]
        ),
        "The gradient is divided by batch_size; self.loss already gives the mean's.": lambda: (
            descent(W, x, label, 0.2, 5, 0.3 / 3)[0][-1]
        ),
        "The gradient is divided by the number of rows.": lambda: descent(
            W, x, label, 0.2, 5, 0.3 / 6
        )[0][-1],
        "There is one iteration too few.": lambda: way[-2],
        "There is one iteration too many.": lambda: descent(W, x, label, 0.2, 6, 0.3)[0][-1],
        "Only one step is taken.": lambda: way[1],
        "The weights do not change.": lambda: W,
        "There are more steps than iterations: two in each.": lambda: descent(
            W, x, label, 0.2, 10, 0.3
        )[0][-1],
        "The learning rate shrinks from step to step; it stays as it is.": lambda: descent(
            W, x, label, 0.2, 5, lambda t: 0.3 / (t + 1)
        )[0][-1],
        "The weights that were there are thrown away; train them further.": lambda: descent(
            0 * W, x, label, 0.2, 5, 0.3
        )[0][-1],
    }
    got = sandbox.fetch(model.W)
    close(got, way[-1], names="W", axes="D C", suspects=end)


@exercise("linear_classifier")
def test_history(student, rng, close, sandbox):
    """The history holds the loss of every iteration, each before its step."""
    x, label, X, y, W = same_rows(rng)
    model = sandbox.define(PULL, "Pull")()
    model.W = W.copy()
    got = sandbox.fetch(model.train(X, y, learning_rate=0.3, reg=0.2, num_iters=5, batch_size=3))
    want = descent(W, x, label, 0.2, 6, 0.3)[1]
    suspects = {
        "The losses are those after the steps; the history holds each before its step.": lambda: (
            np.array(want[1:])
        ),
        "The losses are added up on the way.": lambda: np.cumsum(want[:5]),
        "The losses are divided by batch_size; self.loss already gives the mean.": lambda: (
            np.array(want[:5]) / 3
        ),
        "The history is one loss short.": lambda: np.array(want[:4]),
        "The history has one loss too many.": lambda: np.array(want),
        "The history holds only the last loss.": lambda: np.array(want[4:5]),
        "The history holds the last loss alone, not a list.": lambda: np.array(want[4]),
        "The history holds only the first loss.": lambda: np.array(want[:1]),
    }
    got = np.array(got) if type(got) in (list, tuple) else got  # an array will do as well
    close(got, np.array(want[:5]), names="loss_history", axes="num_iters", suspects=suspects)


@exercise("linear_classifier", weight=2)
def test_batches(student, rng, sandbox, check):
    """Batches are whole rows of X with their labels, drawn at random, other ones each time."""
    N, D, B, T = 8, 3, 4, 40
    X, y = rng.normal(size=(N, D)), rng.integers(3, size=N)
    model = sandbox.define(PULL, "Pull")(int(rng.integers(2**31)))
    model.train(X, y, learning_rate=1e-3, reg=0.0, num_iters=T, batch_size=B)
    calls, rows, labels = model.batches(B, D)
    check(calls == T, "self.loss is called once in every iteration, so num_iters times.")
    check(
        len(rows) == T,
        "self.loss gets batch_size rows of X, (batch_size, D), and as many labels, (batch_size,).",
    )
    equal = np.all(rows[:, :, None] == X, axis=-1)  # (T, B, N)
    drawn = np.argmax(equal, axis=-1)
    check(np.all(np.any(equal, axis=-1)), "A batch consists of rows of X as they are.")
    check(np.all(labels == y[drawn]), "The labels of a batch are not those of its rows.")
    check(np.any(drawn != drawn[0]), "Every iteration gets the same rows: draw new ones each time.")
    check(len(np.unique(drawn)) == N, "Some rows of X are never drawn, in many iterations.")
    in_order = np.all(np.diff(drawn, axis=1) % N == 1)
    check(not in_order, "The batches are neighbouring rows in the order of X: draw them at random.")


@exercise("linear_classifier")
def test_first_weights(student, rng, sandbox, check):
    """Without weights, training starts from small ones: a column for every class up to max(y)."""
    X, y = rng.normal(size=(5, 3)), np.array([0, 4, 1, 1, 4])
    model = sandbox.define(PULL, "Pull")()
    model.train(X, y, learning_rate=0.5, reg=0.0, num_iters=2, batch_size=2)
    first = sandbox.fetch(model.first)
    check(type(first) is np.ndarray and first.ndim == 2, "self.W is an array (D, C) in training.")
    check(first.shape != (5, 3), "self.W is (C, D) here; its shape is (D, C).")
    check(
        first.shape != (3, 3),
        "C is the number of different labels here; it is max(y) + 1, as a class can be absent.",
    )
    check(first.shape != (3, 4), "C is max(y) here; classes count from zero, so it is max(y) + 1.")
    check(first.shape == (3, 5), "self.W has the shape (D, C) with C = max(y) + 1.")
    check(np.max(np.abs(first)) < 0.1, "The first weights are large; start with small numbers.")


@exercise("linear_classifier", weight=0.5)
def test_defaults(student, rng, sandbox, close, exact):
    """Rate, regularisation, iterations and batch size may be left out, and have defaults."""
    x, label, _, _, W = same_rows(rng)
    model = sandbox.define(PULL, "Pull")()
    model.W = W.copy()
    model.train(np.tile(x, (200, 1)), np.full(200, label), num_iters=1)
    way, _ = descent(W, x, label, 1e-5, 1, 1e-3)
    close(sandbox.fetch(model.W), way[-1], names="W", axes="D C")
    exact(model.batches(200, 4)[1].shape, (1, 200, 4), names="the shape of all batches")
    idle = sandbox.define(IDLE, "Idle")()
    history = sandbox.fetch(idle.train(x[None], np.array([label]), batch_size=1))
    exact(len(history), 100, names="the number of iterations")


@exercise("linear_classifier", weight=2)
def test_predictions(student, reference, rng, exact):
    """The class with the highest score, for each row of X."""
    for N, D, C in ((9, 4, 3), (1, 3, 2), (5, 5, 5)):
        X, W = rng.normal(size=(N, D)), rng.normal(size=(D, C))
        model, ours = student.LinearClassifier(), reference.LinearClassifier()
        model.W = ours.W = W
        scores = X @ W
        onehot = scores == np.max(scores, axis=1, keepdims=True)
        suspects = {
            "The class with the lowest score is taken.": lambda s=scores: np.argmin(s, axis=1),
            "The best example of each class is taken (axis zero), not the best class of each "
            "example.": lambda s=scores: np.argmax(s, axis=0),
            "Classes count from zero.": lambda s=scores: np.argmax(s, axis=1) + 1,
            "The highest scores are returned; their classes are asked for.": lambda s=scores: (
                np.max(s, axis=1)
            ),
            "All scores are returned; the classes are asked for.": lambda s=scores: s,
            "The classes come one-hot; they are asked for as integers.": lambda onehot=onehot: (
                onehot.astype(float)
            ),
            "The score's size counts here, without its sign.": lambda s=scores: np.argmax(
                np.abs(s), axis=1
            ),
        }
        exact(model.predict(X), ours.predict(X), names="y_pred", axes="N", suspects=suspects)


@exercise("linear_classifier", weight=0.5)
def test_prediction_ties(student, rng, exact):
    """Of several highest scores, the smallest class wins."""
    X, W = rng.permutation(np.eye(4)), np.zeros((4, 3))
    W[:, 1:] = rng.integers(1, 9, size=(4, 1))
    model = student.LinearClassifier()
    model.W = W
    last = "Ties go to the smallest class; here they go to the largest."
    want = np.ones(4, dtype=int)
    exact(model.predict(X), want, names="y_pred", suspects={last: lambda: 2 * want})
