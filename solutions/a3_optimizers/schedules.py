"""Learning rates that change with the epochs: large steps first, fine ones at the end."""

import numpy as np


def lr_schedule(kind, lr0, t, decay=0.5, every=10, total=100):
    """Learning rate of epoch t.

    Args:
        kind: which schedule, one of
            "step": the rate is multiplied by decay once in every `every` epochs, so that epochs 0
                to every - 1 have lr0, epochs every to 2 * every - 1 have lr0 * decay, and so on;
            "exponential": lr0 * exp(-decay * t);
            "1/t": lr0 / (1 + decay * t);
            "cosine": half a cosine wave from lr0 at t = 0 down to 0 at t = total,
                lr0 / 2 * (1 + cos(pi * t / total)); from then on the rate stays 0.
        lr0: the rate to begin with.
        t: epoch, an integer >= 0; the first epoch is 0.
        decay: how fast the rate falls ("step", "exponential", "1/t").
        every: epochs between two falls ("step").
        total: epochs until the rate is 0 ("cosine").

    Returns:
        float, the learning rate.

    Raises:
        ValueError: when kind is none of the four.
    """
    ### BEGIN SOLUTION
    if kind == "step":
        return lr0 * decay ** (t // every)
    if kind == "exponential":
        return lr0 * np.exp(-decay * t)
    if kind == "1/t":
        return lr0 / (1 + decay * t)
    if kind == "cosine":
        return lr0 / 2 * (1 + np.cos(np.pi * min(t, total) / total))
    raise ValueError(f"no schedule is called {kind!r}")
    ### END SOLUTION
