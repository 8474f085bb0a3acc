"""Hidden suite for linear.py: scores and a step of gradient descent."""

import numpy as np

from autograder.suite import exercise

# --- scores ---


@exercise("linear_scores", weight=2)
def test_scores(student, reference, rng, close):
    """Entry [i, c] is the inner product of example i and the template in column c."""
    for N, D, C in ((5, 4, 3), (1, 3, 2), (4, 4, 4)):
        W, X = np.asfortranarray(rng.normal(size=(D, C))), rng.normal(size=(N, D))[::-1]
        suspects = {
            "The product is W X, with the examples in columns; here they are the rows: X W.": (
                lambda W=W, X=X: W @ X if W.shape == X.shape else (X @ W).T
            ),
            "The templates are taken from the rows of W; they are its columns.": (
                lambda W=W, X=X: X @ W.T if W.shape == X.shape else X @ W
            ),
            "W and X are multiplied entry by entry; a score is an inner product.": (
                lambda W=W, X=X: X * W if W.shape == X.shape else X @ W
            ),
            "These are probabilities; the plain scores are asked for.": lambda W=W, X=X: (
                np.exp(X @ W) / np.sum(np.exp(X @ W), axis=1, keepdims=True)
            ),
        }
        got, want = student.linear_scores(W, X), reference.linear_scores(W, X)
        close(got, want, names="scores", axes="N C", sizes={"D": D}, suspects=suspects)


@exercise("linear_scores", weight=2)
def test_bias_column(student, reference, rng, close):
    """The column of ones is the last one."""
    for N, D in ((5, 3), (1, 4), (4, 4)):
        X = rng.normal(size=(N, D))
        one, ones = np.ones((1, D)), np.ones((N, 1))
        suspects = {
            "The ones are the first column; here they are the last.": (
                lambda X=X, ones=ones: np.hstack([ones, X])
            ),
            "The column holds zeros; the bias needs ones.": (
                lambda X=X, ones=ones: np.hstack([X, 0 * ones])
            ),
            "A row of ones is appended; it must be a column.": (
                lambda X=X, one=one: np.vstack([X, one])
            ),
        }
        got = student.add_bias_column(X)
        close(got, reference.add_bias_column(X), names="X", suspects=suspects)


@exercise("linear_scores", weight=0.5)
def test_scores_inputs(student, reference, rng, sandbox, close):
    """W and X stay unchanged."""
    W, X = rng.normal(size=(3, 2)), rng.normal(size=(4, 3))
    close(sandbox.untouched(student.linear_scores, W=W, X=X), reference.linear_scores(W, X))
    close(sandbox.untouched(student.add_bias_column, X=X), reference.add_bias_column(X))


# --- gradient descent ---


@exercise("gd_step", weight=2)
def test_step(student, rng, sandbox, close, check):
    """Every parameter moves against its own gradient, arrays of any shape and numbers alike."""
    params = {"W": rng.normal(size=(3, 4)), "b": rng.normal(size=4), "scale": 1.5}
    grads = {"scale": -0.75, "b": rng.normal(size=4), "W": rng.normal(size=(3, 4))}
    got = sandbox.fetch(student.gd_step(params, grads, 0.3))
    check(type(got) is dict and set(got) == set(params), "The result is a dict with params' names.")
    by_position = dict(zip(params, grads.values(), strict=True))
    for name, x in params.items():
        g, other = grads[name], by_position[name]
        suspects = {
            "The step goes uphill: subtract lr times the gradient.": x + 0.3 * g,
            "The learning rate is not used.": x - g,
            "The step alone is returned, not the parameter after it.": -0.3 * g,
            "The gradient is cut down to its sign.": x - 0.3 * np.sign(g),
            "The gradient is divided by its length.": x - 0.3 * g / np.linalg.norm(g),
            "The parameter is not changed.": x,
            "The parameter is scaled by lr, too; only the gradient is.": 0.3 * (x - g),
            "The gradient is divided by lr.": x - g / 0.3,
            "The gradient is added up before the step.": x - 0.3 * np.sum(g),
            "Parameters and gradients are paired by their position in the dicts; pair them by "
            "name.": x - 0.3 * other if np.size(other) in (1, np.size(x)) else x,
        }
        suspects = {said: lambda wrong=wrong: wrong for said, wrong in suspects.items()}
        close(got[name], x - 0.3 * g, names=name, suspects=suspects)


@exercise("gd_step")
def test_old_values_stay(student, rng, sandbox, close, check):
    """The old parameters and gradients stay, and the new arrays are not the old ones."""
    params, grads = {"W": rng.normal(size=(2, 3))}, {"W": rng.normal(size=(2, 3))}
    kept, slopes = sandbox.put(params), sandbox.put(grads)
    student.gd_step(kept, slopes, 0.3)
    now, then = sandbox.fetch(kept), sandbox.fetch(slopes)
    check(
        np.array_equal(now["W"], params["W"]),
        "params is changed by the call: `x -= ...` works in the caller's array; make a new one.",
    )
    check(np.array_equal(then["W"], grads["W"]), "grads is changed by the call: use a new array.")
