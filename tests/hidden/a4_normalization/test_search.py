"""Hidden checks of regularization.py: numbers on a logarithmic scale, and a search with them."""

import numpy as np

from autograder.suite import exercise

MAKE = "make = np.random.default_rng"
# A score that remembers what it was asked, and answers from a list.
SCORE = """
class Score:
    def __init__(self, answers):
        self.answers, self.asked = [float(a) for a in answers], []

    def __call__(self, config):
        self.asked.append({name: float(value) for name, value in config.items()})
        return self.answers[(len(self.asked) - 1) % len(self.answers)]
"""


def generator(sandbox, rng):
    """A numpy generator in the sandbox, seeded from our data."""
    return sandbox.define(MAKE, "make")(int(rng.integers(2**31)))


def even(parts):
    """Whether numbers look uniform on [0, 1]: mean and variance within 6 sigma, and the range."""
    n = len(parts)
    return (
        parts.min() >= -1e-9
        and parts.max() <= 1 + 1e-9
        and abs(parts.mean() - 0.5) < 6 * np.sqrt(1 / (12 * n))
        and abs(parts.var() - 1 / 12) < 6 * np.sqrt(1 / (180 * n))
    )


def judge_scale(check, values, low, high):
    """Whether numbers are uniform on a logarithmic scale."""
    check(np.isfinite(values).all(), "Some numbers are not finite.")
    linear = (values - low) / (high - low)
    inside = linear.min() >= -1e-9 and linear.max() <= 1 + 1e-9
    check(not even(linear), "The numbers are uniform themselves; their logarithms should be.")
    powers = (values - np.log10(low)) / (np.log10(high) - np.log10(low))
    check(not even(powers), "These are exponents: raise 10 to them.")
    logs = (values - np.log(low)) / (np.log(high) - np.log(low))
    check(not even(logs), "These are logarithms: take exp of them.")
    check(inside, "Some numbers are outside of low and high.")
    scale = np.log(values / low) / np.log(high / low)
    check(even(scale), "The logarithms of the numbers are not uniform between those of low, high.")


@exercise("hyperparam_search", weight=2)
def test_log_uniform(student, rng, sandbox, check):
    """The logarithms are uniform between those of low and high, over few decades and over many."""
    for low, high in ((1e-5, 1e-1), (0.2, 30.0)):
        values = student.log_uniform(low, high, 2000, generator(sandbox, rng))
        check(type(values) is np.ndarray, "log_uniform must return a numpy array.")
        check(values.shape == (2000,), "log_uniform must return an array of shape (size,).")
        judge_scale(check, values, low, high)
        check(len(np.unique(values)) == 2000, "Some numbers are equal: draw each on its own.")


@exercise("hyperparam_search", weight=0.5)
def test_log_uniform_generator(student, rng, sandbox, check):
    """All random numbers come from rng."""
    seeds, make = rng.choice(2**31, 2, replace=False), sandbox.define(MAKE, "make")
    first, same, other = (make(int(seeds[i])) for i in (0, 0, 1))
    one, two, again, third = (student.log_uniform(1, 9, 5, r) for r in (first, first, same, other))
    check(np.array_equal(one, again), "The same seed gives other numbers: draw them from rng.")
    check(not np.array_equal(one, third), "Another seed gives the same numbers: draw from rng.")
    check(not np.array_equal(one, two), "A second call with the same rng gives the same numbers.")


def best_suspects(asked, values):
    """Wrong pairs of config and score that name the mistake behind them."""
    low, high = int(np.argmin(values)), int(np.argmax(values))
    last = len(values) - 1 - int(np.argmax(values[::-1]))
    pairs = {
        "The config with the lowest score is kept: higher is better.": (asked[low], values[low]),
        "The last of several best configs is kept; keep the first.": (asked[last], values[last]),
        "The last config is kept, not the best.": (asked[-1], values[-1]),
        "The last config is kept with the best score.": (asked[-1], values[high]),
        "The first config is kept, not the best.": (asked[0], values[0]),
        "The two are swapped: the config comes first.": (values[high], asked[high]),
        "All scores below 0 are taken for worse than none: start with the first score.": (
            None,
            0.0,
        ),
    }
    return {said: lambda wrong=wrong: wrong for said, wrong in pairs.items()}


@exercise("hyperparam_search", weight=2)
def test_best_config(student, rng, sandbox, check, close):
    """The config with the highest score is kept with its score, the first one of a tie."""
    space = {"lr": (1e-4, 1e-1), "reg": (1e-3, 10.0)}
    answers = rng.permutation(rng.normal(size=9))
    tied = np.where(answers == answers.max(), answers, np.minimum(answers, 0))
    tied[[2, 5]] = tied.max() + 1
    for values in (answers, tied, -1 - np.abs(answers)):
        score = sandbox.define(SCORE, "Score")(list(values))
        got = student.random_search(score, space, 9, generator(sandbox, rng))
        asked = sandbox.fetch(score.asked)
        check(len(asked) == 9, "score is to be called once for each trial, no more and no less.")
        check(all(set(c) == set(space) for c in asked), "A config needs a number for each name.")
        place = int(np.argmax(values))
        want, suspects = (asked[place], values[place]), best_suspects(asked, values)
        close(got, want, names=("best", "best_score"), suspects=suspects)


@exercise("hyperparam_search")
def test_configs(student, rng, sandbox, check):
    """Every trial draws every hyperparameter anew, on a logarithmic scale, independently."""
    space = {"lr": (1e-4, 1e-1), "reg": (1e-3, 10.0)}
    score = sandbox.define(SCORE, "Score")([0.0])
    student.random_search(score, space, 500, generator(sandbox, rng))
    asked = sandbox.fetch(score.asked)
    check(len(asked) == 500, "score is to be called once for each trial, no more and no less.")
    parts = {}
    for name, (low, high) in space.items():
        values = np.array([config[name] for config in asked])
        fresh = len(np.unique(values)) > 450
        check(fresh, "The trials share their numbers: draw new ones in each.")
        judge_scale(check, values, low, high)
        parts[name] = np.log(values / low) / np.log(high / low) - 0.5
    together = 12 * np.mean(parts["lr"] * parts["reg"])
    alone = "The hyperparameters move together: each needs random numbers of its own."
    check(abs(together) < 6 / np.sqrt(500), alone)
