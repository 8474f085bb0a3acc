"""Hidden suite for optim.py: AdamW, whose weight decay does not go through Adam."""

from copy import deepcopy
from types import SimpleNamespace

import numpy as np

from autograder.suite import exercise
from autograder.suite.compare import check
from autograder.suite.remote import fetch

SIZES = 10.0 ** -np.arange(5)  # gradients of sizes 1 to 1e-4, one column each
HYPER = {"learning_rate": 0.3, "beta1": 0.7, "beta2": 0.8, "epsilon": 1e-30, "weight_decay": 0.4}


def follow(rule, w, gradients, config, state=False):
    """Five steps: the weights after each of them, or the state that config holds."""
    record, shape = {}, w.shape
    for step, dw in enumerate(gradients, start=1):
        result = rule(np.array(w), dw, config)
        two = type(result) in (tuple, list) and len(result) == 2
        check(two, "An update rule returns two things: next_w and config.")
        w, config = result
        fits = isinstance(w, np.ndarray) and w.shape == shape
        check(fits, "next_w must be an array of the shape of w.")
        if not state:
            record[f"next_w after step {step}"] = w
            continue
        now = fetch(config)
        check(type(now) is dict, "The second result must be the config dict.")
        for key in ("m", "v", "t"):
            check(key in now, f"config has no {key!r} after a step: store the new state in it.")
            record[f"{key} after step {step}"] = deepcopy(now[key])
    return record


def untouched(theirs, gradients):
    """Check that the gradients in the worker are what they were."""
    said = "The gradient is changed by the step: do not write into it (`*=`, `+=`, `dw[...] =`)."
    for kept, dw in zip(theirs, gradients, strict=True):
        now = fetch(kept)
        check(isinstance(now, np.ndarray) and np.array_equal(now, dw), said)


def path(w, gradients, c, move=None, *, penalty=0.0, corrected=True):
    """AdamW's path with another decay."""
    lr, b1, b2, eps = (c[name] for name in ("learning_rate", "beta1", "beta2", "epsilon"))
    m, v, record = 0 * w, 0 * w, {}
    for t, dw in enumerate(gradients, start=1):
        g = dw + penalty * w
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
        k1, k2 = (1 - b1**t, 1 - b2**t) if corrected else (1, 1)
        step = lr * (m / k1) / (np.sqrt(v / k2) + eps)
        s = SimpleNamespace(w=w, step=step, lr=lr, decay=c["weight_decay"])
        w = move(s) if move else w - step - lr * s.decay * w
        record[f"next_w after step {t}"] = w
    return record


WRONG = {
    "The weights do not decay: this is Adam's step alone.": lambda s: s.w - s.step,
    "The decay acts on the weights after Adam's step; it takes those before.": lambda s: (
        (s.w - s.step) * (1 - s.lr * s.decay)
    ),
    "The decay is not multiplied by the learning rate; here it is.": lambda s: (
        s.w - s.step - s.decay * s.w
    ),
    "The decay pushes the weights away from 0; it should pull them towards it.": (
        lambda s: s.w - s.step + s.lr * s.decay * s.w
    ),
    "The decay is twice as strong: it is learning_rate * weight_decay * w, without a 2.": (
        lambda s: s.w - s.step - 2 * s.lr * s.decay * s.w
    ),
    "The decay is half as strong: it is learning_rate * weight_decay * w, without a half.": (
        lambda s: s.w - s.step - s.lr * s.decay * s.w / 2
    ),
    "The decay takes the signs of the weights, as for L1; it takes the weights.": (
        lambda s: s.w - s.step - s.lr * s.decay * np.sign(s.w)
    ),
    "The decay takes the squares of the weights; it takes the weights.": (
        lambda s: s.w - s.step - s.lr * s.decay * s.w**2
    ),
    "weight_decay in config is ignored: this is the step with the default one.": (
        lambda s: s.w - s.step - s.lr * 1e-2 * s.w
    ),
    "weight_decay multiplies Adam's step, too.": lambda s: s.w - s.decay * (s.step + s.lr * s.w),
    "The learning rate multiplies the decay twice.": lambda s: (
        s.w - s.step - s.lr**2 * s.decay * s.w
    ),
    "The weights shrink to the share weight_decay; they lose that share.": (
        lambda s: s.lr * s.decay * s.w - s.step
    ),
}
COUPLED = (
    "The decay is coupled: weight_decay * w is added to the gradient and goes through Adam; it "
    "acts on w directly."
)


