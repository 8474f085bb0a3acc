"""Hidden suite for value.py: the order of a graph, its depth, and backward again."""

import numpy as np

from autograder.suite import exercise

RESULT = ("out", "grads")

# Built of the student's Values in the sandbox, and of the reference's here.
RUN = """
def exp(v): return v.exp()
def tanh(v): return v.tanh()
def relu(v): return v.relu()

def run(text, numbers, times=1):
    leaves = [Value(number) for number in numbers]
    out = eval(text, globals() | dict(zip("abcd", leaves)))
    for _ in range(times):
        out.backward()
    return float(out.data), np.array([float(leaf.grad) for leaf in leaves])

def inner(a, b):
    a, b = Value(a), Value(b)
    product = a * b
    total = product + a
    out = total * total + product
    out.backward()
    return np.array([float(v.grad) for v in (out, total, product, a, b)])

def twice(a, b):
    a, b = Value(a), Value(b)
    first = a * b
    first.backward()
    second = a + first
    second.backward()
    return np.array([float(a.grad), float(b.grad)])

def chain(a, b, depth):
    a, b = Value(a), Value(b)
    out = a
    for step in range(depth):
        out = out * b if step % 100 == 0 else out + 0.001
    out.backward()
    return float(out.data), np.array([float(a.grad), float(b.grad)])
"""


class Playground:
    """The same small programs on the student's Value and on the reference's."""

    def __init__(self, sandbox, reference):
        self.sandbox = sandbox
        self.ours = {"np": np, "Value": reference.Value}
        exec(RUN, self.ours)  # our own source, from above

    def both(self, name, *args):
        """What the student's and our Values give."""
        theirs = self.sandbox.define(f"Value = student.Value\n{RUN}", name)
        return theirs(*args), self.ours[name](*args)


def numbers(rng, count):
    """Positive numbers around 1, in general position."""
    return [float(v) for v in rng.uniform(0.5, 1.5, count)]


def graph(sandbox, reference, close, text, values, suspects=None, *, times=1):
    """Hold an expression's value and gradients against the reference's."""
    got, want = Playground(sandbox, reference).both("run", text, values, times)
    close(got, want, names=RESULT, suspects=suspects)


@exercise("value", weight=3)
def test_order(student, reference, rng, close, sandbox):
    """A Value hands its gradient on only when all of it has arrived."""
    early = (
        "A Value hands its gradient on before all of it has arrived (or several times): go through "
        "the graph in reverse topological order, each Value once."
    )
    a, b = numbers(rng, 2)
    for text in DIAMONDS:
        wrong = {
            early + " " * place: lambda t=text, how=how: {"grads": _early(t, (a, b), how)}
            for place, how in enumerate(("again", "depth", "breadth"))
        }
        graph(sandbox, reference, close, text, [a, b], wrong)
    got, want = Playground(sandbox, reference).both("inner", a, b)
    names = ("out", "total", "product", "a", "b")
    plain = type(got) is np.ndarray and got.shape == want.shape
    got = dict(zip(names, got.tolist(), strict=True)) if plain else got
    close(got, dict(zip(names, want.tolist(), strict=True)), suspects={})


# Short and long ways from the same Value to the result, the short one first or last.
DIAMONDS = (
    "(lambda u: u + exp(u) * b)(a * b)",
    "(lambda u: exp(u) * b + u)(a * b)",
    "(lambda u: (lambda v: v * u + v)(tanh(u) + a))(a * b)",
    "(lambda u: (lambda v: u * v + tanh(v * b))(u + exp(u)))(a * b)",
)


class Eager:
    """A number that hands on every part of a gradient at once, or each Value's sum too early."""

    def __init__(self, data, parents=()):
        self.data, self.grad, self.parents = data, 0.0, parents

    def __add__(self, other):
        return Eager(self.data + other.data, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other):
        return Eager(self.data * other.data, ((self, other.data), (other, self.data)))

    def exp(self):
        """Return e to the power of it."""
        return Eager(np.exp(self.data), ((self, np.exp(self.data)),))

    def tanh(self):
        """Return its hyperbolic tangent."""
        t = np.tanh(self.data)
        return Eager(t, ((self, 1 - t * t),))


def _early(text, values, how):
    """Gradients when Values are visited in the order of a walk, from the result on."""
    leaves = [Eager(value) for value in values]
    names = {"exp": Eager.exp, "tanh": Eager.tanh}
    out = eval(text, names | dict(zip("ab", leaves, strict=False)))  # our own text
    out.grad, todo, seen = 1.0, [out], set()
    while todo:
        value = todo.pop(0 if how == "breadth" else -1)
        if id(value) in seen and how != "again":
            continue
        seen.add(id(value))
        for parent, slope in value.parents:
            parent.grad += slope * value.grad
            todo.append(parent)
    return np.array([leaf.grad for leaf in leaves])


@exercise("value", weight=2)
def test_depth(student, reference, rng, close, sandbox, check):
    """A graph of thousands of operations in a row."""
    a, b = numbers(rng, 2)
    safe = """
def deep(*args):
    try:
        return chain(*args)
    except RecursionError:
        return None
"""
    got = sandbox.define(f"Value = student.Value\n{RUN}{safe}", "deep")(a, b, 2500)
    check(
        got is not None,
        "A graph of thousands of operations exceeds Python's recursion: keep a list of what is "
        "still to be visited instead of a function that calls itself.",
    )
    _, want = Playground(sandbox, reference).ours["chain"](a, b, 2500)
    close(got[1], want, names="grads")


@exercise("value")
def test_again(student, reference, rng, close, sandbox):
    """A second backward starts afresh: again on the same graph, or on a larger one."""
    a, b = numbers(rng, 2)
    text, values = "(a * b + exp(a)) * b", [a, b]
    ours = Playground(sandbox, reference).ours
    _, once = ours["run"](text, values)
    doubled = (
        "backward adds to the gradients of the call before; the docstring says that it starts "
        "afresh: set them to zero first."
    )
    suspects = {
        doubled: lambda: {"grads": 2 * once},
        doubled + " ": lambda: {"grads": _never_cleared(text, values, reference.Value)},
    }
    graph(sandbox, reference, close, text, values, suspects, times=2)
    graph(sandbox, reference, close, "a + b", values, {doubled: lambda: {"grads": 2 * np.ones(2)}})
    got, want = Playground(sandbox, reference).both("twice", a, b)
    stale = {
        doubled: lambda: want + np.array([b, a]),
        doubled + " ": lambda: np.array([1 + 3 * b, 3 * a]),
    }
    close(got, want, names="grads", suspects=stale)


def _never_cleared(text, values, kind):
    """Gradients of a second backward that starts with what the first one left everywhere."""
    leaves = [kind(value) for value in values]
    out = eval(text, {"exp": kind.exp} | dict(zip("ab", leaves, strict=True)))  # our own text
    out.backward()
    for value in reversed(out._history()):
        for parent, slope in value.parents:
            parent.grad += slope * value.grad
    return np.array([leaf.grad for leaf in leaves])
