"""Hidden suite for gates.py: a small graph, and its gates."""

import numpy as np

from autograder.suite import exercise

GRADIENTS = ("dx", "dy")


def numbers(rng, *shape):
    """Random numbers of either sign, none of them near 0."""
    return rng.choice([-1, 1], shape) * rng.uniform(0.5, 2, shape)


# --- (x + y) z ---


def flat(sandbox, check, got):
    """(f, (dx, dy, dz)) as (f, dx, dy, dz), or the verdict that it has another form."""
    grads = sandbox.fetch(got[1]) if isinstance(got, tuple | list) and len(got) == 2 else None
    check(
        isinstance(grads, tuple | list) and len(grads) == 3,
        "The result must be f and a tuple of the three gradients: f, (dx, dy, dz).",
    )
    return (got[0], *grads)


def f_suspects(x, y, z):
    """Wrong gradients of (x + y) z that name the mistake behind them."""
    return {
        "x and y get the sum's value q = x + y; the derivative of q z with respect to q is z.": (
            lambda: {"dx": x + y, "dy": x + y}
        ),
        "dx and dy are one: that is the local derivative of the sum alone. Multiply it by the "
        "gradient that arrives from the product.": lambda: {"dx": 1 + 0 * x, "dy": 1 + 0 * y},
        "dx and dy are swapped with each other's values: the sum hands both the same gradient, "
        "not the inputs.": lambda: {"dx": y * z, "dy": x * z},
        "dz is z; the product hands z the other factor, x + y.": lambda: {"dz": z},
        "dz is one; the product hands z the other factor, x + y.": lambda: {"dz": 1 + 0 * z},
        "dz counts x alone; the other factor is x + y.": lambda: {"dz": x},
        "dx takes x into account; x + y has the slope one with respect to x.": (
            lambda: {"dx": x * z}
        ),
        "f is x + y z: the product takes all of x + y.": lambda: {"f": x + y * z},
        "f is x y z: x and y are added.": lambda: {"f": x * y * z},
        "f is x + y + z: the sum is multiplied by z.": lambda: {"f": x + y + z},
        "dy has the wrong sign: y is added.": lambda: {"dy": -z},
    }


@exercise("f_xyz", weight=2)
def test_graph_of_numbers(student, reference, rng, close, sandbox, check):
    """Numbers x, y and z: f, and how it changes with each of them."""
    for _ in range(2):
        x, y, z = (float(v) for v in numbers(rng, 3))
        f, grads = reference.f_xyz(x, y, z)
        got = flat(sandbox, check, student.f_xyz(x, y, z))
        names, suspects = ("f", "dx", "dy", "dz"), f_suspects(x, y, z)
        close(got, (f, *grads), names=names, suspects=suspects)


@exercise("f_xyz")
def test_graph_of_arrays(student, reference, rng, close, sandbox, check):
    """Arrays work entry by entry: each gradient has the shape of its variable."""
    x, y, z = numbers(rng, 3, 4, 2)
    x.flags.writeable = y.flags.writeable = z.flags.writeable = False
    f, grads = reference.f_xyz(x, y, z)
    got = flat(sandbox, check, student.f_xyz(x, y, z))
    names, suspects = ("f", "dx", "dy", "dz"), f_suspects(x, y, z)
    summed = {
        f"{name} is added up over the entries; each entry keeps its own.": (
            lambda name=name, grad=grad: {name: np.sum(grad)}
        )
        for name, grad in zip(names[1:], grads, strict=True)
    }
    close(got, (f, *grads), names=names, suspects=suspects | summed)


# --- gates ---


def both(student, reference, kind, *inputs):
    """The student's gate and ours after forward, and what forward gave."""
    theirs, ours = getattr(student, kind)(), getattr(reference, kind)()
    return theirs, ours, theirs.forward(*inputs), ours.forward(*inputs)


