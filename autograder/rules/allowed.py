"""What a sealed file may name: of Python, of the libraries, of any value.

Whatever no table here knows is refused. `autograder/rules/proof.py` says where each may stand.
"""

import builtins
import collections.abc
import importlib.machinery
import itertools
import math
import numbers
import operator
import random
import re
import string
import sys
import sysconfig
import types
from enum import Enum, auto
from functools import lru_cache, partial
from typing import Any

import numpy as np

BUILTINS = {
    "Ellipsis", "NotImplemented", "abs", "all", "any", "bin", "bool", "callable", "chr", "complex",
    "dict", "divmod", "enumerate", "filter", "float", "format", "frozenset", "hasattr", "hex",
    "int", "isinstance", "issubclass", "iter", "len", "list", "map", "max", "min", "next",
    "object", "ord", "pow", "print", "property", "range", "repr", "reversed", "round", "set",
    "slice", "sorted", "str", "sum", "super", "tuple", "type", "zip",
}  # fmt: skip
UNSAFE = {"copyright", "credits", "exit", "help", "license", "quit"} | {
    name
    for name, value in vars(builtins).items()
    if name not in BUILTINS and not (isinstance(value, type) and issubclass(value, BaseException))
}
DECORATORS = frozenset({"staticmethod", "classmethod", "property"})
RELIED_ON = DECORATORS | {"isinstance", "issubclass", "super", "type"}  # names that must not change

# Methods that run when nobody calls them: these, and no others. numpy would take an object with
# `__array_interface__` at its word about where memory lies; it does not expect the operands of an
# operator to vanish from the arrays that hold them, as `__add__` or `__len__` could make them do;
# `in` would hand over a type; and `copy` sets what `__reduce__` says on whatever that gives.
SPECIAL = {
    "__call__", "__enter__", "__exit__", "__init__", "__iter__", "__next__",
    "__repr__", "__str__",
}  # fmt: skip


class Kind(Enum):
    """Where a library's name may stand."""

    VALUE = auto()  # anywhere
    MADE = auto()  # a class written in Python: it is called, or compared with
    CLASS = auto()  # only compared with, or said of an argument
    ENTERED = auto()  # in a `with`
    BASE = auto()  # in the first line of a class
    ITEMS = auto()  # only items of it
    CHECKED = auto()  # called, with arguments that say what happens


_TYPES = {
    "Any", "Callable", "ClassVar", "Dict", "Final", "FrozenSet", "Generator", "Iterable",
    "Iterator", "List", "Literal", "Mapping", "MutableMapping", "Optional", "Sequence", "Set",
    "Tuple", "Type", "Union",
}  # fmt: skip
_PURE = {
    "collections": {"ChainMap", "Counter", "OrderedDict", "defaultdict", "deque", "namedtuple"},
    "collections.abc": set(collections.abc.__all__),
    "copy": {"copy", "deepcopy"},
    "functools": {"cmp_to_key", "partial", "reduce"},
    "itertools": {name for name in vars(itertools) if name[0] != "_"},
    "math": {name for name in vars(math) if name[0] != "_"},
    "numbers": set(numbers.__all__),
    "operator": set(operator.__all__) - {"attrgetter", "call", "methodcaller"},
    "random": set(random.__all__) - {"SystemRandom"},
}
# What of numpy sets something for the whole process, shows it, or has to do with files.
_SETTING = (
    "add_", "busday",
    "from", "gen", "get", "load", "memmap", "print", "save", "set", "show", "test",
)  # fmt: skip
_NOT_SETTING = {"fromfunction", "generic", "setdiff1d", "setxor1d"}
_REFUSED = {
    *("empty", "empty_like", "recarray", "record"),  # what lay in memory before
    *("bmat", "info", "nested_iters"),  # names by text, of whoever calls; memory that is gone
}
_OF_NUMPY = {
    "ndarray": Kind.CLASS,
    "errstate": Kind.ENTERED,
    **dict.fromkeys(("pad", "nditer"), Kind.CHECKED),
    **dict.fromkeys(("c_", "index_exp", "mgrid", "ogrid", "r_", "s_"), Kind.ITEMS),
}
_NUMPY: dict[str, Any] = {
    "numpy": np,
    "numpy.linalg": np.linalg,
    "numpy.random": np.random,
    "numpy.lib": None,
    "numpy.lib.stride_tricks": None,
}
LIBRARIES = {*_PURE, *_NUMPY, "__future__", "contextlib", "typing"}


