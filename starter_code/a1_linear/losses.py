# Generated from solutions/a1_linear/losses.py by `autograder starter`.
# Write your code where it says NotImplementedError.
"""Losses say how bad a score function is; regularisation says which weights we would rather have.

N examples, D features, C classes: X is (N, D), W is (D, C), the scores X @ W are (N, C), and y is
(N,) with the true class of every example, an integer from 0 to C - 1 of any integer type. Every
function returns a loss (a number) and its gradient, and leaves the arrays that it is given
unchanged.
"""

import numpy as np


def svm_loss_naive(W, X, y, reg):
    """Multiclass SVM (hinge) loss and its gradient, with loops over examples and classes.

    The loss of example i with scores s = X[i] @ W is the sum over all wrong classes j of
    max(0, s[j] - s[y[i]] + 1). Loops are welcome here: write it as the formula says.

    Args:
        W: (D, C) weights.
        X: (N, D) examples, one per row.
        y: (N,) true classes.
        reg: regularisation strength, a number >= 0.

    Returns:
        loss: number, the mean over the N examples plus reg * sum(W * W), without a factor 1/2.
        dW: (D, C) gradient of that loss with respect to W.

    All of W is regularised, every row of it. A margin of exactly 0 violates nothing: it adds
    nothing to the gradient.
    """
    raise NotImplementedError("svm_loss_naive: your code here")


def svm_loss_vectorized(W, X, y, reg):
    """Compute the same loss and gradient as svm_loss_naive without any Python loop.

    Args:
        W: (D, C) weights.
        X: (N, D) examples, one per row.
        y: (N,) true classes.
        reg: regularisation strength, a number >= 0.

    Returns:
        loss: number, the mean hinge loss over the N examples plus reg * sum(W * W).
        dW: (D, C) gradient of that loss with respect to W.

    All of W is regularised, every row of it. A margin of exactly 0 violates nothing: it adds
    nothing to the gradient.
    """
    raise NotImplementedError("svm_loss_vectorized: your code here")


def softmax_loss(x, y):
    """Mean cross-entropy of scores against labels, and its gradient.

    The probability of class j is p[i, j] = exp(x[i, j]) / sum_k exp(x[i, k]), and the loss of
    example i is -log p[i, y[i]] with the natural logarithm.

    Args:
        x: (N, C) scores, float64 or float32. They can be far from 0 (+-1000 and more, in one
            batch): the loss must stay finite and exact.
        y: (N,) true classes.

    Returns:
        loss: number, the mean over the N examples.
        dx: (N, C) gradient with respect to x, of the floating type of x.
    """
    raise NotImplementedError("softmax_loss: your code here")


def softmax_loss_vectorized(W, X, y, reg):
    """Softmax loss of a linear classifier, with its gradient and without any Python loop.

    Args:
        W: (D, C) weights.
        X: (N, D) examples, one per row.
        y: (N,) true classes.
        reg: regularisation strength, a number >= 0.

    Returns:
        loss: number, the mean cross-entropy of the scores X @ W plus reg * sum(W * W), without a
            factor 1/2.
        dW: (D, C) gradient of that loss with respect to W.

    All of W is regularised, every row of it. You may call softmax_loss, if that has no loop either.
    """
    raise NotImplementedError("softmax_loss_vectorized: your code here")


def jiggle_sensitivity(loss, x, y, eps):
    """How far the loss moves when one score is jiggled a little, for each of the scores.

    Try it with a hinge loss and with softmax_loss: a comfortable margin leaves the SVM unmoved,
    while the softmax always wants more.

    Args:
        loss: function; loss(x, y) returns (value, gradient), as softmax_loss does. Only the value
            is of interest here.
        x: (N, C) scores, floats or integers.
        y: (N,) true classes, handed on to loss as they are.
        eps: size of the jiggle, a number > 0.

    Returns:
        (N, C) floats: entry [i, j] is the larger one of |loss with x[i, j] + eps - loss now| and
        |loss with x[i, j] - eps - loss now|, all other scores staying as they are.
    """
    raise NotImplementedError("jiggle_sensitivity: your code here")


def l2_reg(W, lam, bias_row=False):
    """L2 penalty lam * sum(W * W), without a factor 1/2, and its gradient.

    Args:
        W: (D, C) weights.
        lam: strength, a number >= 0.
        bias_row: True when the last row of W is the bias of the bias trick (see add_bias_column).
            That row is then not penalised: it adds nothing to the loss and its gradient is 0.

    Returns:
        loss: number.
        dW: (D, C) gradient.
    """
    raise NotImplementedError("l2_reg: your code here")


def l1_reg(W, lam, bias_row=False):
    """L1 penalty lam * sum(|W|) and its gradient.

    Args:
        W: (D, C) weights.
        lam: strength, a number >= 0.
        bias_row: True when the last row of W is the bias of the bias trick (see add_bias_column).
            That row is then not penalised: it adds nothing to the loss and its gradient is 0.

    Returns:
        loss: number.
        dW: (D, C) gradient. The slope of |w| at w = 0 is taken as 0.
    """
    raise NotImplementedError("l1_reg: your code here")


def elastic_reg(W, lam1, lam2, bias_row=False):
    """Elastic net: the L1 penalty with strength lam1 plus the L2 penalty with strength lam2.

    Args:
        W: (D, C) weights.
        lam1: strength of sum(|W|), a number >= 0.
        lam2: strength of sum(W * W), a number >= 0, without a factor 1/2.
        bias_row: True when the last row of W is the bias; it is then not penalised.

    Returns:
        loss: number.
        dW: (D, C) gradient. The slope of |w| at w = 0 is taken as 0. You may call l1_reg and
            l2_reg.
    """
    raise NotImplementedError("elastic_reg: your code here")
