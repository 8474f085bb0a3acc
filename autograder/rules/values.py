"""What names and attributes lead to: the rules for values, and for classes, which are none.

No class is ever a value, so that nobody can hand a method something else than an object of its
class: its first parameter, `own`, is one, and nothing else has its attributes set.
"""

import ast
from collections.abc import Mapping
from typing import Any

from autograder.rules.allowed import LIBRARIES, OUTWARD, SPECIAL, UNSAFE, library
from autograder.rules.calls import check_use
from autograder.rules.imported import Imported, need

ANNOTATION = (
    ast.Constant, ast.Tuple, ast.List, ast.BinOp, ast.BitOr, ast.Name, ast.Attribute,
    ast.Subscript, ast.Load,
)  # fmt: skip
NOT_VALUES = {"isinstance", "issubclass", "super", "type"}


class Values:
    """What code has to do with its surroundings, gathered on the way."""

    def __init__(self, tree: ast.Module, given: Mapping[str, str], *, in_calls: bool) -> None:
        self.names = Imported(tree, given, in_calls=in_calls)
        self.looked_for_imports = in_calls
        self.asked: set[str] = set()  # attributes that classes are asked for
        self.wants: set[tuple[str, str, str]] = set()  # module, name and use, of other files
        self.private: set[str] = set()  # attributes with an underscore that its objects have,
        self.private_asked: set[str] = set()  # and those that it asks any value for
        for name in self.names.origins.values():
            self.wants |= {(m, inner, "class") for m, inner in name if m not in LIBRARIES}
        self.own: str | None = None  # what a method calls its object
        self.type: str | None = None  # what a class method calls its class
        self.waiting: list[Any] = []

    # Names

    def bind(self, name: str | None) -> None:
        """Something gets this name."""
        if name is not None:
            free = name not in self.names.fixed and name not in (self.own, self.type)
            need(free and not name.startswith("__"), f"another {name}")

    def name(self, node: ast.Name) -> None:
        """A name that is read, or given to something."""
        if type(node.ctx) is ast.Load:
            self.use(node.id, "value")
        else:
            self.bind(node.id)

    def use(self, name: str, use: str, node: ast.expr | None = None) -> None:
        """A name stands somewhere, in `node` if that is a call or asks for an item."""
        names = self.names
        known = not (name in UNSAFE or name in names.modules or name.startswith("__"))
        need(known, name)
        if name == self.type or name in names.classes:
            need(use not in ("value", "items"), f"the class {name} as a value")
        elif name in names.origins:
            for module, inner in names.origins[name]:
                self._from(module, inner, use, node)
        else:
            need(use != "entered", f"with {name}")
            need(use in ("call", "class") or name not in NOT_VALUES, f"{name} as a value")

    def _from(self, module: str, name: str, use: str, node: ast.expr | None) -> None:
        if module in LIBRARIES:
            check_use(f"{module}.{name}", library(module, name), use, node)
        else:
            need(not name.startswith("__"), name)
            self.wants.add((module, name, use))

    def classes(self, node: ast.expr) -> None:
        """What is compared with a type: classes may stand here."""
        if isinstance(node, ast.Name):
            self.use(node.id, "class")
        elif isinstance(node, ast.Attribute):
            self.attribute(node, "class")
        elif isinstance(node, ast.Tuple | ast.List):
            for each in node.elts:
                self.classes(each)
        elif isinstance(node, ast.BinOp):
            self.classes(node.left)
            self.classes(node.right)
        elif is_type(node):
            self.waiting += node.args  # type: ignore[attr-defined]
        else:
            self.waiting.append(node)

    def annotation(self, node: ast.expr | None) -> None:
        """Some of them run where the function is defined."""
        for part in ast.walk(node) if node else ():
            need(isinstance(part, ANNOTATION), f"{type(part).__name__} in an annotation")
        while isinstance(node, ast.Subscript):
            self.classes(node.value)
            self.annotation(node.slice)
            return
        if isinstance(node, ast.Tuple | ast.List):
            for each in node.elts:
                self.annotation(each)
        elif isinstance(node, ast.BinOp):
            self.annotation(node.left)
            self.annotation(node.right)
        elif node:
            self.classes(node)

    # Attributes

    def attribute(
        self, node: ast.Attribute, use: str = "value", inside: ast.expr | None = None
    ) -> None:
        """All of `a.b.c`: only the whole says what `a` is good for."""
        steps: list[str] = []
        start: ast.expr = node
        while type(start) is ast.Attribute:
            steps.append(start.attr)
            start = start.value
        steps.reverse()
        if type(node.ctx) is not ast.Load:
            is_own = type(start) is ast.Name and start.id == self.own and len(steps) == 1
            need(is_own, f"an attribute {node.attr} that is set")
            self.private.add(node.attr)
        if type(start) is ast.Name:
            steps = self._begins(start.id, steps, use, inside)
        elif is_type(start):
            self.asked.add(steps[0])
            self.waiting += start.args  # type: ignore[attr-defined]
        elif isinstance(start, ast.Call) and getattr(start.func, "id", "") == "super":
            self._parent(start, steps)
        else:
            self.waiting.append(start)
        for step in steps:
            self.step(step)

    def step(self, name: str) -> None:
        """An attribute that any value is asked for."""
        if name[0] == "_" and name != "__name__":
            need(not name.startswith("__"), name)
            self.private_asked.add(name)
        need(name not in OUTWARD, name)

    def _begins(self, name: str, steps: list[str], use: str, inside: ast.expr | None) -> list[str]:
        """Judge the name, and those steps that say what it is; the others."""
        if name == self.own:
            return self._of_own(steps, use)
        module = self.names.modules.get(name)
        if module is None:
            self.use(name, "attribute")
            own = any(m not in LIBRARIES for m, _ in self.names.origins.get(name, ()))
            if own or name == self.type or name in self.names.classes:
                self.asked.add(steps[0])
            return steps
        while f"{module}.{steps[0]}" in LIBRARIES:
            module, *steps = f"{module}.{steps[0]}", *steps[1:]
            need(steps, module)
        self._from(module, steps[0], use if len(steps) == 1 else "attribute", inside)
        if module not in LIBRARIES:
            self.asked.update(steps[1:2])
        return steps[1:]

    def _of_own(self, steps: list[str], use: str) -> list[str]:
        """Its class is asked for something, or called; else anything it has set itself."""
        if steps[0] == "__class__":
            need(len(steps) > 1 or use in ("call", "class"), "__class__")
            self.asked.update(steps[1:2])
        else:
            need(not (steps[0].startswith("__") and steps[0].endswith("__")), steps[0])
        return steps[1:]

    def _parent(self, node: ast.Call, steps: list[str]) -> None:
        """`super().__init__`: of its own object, whose methods those of its parents are, too."""
        named = [each.id if isinstance(each, ast.Name) else "" for each in node.args]
        fits = not named or (len(named) == 2 and named[1] == self.own)
        need(self.own and fits and not node.keywords, "super()")
        if named:
            self.use(named[0], "class")
        if steps[0] in SPECIAL:
            del steps[0]


def is_type(node: ast.AST) -> bool:
    """Whether it is `type(x)`, which is no value: it is compared, named, or shown."""
    if not (type(node) is ast.Call and type(node.func) is ast.Name and node.func.id == "type"):
        return False
    one = len(node.args) == 1 and not isinstance(node.args[0], ast.Starred)
    return one and not node.keywords
