"""Hidden checks of init.py: what becomes of signals and gradients in deep networks."""

import numpy as np

from autograder.suite import exercise

# Weights for activation_stats that remember what they were asked for.
DRAW = """
class Draw:
    def __init__(self, seed, gain):
        self.rng, self.gain, self.asked = np.random.default_rng(seed), gain, []

    def __call__(self, fan_in, fan_out):
        self.asked.append([int(fan_in), int(fan_out)])
        return self.gain / np.sqrt(fan_in) * self.rng.normal(0.1, 1, (fan_in, fan_out))
"""
ACT = "act = lambda z: np.maximum(-0.2 * z, np.tanh(z))"


class Draw:
    """The same weights as those of DRAW, on our side."""

    def __init__(self, seed, gain):
        self.rng, self.gain = np.random.default_rng(seed), gain

    def __call__(self, fan_in, fan_out):
        """Draw the next weights."""
        return self.gain / np.sqrt(fan_in) * self.rng.normal(0.1, 1, (fan_in, fan_out))


def act(z):
    """An activation that is neither odd nor bounded."""
    return np.maximum(-0.2 * z, np.tanh(z))


def layers(X, depth, init, *, f=act, once=False, flip=False, bare=False):
    """All h of a deep network that can be told to go wrong; before act where bare."""
    hs, D, W = [X], X.shape[1], None
    seen = []
    for _ in range(depth):
        W = W if once and W is not None else init(D, D)
        z = hs[-1] @ (W.T if flip else W)
        seen.append(z if bare else f(z))
        hs.append(f(z))
    return hs, seen


def stats_suspects(X, depth, seed):
    """Wrong statistics that name the mistake behind them."""

    def both(hs, std=np.std):
        return np.array([np.mean(h) for h in hs]), np.array([std(h) for h in hs])

    def run(**mistake):
        return layers(X, depth, Draw(seed, 1.3), **mistake)

    return {
        "The statistics are those before the activation function.": lambda: both(run(bare=True)[1]),
        "The statistics start with the data; the first are those of the first layer.": lambda: both(
            run()[0][:-1]
        ),
        "The weights are drawn once and used in every layer.": lambda: both(run(once=True)[1]),
        "The activation function is left out.": lambda: both(run(f=lambda z: z)[1]),
        "The weights are on the wrong side: it is h @ W.": lambda: both(run(flip=True)[1]),
        "The spread is the variance; take its root.": lambda: both(run()[1], np.var),
        "The variance is divided by one less than the count.": lambda: both(
            run()[1], lambda h: np.std(h, ddof=1)
        ),
        "The spread is the mean of the units' spreads; take it over all numbers.": lambda: both(
            run()[1], lambda h: h.std(axis=0).mean()
        ),
        "The spread is the mean of the examples' spreads; take it over all numbers.": lambda: both(
            run()[1], lambda h: h.std(axis=1).mean()
        ),
        "The spread is taken around zero; take it around the mean.": lambda: both(
            run()[1], lambda h: np.sqrt(np.mean(h * h))
        ),
        "Every layer sees the data; each should see the layer before it.": lambda: both(
            [act(X @ W) for W in map(Draw(seed, 1.3), [X.shape[1]] * depth, [X.shape[1]] * depth)]
        ),
    }


@exercise("activation_stats", weight=3)
def test_activation_stats(student, reference, rng, close, sandbox):
    """Means and standard deviations of every layer."""
    theirs = sandbox.define(ACT, "act")
    for N, D, depth in ((7, 5, 4), (3, 6, 1)):
        X, seed = rng.normal(0.3, 1, (N, D)), int(rng.integers(2**31))
        X.flags.writeable = False
        want = reference.activation_stats(X, depth, Draw(seed, 1.3), act)
        got = student.activation_stats(X, depth, sandbox.define(DRAW, "Draw")(seed, 1.3), theirs)
        suspects = stats_suspects(X, depth, seed)
        close(got, want, names=("means", "stds"), axes="depth", suspects=suspects)