@exercise("gates")
def test_add(student, reference, rng, close):
    """The add gate distributes: both inputs get the gradient from above."""
    x, y, dz = numbers(rng, 3, 4)
    theirs, ours, z, want = both(student, reference, "AddGate", x, y)
    close(z, want, names="z")
    suspects = {
        "The gradient from above is split in halves; an add gate hands all of it to both.": (
            lambda: (dz / 2, dz / 2)
        ),
        "The gradient from above is ignored: the local derivative is one, times dz.": (
            lambda: (1 + 0 * dz, 1 + 0 * dz)
        ),
        "The gradients are the inputs times dz, swapped: that is the multiply gate.": (
            lambda: (y * dz, x * dz)
        ),
        "The gradients are the inputs times dz; the local derivatives of a sum are one.": (
            lambda: (x * dz, y * dz)
        ),
        "Only x gets a gradient; y is added just as well.": lambda: (dz, 0 * dz),
        "dy has the wrong sign: y is added.": lambda: (dz, -dz),
    }
    close(theirs.backward(dz), ours.backward(dz), names=GRADIENTS, suspects=suspects)


@exercise("gates", weight=2)
def test_mul(student, reference, rng, close):
    """The multiply gate swaps: each input gets dz times the other one."""
    x, y, dz = numbers(rng, 3, 4)
    theirs, ours, z, want = both(student, reference, "MulGate", x, y)
    close(z, want, names="z")
    suspects = {
        "Each input gets its own value times dz; it should be the other one's.": (
            lambda: (x * dz, y * dz)
        ),
        "The gradient from above is missing: the local derivatives must be multiplied by dz.": (
            lambda: (y, x)
        ),
        "The inputs get dz as it is: that is the add gate.": lambda: (dz, dz),
        "The gradient from above is added to the local derivative; the chain rule multiplies.": (
            lambda: (y + dz, x + dz)
        ),
        "Both inputs get the product times dz.": lambda: (x * y * dz, x * y * dz),
        "The local derivatives are divided by dz.": lambda: (y / dz, x / dz),
    }
    close(theirs.backward(dz), ours.backward(dz), names=GRADIENTS, suspects=suspects)


@exercise("gates", weight=2)
def test_max(student, reference, rng, close):
    """The max gate routes: only the larger input gets the gradient."""
    x, y, dz = numbers(rng, 3, 12)
    y[:6], y[6:] = x[:6] + numbers(rng, 6) ** 2, x[6:] - numbers(rng, 6) ** 2
    theirs, ours, z, want = both(student, reference, "MaxGate", x, y)
    close(z, want, names="z", suspects={"z is the smaller one.": lambda: np.minimum(x, y)})
    wins = x > y
    suspects = {
        "The loser gets the gradient, and the winner nothing.": lambda: (~wins * dz, wins * dz),
        "Both inputs get the gradient; only the winner's changes matter.": lambda: (dz, dz),
        "The gradient is split in halves; all of it belongs to the winner.": (
            lambda: (dz / 2, dz / 2)
        ),
        "The gradient from above is missing: the winner gets dz, not one.": (
            lambda: (1.0 * wins, 1.0 * ~wins)
        ),
        "The winner gets its own value times dz; a max hands dz on as it is.": (
            lambda: (x * wins * dz, y * ~wins * dz)
        ),
        "One winner is chosen for the whole array; every entry has its own.": (
            lambda: (dz, 0 * dz) if np.sum(x) > np.sum(y) else (0 * dz, dz)
        ),
    }
    close(theirs.backward(dz), ours.backward(dz), names=GRADIENTS, suspects=suspects)


