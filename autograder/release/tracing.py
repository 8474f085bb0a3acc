"""Runs pytest on a folder and writes down which functions of it each check enters.

Started as a program of its own, since what it runs is imported by plain names.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

OPTIONS = ["-q", "--no-header", "--tb=short", "--import-mode=importlib", "-p", "no:cacheprovider"]


class Tracer:
    """A pytest plugin: for each check its id, title, verdict, and the functions it entered."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._ran: dict[str, dict[str, Any]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Watch one check."""
        entered: set[tuple[str, str]] = set()

        def watch(frame: FrameType, event: str, _argument: object) -> None:
            if event == "call":
                path, _, name = frame.f_code.co_filename.rpartition("/")
                if path == self._folder:
                    entered.add((name, frame.f_code.co_qualname))

        sys.setprofile(watch)
        try:
            return (yield)
        finally:
            sys.setprofile(None)
            title = (getattr(item, "obj", None).__doc__ or item.name).strip().splitlines()[0]
            self._ran[item.nodeid] = {"id": item.nodeid, "title": title, "entered": sorted(entered)}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the verdict: what fails before or after the call has failed as well."""
        ran = self._ran.setdefault(
            report.nodeid, {"id": report.nodeid, "title": report.nodeid, "entered": []}
        )
        ran["passed"] = ran.get("passed", True) and report.passed

    def dump(self) -> str:
        """Return everything as JSON."""
        return json.dumps(list(self._ran.values()))


def main(folder: Path) -> int:
    """Run the checks in `folder`/tests and write `folder`/ran.json."""
    tracer = Tracer(folder)
    sys.path.insert(0, str(folder))
    settings = folder / "pytest.ini"
    settings.write_text("[pytest]\n", encoding="utf-8")
    arguments = [*OPTIONS, "-c", str(settings), "--rootdir", str(folder), str(folder / "tests")]
    status = pytest.main(arguments, plugins=[tracer])
    (folder / "ran.json").write_text(tracer.dump(), encoding="utf-8")
    return int(status)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
