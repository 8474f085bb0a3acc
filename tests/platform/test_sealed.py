"""What the proof accepts keeps nothing; what may keep something is never proven."""

from pathlib import Path

import pytest

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


@pytest.mark.parametrize("source", FINE.values(), ids=FINE.keys())
def test_what_honest_code_does_is_proven(source: str) -> None:
    """Functions, constants, classes whose objects hold what they hold."""
    assert sealed({"file_.py": source.encode()})


@pytest.mark.parametrize("source", KEEPS.values(), ids=KEEPS.keys())
def test_what_may_keep_something_is_not(source: str) -> None:
    """Whatever could reach the next exercise, and whatever nobody knows."""
    assert not sealed({"file_.py": source.encode()})


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
