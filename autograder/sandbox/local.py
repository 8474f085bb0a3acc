"""The same conversation without a sandbox, in this process: for trusted code only.

The reference is put on trial with it, and the benchmark's floor is measured with it.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from autograder.sandbox.inside.frames import pack
from autograder.sandbox.inside.servant import Servant
from autograder.sandbox.replies import judge_reply


class LocalConversation:
    """Answers requests from modules that are already imported here."""

    device = "cpu"

    def __init__(self, modules: dict[str, ModuleType]) -> None:
        self._modules = modules
        self._module: ModuleType | None = None
        self._servant: Servant | None = None

    def begin(self, module: str) -> None:
        """The next requests belong to an exercise on this module."""
        self._module, self._servant = self._modules[module], None

    def next_test(self, _test: str) -> None:
        """The next requests find no objects of an earlier test."""
        self._servant = None

    def request(self, operation: str, value: Any) -> Any:
        """The reply's value; raises StudentFault."""
        assert self._module is not None, "begin() comes first"
        if self._servant is None:
            self._servant = Servant(self._module, "")
        return judge_reply(*self._servant.answer(operation, value), {})

    def again(self) -> bool:
        """No exercise shares anything with another."""
        return False

    def end(self) -> None:
        """The exercise is over."""
        self._module = self._servant = None


class StrictConversation(LocalConversation):
    """Refuses what could not have crossed the wire, so that a suite cannot rely on it."""

    def request(self, operation: str, value: Any) -> Any:
        """The reply's value; raises StudentFault, and WireError for what cannot cross."""
        pack({}, value)
        result = super().request(operation, value)
        pack({}, result)
        return result
