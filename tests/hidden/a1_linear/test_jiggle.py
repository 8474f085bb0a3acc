"""Hidden suite for losses.py: how a loss reacts when a score is jiggled."""

import numpy as np

from autograder.suite import exercise

CURVED = """
def loss(x, y):
    picked = x[np.arange(len(y)), y]
    return np.sum(np.sin(picked) * np.sum(x, axis=1)) + np.sum(np.cos(4 * x)), np.cos(x)
"""
FLAT = """
def loss(x, y):
    return float(np.sum(np.maximum(0, x - y[:, None] - 3))), np.zeros(x.shape)
"""


def scores(rng, N, C):
    """Random scores and labels in general position."""
    return 2 * rng.normal(size=(N, C)), rng.integers(C, size=N)


def both_sides(source, sandbox):
    """Return a loss as a function in the sandbox and as the same function here."""
    here = {"np": np}
    exec(source, here)  # our own source, from above
    return sandbox.define(source, "loss"), here["loss"]


def moves(loss, x, y, step, rows=False):
    """How the loss changes, with its sign, when each score (or each row) moves by the step."""
    change = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        moved = x.astype(float)
        moved[place[0] if rows else place] += step
        change[place] = loss(moved, y)[0] - loss(x, y)[0]
    return change


def larger(up, down):
    """The larger size of two changes."""
    return np.maximum(np.abs(up), np.abs(down))


@exercise("jiggle_sensitivity", weight=2)
def test_curved_loss(student, reference, rng, close, sandbox):
    """Each score alone moves up and down by eps, and the larger change is reported."""
    theirs, ours = both_sides(CURVED, sandbox)
    (x, y), eps = scores(rng, 5, 3), 0.3
    want = reference.jiggle_sensitivity(ours, x, y, eps)
    up, down = moves(ours, x, y, eps), moves(ours, x, y, -eps)
    suspects = {
        "The scores are only moved up, not down as well.": lambda: np.abs(up),
        "The scores are only moved down, not up as well.": lambda: np.abs(down),
        "The changes keep their sign; their size is asked for.": lambda: np.maximum(up, down),
        "The changes keep their sign; their size is asked for, of a fall of the loss, too.": (
            lambda: np.maximum(0, np.maximum(up, down))
        ),
        "The changes keep their sign; their size is asked for: only the way up counts.": lambda: up,
        "The smaller of the two changes is reported; the larger one is asked for.": lambda: (
            np.minimum(np.abs(up), np.abs(down))
        ),
        "The loss after the step up is compared with the loss after the step down; compare each "
        "with the loss now.": lambda: np.abs(up - down),
        "Half the distance between the step up and the step down is reported; compare each with "
        "the loss now.": lambda: np.abs(up - down) / 2,
        "The two changes are averaged; the larger one is asked for.": lambda: (
            (np.abs(up) + np.abs(down)) / 2
        ),
        "The two changes are added; the larger one is asked for.": lambda: (
            np.abs(up) + np.abs(down)
        ),
        "The change is divided by eps; the change itself is asked for.": lambda: want / eps,
        "The change is relative to the loss; the change itself is asked for.": lambda: (
            want / abs(ours(x, y)[0])
        ),
        "This is eps times the gradient, which is only a first guess at the change.": lambda: (
            eps * np.abs(ours(x, y)[1])
        ),
        "A whole row moves at once; move each score alone.": lambda: larger(
            moves(ours, x, y, eps, rows=True), moves(ours, x, y, -eps, rows=True)
        ),
        "All scores move at once; move each alone.": lambda: (
            np.zeros(x.shape)
            + max(abs(ours(x + step, y)[0] - ours(x, y)[0]) for step in (eps, -eps))
        ),
        "The classes handed on to loss are the predicted ones, not the labels y.": lambda: (
            reference.jiggle_sensitivity(ours, x, np.argmax(x, axis=1), eps)
        ),
    }
    got = student.jiggle_sensitivity(theirs, x, y, eps)
    close(got, want, names="change", axes="N C", suspects=suspects)


@exercise("jiggle_sensitivity")
def test_flat_loss(student, reference, rng, close, sandbox):
    """Inside a flat part nothing changes, not even by a rounding error; scores may be integers."""
    theirs, ours = both_sides(FLAT, sandbox)
    x, y, eps = rng.permutation(12).reshape(4, 3), np.array([2, 0, 4, 1]), 0.25
    want = reference.jiggle_sensitivity(ours, x, y, eps)
    lost = "The scores are integers and eps is lost when it is stored among them: copy x as floats."
    suspects = {lost: lambda: np.abs(moves(ours, x, y, -1))}  # x - eps is cut down to x - 1
    got = student.jiggle_sensitivity(theirs, x, y, eps)
    close(got, want, names="change", axes="N C", suspects=suspects)


@exercise("jiggle_sensitivity", weight=0.5)
def test_jiggle_restores(student, rng, sandbox, check):
    """The scores are the caller's: after the call they are what they were, to the last bit."""
    theirs, _ = both_sides(CURVED, sandbox)
    x, y = scores(rng, 4, 3)
    kept = sandbox.put(x)
    student.jiggle_sensitivity(theirs, kept, y, 0.1)
    check(
        np.array_equal(sandbox.fetch(kept), x),
        "x is changed by the call: adding eps and taking it away again does not give the same "
        "number; move a copy.",
    )
