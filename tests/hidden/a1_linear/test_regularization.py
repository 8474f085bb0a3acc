"""Hidden suite for losses.py: the L2, L1 and elastic penalties."""

from functools import partial

import numpy as np

from autograder.suite import exercise

NAMES = ("loss", "dW")


def weights(rng):
    """Six rows of features and four classes."""
    return rng.normal(size=(6, 4))


@exercise("regularization", weight=2)
def test_l2(student, reference, rng, close):
    """L2 is lam * sum(W * W), with the gradient 2 lam W."""
    W = weights(rng)
    want = loss, dW = reference.l2_reg(W, 0.7)
    suspects = {
        "There is a factor one half in the loss; here it is lam * sum(W * W).": lambda: {
            "loss": loss / 2
        },
        "The loss is lam * ||W||: the square is missing.": lambda: {
            "loss": 0.7 * np.sqrt(np.sum(W * W))
        },
        "The loss is the mean of the squares; it is their sum.": lambda: {"loss": loss / W.size},
        "This is the square of the sum of the weights; add up their squares.": lambda: {
            "loss": 0.7 * np.sum(W) ** 2
        },
        "This adds up a matrix product of W with itself; square each weight alone.": lambda: {
            "loss": 0.7 * np.sum(W.T @ W)
        },
        "lam is missing in the loss.": lambda: {"loss": loss / 0.7},
        "lam is squared in the loss.": lambda: {"loss": loss * 0.7},
        "The last row is left out, but no bias row was asked for.": lambda: {
            "loss": 0.7 * np.sum(W[:-1] ** 2)
        },
        "The factor two of the gradient is missing: the slope of lam w^2 is 2 lam w.": lambda: {
            "dW": dW / 2
        },
        "lam is missing in the gradient.": lambda: {"dW": dW / 0.7},
    }
    got = student.l2_reg(W, 0.7)
    close(got, want, names=NAMES, axes={"dW": "D C"}, suspects=suspects)


@exercise("regularization", weight=2)
def test_l1(student, reference, rng, close):
    """L1 is lam * sum(|W|), with the gradient lam sign(W)."""
    W = weights(rng)
    W = -np.sign(np.sum(W)) * W  # a negative sum
    want = loss, dW = reference.l1_reg(W, 0.7)
    suspects = {
        "The absolute value is missing in the loss: negative weights would be rewarded.": lambda: {
            "loss": 0.7 * np.sum(W)
        },
        "The absolute value is taken of the sum; take it of each weight.": lambda: {
            "loss": 0.7 * np.abs(np.sum(W))
        },
        "The loss is the L2 penalty; L1 adds the absolute values.": lambda: {
            "loss": 0.7 * np.sum(W * W)
        },
        "The loss is a matrix norm (np.linalg.norm takes W as one); L1 adds all |w|.": lambda: {
            "loss": 0.7 * np.linalg.norm(W, 1)
        },
        "The loss is the mean of the absolute values; it is their sum.": lambda: {
            "loss": loss / W.size
        },
        "lam is missing in the loss.": lambda: {"loss": loss / 0.7},
        "lam is missing in the gradient.": lambda: {"dW": dW / 0.7},
        "The gradient is the absolute value; the slope of |w| is the sign of w.": lambda: {
            "dW": 0.7 * np.abs(W)
        },
        "The gradient is that of the L2 penalty.": lambda: {"dW": 1.4 * W},
        "The gradient is positive everywhere; it has the sign of each weight.": lambda: {
            "dW": np.abs(dW)
        },
        "The gradient is the sign times the weight.": lambda: {"dW": 0.7 * np.sign(W) * W},
    }
    got = student.l1_reg(W, 0.7)
    close(got, want, names=NAMES, axes={"dW": "D C"}, suspects=suspects)


