"""What the proof accepts keeps and sees nothing; what may is never proven."""

import random
import sys
import types
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from functools import cmp_to_key, partial
from pathlib import Path

import numpy as np
import pytest

from autograder.rules import allowed
from autograder.rules.allowed import Kind
from autograder.rules.sealed import is_sealed, sealed

SOLUTIONS = Path(__file__).parents[2] / "solutions"

FINE = {
    "a function": "import numpy as np\ndef f(x, eps=1e-8):\n    return np.exp(x) / (x.sum() + eps)",
    "a library's name": "from numpy import exp, linalg\ndef f(x): return linalg.norm(exp(x))",
    "constants": "EPS = 1e-5\nSIDES: tuple = (1, -2)\ndef f(x): return x + EPS",
    "a class": (
        "class Base:\n    rate = 0.1\nclass Net(Base):\n    '''A net.'''\n"
        "    def __init__(self, n=3):\n        super().__init__()\n"
        "        self.n, self.cache = n, {}\n"
        "    def f(self, x):\n        self.cache['x'] = x\n        self.n += 1\n        return x\n"
        "    @staticmethod\n    def g(x): return [i for i in x]\n"
    ),
    "generators of its own": (
        "import numpy as np\ndef f(): return np.random.default_rng(0).normal()"
    ),
    "numbers that each exercise starts anew": (
        "import random\nimport numpy as np\n"
        "def f(n):\n    np.random.shuffle(n)\n    return random.random() + np.random.rand()"
    ),
    "closures of a call": (
        "def f(x):\n    k = [0]\n    def g():\n        k[0] += x\n    g()\n    return k"
    ),
    "errors": (
        "import numpy as np\ndef f(x):\n    with np.errstate(all='ignore'):\n        return 1 / x"
    ),
    "a program at its end": "def f(x): return x\nif __name__ == '__main__':\n    print(open('x'))",
    "suppressed imports": (
        "from contextlib import suppress\nwith suppress(Exception):\n    import math\n"
        "try:\n    from math import pi\nexcept ImportError:\n    pass\ndef f(x): return x"
    ),
    "views": (
        "import numpy as np\ndef f(x):\n    return np.lib.stride_tricks.sliding_window_view(x, 2)"
    ),
    "annotations": (
        "from typing import Optional\nimport numpy as np\nclass Net: pass\n"
        "def f(x: np.ndarray, n: Optional[Net] = None, *, k: 'int' = 3) -> tuple[int, ...]:\n"
        "    y: list[float] = []\n    return y"
    ),
    "types": (
        "import numpy as np\nclass Net:\n"
        "    def __repr__(self): return f'{type(self).__name__} {self.__class__.__name__}'\n"
        "    def again(self): return type(self)()\n"
        "def f(x):\n    assert type(x) is np.ndarray and isinstance(x, (np.ndarray, Net))\n"
        "    raise TypeError(f'a {type(x)}')"
    ),
    "private parts": (
        "class Net:\n    def __init__(self): self._x, self.__y, self.base = 1, 2, 3\n"
        "    def f(self, other): return self._x + other._x + self.__y + self.base"
    ),
    "parents": (
        "class A:\n    def f(self): return 1\n    @classmethod\n    def make(cls): return cls()\n"
        "class B(A):\n    def f(self): return super().f() + super(B, self).f()\n"
        "class E(ValueError): pass\ndef f(): return A.make(), B()"
    ),
    "named tuples": "from typing import NamedTuple\nclass P(NamedTuple):\n    x: int\n    y: int",
    "formats": "def f(x): return '{:.3f} {n:>{w}}'.format(x, n=1, w=4) + '%d' % x + f'{x:.2f}'",
    "padding": "import numpy as np\ndef f(x): return np.pad(x, 1) + np.pad(x, ((1, 1),), 'edge')",
    "steps": (
        "import numpy as np\ndef f(x):\n"
        "    return np.nditer(x, flags=['multi_index'], op_flags=[['readwrite']])"
    ),
    "where something is": (
        "import numpy as np\ndef f(x, k):\n"
        "    return np.log(x, out=np.zeros_like(x), where=x > 0) + np.sum(x, **k)"
    ),
    "joined": "import numpy as np\ndef f(x): return np.c_[x, x], np.r_[0:3, x], np.add.at(x, 0, 1)",
    "submodules": (
        "import numpy.random as r\nfrom numpy import linalg as la\n"
        "from collections.abc import Sized\n"
        "def f(x): return r.rand(3), la.norm(x), isinstance(x, Sized)"
    ),
    "an import in a call": (
        "def f(x):\n    import math\n    from copy import copy\n    return math.exp(copy(x))"
    ),
    "patterns": (
        "def f(x):\n    match x:\n        case {'a': y, **rest}: return y\n"
        "        case [first, *_] if first: return first\n        case int() | None: return 0\n"
        "        case _: return x"
    ),
    "a lambda": "act = lambda x, k=3: x + k\n__all__ = ['act']\n__version__ = '1'",
    "handlers": "def f(x):\n    try:\n        return x()\n    except:\n        return None",
    "keywords": "def g(**k): return k\ndef f(model, **k): return g(**k), model.loss(**k)",
    "refusals of its own": "class E(ValueError): pass\ndef f(e):\n    raise E from e",
    "refusals": "def f(x):\n    if x < 0:\n        raise ValueError('negative')\n    return x",
}
KEEPS = {
    "a list": "seen = []\ndef f(x):\n    seen.append(x)\n    return len(seen)",
    "an array": (
        "import numpy as np\nlast = np.zeros(3)\ndef f(x):\n    last[:] = x\n    return last"
    ),
    "a default": "def f(x, seen=[]):\n    seen.append(x)\n    return seen",
    "a keyword's default": "def f(x, *, seen={}):\n    return seen",
    "a lambda's default": "def f(x): return (lambda y, seen=[]: seen)(x)",
    "a global": "n = 0\ndef f(x):\n    global n\n    n += 1\n    return n",
    "an attribute of a function": "def f(x):\n    f.n = x\n    return x",
    "an attribute of a class": "class A:\n    n = 0\n    def f(self): A.n += 1",
    "an attribute by the class of self": "class A:\n    def f(self): self.__class__.n = 1",
    "an attribute by type": "class A:\n    def f(self): type(self).n = 1",
    "a class method's": "class A:\n    @classmethod\n    def f(cls): cls.n = 1",
    "a list of a class": "class A:\n    seen = []\n    def f(self): self.seen.append(1)",
    "numpy's settings": "import numpy as np\ndef f(x):\n    np.seterr(all='raise')\n    return x",
    "numpy's settings, imported": "from numpy import seterr\ndef f(x): return seterr(all='raise')",
    "numpy patched": "import numpy as np\ndef f(x):\n    np.exp = abs\n    return x",
    "numpy passed on": "import numpy as np\ndef f(x): return g(np)\ndef g(m):\n    m.exp = abs",
    "numpy under another name": "import numpy as np\ndef f(x):\n    m = np\n    return m.seterr()",
    "numpy's inner parts": "import numpy as np\ndef f(x): return np._core.multiarray.x",
    "numpy's tables": "import numpy as np\ndef f(x):\n    np.sctypeDict['x'] = 1",
    "an import in a call": "def f(x):\n    import numpy as np\n    np.seterr(all='raise')",
    "an import in a call of one's own": "def f(x):\n    import g\n    return g.seen",
    "a suspended setting": (
        "import numpy as np\ndef f():\n    with np.errstate(all='raise'):\n        yield 1"
    ),
    "a setting that is not left": (
        "import numpy as np\nclass E(np.errstate):\n    def __exit__(self, *a): pass"
    ),
    "such a setting under another name": "import numpy as np\nE = np.errstate\nclass F(E): pass",
    "such a setting as an object": "import numpy as np\ndef f(): return np.errstate()",
    "a class by text": "def f(b): return type('X', (b,), {'__del__': print})",
    "a class by text, indirectly": "def f(x): return type(type(x))('X', (), {})",
    "a class by text, by its items": "def f(x): return type[int]('X', (), {})",
    "a class by text, by a star": "def f(x): return type(*x).__name__",
    "a method on a function": "class A:\n    def m(self): self.n = 1\ndef f(): A.m(f)",
    "a method on a class": "class A:\n    def m(self): self.n = 1\ndef f(): A.m(A)",
    "a method by a class as a value": (
        "class A:\n    def m(self): self.n = 1\ndef g(c, x): c.m(x)\ndef f(): g(A, f)"
    ),
    "a method by a default": ("class A:\n    def m(self): self.n = 1\n    def f(self, h=m): h(A)"),
    "a method by a property": (
        "class A:\n    @property\n    def m(self): self.n = 1\ndef f(): A.m.fget(A)"
    ),
    "a method by super": (
        "class A:\n    def m(self): self.n = 1\n"
        "class B(A):\n    @classmethod\n    def f(cls): super().m(cls)"
    ),
    "a method by type": "class A:\n    def m(self): self.n = 1\n    def f(self): type(self).m(A)",
    "another self": "class A:\n    def f(self):\n        self = A\n        self.n = 1",
    "another self within": "class A:\n    def f(self):\n        def g(self): self.n = 1",
    "a library's method on a class": (
        "import random\nclass A: gauss_next = None\ndef f(): random.Random.gauss(A)"
    ),
    "attributes that copying sets": (
        "import copy\nclass A:\n    def __reduce__(self): return f, (), (None, {'n': 1})\n"
        "def f(): return f\ndef g(): copy.copy(A())"
    ),
    "a registry": "from numbers import Number\nclass A: pass\ndef f(): Number.register(A)",
    "padding that lay in memory": "import numpy as np\ndef f(x): return np.pad(x, 3, 'empty')",
    "padding of an unknown kind": "import numpy as np\ndef f(x, m): return np.pad(x, 3, mode=m)",
    "padding as a value": "import numpy as np\ndef f(x): return [np.pad][0](x, 3, 'empty')",
    "operands that numpy makes": "import numpy as np\ndef f(x): return np.nditer([x, None])",
    "buffers": (
        "import numpy as np\ndef f(x):\n"
        "    return np.nditer(x, flags=['buffered'], op_flags=['readonly'])"
    ),
    "what lay in memory, as out": (
        "import numpy as np\ndef f(x): return np.log(x, out=None, where=x > 0)"
    ),
    "what lay in memory, by keywords": "import numpy as np\ndef f(x, k): return np.log(x, **k)",
    "what lay in memory, by type": "def f(x): return type(x)((3,))",
    "memory that is gone": "import numpy as np\ndef f(x): x.resize(9, refcheck=False)",
    "an object in an operator": "class A:\n    def __add__(self, other): pass",
    "a call in an annotation": "def f(x: print('x')): return x",
    "a call in a method's annotation": "class A:\n    def f(self) -> print('x'): pass",
    "a call in an annotation of a constant": "x: print('x') = 3",
    "a call around an import": "with suppress(print('x')):\n    import math",
    "a call beside an import": "try:\n    import g\nexcept print('x'):\n    pass",
    "a program by another name": (
        "__name__ = '__main__'\nif __name__ == '__main__':\n    print(open('x'))"
    ),
    "another decorator": "def property(f): return f\nclass A:\n    @property\n    def f(self): 3",
    "a type alias": "type X = int",
    "an import of what is unknown": "import warnings\ndef f(x): warnings.simplefilter('error')",
    "an import of everything": "from math import *\ndef f(x): return x",
    "a file": "def f(x):\n    x.tofile('notes')",
    "a file of numpy's": "import numpy as np\ndef f(x): np.save('notes', x)",
    "an open file": "def f(x): return open('notes').read()",
    "names by text": "def f(x):\n    setattr(f, 'n', x)",
    "code by text": "def f(x): return eval('x')",
    "all names": "def f(x):\n    globals()['n'] = x",
    "frames": "def f(x):\n    try:\n        raise KeyError\n    except KeyError as e:\n"
    "        return e.__traceback__.tb_frame.f_globals",
    "a function's own globals": "def f(x):\n    f.__globals__['n'] = x",
    "a cache": "import functools\n@functools.lru_cache\ndef f(x): return x",
    "a cache within": "import functools\ndef g():\n    @functools.cache\n    def f(x): return x",
    "a call at the top": (
        "import itertools\ncount = itertools.count()\ndef f(x): return next(count)"
    ),
    "a hook": "class A:\n    def __init_subclass__(cls): pass\n    def f(self): pass",
    "an ending object": "class A:\n    def __del__(self): pass",
    "a metaclass": "class A(metaclass=type): pass",
    "a decorated class": "import dataclasses\n@dataclasses.dataclass\nclass A:\n    n: int = 0",
    "a class in a call": "def f(x):\n    class A: n = []\n    return A",
    "a coroutine": "async def f(x): return x",
    "a loop at the top": "for i in range(3):\n    x = i",
    "a module's attribute": "import math\ndef f(x):\n    math.pi = 3",
    "what lay in memory": "import numpy as np\ndef f(x): return np.empty(x.shape)",
    "what lay in memory, in part": "import numpy as np\ndef f(x): return np.log(x, where=x > 0)",
    "where something lies": "def f(x): return id(x)",
    "no Python": "def f(x:",
}
SEES = {
    "a module of a module": "import contextlib\ndef f(): return contextlib.sys.modules",
    "a module, imported from one": "from contextlib import sys\ndef f(): return sys.modules",
    "a module with an underscore": "from random import _os\ndef f(): return _os.read(3, 9)",
    "a module as a value": "import math\ndef f(): return math",
    "a module in a package": "import numpy.lib as lib\ndef f(): return lib.format",
    "a module of numpy's": "import numpy as np\ndef f(): return np.random.mtrand",
    "a module of a submodule": "from numpy import random\ndef f(): return random",
    "a module that an error holds": (
        "import numpy as np\ndef f():\n    try:\n        np.nothing\n"
        "    except AttributeError as e:\n        return e.obj"
    ),
    "a module that an error holds, matched": (
        "def f(e):\n    match e:\n        case AttributeError(obj=o):\n            return o"
    ),
    "a module behind an array": "def f(x): return x.ctypes._ctypes",
    "attributes by text": "import operator\ndef f(g): return operator.attrgetter('__globals__')(g)",
    "methods by text": "from operator import methodcaller\ndef f(g): return methodcaller('x')(g)",
    "attributes in a format": "def f(g): return '{0.__globals__}'.format(g)",
    "attributes in a format's format": "def f(g): return '{:{1.x}}'.format(g, g)",
    "items in a format": "def f(g): return '{0[x]}'.format(g)",
    "a format that is not there": "def f(t, g): return t.format(g)",
    "a format of the type": "def f(t, g): return str.format(t, g)",
    "a format of a dict": "def f(t, g): return t.format_map(g)",
    "code by text": "from typing import get_type_hints\ndef f(x): return get_type_hints(x)",
    "code by text, later": "from typing import ForwardRef\ndef f(x): return ForwardRef(x)",
    "whose variables": "import numpy as np\ndef f(): return np.bmat('value')",
    "whose variables, by an item": "import numpy as np\ndef f(t): return np.r_[t]",
    "whose variables, by a value": "import numpy as np\ndef f(t): return (lambda r: r[t])(np.r_)",
    "any memory": "import numpy as np\ndef f(x): return np.lib.stride_tricks.as_strided(x, (9,))",
    "any memory, imported": (
        "from numpy.lib.stride_tricks import as_strided\ndef f(x): return as_strided(x, (9,))"
    ),
    "any memory, by an object": (
        "class A:\n    @property\n    def __array_interface__(self): return {}"
    ),
    "any memory, by any attribute": "class A:\n    def __getattr__(self, name): return {}",
    "any object, by its place": "def f(x, y): x.data[0:1] = y",
    "globals of compiled functions": (
        "import numpy as np\ndef f(): return np.random.seed.func_globals"
    ),
    "memory around an array": "def f(x): return x.base",
    "a generator's frame": "def f():\n    g = (i for i in ())\n    return g.gi_frame",
    "a traceback's frame": "def f(t): return t.tb_frame",
    "a function's code": "def f(): return f.__code__",
    "an error's traceback": "def f(e): return e.__traceback__",
    "private parts of others": "def f(x): return x._bit_generator",
    "private parts of others that it has, too": (
        "class A:\n    def __init__(self): self._bit_generator = 1\n"
        "def f(x): return x._bit_generator"
    ),
    "private parts in a pattern": "def f(x):\n    match x:\n        case A(__dict__=d): return d",
    "positions in a pattern": "class A:\n    __match_args__ = ('__dict__',)",
    "a type handed to an object": "class A:\n    def __contains__(self, t): return t('X', (), {})",
    "chance of others": "import numpy as np\ndef f(): np.random.set_bit_generator(None)",
    "a lock of others": "import numpy as np\ndef f(): np.random.get_bit_generator().lock.acquire()",
    "help": "import numpy as np\ndef f(): np.info('x', toplevel='os')",
    "an unknown statement": "def f(x):\n    class A: pass",
}
FILES = {  # of two files, of which the second one asks the first one for something
    "a module": ("import numpy as np", "from a import np\ndef f(): return np.x"),
    "a module in a chain": ("import numpy as np", "import a\ndef f(): return a.np.lib"),
    "a module of the other's": ("import math", "import a\ndef f(): return a"),
    "a library's name": ("from numpy import errstate", "from a import errstate"),
    "a class as a value": ("class A: pass", "import a\ndef f(): return a.A"),
    "a class as a value, imported": ("class A: pass", "from a import A\ndef f(): return A"),
    "a method": ("class A:\n    def m(self): self.n = 1", "import a\ndef f(): a.A.m(f)"),
    "no class": ("def A(): pass", "from a import A\nclass B(A): pass"),
    "nothing that is left": ("def g(): pass", "from a import g\ndef f():\n    with g(): pass"),
}