@lru_cache(maxsize=4096)
def library(module: str, name: str) -> Kind | None:
    """Where `module.name` may stand; None where nobody here knows, as of a module in a module."""
    if module == "typing":
        return Kind.BASE if name == "NamedTuple" else Kind.CLASS if name in _TYPES else None
    if module == "contextlib":
        return Kind.ENTERED if name in {"nullcontext", "suppress"} else None
    if module in _NUMPY:
        return _of_numpy(module, name)
    if name not in _PURE.get(module, ()):
        return None
    return Kind.CLASS if module in {"collections.abc", "numbers"} else _plain(module, name)


def _plain(module: str, name: str) -> Kind:
    """A class that is written in Python has methods that would change other objects, too."""
    value = getattr(sys.modules[module], name, None)
    if not isinstance(value, type) or issubclass(value, BaseException):
        return Kind.VALUE
    return Kind.MADE if value.__flags__ & 1 << 9 else Kind.VALUE


def _of_numpy(module: str, name: str) -> Kind | None:
    if module == "numpy.lib.stride_tricks":  # the other one makes arrays of any memory
        return Kind.VALUE if name == "sliding_window_view" else None
    setting = name.startswith(("_", *_SETTING)) and name not in _NOT_SETTING
    if setting or name in _REFUSED or _NUMPY[module] is None:
        return None
    if module == "numpy" and name in _OF_NUMPY:
        return _OF_NUMPY[name]
    value = getattr(_NUMPY[module], name, abs)  # what is not there does no harm
    if value is not None and not isinstance(value, float | bool) and not callable(value):
        return None
    return _plain(module, name)


# Attributes


_FRAMES = (
    types.FrameType, types.CodeType, types.GeneratorType, types.CoroutineType,
    types.AsyncGeneratorType, types.TracebackType,
    type(np.random.seed), type(np.random.default_rng),  # written in Cython
)  # fmt: skip
_INNER = re.compile("([a-z]{1,2}|func)_")
# What leads from a plain value to something else.
OUTWARD = {
    *(name for kind in _FRAMES for name in dir(kind) if _INNER.match(name)),
    *("func_closure", "func_code", "func_defaults", "func_dict", "func_doc", "func_globals"),
    *("base", "obj"),  # memory around an array's; of an error, the module that lacks a name
    *("ctypes", "cffi", "capsule", "bit_generator", "lock"),
    *("resize", "close", "setflags"),  # memory that others still look at
    *("data", "cast"),  # the pointers in an array of objects, which could be others
    *("register", "mro", "fget", "fset", "fdel", "pyfunc"),  # classes, and methods without objects
    *("tofile", "dump", "dumps", "debug_print"),
    *("format", "format_map"),  # attributes by text
}
_TYPICAL: tuple[type, ...] = (
    np.ndarray, np.generic, np.ufunc, np.dtype, np.vectorize, np.poly1d, np.matrix, np.errstate,
    np.random.Generator, np.random.RandomState, np.random.PCG64, np.random.SeedSequence,
    random.Random, partial, BaseException, type, tuple,
)  # fmt: skip
PRIVATE = {name for kind in _TYPICAL for name in dir(kind) if re.match("_[^_]", name)} | {
    "_ctypes", "_evaluate", "_fields", "_make", "_replace", "_os", "_sys", "_implementation",
}  # fmt: skip


def harmless_format(text: object) -> bool:
    """Whether `text.format(...)` shows what it is given, and nothing that hangs on it."""
    try:
        return isinstance(text, str) and all(
            re.fullmatch(r"\w*", name or "") and (not spec or harmless_format(spec))
            for _, name, spec, _ in string.Formatter().parse(text)
        )
    except ValueError:
        return False


# Names of files


_ELSEWHERE = {"autograder", "inside", "numpy", "site", "sitecustomize", "torch", "usercustomize"}
_SUFFIXES = tuple(suffix for suffix in importlib.machinery.all_suffixes() if suffix != ".py")
_PACKAGES = [sysconfig.get_path(name) for name in ("purelib", "platlib")]


def shadows(file: str) -> bool:
    """Whether a file of this name may come instead of one that was looked at."""
    if not file.endswith(".py"):
        return "/" in file or file.endswith(_SUFFIXES)
    module = file.removesuffix(".py")
    known = module in sys.stdlib_module_names or module in _ELSEWHERE
    return known or "/" in file or module.startswith("_")


@lru_cache(maxsize=1000)
def installed(module: str) -> bool:
    """Whether `import module` may mean something else than the student's own file."""
    return importlib.machinery.PathFinder.find_spec(module, _PACKAGES) is not None
