"""`no_loops`: everything that visits the elements one by one, under whatever name."""

from collections.abc import Callable
from typing import Any

import pytest

from autograder import rules
from autograder.assignment import Assignment

Said = Callable[..., list[str]]
ASKS = "; this exercise asks for array operations."


@pytest.fixture
def said(mini_course: Assignment) -> Said:
    """Return what the rules say of these files, about one exercise of losses.py."""

    def check(source: str, other: str = "", **changes: Any) -> list[str]:
        exercise = mini_course.exercise("softmax_loss").model_copy(update=changes)
        course = mini_course.model_copy(update={"exercises": (exercise,)})
        files = {"losses.py": source.encode(), "basics.py": other.encode()}
        found = rules.check(files, course).get(exercise.name, ())
        assert all(v.message.startswith(f"{v.file} line {v.line}: ") for v in found)
        return [violation.message.partition(": ")[2] for violation in found]

    return check


def body(*lines: str, head: str = "import numpy as np") -> str:
    """Return a losses.py whose softmax_loss has these lines."""
    return f"{head}\n\ndef softmax_loss(x, y):\n" + "".join(f"    {line}\n" for line in lines)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("for row in x: pass", "a `for` loop"),
        ("while True: break", "a `while` loop"),
        ("return [row for row in x]", "a list comprehension"),
        ("return {row for row in x}", "a set comprehension"),
        ("return {row: 1 for row in x}", "a dict comprehension"),
        ("return sum(row for row in x)", "a generator expression"),
        ("return list(map(abs, x))", "`map` is a loop"),
        ("return list(filter(None, x))", "`filter` is a loop"),
        ("m = map; return m(abs, x)", "`map` is a loop"),
        ("return np.vectorize(abs)(x)", "`np.vectorize` is a loop"),
        ("return np.apply_along_axis(sum, 0, x)", "`np.apply_along_axis` is a loop"),
        ("return np.frompyfunc(abs, 1, 1)(x)", "`np.frompyfunc` is a loop"),
        ("from functools import reduce as r; return r(max, x)", "`r` is a loop"),
        ("import itertools as it; return it.starmap(abs, x)", "`it.starmap` is a loop"),
        ("return softmax_loss(x[1:], y)", "recursion"),
        ("f = lambda z: [w for w in z]; return f(x)", "a list comprehension"),
        ("def inner(z):\n        return inner(z[1:])\n    return inner(x)", "recursion"),
    ],
)
def test_every_kind_of_loop(said: Said, line: str, what: str) -> None:
    """Each is named as what it is, with its line."""
    assert what + ASKS in said(body(line))


def test_the_line_of_a_loop(mini_course: Assignment) -> None:
    """A violation carries file and line beside the message."""
    source = body("z = x", "for row in x:", "    z += row")
    (violation,) = rules.check({"losses.py": source.encode()}, mini_course)["softmax_loss"]
    assert (violation.file, violation.line) == ("losses.py", 5)
    assert violation.message == f"losses.py line 5: a `for` loop{ASKS}"


@pytest.mark.parametrize(
    "head",
    [
        "def helper(x):\n    for row in x: pass\n",
        "def deeper(x):\n    for row in x: pass\n\ndef helper(x):\n    return deeper(x)\n",
        "def make():\n    def f(x):\n        for r in x: pass\n    return f\nhelper = make()\n",
        "def other(x):\n    for row in x: pass\nhelper = other\n",
        "helper = lambda x: [row for row in x]\n",
        "def _h(x):\n    for row in x: pass\nif True:\n    helper = _h\n",
        "def helper(x):\n    return again(x)\ndef again(x):\n    return helper(x)\n",
        "import numpy as np\nhelper = np.vectorize(abs)\n",
        "import numpy as np\n@np.vectorize\ndef helper(x):\n    return x\n",
        "class Tool:\n    def __init__(self, x):\n        for row in x: pass\nhelper = Tool\n",
        "class T:\n    def go(self, x): [r for r in x]\nhelper = lambda x: T().go(x)\n",
        "class T:\n    def go(self, x): [r for r in x]\nt = T()\ndef helper(x): return t.go(x)\n",
        "class A:\n    def go(self, x): [r for r in x]\nclass B(A):\n    pass\nhelper = B().go\n",
    ],
)
def test_helpers_are_looked_into(said: Said, head: str) -> None:
    """A loop does not become an array operation by standing in a helper."""
    messages = said(body("return helper(x)", head=head))
    assert messages
    assert all(message.endswith(ASKS) for message in messages)


