"""Hidden suite for gates.py: Jacobians, and finding wrong backward passes."""

import numpy as np

from autograder.suite import exercise

SQUARE = {"names": "J", "axes": "D D"}


@exercise("jacobians", weight=2)
def test_relu(student, reference, rng, close):
    """The Jacobian of relu is diagonal: one where x is positive, zero elsewhere, at 0 too."""
    x = rng.permutation([-1.5, -0.3, 0.0, 0.4, 1.1, 2.2, 3.0]) * rng.uniform(0.5, 1.5)
    eye = np.eye(7)
    suspects = {
        "The slope at exactly 0 is one here; the docstring takes it as 0.": (
            lambda: np.diag((x >= 0) * 1.0)
        ),
        "The diagonal holds relu(x) itself; its slope is one or zero.": (
            lambda: np.diag(np.maximum(x, 0))
        ),
        "Whole rows (or columns) are one; output i depends on input i alone.": (
            lambda: np.tile((x > 0) * 1.0, (7, 1))
        ),
        "Whole rows are one; output i depends on input i alone.": (
            lambda: np.tile((x > 0) * 1.0, (7, 1)).T
        ),
        "The Jacobian is that of the identity; negative inputs have the slope 0.": lambda: eye,
        "The slope is minus one below 0; that is |x|.": lambda: np.diag(np.sign(x)),
        "The slope is one where x is negative, and zero where it is positive.": (
            lambda: np.diag((x < 0) * 1.0)
        ),
    }
    close(student.jacobian_relu(x), reference.jacobian_relu(x), suspects=suspects, **SQUARE)


def softmax_suspects(x):
    """Wrong Jacobians of softmax that name the mistake behind them."""
    s = np.exp(x - np.max(x))
    s /= np.sum(s)
    return {
        "Only the diagonal is there; every output depends on every input: J[i, j] = -s[i] s[j] "
        "off it.": lambda: np.diag(s * (1 - s)),
        "The diagonal lacks the term -s[i] s[i].": (
            lambda: np.diag(s) - np.outer(s, s) + np.diag(s * s)
        ),
        "The sign of the products is wrong: diag(s) minus s s^T.": (
            lambda: np.diag(s) + np.outer(s, s)
        ),
        "diag(s) is missing.": lambda: -np.outer(s, s),
        "One is on the diagonal; it should be s.": lambda: np.eye(len(s)) - np.outer(s, s),
        "The product s s^T is the inner one (a number); the outer one is needed.": (
            lambda: np.diag(s) - s @ s
        ),
        "J[i, j] is s[i] - s[i] s[j] everywhere: s[i] belongs on the diagonal alone.": (
            lambda: s[:, None] - np.outer(s, s)
        ),
        "J[i, j] is s[j] - s[i] s[j] everywhere: s belongs on the diagonal alone.": (
            lambda: s - np.outer(s, s)
        ),
        "The exponentials are not divided by their sum.": (
            lambda: np.diag(np.exp(x)) - np.outer(np.exp(x), np.exp(x))
        ),
    }


@exercise("jacobians", weight=2)
def test_softmax(student, reference, rng, close):
    """The Jacobian of softmax is diag(s) - s s^T."""
    x = rng.normal(size=5)
    x.flags.writeable = False
    got, want = student.jacobian_softmax(x), reference.jacobian_softmax(x)
    close(got, want, suspects=softmax_suspects(x), **SQUARE)


@exercise("jacobians")
def test_softmax_far_from_zero(student, reference, rng, close):
    """Scores of +-1000 do not overflow."""
    for middle in (np.array([1000.0, 999, 0, -1000]), np.array([-1000.0, -1001])):
        x = middle + rng.normal(size=middle.shape)
        close(student.jacobian_softmax(x), reference.jacobian_softmax(x), **SQUARE)


