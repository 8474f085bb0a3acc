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
    ### BEGIN SOLUTION
    N, C = X.shape[0], W.shape[1]
    loss, dW = 0.0, np.zeros(W.shape)
    for i in range(N):
        scores = X[i] @ W
        for j in range(C):
            margin = scores[j] - scores[y[i]] + 1
            if j != y[i] and margin > 0:
                loss += margin
                dW[:, j] += X[i]
                dW[:, y[i]] -= X[i]
    return loss / N + reg * np.sum(W * W), dW / N + 2 * reg * W
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    N = X.shape[0]
    rows = np.arange(N)
    scores = X @ W  # (N, C)
    margins = np.maximum(0, scores - scores[rows, y][:, np.newaxis] + 1)
    margins[rows, y] = 0
    loss = np.sum(margins) / N + reg * np.sum(W * W)

    dscores = (margins > 0).astype(float)  # each violation pulls its own class down by one
    dscores[rows, y] = -np.sum(dscores, axis=1)  # and the true class up, once per violation
    dW = X.T @ dscores / N + 2 * reg * W
    return loss, dW
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    N = x.shape[0]
    rows = np.arange(N)
    shifted = x - np.max(x, axis=1, keepdims=True)
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    loss = -np.sum(log_p[rows, y]) / N

    dx = np.exp(log_p)
    dx[rows, y] -= 1
    dx /= N
    return loss, dx
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    loss, dscores = softmax_loss(X @ W, y)
    return loss + reg * np.sum(W * W), X.T @ dscores + 2 * reg * W
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    now = loss(x, y)[0]
    change = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        for step in (eps, -eps):
            moved = x.astype(float)
            moved[place] += step
            change[place] = max(change[place], abs(loss(moved, y)[0] - now))
    return change
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    penalised = np.array(W)
    if bias_row:
        penalised[-1] = 0
    return lam * np.sum(penalised * penalised), 2 * lam * penalised
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    penalised = np.array(W)
    if bias_row:
        penalised[-1] = 0
    return lam * np.sum(np.abs(penalised)), lam * np.sign(penalised)
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    loss1, dW1 = l1_reg(W, lam1, bias_row)
    loss2, dW2 = l2_reg(W, lam2, bias_row)
    return loss1 + loss2, dW1 + dW2
    ### END SOLUTION
