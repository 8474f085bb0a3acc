"""The rules of an assignment, tried as students break them, by accident and on purpose."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from autograder import rules
from autograder.assignment import Assignment

Messages = Callable[..., list[str]]


@pytest.fixture
def said(mini_course: Assignment) -> Messages:
    """Return what the rules say of a losses.py, about `softmax_loss`."""

    def check(source: str, runtime: str = "numpy", **changes: Any) -> list[str]:
        exercise = mini_course.exercise("softmax_loss")
        forbidden = ("numpy.linalg.inv", "numpy.linalg.lstsq")
        exercise = exercise.model_copy(update={"forbid_calls": forbidden} | changes)
        double = mini_course.exercise("double")
        course = mini_course.model_copy(
            update={"exercises": (double, exercise), "runtime": runtime}
        )
        found = rules.check({"losses.py": source.encode()}, course)
        assert "double" not in found
        return [violation.message for violation in found.get("softmax_loss", ())]

    return check


def body(*lines: str, head: str = "import numpy as np") -> str:
    """Return a losses.py whose softmax_loss has these lines."""
    return f"{head}\n\ndef softmax_loss(x, y):\n" + "".join(f"    {line}\n" for line in lines)


def test_the_solutions_keep_the_rules(mini_course: Assignment) -> None:
    """The reference of the miniature course breaks nothing."""
    files = {path.name: path.read_bytes() for path in mini_course.solutions.glob("*.py")}
    assert rules.check(files, mini_course) == {}


def test_an_honest_file(said: Messages) -> None:
    """Compatibility imports, prints, timing and helpers of a CS231n-style file are fine."""
    source = """
from __future__ import print_function
from builtins import range, object
from past.builtins import xrange
import os, sys, time, math, copy, random
import numpy as np

class Layer(object):
    def __init__(self, **options):
        for name in options:
            setattr(self, name, options[name])
        self.step = getattr(self, "rule")
        self.rule = getattr(self, options["rule"])

def loop(x):
    return [row for row in x]

def softmax_loss(x, y):
    print("hi", time.time(), file=sys.stderr)
    filter = x[0]; map = y; vars = x.var(0); max = x.max()
    p = np.exp(x - x.max(axis=1, keepdims=True)) * filter + vars
    return p.sum(), p.dot(x.T), x.__class__, type(x), os.path.join("a"), math.pi, copy, random
"""
    assert said(source) == []


# Imports


@pytest.mark.parametrize(
    "line",
    [
        "import scipy",
        "import scipy.linalg as sl",
        "from scipy.special import softmax",
        "from scipy import special as s",
        "import numpy as np, scipy",
    ],
)
@pytest.mark.parametrize("where", ["top", "inside", "guarded"])
def test_forbidden_imports(said: Messages, line: str, where: str) -> None:
    """An import is found wherever it stands, with its line."""
    source = {
        "top": f"{line}\n{body('return x')}",
        "inside": body(line, "return x"),
        "guarded": f"try:\n    {line}\nexcept ImportError:\n    pass\n{body('return x')}",
    }[where]
    number = source.split("\n").index(next(s for s in source.split("\n") if line in s)) + 1
    assert said(source) == [
        f"losses.py line {number}: `{line}` is not allowed in this assignment; write it with NumPy."
    ]


def test_names_that_only_begin_alike(said: Messages) -> None:
    """`scipyx` is not scipy."""
    assert said("import scipyx\nfrom my.scipy import x\n" + body("return x")) == []


def test_an_import_counts_for_every_exercise_of_its_file(mini_course: Assignment) -> None:
    """A whole-file rule costs the file's exercises and no others."""
    files = {"losses.py": b"import scipy\n", "basics.py": b"x = 1\n"}
    assert list(rules.check(files, mini_course)) == ["softmax_loss"]


