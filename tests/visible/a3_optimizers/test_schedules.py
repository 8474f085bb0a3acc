"""Checks for schedules.py that you can run as often as you like.

They lead the way; they do not grade. The graded tests use other data and more kinds of it.
"""

import numpy as np
import pytest
from schedules import lr_schedule


@pytest.mark.parametrize("kind", ["step", "exponential", "1/t", "cosine"])
def test_epoch_0(kind):
    """Every schedule begins with lr0."""
    assert lr_schedule(kind, 0.3, 0) == pytest.approx(0.3), "epoch 0 has the rate lr0"


def test_step():
    """Epochs 0 to 9 have lr0, epoch 10 is the first with half of it."""
    rates = [lr_schedule("step", 1.0, t, decay=0.5, every=10) for t in (9, 10, 19, 20)]
    assert rates == pytest.approx([1, 0.5, 0.5, 0.25]), "t // every falls have happened"


def test_exponential():
    """The e-th part after 1 / decay epochs."""
    assert lr_schedule("exponential", 1.0, 10, decay=0.1) == pytest.approx(1 / np.e), (
        "lr0 * exp(-decay * t)"
    )


def test_one_over_t():
    """Half after 1 / decay epochs, a third after twice as many."""
    rates = [lr_schedule("1/t", 1.0, t, decay=0.1) for t in (10, 20)]
    assert rates == pytest.approx([1 / 2, 1 / 3]), "lr0 / (1 + decay * t)"


def test_cosine():
    """Half of the rate in the middle, nothing at the end and after it."""
    rates = [lr_schedule("cosine", 1.0, t, total=20) for t in (10, 20, 25)]
    assert rates == pytest.approx([0.5, 0, 0]), "half a cosine wave, and then 0"


def test_unknown():
    """A kind that does not exist is an error and not a guess."""
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says
        lr_schedule("linear", 1.0, 3)