@exercise("activation_stats")
def test_activation_stats_asks_for_square_weights(student, rng, sandbox, check):
    """Square weights: init is asked for (D, D) weights, once for each layer."""
    init = sandbox.define(DRAW, "Draw")(int(rng.integers(2**31)), 1.0)
    student.activation_stats(rng.normal(size=(7, 5)), 3, init, sandbox.define(ACT, "act"))
    asked = sandbox.fetch(init.asked)
    check(len(asked) == 3, "init is to be called once for each layer, no more and no less.")
    right = all(list(fans) == [5, 5] for fans in asked)
    check(right, "All layers are as wide as the data: init is asked for other fans.")


def chain(x, n, w, slope=lambda h, _: h * (1 - h), inner=True):
    """The derivative of a chain with some slope in place of the sigmoid's."""
    h, grad = x, np.ones(x.shape)
    for _ in range(n):
        z = w * h
        h = 1 / (1 + np.exp(-z))
        grad = grad * (w if inner else 1) * slope(h, z)
    return grad


def chain_suspects(x, n, w):
    """Wrong derivatives that name the mistake behind them."""

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    at = sigmoid(w * x)
    return {
        "The weight is missing: each neuron multiplies by w as well.": lambda: chain(
            x, n, w, inner=False
        ),
        "The weight is ignored altogether.": lambda: chain(x, n, 1.0),
        "There is one neuron too few.": lambda: chain(x, max(n - 1, 0), w),
        "There is one neuron too many.": lambda: chain(x, n + 1, w),
        "The slope is taken where the neuron starts: it is s (1 - s) of its output s.": (
            lambda: chain(x, n, w, slope=lambda h, z: h * (1 - z))
        ),
        "Every neuron has the slope of the first: each has its own input.": lambda: (
            (w * at * (1 - at)) ** n
        ),
        "This is the largest derivative, not that at x.": lambda: np.full(x.shape, (w / 4) ** n),
        "Only the last neuron's slope is there: multiply all of them.": lambda: (
            chain(x, n, w) / chain(x, n - 1, w) if n else np.ones(x.shape)
        ),
        "This is the output of the chain, not its derivative.": lambda: _output(x, n, w),
        "The slopes are those of tanh: a sigmoid has s (1 - s).": lambda: chain(
            x, n, w, slope=lambda h, _: 1 - h * h
        ),
        "The slopes are added; the chain rule multiplies them.": lambda: sum(
            chain(x, k, w) / chain(x, k - 1, w) for k in range(1, n + 1)
        ),
    }


def _output(x, n, w):
    for _ in range(n):
        x = 1 / (1 + np.exp(-w * x))
    return x


@exercise("sigmoid_chain_grad", weight=2)
def test_chain_gradient(student, reference, rng, close):
    """The derivative of chains of several lengths and weights, at inputs of several shapes."""
    for shape, n, w in (((2, 3), 4, 2.5), ((5,), 1, -1.7), ((1, 4), 9, 0.6)):
        x = rng.normal(0.5, 1, shape)
        x.flags.writeable = False
        want = reference.sigmoid_chain_grad(x, n, w)
        suspects = chain_suspects(x, n, w)
        got = student.sigmoid_chain_grad(x, n, w=w)
        close(got, want, atol=1e-30, names="the derivative", suspects=suspects)


@exercise("sigmoid_chain_grad")
def test_chain_gradient_by_default(student, reference, rng, close):
    """Without w the weights are 1; a chain of no neurons has the derivative 1."""
    x = rng.normal(size=(3, 2))
    for n in (3, 0):
        want = reference.sigmoid_chain_grad(x, n)
        got = student.sigmoid_chain_grad(x, n)
        close(got, want, names="the derivative", suspects=chain_suspects(x, n, 1.0))


@exercise("sigmoid_chain_grad")
def test_largest_gradient(student, reference, close):
    """The bound after 0, 1, 3, 10 and 200 sigmoids."""
    for n in (3, 0, 1, 10, 200):
        suspects = {
            "The steepest slope of a sigmoid is at 0; it is neither 1 nor 1/2.": lambda n=n: 0.5**n,
            "The slopes are added; the chain rule multiplies them.": lambda n=n: 0.25 * n,
            "There is one sigmoid too few.": lambda n=n: 0.25 ** (n - 1),
            "There is one sigmoid too many.": lambda n=n: 0.25 ** (n + 1),
            "The slope does not multiply for every sigmoid.": lambda: 0.25,
        }
        got, want = student.largest_chain_grad(n), reference.largest_chain_grad(n)
        close(got, want, atol=0, names="the bound", suspects=suspects)
