"""Hidden suite for schedules.py."""

import math

import numpy as np
import pytest

from autograder.suite import exercise, raises
from autograder.suite.compare import NUMBERS, check

WRONG = {
    "step": {
        "The rate falls one epoch late: epoch `every` has it already.": (
            lambda s: s["lr0"] * s["decay"] ** (max(s["t"] - 1, 0) // s["every"])
        ),
        "The rate falls one epoch early: the first `every` epochs have lr0.": (
            lambda s: s["lr0"] * s["decay"] ** ((s["t"] + 1) // s["every"])
        ),
        "The rate falls a little in every epoch; it is a staircase: t // every.": (
            lambda s: s["lr0"] * s["decay"] ** (s["t"] / s["every"])
        ),
        "The rate falls in every epoch, whatever `every` is.": (
            lambda s: s["lr0"] * s["decay"] ** s["t"]
        ),
        "The rate falls once and for all; it falls once in every `every` epochs.": (
            lambda s: s["lr0"] * (s["decay"] if s["t"] >= s["every"] else 1)
        ),
        "The rate is lr0 times decay times the number of falls; each fall multiplies.": (
            lambda s: s["lr0"] * (s["decay"] * (s["t"] // s["every"]) or 1)
        ),
        "Epochs are rounded to the nearest fall; t // every rounds down.": (
            lambda s: s["lr0"] * s["decay"] ** round(s["t"] / s["every"])
        ),
        "The rate is divided by decay, so that it grows.": (
            lambda s: s["lr0"] / s["decay"] ** (s["t"] // s["every"])
        ),
        "It loses the share decay at each fall; it should keep that share.": (
            lambda s: s["lr0"] * (1 - s["decay"]) ** (s["t"] // s["every"])
        ),
    },
    "exponential": {
        "This is lr0 * decay^t; the exponential schedule is lr0 * exp(-decay * t).": (
            lambda s: s["lr0"] * s["decay"] ** s["t"]
        ),
        "The sign in the exponent is wrong: the rate grows.": (
            lambda s: s["lr0"] * math.exp(s["decay"] * s["t"])
        ),
        "It is one epoch ahead: epoch 0 has lr0.": (
            lambda s: s["lr0"] * math.exp(-s["decay"] * (s["t"] + 1))
        ),
        "It is one epoch behind: epoch 1 is the first with a lower rate.": (
            lambda s: s["lr0"] * math.exp(-s["decay"] * (s["t"] - 1))
        ),
        "The exponent is divided by `every` or `total`; it is decay * t.": (
            lambda s: s["lr0"] * math.exp(-s["decay"] * s["t"] / s["total"])
        ),
        "The exponential has base 2; the base is e.": (
            lambda s: s["lr0"] * 2.0 ** (-s["decay"] * s["t"])
        ),
        "The exponent is t / decay; it is decay * t.": (
            lambda s: s["lr0"] * math.exp(-s["t"] / s["decay"])
        ),
        "This is a staircase, the exponential schedule falls in every epoch.": (
            lambda s: s["lr0"] * math.exp(-s["decay"] * (s["t"] // s["every"]))
        ),
        "This is lr0 * (1 - decay)^t; it is lr0 * exp(-decay * t).": (
            lambda s: s["lr0"] * (1 - s["decay"]) ** s["t"]
        ),
    },
    "1/t": {
        "The 1 in the divisor is missing: at t = 0 it divides by 0.": (
            lambda s: s["lr0"] / (s["decay"] * s["t"]) if s["t"] else math.inf
        ),
        "decay is not used: the rate is lr0 / (1 + decay * t).": lambda s: s["lr0"] / (1 + s["t"]),
        "It is one epoch ahead: epoch 0 has lr0.": (
            lambda s: s["lr0"] / (1 + s["decay"] * (s["t"] + 1))
        ),
        "This is lr0 / (decay + t); it is lr0 / (1 + decay * t).": (
            lambda s: s["lr0"] / (s["decay"] + s["t"])
        ),
        "There is a root over the divisor; this schedule has none.": (
            lambda s: s["lr0"] / math.sqrt(1 + s["decay"] * s["t"])
        ),
        "decay divides t; it multiplies it.": lambda s: s["lr0"] / (1 + s["t"] / s["decay"]),
        "The divisor is squared; the schedule is 1/t.": (
            lambda s: s["lr0"] / (1 + s["decay"] * s["t"]) ** 2
        ),
        "The divisor is cut to a whole number.": (
            lambda s: s["lr0"] / (1 + int(s["decay"] * s["t"]))
        ),
    },
    "cosine": {
        "The factor one half is missing: epoch 0 has lr0.": (
            lambda s: s["lr0"] * (1 + math.cos(math.pi * min(s["t"], s["total"]) / s["total"]))
        ),
        "The rate goes up again after epoch `total`; from there on it is 0.": (
            lambda s: s["lr0"] / 2 * (1 + math.cos(math.pi * s["t"] / s["total"]))
        ),
        "t / total is cut to a whole number: use /, not //.": (
            lambda s: s["lr0"] / 2 * (1 + math.cos(math.pi * (s["t"] // s["total"])))
        ),
        "The 1 is missing: the rate becomes negative.": (
            lambda s: s["lr0"] * math.cos(math.pi * min(s["t"], s["total"]) / s["total"])
        ),
        "This is a quarter of a cosine wave; half a wave is asked for.": (
            lambda s: s["lr0"] * math.cos(math.pi / 2 * min(s["t"], s["total"]) / s["total"])
        ),
        "This is a whole cosine wave: the rate is back at lr0 in the end.": (
            lambda s: s["lr0"] / 2 * (1 + math.cos(2 * math.pi * s["t"] / s["total"]))
        ),
        "pi is missing: half a wave is pi long.": (
            lambda s: s["lr0"] / 2 * (1 + math.cos(min(s["t"], s["total"]) / s["total"]))
        ),
        "The angle is in degrees; cos takes radians: pi, not 180.": (
            lambda s: s["lr0"] / 2 * (1 + math.cos(180 * min(s["t"], s["total"]) / s["total"]))
        ),
        "The rate falls along a straight line; a cosine is asked for.": (
            lambda s: s["lr0"] * (1 - min(s["t"], s["total"]) / s["total"])
        ),
        "The wave is turned round: it starts at 0 and rises.": (
            lambda s: s["lr0"] / 2 * (1 - math.cos(math.pi * min(s["t"], s["total"]) / s["total"]))
        ),
        "The wave ends one epoch early: it is 0 from t = total on.": (
            lambda s: s["lr0"] / 2 * (1 + math.cos(math.pi * min(s["t"] / (s["total"] - 1), 1)))
        ),
    },
}


def rates(function, epochs):
    """Return the rates of the epochs, in one array."""
    found = [function(t) for t in epochs]
    check(all(isinstance(rate, NUMBERS) for rate in found), "The rate must be a number.")
    return np.array(found, dtype=np.float64)


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=exercise("lr_schedule", weight=2)) for kind in WRONG]
)
def test_schedule(kind, student, reference, rng, close):
    """Epoch 0, the epochs around every change, and long after the end."""
    every, total = int(rng.integers(6, 10)), int(rng.integers(22, 30))
    told = {"lr0": rng.uniform(0.5, 2), "decay": rng.uniform(0.15, 0.4)}
    told |= {"every": every, "total": total}
    epochs = (
        0, 1, 2, every - 2, every - 1, every, every + 1, 2 * every - 1, 2 * every,
        total - 1, total, total + 1, total + 7,
    )  # fmt: skip

    rest = {name: value for name, value in told.items() if name != "lr0"}

    def call(module):
        return rates(lambda t: module.lr_schedule(kind, told["lr0"], t, **rest), epochs)

    suspects = {
        said: lambda formula=formula: rates(lambda t: formula({**told, "t": t}), epochs)
        for said, formula in WRONG[kind].items()
    }
    close(call(student), call(reference), names="the rate", suspects=suspects)


@exercise("lr_schedule")
def test_schedule_defaults(student, reference, close):
    """Without further arguments decay is 0.5, every 10 and total 100."""
    for kind in WRONG:
        for t in (0, 3, 9, 10, 50, 120):
            got = student.lr_schedule(kind, 0.5, t)
            told = student.lr_schedule(kind, 0.5, t, decay=0.5, every=10, total=100)
            check(got == told, "The defaults are not decay=0.5, every=10 and total=100.")
            close(got, reference.lr_schedule(kind, 0.5, t), names=f"the rate of {kind!r}")


@exercise("lr_schedule")
def test_unknown_schedule(student, rng, close):
    """An unknown kind is an error, and a known one is not."""
    lr0 = rng.uniform(0.1, 1)
    for kind in WRONG:
        close(student.lr_schedule(kind, lr0, 0), lr0, names="the rate of epoch 0")
    for kind in ("linear", "", "Step"):
        with raises(ValueError, "A kind that is none of the four must raise a ValueError."):
            student.lr_schedule(kind, 0.1, 3)