@exercise("jacobians", weight=2)
def test_vjp(student, reference, rng, close):
    """dx[j] is the sum over i of dout[i] J[i, j], for square and other Jacobians."""
    for M, D in ((4, 4), (3, 5), (5, 2), (1, 3)):
        J, dout = rng.normal(size=(M, D)), rng.normal(size=M)
        suspects = {
            "This is J dout; the chain rule runs backwards: J^T dout.": (
                lambda J=J, dout=dout: J @ dout if len(J) == len(J[0]) else None
            ),
            "The products are not added up over i.": lambda J=J, dout=dout: J * dout[:, None],
            "The entries of J are added up without dout.": lambda J=J: np.sum(J, axis=0),
            "The mean over i is taken; the chain rule adds up.": (
                lambda J=J, dout=dout: J.T @ dout / len(J)
            ),
        }
        got = student.vjp(np.asfortranarray(J), dout)
        close(got, reference.vjp(J, dout), names="dx", axes="D", sizes={"M": M}, suspects=suspects)


# --- finding wrong backward passes ---

# (name, forward, backward, is it right?): each wrong one hides from one way of looking.
LAYERS = """
M = np.array([[0.5, -1.2, 0.3], [2.0, 0.7, -0.4], [-0.9, 1.1, 1.6]])

def last(dx, factor):
    dx[-2:] = factor * dx[-2:]
    return dx

def shares(dout, x):
    return 2 * (dout / x.sum() - (dout * x).sum() / x.sum()**2)

LAYERS = [
    ("cube", lambda x: x**3, lambda dout, x: 3 * x**2 * dout, True),
    ("huge", lambda x: 1e8 * np.sin(x), lambda dout, x: 1e8 * np.cos(x) * dout, True),
    ("nothing", lambda x: x - x, lambda dout, x: 0 * dout, True),
    ("outer", lambda x: np.outer(x, x).ravel(),
     lambda dout, x: (dout.reshape(len(x), -1) + dout.reshape(len(x), -1).T) @ x, True),
    ("tiny right", lambda x: 1e-6 * np.exp(x), lambda dout, x: 1e-6 * np.exp(x) * dout, True),
    ("shares", lambda x: x / x.sum(), shares, False),
    ("ignores dout", lambda x: np.exp(x), lambda dout, x: np.exp(x), False),
    ("transposed", lambda x: x @ M, lambda dout, x: dout @ M, False),
    ("last entries", lambda x: np.tanh(x), lambda dout, x: last(dout / np.cosh(x)**2, 3), False),
    ("tiny wrong", lambda x: 1e-6 * np.sin(x), lambda dout, x: 1e-6 * np.sin(x) * dout, False),
    ("sign", lambda x: np.cos(x), lambda dout, x: np.sin(x) * dout, False),
    ("five per cent", lambda x: np.log(x**2 + 1), lambda dout, x: 2.1 * x / (x**2 + 1) * dout,
     False),
    ("reversed", lambda x: x**2, lambda dout, x: (2 * x * dout)[::-1], False),
    ("mean", lambda x: x.sum(axis=1), lambda dout, x: dout[:, None] + 0 * x, True),
    ("mean wrong", lambda x: x.mean(axis=1), lambda dout, x: dout[:, None] + 0 * x, False),
]
FORWARD = [forward for _, forward, _, _ in LAYERS]
BACKWARD = [backward for _, _, backward, _ in LAYERS]
"""
SHAPES = [
    (3, 2), (4,), (3,), (4,), (2, 3), (5,), (4,), (3,), (5,), (4,), (5,), (2, 2), (4,),
    (3, 2), (2, 4),
]  # fmt: skip


def layers(rng, sandbox):
    """A report for the student, the same one for us, and which of its layers are wrong."""
    here = {"np": np}
    exec(LAYERS, here)  # our own source, from above
    forwards, backwards = (sandbox.define(LAYERS, name) for name in ("FORWARD", "BACKWARD"))
    order = rng.permutation(len(SHAPES))
    points = [rng.uniform(0.6, 1.4, shape) for shape in SHAPES]
    report = [(forwards[int(i)], backwards[int(i)], points[i]) for i in order]
    ours = [(*here["LAYERS"][i][1:3], points[i]) for i in order]
    names = [here["LAYERS"][i][0] for i in order]
    broken = [place for place, i in enumerate(order) if not here["LAYERS"][i][3]]
    return report, ours, names, broken


def found_by(ours, differs, ones=False):
    """The layers that a check finds: `differs(numeric, analytic)`, with random douts or ones."""
    rng, found = np.random.default_rng(5), []
    for place, (forward, backward, x) in enumerate(ours):
        shape = np.shape(forward(x))
        dout = np.ones(shape) if ones else rng.normal(size=shape)
        if differs(slope(lambda v, f=forward, d=dout: np.sum(f(v) * d), x), backward(dout, x)):
            found.append(place)
    return found


