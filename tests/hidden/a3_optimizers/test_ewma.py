"""Hidden suite for optim.py: the exponentially weighted moving average."""

import numpy as np

from autograder.suite import exercise


def averages(theta, beta, *, first=0.0, push=None, correct=None, recursive=False):
    """Moving averages with some part of the rule replaced."""
    v, out = first, []
    for t, value in enumerate(theta, start=1):
        v = beta * v + (push(beta) if push else 1 - beta) * value
        factor = correct(beta, t) if correct else 1.0
        out.append(v / factor)
        v = out[-1] if recursive else v
    return np.array(out)


def right(beta, t):
    """Return the divisor of the bias correction."""
    return 1 - beta**t


def raw_suspects(theta, beta):
    """Wrong uncorrected averages."""
    return {
        "The shares are swapped: beta is the share of the old average.": (
            lambda: averages(theta, 1 - beta)
        ),
        "The average is corrected although bias_correction is False.": (
            lambda: averages(theta, beta, correct=right)
        ),
        "The average starts at the first value; it starts at 0.": (
            lambda: averages(theta, beta, first=theta[0])
        ),
        "The new value has the weight 1; it should be 1 - beta.": (
            lambda: averages(theta, beta, push=lambda _: 1.0)
        ),
        "The new value has the weight beta; it should be 1 - beta.": (
            lambda: averages(theta, beta, push=lambda b: b)
        ),
        "The list begins with v_0 = 0; the first entry should be v_1.": lambda: np.append(
            0.0, averages(theta, beta)[:-1]
        ),
        "This is the mean of all values so far; the old ones should fade.": lambda: (
            np.cumsum(theta) / np.arange(1, len(theta) + 1)
        ),
        "These are the values, not their averages.": lambda: 1.0 * theta,
        "beta in the call is ignored: this is the average with 0.9.": lambda: averages(theta, 0.9),
        "Averages are cut to whole numbers: the result should be floats.": lambda: np.trunc(
            averages(theta, beta)
        ),
    }


def corrected_suspects(theta, beta):
    """Wrong corrected averages."""
    return {
        "The average starts at the first value; it starts at 0.": (
            lambda: averages(theta, beta, first=theta[0], correct=right)
        ),
        "The bias correction is missing: divide v_t by 1 - beta^t.": lambda: averages(theta, beta),
        "The first step is corrected with t = 0; t counts from 1.": lambda: _from_zero(theta, beta),
        "The bias correction is one step ahead: t counts from 1.": lambda: averages(
            theta, beta, correct=lambda b, t: 1 - b ** (t + 1)
        ),
        "The bias correction has beta * t for beta^t.": lambda: averages(
            theta, beta, correct=lambda b, t: 1 - b * t
        ),
        "The corrected average goes on into the recursion; v_t should.": lambda: averages(
            theta, beta, correct=right, recursive=True
        ),
        "The average is multiplied by 1 - beta^t; divide by it.": lambda: averages(
            theta, beta, correct=lambda b, t: 1 / right(b, t)
        ),
        "The average is divided by 1 - beta at every step; the divisor is 1 - beta^t.": (
            lambda: averages(theta, beta, correct=lambda b, _: 1 - b)
        ),
        "Every average is divided by the last step's 1 - beta^t; each has its own t.": (
            lambda: averages(theta, beta) / right(beta, len(theta))
        ),
        "The average is divided by beta^t; the divisor is 1 - beta^t.": lambda: averages(
            theta, beta, correct=lambda b, t: b**t
        ),
        "The shares are swapped: beta is the share of the old average.": lambda: averages(
            theta, 1 - beta, correct=right
        ),
    }


def _from_zero(theta, beta):
    with np.errstate(all="ignore"):
        return averages(theta, beta) / (1 - beta ** np.arange(len(theta), dtype=np.float64))


@exercise("ewma", weight=3)
def test_raw(student, reference, rng, close):
    """Uncorrected averages, which start at 0."""
    for beta in (0.8, 0.3):
        theta = rng.normal(5, 2, 12)
        got = student.ewma(theta.copy(), beta)
        close(
            got,
            reference.ewma(theta, beta),
            names="the average",
            suspects=raw_suspects(theta, beta),
        )


@exercise("ewma", weight=3)
def test_corrected(student, reference, rng, close):
    """Averages with bias correction."""
    for beta in (0.8, 0.3):
        theta = rng.normal(5, 2, 12)
        want = reference.ewma(theta, beta, bias_correction=True)
        got = student.ewma(theta.copy(), beta, bias_correction=True)
        close(got, want, names="the average", suspects=corrected_suspects(theta, beta))


@exercise("ewma")
def test_a_constant_stays(student, rng, close):
    """A constant series has itself as its corrected average, from the first value on."""
    theta = np.full(6, rng.uniform(3, 30))
    got = student.ewma(theta.copy(), 0.9, bias_correction=True)
    close(got, theta, names="the average", suspects=corrected_suspects(theta, 0.9))


@exercise("ewma")
def test_whole_numbers(student, reference, rng, close, exact, sandbox):
    """Whole numbers have fractional averages; beta = 0 and a single value work; theta stays."""
    theta = rng.integers(-20, 20, 9)
    kept = sandbox.put(theta)
    suspects = raw_suspects(theta, 0.6)
    close(
        student.ewma(kept, 0.6), reference.ewma(theta, 0.6), names="the average", suspects=suspects
    )
    exact(sandbox.fetch(kept), theta, names="theta after the call")
    values = rng.normal(size=4)
    close(student.ewma(values.copy(), 0.0, True), values, names="the average with beta = 0")
    close(student.ewma(values[:1].copy(), 0.9, True), values[:1], names="the average of one value")


@exercise("ewma")
def test_window(student, rng, close):
    """How far an average looks back: 1 / (1 - beta), not rounded."""
    for beta in (0.0, rng.uniform(0.3, 0.7), rng.uniform(0.96, 0.99)):
        want = 1 / (1 - beta)
        suspects = {
            "The number is rounded; it should stay as it is.": lambda want=want: round(want),
            "The number is cut to a whole one; it should stay as it is.": lambda want=want: (
                np.floor(want)
            ),
            "This is 1 - beta; its inverse is asked for.": lambda want=want: 1 / want,
            "This is 1 / beta; it should be 1 / (1 - beta).": lambda beta=beta: (
                1 / beta if beta else np.inf
            ),
            "This is beta / (1 - beta); it should be 1 / (1 - beta).": lambda b=beta: b / (1 - b),
        }
        close(student.ewma_window(beta), want, names="the window", suspects=suspects)
