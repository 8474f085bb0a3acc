"""Hidden suite for value.py: expressions, graphs, depth."""

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

def chain(a, b, depth, last=lambda v, a: v * 1.0):
    a, b = Value(a), Value(b)
    out = a
    for step in range(depth):
        out = out * b if step % 100 == 0 else out + 0.001
    last(out, a).backward()
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


@exercise("value", weight=2)
def test_sums_and_products(student, reference, rng, close, sandbox):
    """Sums and products of Values and numbers."""
    a, b, *_ = values = numbers(rng, 4)
    suspects = {
        "A sum's gradients are its inputs' values; they are one.": lambda: {
            "grads": np.array([b, a])
        },
        "The sum's second input gets no gradient.": lambda: {"grads": np.array([1, 0])},
        "The sum's first input gets no gradient.": lambda: {"grads": np.array([0, 1])},
    }
    graph(sandbox, reference, close, "a + b", [a, b], suspects)
    suspects = {
        "A product hands each input its own value; it should be the other one's.": (
            lambda: {"grads": np.array([a, b])}
        ),
        "A product hands its inputs a gradient of one; it should be the other one's value.": (
            lambda: {"grads": np.ones(2)}
        ),
        "The product's second input gets no gradient.": lambda: {"grads": np.array([b, 0])},
        "The product's first input gets no gradient.": lambda: {"grads": np.array([0, a])},
        "A product gives the sum of its inputs.": lambda: {"out": a + b},
    }
    graph(sandbox, reference, close, "a * b", [a, b], suspects)
    suspects = {
        "The local derivatives are not multiplied by the gradient of the result: that is the "
        "chain rule.": lambda: {"grads": np.array([b, a, 0.5, 2])},
    }
    graph(sandbox, reference, close, "(a * b + d) * (c + 3.0) * 0.5 + b", values, suspects)
    graph(sandbox, reference, close, "2.0 * a - b / c + (1 - d) / a + 3", values)
    graph(sandbox, reference, close, "2.0 + a * -b + 3.0 / c", values)


@exercise("value", weight=2)
def test_powers(student, reference, rng, close, sandbox):
    """Powers with whole, negative and fractional exponents."""
    (a,) = numbers(rng, 1)
    for power in (3, -2, 0.5, 1, 2):
        suspects = {
            "The derivative of a^n lacks the factor n.": lambda p=power: {
                "grads": np.array([a ** (p - 1)])
            },
            "The derivative of a^n keeps the exponent; it should be n a^(n - 1).": (
                lambda p=power: {"grads": np.array([p * a**p])}
            ),
            "The derivative of a^n is not multiplied by the gradient of its result.": (
                lambda p=power: {"grads": np.array([p * a ** (p - 1)])}
            ),
            "The derivative of a^n is a^n log a: that is the one with respect to n.": (
                lambda p=power: {"grads": np.array([a**p * np.log(a)])}
            ),
            "The derivative of a^n is (n - 1) a^(n - 1).": lambda p=power: {
                "grads": np.array([(p - 1) * a ** (p - 1)])
            },
        }
        graph(sandbox, reference, close, f"a ** {power}", [a], suspects)
        graph(sandbox, reference, close, f"b * a ** {power}", [a, a + 0.7], suspects)
    graph(sandbox, reference, close, "a ** 3", [-a])


@exercise("value", weight=2)
def test_functions(student, reference, rng, close, sandbox):
    """exp, tanh and relu, alone and inside one another."""
    a, b = numbers(rng, 2)
    exp, tanh = np.exp, np.tanh
    wrong = {
        "exp(a)": {
            "The derivative of exp is exp itself.": [1.0, a, a * exp(a - 1), exp(exp(a))],
        },
        "tanh(a)": {
            "The derivative of tanh is one minus the square of its output.": [
                1 - a**2, 1 - tanh(a), tanh(a) ** 2, 1.0, 1 - tanh(tanh(a)) ** 2,
                tanh(a) * (1 - tanh(a)), 1 + tanh(a) ** 2,
            ],
        },
        "relu(a)": {
            "The derivative of relu is one for positive numbers.": [a, 0.0, -1.0],
        },
    }  # fmt: skip
    for text, said in wrong.items():
        suspects = {
            why + " " * place: lambda value=value: {"grads": np.array([value])}
            for why, values in said.items()
            for place, value in enumerate(values)
        }
        graph(sandbox, reference, close, text, [a], suspects)
        forgets = {
            "The local derivative is not multiplied by the gradient of the result: the chain rule "
            "is missing in exp, tanh or relu.": lambda t=text: {
                "grads": Playground(sandbox, reference).ours["run"](t, [a])[1]
            }
        }
        graph(sandbox, reference, close, f"{text} * 3.0", [a], forgets)
    suspects = {
        "A negative number's relu passes its gradient on; it should be 0.": lambda: {
            "grads": np.ones(1)
        }
    }
    graph(sandbox, reference, close, "relu(a)", [-a], suspects)
    graph(sandbox, reference, close, "relu(a) * 2", [a / 4])
    graph(sandbox, reference, close, "exp(tanh(a * b) - relu(b)) * relu(a - 2.0)", [a, b])
    graph(sandbox, reference, close, "tanh(exp(a) * 0.1 + relu(b - a)) + tanh(-b)", [a, a + b])


@exercise("value", weight=3)
def test_reuse(student, reference, rng, close, sandbox):
    """A Value that is used several times adds up its gradients."""
    a, b, c = numbers(rng, 3)
    once = "A Value that is used several times keeps only one of its gradients: add them up (+=)."
    alone = {once: lambda: {"grads": np.ones(1)}}
    graph(sandbox, reference, close, "a + a", [a], alone)
    graph(sandbox, reference, close, "a * a", [a], {once: lambda: {"grads": np.array([a])}})
    both = {once: lambda: {"grads": np.array([1.0, a])}, once + " ": lambda: {"grads": [b, a]}}
    graph(sandbox, reference, close, "a * b + a", [a, b], both)
    graph(sandbox, reference, close, "(a * b + c) * (a * b - c) + a * exp(b)", [a, b, c])


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


@exercise("value", weight=0.5)
def test_relu_at_zero(student, reference, close, sandbox):
    """The slope of relu at exactly 0 is taken as 0."""
    suspects = {"The slope of relu at 0 is one; the docstring takes it as 0.": lambda: {
        "grads": np.ones(1)
    }}  # fmt: skip
    graph(sandbox, reference, close, "relu(a)", [0.0], suspects)
