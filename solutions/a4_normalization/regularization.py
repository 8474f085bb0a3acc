"""Against overfitting: penalties, a limit on weights, stopping in time, and choosing strengths."""

import numpy as np


def l2_reg(W, lam):
    """L2 penalty as networks use it, with a factor 1/2.

    Args:
        W: weights, an array of any shape.
        lam: strength, a number >= 0.

    Returns:
        loss: number, 0.5 * lam * sum(W * W).
        dW: its gradient, of the shape of W.
    """
    ### BEGIN SOLUTION
    return 0.5 * lam * np.sum(W * W), lam * W
    ### END SOLUTION


def l1_reg(W, lam):
    """L1 penalty, which drives small weights to exactly 0.

    Args:
        W: weights, an array of any shape.
        lam: strength, a number >= 0.

    Returns:
        loss: number, lam * sum(|W|), without a factor 1/2.
        dW: its gradient, of the shape of W. The slope of |w| at w = 0 is taken as 0.
    """
    ### BEGIN SOLUTION
    return lam * np.sum(np.abs(W)), lam * np.sign(W)
    ### END SOLUTION


def max_norm(W, c):
    """Max-norm constraint: no unit may have incoming weights that are longer than c.

    Args:
        W: (D, M) weights of a fully connected layer; column j holds the incoming weights of unit j.
        c: largest Euclidean norm that a column may have, a number > 0.

    Returns:
        (D, M) new array. A column longer than c is scaled down to the norm c, in its direction; all
        others stay exactly as they are (a column of zeros, too).
    """
    ### BEGIN SOLUTION
    norms = np.linalg.norm(W, axis=0)
    too_long = norms > c
    limited = W.copy()
    limited[:, too_long] *= c / norms[too_long]
    return limited
    ### END SOLUTION


def early_stopping(history, patience, min_delta=0.0):
    """When training stops for lack of progress, and which epoch was the best until then.

    Epochs are counted from 0. The first epoch is the best so far; a later one becomes the best if
    its loss is smaller than the best one's by more than min_delta. Training stops after the epoch
    that is the patience-th in a row without becoming the best. What comes later in the history is
    never seen.

    Args:
        history: list of numbers, at least one: the validation loss after each epoch.
        patience: how many epochs in a row may bring no progress, an integer >= 1.
        min_delta: what counts as progress, a number >= 0.

    Returns:
        stop: the last epoch that is trained; the last of the history where patience never runs out.
        best: the best epoch, whose weights to keep.
    """
    ### BEGIN SOLUTION
    best = 0
    for epoch in range(len(history)):
        if history[epoch] < history[best] - min_delta:
            best = epoch
        if epoch - best == patience:
            return epoch, best
    return len(history) - 1, best
    ### END SOLUTION


def log_uniform(low, high, size, rng):
    """Random numbers whose logarithm is uniform: as many from 0.001 to 0.01 as from 0.01 to 0.1.

    Args:
        low: smallest number, > 0.
        high: largest number, > low.
        size: how many, an integer >= 0.
        rng: numpy.random.Generator; all random numbers come from it.

    Returns:
        (size,) numbers from low to high, drawn independently.
    """
    ### BEGIN SOLUTION
    return np.exp(rng.uniform(np.log(low), np.log(high), size))
    ### END SOLUTION


def random_search(score, space, trials, rng):
    """Try random settings of hyperparameters and keep the best.

    Args:
        score: function; score(config) returns a number, the higher the better (for instance the
            validation accuracy after a short training). Here config is a dict name -> number. It is
            called once for each trial.
        space: dict name -> (low, high), both > 0. In each trial every hyperparameter gets its own
            log-uniform random number between its low and its high.
        trials: how many configs are tried, an integer >= 1.
        rng: numpy.random.Generator; all random numbers come from it.

    Returns:
        best: the config with the highest score; the first of them if there are several.
        best_score: its score.
    """
    ### BEGIN SOLUTION
    best, best_score = None, -np.inf
    for _ in range(trials):
        config = {name: log_uniform(*limits, 1, rng)[0] for name, limits in space.items()}
        value = score(config)
        if best is None or value > best_score:
            best, best_score = config, value
    return best, best_score
    ### END SOLUTION