@exercise("gates")
def test_exp(student, reference, rng, close):
    """The exp gate multiplies by its own output."""
    x, dz = numbers(rng, 2, 5)
    theirs, ours, z, want = both(student, reference, "ExpGate", x)
    powers = {"This is a power of two; e is asked for.": lambda: np.exp2(x)}
    close(z, want, names="z", suspects=powers)
    suspects = {
        "The gradient from above is missing.": lambda: np.exp(x),
        "The derivative is taken like that of a power, x e^(x - 1); e^x is its own.": (
            lambda: x * np.exp(x - 1) * dz
        ),
        "The exponential is taken twice: of the output.": lambda: np.exp(np.exp(x)) * dz,
        "dz is handed on unchanged: multiply by the local derivative, e^x.": lambda: dz,
        "dz is multiplied by x; the local derivative is e^x.": lambda: x * dz,
    }
    close(theirs.backward(dz), ours.backward(dz), names="dx", suspects=suspects)


@exercise("gates")
def test_sigmoid(student, reference, rng, close):
    """The sigmoid gate multiplies by z (1 - z)."""
    x, dz = numbers(rng, 2, 5)
    theirs, ours, z, want = both(student, reference, "SigmoidGate", x)
    signs = {"The exponent has the wrong sign: 1 / (1 + e^-x).": lambda: 1 / (1 + np.exp(x))}
    close(z, want, names="z", suspects=signs)
    again = 1 / (1 + np.exp(-want))
    suspects = {
        "The gradient from above is missing.": lambda: want * (1 - want),
        "The derivative is z (1 - x); it should be z (1 - z).": lambda: want * (1 - x) * dz,
        "The derivative is x (1 - x); it should be z (1 - z).": lambda: x * (1 - x) * dz,
        "The sigmoid is taken twice: z is already the output.": lambda: again * (1 - again) * dz,
        "The derivative is that of tanh, 1 - z^2.": lambda: (1 - want**2) * dz,
        "The factor 1 - z is missing.": lambda: want * dz,
        "The factor z is missing.": lambda: (1 - want) * dz,
    }
    close(theirs.backward(dz), ours.backward(dz), names="dx", suspects=suspects)


@exercise("gates", weight=0.5)
def test_max_tie(student, reference, rng, close):
    """Where both inputs are equal, the gradient goes to the first."""
    x, dz = numbers(rng, 2, 4)
    theirs, ours, _, _ = both(student, reference, "MaxGate", x, x.copy())
    suspects = {
        "A tie goes to y; the docstring gives it to the first, x.": lambda: (0 * dz, dz),
        "At a tie both get the whole gradient; it would count twice.": lambda: (dz, dz),
        "At a tie nobody gets the gradient: it is lost.": lambda: (0 * dz, 0 * dz),
        "A tie is split in halves; the docstring gives it to the first, x.": (
            lambda: (dz / 2, dz / 2)
        ),
    }
    close(theirs.backward(dz), ours.backward(dz), names=GRADIENTS, suspects=suspects)


@exercise("gates")
def test_gates_are_separate(student, reference, rng, close, check):
    """Each gate remembers its own inputs, and backward can be called again."""
    for kind, count in (("AddGate", 2), ("MulGate", 2), ("MaxGate", 2), ("ExpGate", 1)):
        first, second = numbers(rng, count), numbers(rng, count)
        theirs, ours = getattr(student, kind)(), getattr(reference, kind)()
        theirs.forward(*first.tolist()), ours.forward(*first.tolist())
        both(student, reference, kind, *second.tolist())
        dz = float(rng.normal())
        want, names = ours.backward(dz), GRADIENTS if count == 2 else "dx"
        close(theirs.backward(dz), want, names=names, suspects=shared(reference, kind, second, dz))
        again = {"backward adds to what it gave before: start afresh in every call.": doubled(want)}
        close(theirs.backward(dz), want, names=names, suspects=again)


def shared(reference, kind, inputs, dz):
    """What a gate gives that remembers another gate's inputs."""
    gate = getattr(reference, kind)()
    gate.forward(*inputs.tolist())
    sentence = "A gate uses the inputs of another gate of its kind: remember them in self."
    return {sentence: lambda: gate.backward(dz)}


def doubled(want):
    """Return a suspect: everything twice."""
    return lambda: tuple(2 * part for part in want) if isinstance(want, tuple) else 2 * want
