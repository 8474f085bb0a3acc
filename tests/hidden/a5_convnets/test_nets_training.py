"""Hidden suite for nets.py: a fresh network learns twenty digits by heart."""

from pathlib import Path

import numpy as np

from autograder.suite import exercise

DATA = Path(__file__).parents[3] / "assignments" / "a5_convnets" / "data" / "digits.npz"

TRAINING = """
class Training:
    def __init__(self, X, y):
        self.X, self.y = X.astype(np.float32), y
        self.net = student.ThreeLayerConvNet(
            input_dim=(1, 8, 8), num_filters=3, filter_size=3, hidden_dim=40, weight_scale=0.1
        )
        self.m, self.v = ({name: 0 for name in self.net.params} for _ in range(2))
        self.t = 0

    def loss(self):
        return float(self.net.loss(self.X, self.y)[0])

    def steps(self, count):
        for self.t in range(self.t + 1, self.t + count + 1):
            for name, grad in self.net.loss(self.X, self.y)[1].items():
                self.m[name] = 0.9 * self.m[name] + 0.1 * grad
                self.v[name] = 0.99 * self.v[name] + 0.01 * grad**2
                mean = self.m[name] / (1 - 0.9**self.t)
                square = self.v[name] / (1 - 0.99**self.t)
                step = 0.03 * mean / (np.sqrt(square) + 1e-8)
                self.net.params[name] = self.net.params[name] - step

    def scores(self):
        return self.net.loss(self.X)
"""


@exercise("convnet_loss")
def test_learns_twenty_digits(student, rng, sandbox, check):
    """A fresh network starts at a loss of log 10 and learns 20 digits by heart."""
    with np.load(DATA, allow_pickle=False) as digits:
        few = rng.choice(len(digits["labels"]), size=20, replace=False)
        X, y = digits["images"][few][:, np.newaxis] / 16.0, digits["labels"][few].astype(int)
    training = sandbox.define(TRAINING, "Training")(X - np.mean(X), y)
    begins = "A fresh network knows nothing: its loss is about log(number of classes)."
    check(abs(training.loss() - np.log(10)) < 0.3, begins)
    for _ in range(5):  # a few steps a call, so that slow layers have time, too
        training.steps(4)
    learnt = np.mean(np.argmax(training.scores(), axis=1) == y)
    check(learnt >= 0.9, "After 20 steps of Adam the network does not know its 20 digits by heart.")
