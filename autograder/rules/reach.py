"""What a function gets to run: the helpers, constants and classes that it refers to, in turn."""

from collections.abc import Iterable, Iterator, Sequence

from autograder.rules.scan import Mention, Scanned, Unit


class Reach:
    """The units of all files of a submission, and the way from one to the next."""

    def __init__(self, scanned: Sequence[Scanned]) -> None:
        self._units: dict[str, list[Unit]] = {}
        self._bases: dict[str, list[str]] = {}
        self._tops: dict[str, dict[str, str | None]] = {}
        for one in scanned:
            self._units.update(one.units)
            self._bases.update(one.bases)
            self._tops[one.file.removesuffix(".py")] = one.top

    def starts(self, file: str, function: str) -> list[str]:
        """Return the units that `function` of `file` is: one, or all methods of a class."""
        module = file.removesuffix(".py")
        name = f"{module}.{function}"
        if name in self._bases:
            return [unit for unit in self._units if f"{unit}.".startswith(f"{name}.")]
        first, dot, rest = function.partition(".")
        alias = self._tops.get(module, {}).get(first)
        return [name, *([f"{alias}{dot}{rest}"] if alias else [])]

    def units(self, starts: Iterable[str]) -> list[Unit]:
        """Return every unit that runs, or may run, when these do."""
        names = list(starts)
        classes = {name.rpartition(".")[0] for name in names} & self._bases.keys()
        found = self._follow(names)
        while more := self._methods(found, classes) - found.keys():
            found |= self._follow([*found, *more])
        return [unit for units in found.values() for unit in units]

    def _follow(self, names: Iterable[str]) -> dict[str, list[Unit]]:
        found: dict[str, list[Unit]] = {}
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in found and name in self._units:
                found[name] = self._units[name]
                for unit in found[name]:
                    waiting += [step for m in unit.mentions for step in self._steps(m.name)]
        return found

    def _steps(self, name: str) -> Iterator[str]:
        """Return the units that a mention of a name leads to."""
        yield name
        if name in self._bases:
            yield from (f"{name}.{special}" for special in ("__init__", "__call__", "__new__"))
        owner, _, method = name.rpartition(".")
        if name not in self._units:  # inherited?
            yield from (f"{base}.{method}" for base in self._bases.get(owner, ()))

    def _methods(self, found: dict[str, list[Unit]], own: set[str]) -> set[str]:
        """Return the methods whose names are used on objects of unknown class."""
        classes = own | (found.keys() & self._bases.keys())
        classes |= {base for name in classes for base in self._bases[name]}
        used = {a for units in found.values() for unit in units for a in unit.attributes}
        return {f"{c}.{method}" for c in classes for method in used} & self._units.keys()

    def recursion(self, unit: Unit) -> Mention | None:
        """Return the mention by which a unit comes back to itself, if it does."""
        for mention in unit.mentions:
            steps = list(self._steps(mention.name))
            if unit.name in steps or unit.name in self._follow(steps):
                return mention
        return None
