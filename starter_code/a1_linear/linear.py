# Generated from solutions/a1_linear/linear.py by `autograder starter`.
# Write your code where it says NotImplementedError.
"""Linear models: regression in closed form and by SGD, and classifiers trained with any loss.

N examples, D features, C classes: X is (N, D), W is (D, C), the scores are (N, C). Functions leave
the arrays that they are given unchanged.
"""

from contextlib import suppress

import numpy as np

with suppress(Exception):  # only LinearSVM and Softmax need losses.py, the rest works without it
    from losses import softmax_loss_vectorized, svm_loss_vectorized


def linear_scores(W, X):
    """Scores of a linear classifier: one row per example, one column per class.

    Args:
        W: (D, C) weights; column c is the template of class c.
        X: (N, D) examples, one per row.

    Returns:
        (N, C) scores: entry [i, c] is the inner product of example i and template c.
    """
    raise NotImplementedError("linear_scores: your code here")


def add_bias_column(X):
    """Append the bias trick's column of ones, so that X @ W has a bias.

    Args:
        X: (N, D) examples.

    Returns:
        (N, D + 1) new array: X, and ones as the last column. The last row of W is then the bias.
    """
    raise NotImplementedError("add_bias_column: your code here")


def linreg_loss_grad(w, b, X, y):
    """Half mean squared error of a linear regression, and its gradients.

    loss = 1 / (2 N) * sum_i (X[i] @ w + b - y[i])**2. The half is there so that no 2 appears in the
    gradients.

    Args:
        w: (D,) weights.
        b: number, the bias (an offset of all predictions).
        X: (N, D) examples.
        y: targets, (N,) or a column (N, 1): both mean the same.

    Returns:
        loss: number.
        dw: (D,) gradient with respect to w.
        db: number, gradient with respect to b.
    """
    raise NotImplementedError("linreg_loss_grad: your code here")


def normal_eq(X, y):
    """Weights of the best linear regression in closed form.

    Args:
        X: (N, D) examples (with a column of ones among them where a bias is wanted).
        y: (N,) targets.

    Returns:
        w: (D,) weights that minimise sum((X @ w - y)**2). Where several are equally good (a column
        that is all zeros, two equal columns), X^T X has no inverse: return the shortest of them,
        the one of smallest sum(w**2).
    """
    raise NotImplementedError("normal_eq: your code here")


def linreg_sgd_epoch(w, b, X, y, lr, batch_size):
    """One epoch of mini-batch SGD on the loss of linreg_loss_grad.

    The rows are taken in the order in which they stand (whoever wants them shuffled does that
    before): first rows 0 to batch_size - 1, then the next batch_size, and so on. The last batch
    holds what is left and may be smaller; its loss is the mean over its own rows. Each batch makes
    one step w <- w - lr * dw, b <- b - lr * db, with gradients at the weights reached so far.

    Args:
        w: (D,) weights at the start.
        b: number, the bias at the start.
        X: (N, D) examples.
        y: (N,) targets.
        lr: learning rate, a number > 0.
        batch_size: rows per step, an integer >= 1; it can be larger than N.

    Returns:
        w: (D,) new array with the weights after the epoch.
        b: number, the bias after the epoch.
    """
    raise NotImplementedError("linreg_sgd_epoch: your code here")


def gd_step(params, grads, lr):
    """One step of gradient descent for many variables: x <- x - lr * df/dx for each of them.

    Args:
        params: dict name -> array (of any shape) or number.
        grads: dict with the same names; each gradient has the shape of its parameter.
        lr: learning rate, a number.

    Returns:
        New dict with the same names and the new values in new arrays. `params`, `grads` and the
        arrays in them stay as they are.
    """
    raise NotImplementedError("gd_step: your code here")


class LinearClassifier:
    """A linear classifier that is trained by mini-batch SGD; a subclass says with which loss.

    `self.W` holds the weights, (D, C), or None before any training.
    """

    def __init__(self):
        self.W = None

    def loss(self, X_batch, y_batch, reg):
        """Return (loss, dW) of the weights self.W on a batch; each subclass has its own."""
        raise NotImplementedError("LinearClassifier.loss: use a subclass that has a loss")

    def train(self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200):
        """Train the weights by mini-batch SGD.

        Every iteration draws batch_size rows of X at random (with or without replacement, as you
        like) together with their labels, calls self.loss(X_batch, y_batch, reg) once, and takes one
        step W <- W - learning_rate * dW.

        Args:
            X: (N, D) examples.
            y: (N,) labels, integers from 0 to C - 1.
            learning_rate: step size.
            reg: regularisation strength, handed on to self.loss.
            num_iters: number of steps.
            batch_size: number of rows in a step, at most N.

        Returns:
            list of num_iters numbers: the loss of each iteration, as self.loss gave it before the
            step.

        Weights that are already there are trained further. Otherwise they start small (numbers of a
        size of about 0.001, drawn at random), with C = max(y) + 1: not every class must occur in y.
        """
        raise NotImplementedError("LinearClassifier.train: your code here")

    def predict(self, X):
        """Predict the class with the highest score for each example.

        Args:
            X: (N, D) examples.

        Returns:
            (N,) integers, the predicted classes. Ties go to the smallest class.
        """
        raise NotImplementedError("LinearClassifier.predict: your code here")


class LinearSVM(LinearClassifier):
    """A linear classifier with the multiclass SVM loss."""

    def loss(self, X_batch, y_batch, reg):
        """SVM loss of self.W on a batch, by svm_loss_vectorized (losses.py).

        Args:
            X_batch: (N, D) examples.
            y_batch: (N,) labels.
            reg: regularisation strength.

        Returns:
            loss: number.
            dW: (D, C) gradient.
        """
        raise NotImplementedError("LinearSVM.loss: your code here")


class Softmax(LinearClassifier):
    """A linear classifier with the softmax (cross-entropy) loss."""

    def loss(self, X_batch, y_batch, reg):
        """Softmax loss of self.W on a batch, by softmax_loss_vectorized (losses.py).

        Args:
            X_batch: (N, D) examples.
            y_batch: (N,) labels.
            reg: regularisation strength.

        Returns:
            loss: number.
            dW: (D, C) gradient.
        """
        raise NotImplementedError("Softmax.loss: your code here")