# Calls


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (body("return np.linalg.inv(x)"), "`np.linalg.inv`"),
        (body("return inv(x)", head="from numpy.linalg import inv"), "`inv` (numpy.linalg.inv)"),
        (body("return q(x)", head="from numpy.linalg import inv as q"), "`q` (numpy.linalg.inv)"),
        (body("return la.inv(x)", head="import numpy.linalg as la"), "`la.inv` (numpy.linalg.inv)"),
        (body("return numpy.linalg.inv(x)", head="import numpy.linalg"), "`numpy.linalg.inv`"),
        (body("f = np.linalg.inv", "return f(x)"), "`np.linalg.inv`"),
        (body("la = np.linalg", "return la.inv(x)"), "`la.inv` (numpy.linalg.inv)"),
        (body("a, la = 1, np.linalg", "return la.inv(x)"), "`la.inv` (numpy.linalg.inv)"),
        (body("return (f := np.linalg).inv(x)"), "`(f := np.linalg).inv`"),
        (body("return {'i': np.linalg.inv}['i'](x)"), "`np.linalg.inv`"),
        (body("return list(map(np.linalg.inv, x))"), "`np.linalg.inv`"),
        (body("return getattr(np.linalg, 'inv')(x)"), "`getattr(np.linalg, 'inv')`"),
        (body("import numpy as n", "return n.linalg.inv(x)"), "`n.linalg.inv` (numpy.linalg.inv)"),
        (body("return [np][0].linalg.inv(x)"), "`[np][0].linalg.inv`"),
        (body("return np.linalg._linalg.inv(x)"), "`np.linalg._linalg.inv`"),
        (body("return inv(x)", head="from numpy.linalg import *"), "`inv` (numpy.linalg.inv)"),
        (body("return h(x)", head="import numpy as np\nh = np.linalg.inv"), "`h` (numpy.linalg"),
        (body("return T[0](x)", head="import numpy as np\nT = [np.linalg.inv]"), "`np.linalg.inv`"),
        (
            body(
                "return h(x)",
                head="import numpy as np\ndef h(x, f=np.linalg.inv):\n    return f(x)",
            ),
            "`np.linalg.inv`",
        ),
    ],
)
def test_forbidden_calls(said: Messages, source: str, shown: str) -> None:
    """A call is found under every name that it can be given."""
    messages = said(source, no_loops=False)
    assert any(f": {shown}" in message for message in messages), messages
    assert "is not allowed in this exercise (allowed instead: @, .T, sum, np.linalg" in messages[0]


def test_the_line_and_the_allowed_alternative(said: Messages) -> None:
    """The message says where, what, and what may be written instead."""
    source = body("z = 1", "return np.linalg.inv(x)")
    (message,) = said(source)
    assert message == (
        "losses.py line 5: `np.linalg.inv` is not allowed in this exercise"
        " (allowed instead: @, .T, sum, np.linalg.solve)."
    )
    both = said(source, forbid_calls=("numpy.linalg",))
    assert both[0].endswith("(allowed instead: @, .T, sum).")


def test_calls_are_a_rule_of_the_exercise(said: Messages) -> None:
    """Another function of the file may call what this exercise may not."""
    other = "import numpy as np\n\ndef ridge(x):\n    return np.linalg.inv(x)\n"
    assert said(body("return x", head=other)) == []
    assert len(said(body("return ridge(x)", head=other))) == 1
    assert said(body("inv = x.T", "return inv")) == []


def test_builtins_and_methods_may_be_forbidden(said: Messages) -> None:
    """A plain name is a builtin; Tensor and ndarray stand for objects of unknown class."""
    assert len(said(body("return sorted(x)"), forbid_calls=("sorted",))) == 1
    assert len(said(body("return x.cuda()"), forbid_calls=("torch.Tensor.cuda",))) == 1
    torch = body("return torch.cuda.is_available()", head="import torch")
    assert said(torch, forbid_calls=("torch.Tensor.cuda",)) == []


