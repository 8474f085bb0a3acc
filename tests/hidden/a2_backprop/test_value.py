"""Hidden suite for value.py: expressions."""

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


@exercise("value", weight=0.5)
def test_relu_at_zero(student, reference, close, sandbox):
    """The slope of relu at exactly 0 is taken as 0."""
    suspects = {"The slope of relu at 0 is one; the docstring takes it as 0.": lambda: {
        "grads": np.ones(1)
    }}  # fmt: skip
    graph(sandbox, reference, close, "relu(a)", [0.0], suspects)