def proven(source: str) -> bool:
    """Whether a file with this text alone is proven."""
    return bool(sealed({"file_.py": source.encode()}))


@pytest.mark.parametrize("source", FINE.values(), ids=FINE.keys())
def test_what_honest_code_does_is_proven(source: str) -> None:
    """Functions, constants, classes whose objects hold what they hold."""
    assert proven(source)


@pytest.mark.parametrize("source", KEEPS.values(), ids=KEEPS.keys())
def test_what_may_keep_something_is_not(source: str) -> None:
    """Whatever could reach the next exercise, and whatever nobody knows."""
    assert not proven(source)


@pytest.mark.parametrize("source", SEES.values(), ids=SEES.keys())
def test_what_may_see_something_is_not(source: str) -> None:
    """Whatever leads to more than arguments and constants."""
    assert not proven(source)


@pytest.mark.parametrize(("first", "second"), FILES.values(), ids=FILES.keys())
def test_what_another_file_may_give_away_is_not(first: str, second: str) -> None:
    """The other one may be proven all the same."""
    assert sealed({"a.py": first.encode(), "b_.py": second.encode()}) == {"a"}


def test_nothing_that_values_offer_leads_to_modules_or_frames() -> None:
    """From all names that are values, and objects made by them, along all attributes."""
    outside = types.ModuleType | types.FrameType | types.CodeType | types.TracebackType
    waiting = [*named_values(), *made_values()]
    seen: dict[int, object] = {}
    while waiting:
        value = waiting.pop()
        assert not isinstance(value, outside)
        assert not (isinstance(value, dict) and "__builtins__" in value)
        assert value is not type
        if id(value) not in seen and len(seen) < 50_000:
            seen[id(value)] = value
            waiting += parts(value)