@exercise("regularization", weight=2)
def test_elastic(student, reference, rng, close):
    """The elastic net is lam1 * sum(|W|) + lam2 * sum(W * W)."""
    W, lam1, lam2 = weights(rng), 0.3, 0.8
    want = reference.elastic_reg(W, lam1, lam2)
    one, two = np.sum(np.abs(W)), np.sum(W * W)
    suspects = {
        "lam1 and lam2 are swapped: lam1 belongs to |W|, lam2 to the squares.": lambda: (
            reference.elastic_reg(W, lam2, lam1)
        ),
        "The L2 part has a factor one half; here it is lam2 * sum(W * W).": lambda: (
            lam1 * one + lam2 * two / 2,
            lam1 * np.sign(W) + lam2 * W,
        ),
        "The L1 part is missing.": lambda: (lam2 * two, 2 * lam2 * W),
        "The L2 part is missing.": lambda: (lam1 * one, lam1 * np.sign(W)),
        "The L1 part is missing in the gradient.": lambda: {"dW": 2 * lam2 * W},
        "The L2 part is missing in the gradient.": lambda: {"dW": lam1 * np.sign(W)},
        "The factor two of the L2 part is missing in the gradient.": lambda: {
            "dW": lam1 * np.sign(W) + lam2 * W
        },
        "lam1 is used as the share of L1 in lam2; here both are strengths of their own.": lambda: (
            {"loss": lam2 * (lam1 * one + (1 - lam1) * two)}
        ),
        "lam1 is used as a strength and lam2 as the share of L1.": lambda: {
            "loss": lam1 * (lam2 * one + (1 - lam2) * two)
        },
        "The two penalties are multiplied; they are added.": lambda: {
            "loss": lam1 * one * lam2 * two
        },
    }
    got = student.elastic_reg(W, lam1, lam2)
    close(got, want, names=NAMES, axes={"dW": "D C"}, suspects=suspects)


@exercise("regularization")
def test_bias_row(student, reference, rng, close):
    """With bias_row=True the last row of W costs nothing and gets no gradient."""
    W = weights(rng)
    for name, lams in (("l2_reg", (0.7,)), ("l1_reg", (0.7,)), ("elastic_reg", (0.3, 0.8))):
        penalty = getattr(reference, name)
        want, whole = penalty(W, *lams, True), penalty(W, *lams)
        first, column = penalty(W[1:], *lams), penalty(W[:, :-1], *lams)
        shorter = penalty(W[:-1], *lams)
        suspects = {
            "bias_row is ignored: the last row must cost nothing.": lambda whole=whole: whole,
            "The loss counts the last row, which is the bias.": lambda whole=whole: {
                "loss": whole[0]
            },
            "The gradient of the last row, the bias, must be zero.": lambda whole=whole: {
                "dW": whole[1]
            },
            "The first row is left out; the bias is the last one.": lambda first=first: {
                "loss": first[0]
            },
            "The last column is left out; the bias is the last row.": lambda column=column: {
                "loss": column[0]
            },
            "The gradient lacks the bias row: keep the row, with zeros.": lambda shorter=shorter: {
                "dW": shorter[1]
            },
        }
        got = getattr(student, name)(W, *lams, bias_row=True)
        close(got, want, names=NAMES, axes={"dW": "D C"}, suspects=suspects)


@exercise("regularization", weight=0.5)
def test_kink(student, reference, rng, close):
    """The slope of |w| at exactly 0 is taken as 0."""
    W = weights(rng)
    W[rng.integers(6, size=4), np.arange(4)] = 0
    up, down = 0.7 * (W == 0), -0.7 * (W == 0)
    want = reference.l1_reg(W, 0.7)
    suspects = {
        "The slope of |w| at w = 0 is plus lam here; it is taken as zero (as np.sign does).": (
            lambda: {"dW": want[1] + up}
        ),
        "The slope of |w| at w = 0 is minus lam here; it is taken as zero (as np.sign does).": (
            lambda: {"dW": want[1] + down}
        ),
    }
    close(student.l1_reg(W, 0.7), want, names=NAMES, axes={"dW": "D C"}, suspects=suspects)


@exercise("regularization", weight=0.5)
def test_weights_stay(student, reference, rng, sandbox, close):
    """The weights are the caller's: they stay unchanged, also when the bias row is left out."""
    W = weights(rng)
    for name, lams in (("l2_reg", (0.7,)), ("l1_reg", (0.7,)), ("elastic_reg", (0.3, 0.8))):
        call = partial(getattr(student, name), bias_row=True)
        got = sandbox.untouched(lambda W, call=call, lams=lams: call(W, *lams), W=W)
        close(got, getattr(reference, name)(W, *lams, bias_row=True), names=NAMES)
