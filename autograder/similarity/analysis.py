"""Compares works in a process of its own, and goes on without what ends it.

compare50 finds what is alike: https://github.com/cs50/compare50. Its files are read as text and
never run, yet they are written by students: a process that takes too long, too much memory or
falls over is replaced, and whatever it was at is left out and said.
"""

import json
import os
import selectors
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from autograder.errors import StaffError
from autograder.similarity.model import (
    Comparison,
    Files,
    Match,
    Own,
    Pair,
    Skipped,
    Span,
    Work,
)

# So long may a step take by the clock, and so much longer all scores for each work; the processor
# time of what a single student can make long has tighter limits.
SILENCE_S, WORK_S = 180.0, 1.0
LOST = 20  # processes; then something else is wrong
NEEDED = "compare50"
COMMAND = [sys.executable, "-P", "-B", "-m", "autograder.similarity.inside"]

Step = Callable[[], None]


@dataclass
class _Run:
    """What one process has come to: a result, or the step at which it was lost."""

    seen: set[tuple[int, ...]]
    step: Step
    at: list[int] = field(default_factory=list)
    result: dict[str, Any] | None = None

    def hear(self, line: bytes) -> None:
        said = json.loads(line)
        if "result" in said:
            self.result = said["result"]
            return
        self.at = said["step"]
        if self.at and tuple(self.at) not in self.seen:
            self.seen.add(tuple(self.at))
            self.step()


def available() -> None:
    """Raise ModuleNotFoundError where compare50 is not installed."""
    if find_spec(NEEDED) is None:
        raise ModuleNotFoundError(f"No module named {NEEDED!r}", name=NEEDED)


def steps(works: Sequence[Work], top: int) -> int:
    """Return how often `compare` calls its `step`: for each work, and for each pair at most."""
    return len(works) + min(top, len(works) * (len(works) - 1) // 2)


def compare(
    works: Sequence[Work], skipped: Sequence[Skipped], given: Files, top: int, step: Step
) -> Comparison:
    """Find the pairs that are most alike, at most `top`; `step` is called at each step."""
    # compare50 compares a work with later ones only, and archives with nobody but the class.
    works = sorted(works, key=lambda work: bool(work.year))
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        _lay_out(works, given, folder)
        told = _answered(works, top, folder, step)
    unread = [Skipped(works[number].name, why) for number, why in told["unread"]]
    return Comparison(
        works=tuple(works),
        own=tuple(_own(each) for each in told["own"]),
        pairs=tuple(_pair(each) for each in told["pairs"]),
        closest=tuple(told["closest"]),
        skipped=(*skipped, *unread),
        same_person=told["same_person"],
    )


def _lay_out(works: Sequence[Work], given: Files, folder: Path) -> None:
    """Write files for the process; their paths hold numbers and our own names only."""
    for number, work in enumerate(works):
        for name, text in work.files.items():
            _write(folder / "works" / str(number) / name, text)
    for name, text in given.items():
        _write(folder / "given" / name, text)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")


def _answered(works: Sequence[Work], top: int, folder: Path, step: Step) -> dict[str, Any]:
    job = {
        "persons": [work.person for work in works],
        "archived": [bool(work.year) for work in works],
        "files": [list(work.files) for work in works],
        "top": top,
    }
    lost: list[list[int]] = []
    seen: set[tuple[int, ...]] = set()
    while len(lost) < LOST:
        (folder / "job.json").write_text(json.dumps({**job, "lost": lost}), encoding="utf-8")
        run = _Run(seen, step)
        said = _run(folder, run, SILENCE_S + WORK_S * len(works))
        if run.result is not None:
            for _ in range(steps(works, top) - len(seen)):  # of pairs that have nothing in common
                step()
            return run.result
        if not run.at or run.at in lost:
            raise StaffError(f"the comparison ended by itself: {said}", NEEDED)
        lost.append(run.at)
    raise StaffError(f"{LOST} submissions or pairs ended the comparison", NEEDED)


def _run(folder: Path, run: _Run, patience: float) -> str:
    """Let one process go as far as it gets; return the end of what it complained of."""
    command = [*COMMAND, str(folder)]
    # The same hashes every time: compare50 chooses by them what it looks at.
    fixed = os.environ | {"PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
    with (
        (folder / "complaints").open("w+b") as complaints,
        subprocess.Popen(
            command, env=fixed, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=complaints
        ) as process,
    ):
        try:
            for line in _lines(process, patience):
                run.hear(line)
        finally:
            process.kill()
        complaints.seek(0)
        words = complaints.read().decode("utf-8", "replace").split()
    return " ".join(words)[-500:] or "without a word"


def _lines(process: "subprocess.Popen[bytes]", patience: float) -> Iterator[bytes]:
    """Yield whole lines until the process ends, or is silent for too long."""
    assert process.stdout is not None
    rest = b""
    with selectors.DefaultSelector() as waiting:
        waiting.register(process.stdout, selectors.EVENT_READ)
        while waiting.select(patience):
            data = os.read(process.stdout.fileno(), 1 << 20)
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            yield from lines


def _own(told: dict[str, Any]) -> Own:
    return Own(told["tokens"], tuple(Span(*each) for each in told["given"]))


def _pair(told: dict[str, Any]) -> Pair:
    matches = tuple(_match(*each) for each in told["matches"])
    covered_a, covered_b = told["covered"]
    return Pair(told["a"], told["b"], told["score"], matches, covered_a, covered_b, told["note"])


def _match(found: Sequence[Any], tokens: int, names: int, same: int) -> Match:
    return Match(Span(*found[:3]), Span(*found[3:]), tokens, names, same)
