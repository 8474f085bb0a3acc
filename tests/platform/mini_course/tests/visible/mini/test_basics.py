"""Visible checks of basics.py."""

import basics
import numpy as np


def test_double():
    """Twice 1, 2, 3 is 2, 4, 6."""
    assert basics.double(np.array([1, 2, 3])).tolist() == [2, 4, 6]