def slope(f, x, h=1e-5):
    """Numerical gradient of the number f(x)."""
    grad = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[place] = h
        grad[place] = (f(x + step) - f(x - step)) / (2 * h)
    return grad


def relative(numeric, analytic):
    """Distance of two gradients, by their size."""
    scale = np.linalg.norm(numeric) + np.linalg.norm(analytic)
    return np.linalg.norm(numeric - analytic) / max(scale, 1e-30)


def indices(check, got):
    """The indices as plain integers; an array of them is as good as a list."""
    if type(got) is np.ndarray and got.ndim == 1:
        got = got.tolist()
    fine = isinstance(got, list | tuple) and all(isinstance(i, int | np.integer) for i in got)
    check(fine, "The result must be a list of indices.")
    return [int(i) for i in got]


@exercise("numeric_vs_analytic", weight=3)
def test_broken_layers_are_found(student, rng, sandbox, exact, check):
    """Exactly the wrong backward passes are found, whatever the size of the gradients."""
    report, ours, names, broken = layers(rng, sandbox)
    got = indices(check, sandbox.fetch(student.numeric_vs_analytic(report)))
    right = [place for place in range(len(names)) if place not in broken]
    tiny, huge, nothing = (names.index(name) for name in ("tiny wrong", "huge", "nothing"))

    def lax(numeric, analytic):
        return relative(numeric, analytic) > 0.2

    suspects = {
        "These are the layers that are right; the wrong ones are asked for.": lambda: right,
        "The indices are counted from 1; count from 0.": lambda: [place + 1 for place in broken],
        "Only the first wrong layer is reported; go on after it.": lambda: broken[:1],
        "The indices do not rise.": lambda: broken[::-1],
        "Every layer is accused: a numerical gradient is never exact, allow for its error.": (
            lambda: list(range(len(names)))
        ),
        "Nothing is found.": list,
        "A dout of ones hides bugs: draw it at random.": (
            lambda: found_by(ours, lambda n, a: relative(n, a) > 1e-4, ones=True)
        ),
        "A layer whose gradient is zero on both sides is accused: 0 / 0 is no error.": (
            lambda: sorted([*broken, nothing])
        ),
        "The tolerance is too wide: a gradient that is off by five per cent is wrong.": (
            lambda: found_by(ours, lax)
        ),
        "Only the lengths of the two gradients are compared, not their entries.": (
            lambda: found_by(
                ours, lambda n, a: relative(np.linalg.norm(n), np.linalg.norm(a)) > 1e-4
            )
        ),
        "Only the first entry is compared.": (
            lambda: found_by(ours, lambda n, a: relative(n.flat[0], a.flat[0]) > 1e-4)
        ),
        "The entries' differences are added up with their signs, and can cancel.": (
            lambda: found_by(ours, lambda n, a: relative(np.sum(n), np.sum(a)) > 1e-4)
        ),
    }
    usual = names.index("cube") not in got and bool(set(got) & set(broken))
    fixed = usual and (huge in got or tiny not in got)
    general = {
        "The difference is compared with a fixed number, which is blind for tiny gradients and "
        "accuses huge ones: compare it with the gradients' own size.": (
            lambda: got if fixed else None
        ),
        "Some wrong layers are overlooked: is the tolerance too wide, dout not random?": lambda: (
            got if set(got) < set(broken) else None
        ),
        "Right layers are accused: is the numerical gradient exact enough (central differences "
        "with a small step, divided by twice the step), and the tolerance wide enough for its "
        "rounding errors?": lambda: got if set(got) - set(broken) else None,
    }
    said = {why: lambda wrong=wrong: str(wrong()) for why, wrong in (suspects | general).items()}
    exact(str(got), str(broken), names="the list", suspects=said)


@exercise("numeric_vs_analytic")
def test_none_is_broken(student, sandbox, rng, check):
    """A report without wrong layers, and an empty one, give an empty list."""
    report, _, _, broken = layers(rng, sandbox)
    right = [layer for place, layer in enumerate(report) if place not in broken]
    for fine in (right, []):
        got = indices(check, sandbox.fetch(student.numeric_vs_analytic(fine)))
        check(not got, "A layer is accused though all layers are right.")