def test_a_helper_is_named(said: Said) -> None:
    """The message says where the loop is and who uses it."""
    head = "def helper(x):\n    for row in x: pass\n"
    assert said(body("return helper(x)", head=head)) == [
        f"a `for` loop in `helper`, which `softmax_loss` uses{ASKS}"
    ]


def test_helpers_of_another_file_are_looked_into(said: Said) -> None:
    """Also where the loop moved to another file of the submission."""
    other = "def slow(x):\n    while x: pass\n"
    for head in ("from basics import slow", "from basics import *", "from basics import slow as s"):
        call = "s(x)" if head.endswith(" s") else "slow(x)"
        assert said(body(f"return {call}", head=head), other)
    assert said(body("return b.slow(x)", head="import basics as b"), other)


def test_honest_array_code(said: Said) -> None:
    """Array operations, constants made once, branches, and loops elsewhere are fine."""
    source = """
import numpy as np
TABLE = np.array([i ** 2 for i in range(10)])
NAMES = {name: len(name) for name in ("a", "b")}

def naive(x):
    for row in x:
        print(row)

def softmax_loss(x, y):
    \"\"\"for row in x: while True\"\"\"
    N = x.shape[0]
    map = np.exp(x - np.max(x, axis=1, keepdims=True))
    filter = map / map.sum(axis=1, keepdims=True) * TABLE[0]
    if N > 3 and NAMES:
        filter = filter + 0
    order = sorted([3, 1], key=lambda v: -v)
    loss = -np.mean(np.log(filter[np.arange(N), y])) + max(order) * 0
    return loss, (filter - np.eye(x.shape[1])[y]) / N
"""
    assert said(source) == []


METHODS = """
class Knn:
    def __init__(self):
        self.parts = [p for p in range(3)]
    def train(self, X):
        self.X = X
    def two_loops(self, X):
        for i in X: self.train(i)
    def no_loops(self, X):
        return (X ** 2).sum(1) + self.norms(X) - X.train
    def norms(self, X):
        return {body}
    def predict(self, X, k):
        return self.two_loops(X) if k else self.no_loops(X)
"""


def methods(**changes: Any) -> dict[str, Any]:
    """Return an exercise about the methods of a class."""
    return {"functions": ("Knn.no_loops", "Knn.predict"), "no_loops": ("Knn.no_loops",), **changes}


def test_methods(said: Said) -> None:
    """A method is judged with the methods that it calls on itself, and no others."""
    assert said(METHODS.format(body="X.sum()"), **methods()) == []
    helper = said(METHODS.format(body="sum(x for x in X)"), **methods())
    assert helper == [f"a generator expression in `Knn.norms`, which `Knn.no_loops` uses{ASKS}"]
    again = said(METHODS.format(body="self.no_loops(X)"), **methods())
    assert again
    assert all("recursion" in message for message in again)
    predict = said(METHODS.format(body="X.sum()"), **methods(no_loops=("Knn.predict",)))
    assert predict == [f"a `for` loop in `Knn.two_loops`, which `Knn.predict` uses{ASKS}"]


def test_a_whole_class(said: Said) -> None:
    """An exercise that is a class means all of its methods."""
    messages = said(METHODS.format(body="1"), functions=("Knn",), no_loops=True)
    assert f"a `for` loop{ASKS}" in messages
    assert f"a list comprehension{ASKS}" in messages


def test_methods_that_are_set_from_outside(said: Said) -> None:
    """`Knn.no_loops = slow` is found."""
    source = METHODS.format(body="1") + "def slow(self, X):\n    for x in X: pass\n"
    assert said(source + "Knn.no_loops = slow\n", **methods())


def test_a_missing_function_breaks_no_rule(said: Said) -> None:
    """What is not there is not attempted, and not forbidden."""
    assert said("x = [1 for _ in range(3)]\n") == []
