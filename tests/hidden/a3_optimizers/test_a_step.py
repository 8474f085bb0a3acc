"""Hidden suite for optim.py: a step does not touch the gradient.

What else goes wrong when it does is told by other tests, so this one comes first.
"""

import numpy as np
import pytest

from autograder.suite import exercise
from autograder.suite.compare import check

RULES = (
    "sgd", "sgd_momentum", "nesterov", "nesterov_rewritten", "adagrad", "rmsprop", "adam", "adamw",
)  # fmt: skip
CONSTANT = """
class Constant:
    def __init__(self, g): self.g = g
    def __call__(self, x): return self.g
"""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=exercise(name, weight=0.5)) for name in RULES]
)
def test_gradient_stays(name, student, rng, sandbox):
    """The gradient is not changed by a step."""
    w, dw = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    kept = sandbox.put(dw)
    slope = sandbox.define(CONSTANT, "Constant")(kept) if name == "nesterov" else kept
    getattr(student, name)(w, slope, {"learning_rate": 0.1})
    now = sandbox.fetch(kept)
    said = "The gradient is changed by the step: do not write into it (`*=`, `+=`, `dw[...] =`)."
    check(isinstance(now, np.ndarray) and np.array_equal(now, dw), said)
