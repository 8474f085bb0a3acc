"""Runs pytest on a folder and writes down which functions of it each check enters.

Started as a program of its own, since what it runs is imported by plain names.
"""

import inspect
import json
import os
import sys
from collections.abc import Generator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

OPTIONS = ["-q", "--no-header", "--tb=short", "--color=no", "-p", "no:cacheprovider"]
Watched = Generator[None, object, object]  # a hook around others: yields once, returns their result


class Tracer:
    """A pytest plugin: for each check its id, title, verdict, and the functions it entered."""

    def __init__(self, folder: Path) -> None:
        self._inside = f"{folder}{os.sep}"
        self._ran: dict[str, dict[str, Any]] = {}
        self._entered: set[tuple[str, str]] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Watched:
        """Watch what a check's fixtures do for it."""
        self._entered = set()
        ran = {"id": item.nodeid, "title": _title(item), "passed": True, "entered": []}
        self._ran[item.nodeid] = ran
        return (yield from self._watched())

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Watched:
        """Watch the check itself."""
        try:
            return (yield from self._watched())
        finally:
            self._ran[item.nodeid]["entered"] = sorted(self._entered)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the verdict: what fails before or after the call has failed as well."""
        self._ran[report.nodeid]["passed"] &= report.passed

    def _watched(self) -> Watched:
        def watch(frame: FrameType, event: str, _argument: object) -> None:
            code = frame.f_code
            is_function = code.co_flags & inspect.CO_OPTIMIZED  # the bodies of classes run, too
            if event == "call" and is_function and code.co_filename.startswith(self._inside):
                name = code.co_filename.removeprefix(self._inside)
                self._entered.add((name, code.co_qualname))

        sys.setprofile(watch)
        try:
            return (yield)
        finally:
            sys.setprofile(None)

    def dump(self) -> str:
        """Return everything as JSON."""
        return json.dumps(list(self._ran.values()))


def _title(item: pytest.Item) -> str:
    """Return the first line of a check's docstring; without one, its name."""
    lines = (getattr(item, "obj", item).__doc__ or "").strip().splitlines()
    return lines[0] if lines else item.name


def main(folder: Path) -> int:
    """Run the checks in `folder`/tests, as `folder`/pytest.ini says; write `folder`/ran.json."""
    tracer = Tracer(folder)
    arguments = ["-c", str(folder / "pytest.ini"), "--rootdir", str(folder), str(folder / "tests")]
    status = pytest.main([*OPTIONS, *arguments], plugins=[tracer])
    (folder / "ran.json").write_text(tracer.dump(), encoding="utf-8")
    return int(status)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