# Dynamic escapes


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("return eval('x')", "eval"),
        ("exec('x = 1')", "exec"),
        ("compile('x', '', 'eval')", "compile"),
        ("return __import__('torch')", "__import__"),
        ("return globals()['np']", "globals"),
        ("return locals()", "locals"),
        ("return vars(np)", "vars"),
        ("return getattr(np, 'lin' + 'alg')", "getattr"),
        ("f = getattr; f(np, y)", "getattr"),
        ("return list(map(getattr, [np], y))", "getattr"),
        ("return np.__dict__['linalg']", "np.__dict__"),
        ("return softmax_loss.__globals__", "softmax_loss.__globals__"),
        ("return ().__class__.__base__.__subclasses__()", "().__class__.__base__.__subclasses__"),
        ("return getattr(x, '__globals__')", "getattr(x, '__globals__')"),
        ("return __builtins__", "__builtins__"),
        ("import sys; return sys.modules['numpy']", "sys.modules"),
        ("from sys import modules; return modules", "from sys import modules"),
        ("import sys as s; s._getframe(1).f_back", "s._getframe"),
        ("import os; os.system('ls')", "os.system"),
        ("import os; os.fork()", "os.fork"),
        ("from os import execv", "from os import execv"),
        ("import importlib; importlib.import_module('torch')", "import importlib"),
        ("import builtins as b; b.eval('x')", "import builtins as b"),
        ("from builtins import eval as e", "from builtins import eval as e"),
        ("import ctypes", "import ctypes"),
        ("import inspect", "import inspect"),
        ("import gc", "import gc"),
        ("import subprocess", "import subprocess"),
        ("from socket import socket", "from socket import socket"),
        ("from operator import attrgetter", "from operator import attrgetter"),
    ],
)
def test_escapes(said: Messages, line: str, shown: str) -> None:
    """What hides a call from the rules is refused in a numpy assignment, anywhere in the file."""
    for source in (body(line), "def unrelated(x, y, np):\n    " + line, body(line, head="")):
        messages = said(source, no_loops=False)
        if "np" not in line or "import numpy" in source:
            assert any(f"`{shown}` is not allowed in this assignment; " in m for m in messages)
    assert said(body(line), runtime="torch", no_loops=False) == []


def test_own_things_may_be_looked_up_by_name(said: Messages) -> None:
    """Attributes of `self` or of one's own module may be looked up by a computed name."""
    source = """
import basics
class Solver:
    def __init__(self, rule):
        self.rule = getattr(basics, rule)
        self.other = getattr(self, rule, None)
def softmax_loss(x, y):
    return x
"""
    assert said(source) == []


def test_messages_are_short_and_printable(said: Messages) -> None:
    """A student's own expression does not flood a message, and five violations are enough."""
    lines = [f"eval('\\x1b' + '{'a' * 500}')"] * 20
    many = said(body(*(f"{line}" for line in lines)))
    assert len(many) == 5
    long = said(body("return np.linalg" + ".a" * 300 + ".__globals__"))
    assert all(len(message) < 250 and message.isprintable() for message in long)


def test_deep_code_is_refused_and_does_not_crash(said: Messages) -> None:
    """A tree that is too deep to be walked is a violation in words."""
    messages = said(body("return x" + " + x" * 900))
    assert messages == ["losses.py line 1: too deeply nested to be checked; split it up"]


@pytest.mark.parametrize(
    "source",
    [
        "a = b\n" + "a = a.a\n" * 15_000,
        "".join(f"class C{n}:\n    def m{n}(s): x.m{n + 1}; C{n + 1}\n" for n in range(1500)),
        "".join(f"def f{n}():\n    f{n + 1}(); f{n + 2}()\n" for n in range(2500)),
        "".join(f"class C{n}(C{n - 1}, C{max(n - 2, 0)}): 0\n" for n in range(1, 3000)),
    ],
    ids=["aliases", "classes", "helpers", "bases"],
)
def test_tangled_files_take_no_time(said: Messages, source: str) -> None:
    """A maze of names, helpers and classes is walked once."""
    start = time.perf_counter()
    said(source + "def softmax_loss(x, y):\n    C0().m0; f0(); C2999().x; a\n")
    assert time.perf_counter() - start < 30