def named_values() -> Iterator[object]:
    """Return what the names of libraries stand for that may be values."""
    for module in sorted(allowed.LIBRARIES & sys.modules.keys()):
        for name in dir(sys.modules[module]):
            if allowed.library(module, name) in (Kind.VALUE, Kind.MADE):
                yield getattr(sys.modules[module], name)


def made_values() -> list[object]:
    """Return an object of each type that values have."""
    x = np.arange(6.0).reshape(2, 3)
    views = [x, x[0], x[0, 0], x.dtype, x.flat, x.flags, np.zeros(1, [("a", "i4")])[0]]
    made = [np.poly1d([1, 2]), np.vectorize(abs), np.finfo(float), np.nditer(x), np.broadcast(x, x)]
    chance = [np.random.default_rng(0), np.random.RandomState(0), random.Random(0)]
    errors = [KeyError(1), ImportError("x"), AttributeError("x", obj=np)]
    plain = [1, 1.0, 1j, "", b"", [], (), {}, set(), frozenset(), range(3), slice(1), list[int]]
    inner = [
        (n for n in range(3)),
        lambda: 0,
        property(abs),
        partial(abs, 1),
        map(abs, []),
        int | str,
    ]
    return [*views, *made, *chance, *errors, *plain, *inner, Counter("a"), cmp_to_key(max)(1)]