def suspects(w, gradients, c):
    """Wrong ways that name the mistake behind them."""
    decay = c["weight_decay"]
    known = {
        COUPLED: lambda: path(w, gradients, c, lambda s: s.w - s.step, penalty=decay),
        "The decay is there twice: it is in the gradient and acts on w as well.": (
            lambda: path(w, gradients, c, penalty=decay)
        ),
        "The bias correction of Adam's step is missing.": (
            lambda: path(w, gradients, c, corrected=False)
        ),
    }
    return known | {
        said: lambda move=move: path(w, gradients, c, move) for said, move in WRONG.items()
    }


@exercise("adamw", weight=3)
def test_decay(student, reference, rng, sandbox, close):
    """Five steps with gradients of sizes 1 to 1e-4, which stay as they are, without any default."""
    w, gradients = rng.normal(size=(5, 3)).T, list(rng.normal(size=(5, 3, 5)) * SIZES)
    theirs = [sandbox.put(dw) for dw in gradients]
    got = follow(student.adamw, w, theirs, dict(HYPER))
    untouched(theirs, gradients)
    want = follow(reference.adamw, w, gradients, dict(HYPER))
    close(got, want, suspects=suspects(w, gradients, HYPER))


@exercise("adamw")
def test_decay_state(student, reference, rng, close):
    """Moments m and v see the gradient alone, and t counts the steps."""
    w, gradients = rng.normal(size=(3, 5)), list(rng.normal(size=(5, 3, 5)) * SIZES)
    got = follow(student.adamw, w, gradients, dict(HYPER), state=True)
    want = follow(reference.adamw, w, gradients, dict(HYPER), state=True)
    first = gradients[0] + HYPER["weight_decay"] * w
    coupled = {COUPLED: lambda: {"m after step 1": 0.3 * first, "v after step 1": 0.2 * first**2}}
    close(got, want, suspects=coupled)


@exercise("adamw")
def test_decay_alone(student, rng, close):
    """With a gradient of 0 the weights shrink by the factor 1 - learning_rate * weight_decay."""
    w, config = rng.normal(size=(3, 5)), {"learning_rate": 0.5, "weight_decay": 0.2}
    got = follow(student.adamw, w, [np.zeros((3, 5))], config)
    close(got, {"next_w after step 1": 0.9 * w})


@exercise("adamw")
def test_decay_defaults(student, reference, rng, close):
    """Without a config weight_decay is 1e-2, and all others are as in adam."""
    w, size = 1e-3 * rng.normal(size=(3, 5)), rng.uniform(1e7, 1e8, (5, 3, 5))
    gradients = list(rng.choice([-1, 1], (5, 3, 5)) * size)
    got = follow(student.adamw, w, gradients, None)
    want = follow(reference.adamw, w, gradients, None)
    others = {
        "The default weight_decay is 1e-2; without a config there is none here.": (1e-3, 0.0),
        "The default weight_decay is 1e-2; this is a step with 1e-1.": (1e-3, 1e-1),
        "The default weight_decay is 1e-2; this is a step with 1e-3.": (1e-3, 1e-3),
        "The default weight_decay is 1e-2; this is a step with 1e-4.": (1e-3, 1e-4),
        "The default learning rate is 1e-3; this is a step with 1e-2.": (1e-2, 1e-2),
        "The default learning rate is 1e-3; this is a step with 1e-4.": (1e-4, 1e-2),
    }
    rest = {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
    known = {
        said: lambda lr=lr, decay=decay: path(
            w, gradients, {"learning_rate": lr, "weight_decay": decay, **rest}
        )
        for said, (lr, decay) in others.items()
    }
    close(got, want, suspects=known)
