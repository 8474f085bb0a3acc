"""What is refused by name, and what to write instead."""

from collections.abc import Collection

# Ways around the other rules: refused anywhere in a file of a numpy assignment.
_TEXT_AS_CODE = "write the code out; text that becomes code cannot be checked"
_BY_NAME = "call functions by their names"
_INNER = "work with the arguments of your functions only"
_OUTSIDE = "leave it out; nothing outside of Python is needed"
ESCAPES = {
    "builtins.eval": _TEXT_AS_CODE,
    "builtins.exec": _TEXT_AS_CODE,
    "builtins.compile": _TEXT_AS_CODE,
    "builtins.__import__": "write `import` at the top of the file",
    "builtins.getattr": "write `x.name` or use a dict of functions",
    "builtins.globals": _BY_NAME,
    "builtins.locals": _BY_NAME,
    "builtins.vars": _BY_NAME,
    "builtins.breakpoint": "remove it before handing in",
    "operator.attrgetter": _BY_NAME,
    "operator.methodcaller": _BY_NAME,
    "sys.modules": "write `import` at the top of the file",
    "sys._getframe": _INNER,
    "sys._current_frames": _INNER,
    "sys.settrace": _INNER,
    "sys.setprofile": _INNER,
    "types.CodeType": _TEXT_AS_CODE,
    "types.FunctionType": _TEXT_AS_CODE,
    **dict.fromkeys(
        [
            *("os.system", "os.popen", "os.fork", "os.forkpty", "os.kill", "os.killpg"),
            *("os.posix_spawn", "os.posix_spawnp", "os.startfile"),
            *(f"os.exec{end}" for end in ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe")),
            *(f"os.spawn{end}" for end in ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe")),
        ],
        _OUTSIDE,
    ),
}
ESCAPE_MODULES = {
    "importlib": "write `import` at the top of the file",
    "builtins": "its names need no import",
    **dict.fromkeys(("pkgutil", "imp", "runpy", "pydoc"), "write `import` at the top of the file"),
    **dict.fromkeys(("marshal", "code", "codeop"), _TEXT_AS_CODE),
    **dict.fromkeys(("ctypes", "_ctypes", "cffi", "inspect", "gc"), _INNER),
    **dict.fromkeys(("subprocess", "multiprocessing", "pty", "socket"), _OUTSIDE),
}
ESCAPE_ATTRIBUTES = frozenset(
    {
        *("__globals__", "__builtins__", "__subclasses__", "__code__", "__closure__"),
        *("__getattribute__", "__loader__", "__spec__", "__import__"),
        *("f_back", "f_globals", "f_locals", "f_builtins", "tb_frame", "gi_frame", "cr_frame"),
    }
)

# Loops that do not look like one.
LOOPS = (
    "builtins.map",
    "builtins.filter",
    "functools.reduce",
    "itertools",
    "numpy.vectorize",
    "numpy.apply_along_axis",
    "numpy.apply_over_axes",
    "numpy.frompyfunc",
    "numpy.nditer",
    "numpy.ndenumerate",
    "numpy.ndindex",
    "torch.vmap",
    "torch.func.vmap",
)

_INSTEAD = {
    "numpy.linalg": ("@", ".T", "sum", "np.linalg.solve"),
    "numpy.convolve": ("slices of the array", "*", "sum"),
    "numpy.histogram": ("comparisons", "np.bincount", "sum"),
    "torch.nn.functional": ("@", "torch.exp", "torch.log", "sum"),
    "torch": ("@", "torch.exp", "torch.log", "sum"),
}
_ANYWAY = ("@", "sum", "exp", "other array operations")


def covers(entries: Collection[str], name: str) -> str | None:
    """Return the entry that `name` is, or lies in: `numpy.linalg` covers `numpy.linalg.inv`."""
    if not name.startswith(tuple(entries)):  # nearly all names, told in one go
        return None
    return next((e for e in entries if name == e or name.startswith(f"{e}.")), None)


def canonical(name: str) -> str:
    """Return a NumPy name without the private modules that it can also be reached through.

    >>> canonical("numpy.linalg._linalg.inv")
    'numpy.linalg.inv'
    """
    parts = [part for part in name.split(".") if part != "core" and not part.startswith("_")]
    return ".".join(p for place, p in enumerate(parts) if not place or p != parts[place - 1])


def instead_of(name: str, forbidden: Collection[str]) -> str:
    """Return what may be written in place of a forbidden call."""
    entry = covers(_INSTEAD, name)
    allowed = [
        word
        for word in (_INSTEAD[entry] if entry else _ANYWAY)
        if not covers(forbidden, word.replace("np.", "numpy."))
    ]
    return ", ".join(allowed)