def parts(value: object) -> Iterator[object]:
    """Return what a value's attributes are, as far as they may be asked for, and its items."""
    for name in dir(value):
        if not name.startswith("_") and name not in allowed.OUTWARD:
            with suppress(Exception):
                yield getattr(value, name)
    if isinstance(value, list | tuple):
        yield from value[:9]


def test_files_that_may_not_be_the_ones_that_are_imported() -> None:
    """Libraries are found first, and so are packages and compiled modules."""
    fine = {"layers.py": b"def f(x): return x"}
    assert sealed(fine) == {"layers"}
    for name in (
        "sys.py",
        "numpy.py",
        "inside.py",
        "__main__.py",
        "layers.so",
        "layers/__init__.py",
    ):
        assert sealed({**fine, name: b""}) == frozenset()


def test_a_file_called_like_an_installed_library() -> None:
    """Is what it is; but who imports it may get the library."""
    files = {"pluggy.py": b"def f(x): return x", "b.py": b"from pluggy import f\nimport math"}
    assert sealed(files) == {"pluggy"}


def test_definitions_find_numpy_and_the_students_module() -> None:
    """They are held to the same rules."""
    assert is_sealed("class A(student.Net):\n    def f(self): return np.exp(self.x)")
    assert not is_sealed("def f(): return student")
    assert not is_sealed("def f(): return np.seterr()")


def test_files_stand_and_fall_with_what_they_import() -> None:
    """Directly or through others; a file that is not there is not proven either."""
    files = {
        "a.py": b"from b import f\n",
        "b.py": b"import c\ndef f(x): return c.g(x)\n",
        "c.py": b"seen = []\ndef g(x): return seen\n",
        "d.py": b"import math\ndef f(x): return math.exp(x)\n",
        "e.py": b"from d import f\nfrom elsewhere import g\n",
        "f.py": b"from d import f\n",
        "data.csv": b"1,2\n",
    }
    assert sealed(files) == {"d", "f"}


@pytest.mark.parametrize("slug", [f"a{n}_{name}" for n, name in enumerate(
    ["linear", "backprop", "optimizers", "normalization", "convnets"], 1)])  # fmt: skip
def test_the_solutions_are_proven(slug: str) -> None:
    """But for the scalars of a2, whose objects are given functions from outside."""
    files = {path.name: path.read_bytes() for path in (SOLUTIONS / slug).glob("*.py")}
    assert sealed(files) >= {name.removesuffix(".py") for name in files} - {"value"}
