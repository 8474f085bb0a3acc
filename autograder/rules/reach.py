"""What a function gets to run: the helpers, constants and classes that it refers to, in turn."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from graphlib import CycleError, TopologicalSorter

from autograder.rules.scan import Mention, Scanned, Unit

_SPECIAL = ("__init__", "__call__", "__new__")


class Reach:
    """The units of all files of a submission, and the way from one to the next.

    Everything takes a time that grows with the size of the files only: who hands them in may be
    out to keep the grader busy.
    """

    def __init__(self, scanned: Sequence[Scanned]) -> None:
        self._units: dict[str, list[Unit]] = {}
        self._bases: dict[str, list[str]] = {}
        self._tops: dict[str, dict[str, str | None]] = {}
        for one in scanned:
            self._units.update(one.units)
            self._bases.update(one.bases)
            self._tops[one.file.removesuffix(".py")] = one.top
        self._methods: dict[str, set[str]] = defaultdict(set)  # of each class
        self._owners: dict[str, set[str]] = defaultdict(set)  # the classes with such a method
        for name in self._units:
            owner, _, method = name.rpartition(".")
            if owner in self._bases:
                self._methods[owner].add(method)
                self._owners[method].add(owner)

    def starts(self, file: str, function: str) -> list[str]:
        """Return the units that `function` of `file` is: one, or all methods of a class."""
        module = file.removesuffix(".py")
        name = f"{module}.{function}"
        if name in self._bases:
            return [name, *(f"{name}.{method}" for method in sorted(self._methods[name]))]
        first, dot, rest = function.partition(".")
        alias = self._tops.get(module, {}).get(first)
        return [name, *([f"{alias}{dot}{rest}"] if alias else [])]

    def units(self, starts: Iterable[str]) -> dict[str, list[Unit]]:
        """Return every unit that runs, or may run, when these do."""
        waiting = list(starts)
        found: dict[str, list[Unit]] = {}
        classes: set[str] = set()
        used: set[str] = set()  # names of attributes of objects whose class cannot be told
        for name in list(waiting):
            waiting += self._join(name.rpartition(".")[0], classes, used)
        while waiting:
            name = waiting.pop()
            if name in found or name not in self._units:
                continue
            found[name] = self._units[name]
            waiting += self._join(name, classes, used)
            for unit in found[name]:
                waiting += [step for mention in unit.mentions for step in self._steps(mention)]
                fresh = unit.attributes - used
                used |= fresh
                waiting += [f"{c}.{a}" for a in fresh for c in self._owners[a] if c in classes]
        return found

    def _join(self, name: str, classes: set[str], used: set[str]) -> list[str]:
        """Add a class and its bases to those that may be used; return their used methods."""
        waiting, methods = [name], []
        while waiting:
            name = waiting.pop()
            if name in self._bases and name not in classes:
                classes.add(name)
                waiting += self._bases[name]
                methods += [f"{name}.{method}" for method in self._methods[name] & used]
        return methods

    def _steps(self, mention: Mention) -> Iterator[str]:
        """Return the units that a mention of a name leads to."""
        name = mention.name
        yield name
        if name in self._bases:
            yield from (f"{name}.{special}" for special in _SPECIAL)
        elif name not in self._units:  # inherited?
            owner, _, method = name.rpartition(".")
            yield from (f"{base}.{method}" for base in self._bases.get(owner, ()))

    def recursion(self, found: dict[str, list[Unit]]) -> tuple[Unit, Mention] | None:
        """Return a unit and the mention by which it comes back to itself, if there is one."""
        ways = {
            name: {step: (u, m) for u in units for m in u.mentions for step in self._steps(m)}
            for name, units in found.items()
        }
        try:
            TopologicalSorter({name: way.keys() & found for name, way in ways.items()}).prepare()
        except CycleError as error:
            after, before = error.args[1][:2]  # each is needed by the next one
            return ways[before][after]
        return None
