"""Lines that stand in a hidden text as well: several in a row, or one long one."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

RUN = 3  # significant lines in a row
RUN_LETTERS = 30  # that they hold together, without white space
LONG = 60  # letters of a line that tells enough on its own

_SPACE = re.compile(r"""[\s"'`\\]+""")
_IMPORT = re.compile(r"import\w|from\S+import")


def key_of(line: str) -> str:
    """Return what is compared of a line: no white space, no quotes, no marks around it."""
    return _SPACE.sub("", line).lstrip("#>|*-+.").rstrip(",;|")


def is_significant(key: str) -> bool:
    """Whether a line says anything: not empty, no import, more than brackets."""
    return sum(c.isalnum() for c in key) >= 3 and not _IMPORT.match(key)


@dataclass(frozen=True)
class Match:
    """Which lines of a text (counted from 0) stand where in the hidden text."""

    begin: int
    lines: int
    source: int  # place of the hidden text among those indexed
    line: int  # in it, counted from 0


class Index:
    """All runs and long lines of some hidden texts; lines that are public do not count."""

    def __init__(
        self, texts: Sequence[Sequence[str]], public: Mapping[str, str], long: int = LONG
    ) -> None:
        self._public = {key_of(line) for text in public.values() for line in text.splitlines()}
        self._shown = "\n".join(map(_joined, public.values()))
        self._runs: dict[tuple[str, ...], tuple[int, int]] = {}
        self._long: dict[str, tuple[int, int]] = {}
        self._keys: set[str] = set()
        for source, lines in enumerate(texts):
            self._add(source, self._significant(lines), long)

    def _add(self, source: int, lines: list[tuple[int, str]], long: int) -> None:
        for place, (number, key) in enumerate(lines):
            self._keys.add(key)
            if len(key) >= long and key not in self._shown:
                self._long.setdefault(key, (source, number))
            run = tuple(k for _, k in lines[place : place + RUN])
            if len(run) == RUN and sum(map(len, run)) >= RUN_LETTERS:
                self._runs.setdefault(run, (source, number))

    def _significant(self, lines: Sequence[str]) -> list[tuple[int, str]]:
        keys = enumerate(map(key_of, lines))
        return [(n, key) for n, key in keys if is_significant(key) and key not in self._public]

    def find(self, lines: Sequence[str]) -> list[Match]:
        """Return the longest runs, and the long lines outside of them."""
        runs = list(self._join(self._found_runs(lines)))
        covered = {n for match in runs for n in range(match.begin, match.begin + match.lines)}
        return runs + [match for match in self._found_long(lines) if match.begin not in covered]

    def _found_runs(self, lines: Sequence[str]) -> Iterator[Match]:
        told = [
            (number, key)
            for number, key in self._significant(lines)
            if key in self._keys or not lines[number].lstrip().startswith("#")
        ]
        for place in range(len(told) - RUN + 1):
            part = told[place : place + RUN]
            if where := self._runs.get(tuple(key for _, key in part)):
                yield Match(part[0][0], part[-1][0] - part[0][0] + 1, *where)

    @staticmethod
    def _join(matches: Iterator[Match]) -> Iterator[Match]:
        last: Match | None = None
        for match in matches:
            if last and match.source == last.source and match.begin < last.begin + last.lines:
                lines = match.begin + match.lines - last.begin
                last = Match(last.begin, lines, last.source, last.line)
                continue
            if last:
                yield last
            last = match
        if last:
            yield last

    def _found_long(self, lines: Sequence[str]) -> Iterator[Match]:
        """Long lines are found inside others, and broken over several."""
        keys = [key_of(line) for line in lines]
        starts = [0, *accumulate(map(len, keys))]
        whole = "".join(keys)
        for key, where in self._long.items():
            if (place := whole.find(key)) >= 0:
                first = bisect_right(starts, place) - 1
                last = bisect_right(starts, place + len(key) - 1) - 1
                yield Match(first, last - first + 1, *where)


def _joined(text: str) -> str:
    return "".join(key_of(line) for line in text.splitlines())
