"""The process that looks for what is alike: apart from everything else, and under limits.

It is told a folder with `job.json`, the works' files in `works/<number>/` and what was given in
`given/`. It answers with a line of JSON before each step, and with one for the result. Nothing of
what it reads is run.
"""

from __future__ import annotations

import heapq
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any

import compare50

from autograder.sandbox.inside.confine import die_with_parent
from autograder.similarity import alike, limits
from autograder.similarity.own import NONE, Words, fingerprints, lexed, own, submission

COMPARATOR = compare50.passes.structure.comparator
FAILURES = (limits.TooLong, MemoryError, RecursionError, ValueError)


@dataclass(frozen=True)
class Job:
    """What is to be compared; `lost` are the steps at which an earlier process was lost."""

    persons: list[str]
    archived: list[bool]
    files: list[list[str]]
    top: int
    lost: list[list[int]]


class Analysis:
    """One run through all works and their closest pairs."""

    def __init__(self, job: Job, folder: Path) -> None:
        self._job, self._folder = job, folder
        self._works = [
            submission(folder / "works" / str(number), names)
            for number, names in enumerate(job.files)
        ]
        self._words: list[dict[str, Words]] = []
        self._unread: list[tuple[int, str]] = []

    def run(self) -> dict[str, Any]:
        """Return the result as plain values."""
        self._read()
        scores = sorted(alike.by_work(self._scores()))
        kept = [each for each in scores if not self._same_person(each[0], each[1])]
        closest = [0.0] * len(self._works)
        for a, b, score in kept:
            closest[a], closest[b] = max(closest[a], score), max(closest[b], score)
        best = heapq.nsmallest(self._job.top, kept, key=lambda each: (-each[2], each[0], each[1]))
        return {
            "own": [self._own(words) for words in self._words],
            "closest": closest,
            "pairs": [self._pair(*each) for each in best],
            "same_person": len(scores) - len(kept),
            "unread": self._unread,
        }

    def _read(self) -> None:
        given, unique = self._given(), count()
        for number, work in enumerate(self._works):
            lost = not _begin([number], self._job)
            words = {}
            for file in work.files:
                try:
                    with limits.within(limits.FILE_S):
                        tokens = [] if lost else lexed(file)
                        words[file.name.name] = own(file.read(), tokens, given, unique)
                except FAILURES as failure:
                    words[file.name.name] = NONE
                    self._unread.append((number, f"{file.name} {_said(failure)}"))
            self._words.append(words)
            if lost:
                self._unread.append((number, "It ended the process that reads words."))

    def _given(self) -> set[tuple[str, ...]]:
        found: set[tuple[str, ...]] = set()
        for path in sorted((self._folder / "given").rglob("*.py")):
            found |= fingerprints(lexed(submission(path.parent, [path.name]).files[0]))
        return found

    def _scores(self) -> Sequence[Any]:
        _say(step=[])  # nobody's in particular
        # What a file's words are is known by now, and other processes would not know it.
        compare50.File.tokens = lambda file: self._of(file).tokens()
        compare50._api.Executor = compare50._api.FauxExecutor  # noqa: SLF001 - there is no other way
        both = list(zip(self._works, self._job.archived, strict=True))
        mine = [work for work, archived in both if not archived]
        others = [work for work, archived in both if archived]
        scores: Sequence[Any] = COMPARATOR.score(mine, others, [])
        return scores

    def _of(self, file: Any) -> Words:
        return self._words[int(file.submission.path.name)][file.name.name]

    def _same_person(self, a: int, b: int) -> bool:
        return self._job.persons[a] == self._job.persons[b]

    def _own(self, words: dict[str, Words]) -> dict[str, Any]:
        given = [(name, *span) for name, each in words.items() for span in each.given]
        return {"tokens": sum(map(len, words.values())), "given": given}

    def _pair(self, a: int, b: int, score: float) -> dict[str, Any]:
        chosen, note = alike.Chosen([], (0, 0)), ""
        try:
            if not _begin([a, b], self._job):
                note = "It ended the process that looks closely."
            elif alike.repeats(self._words[a], self._words[b]) > alike.REPEATS:
                note = "The same words again and again: not looked at closely."
            else:
                with limits.within(limits.PAIR_S):
                    chosen = self._closely(a, b, score)
        except FAILURES as failure:
            note = f"Not looked at closely: it {_said(failure)}"
        return {"a": a, "b": b, "score": score, **asdict(chosen), "note": note}

    def _closely(self, a: int, b: int, score: float) -> alike.Chosen:
        asked = compare50.Score(self._works[a], self._works[b], score)
        (comparison,) = COMPARATOR.compare([asked], [])
        return alike.choose(alike.found(comparison), self._words[a], self._words[b])


def _begin(step: list[int], job: Job) -> bool:
    """Say which step begins; False for one at which an earlier process was lost."""
    _say(step=step)
    return step not in job.lost


def _say(**what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _said(failure: Exception) -> str:
    if isinstance(failure, limits.TooLong):
        return "takes too long to be read."
    return f"cannot be read ({type(failure).__name__})."


def main() -> None:
    """Compare what is in the folder that the command names."""
    die_with_parent()
    limits.confine()
    folder = Path(sys.argv[1])
    job = Job(**json.loads((folder / "job.json").read_text(encoding="utf-8")))
    _say(result=Analysis(job, folder).run())


if __name__ == "__main__":
    main()
