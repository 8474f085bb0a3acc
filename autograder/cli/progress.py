"""How far long work is: a bar on a terminal, a line now and then elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

LINES = 10  # at most, where there is no terminal


@contextmanager
def shown(what: str, count: int, *, quiet: bool = False) -> Iterator[Callable[[], None]]:
    """Yield what to call after each of `count` steps; on stderr, so that stdout stays clean.

    `what` says in the past what is done to each: "graded 3 of 20".
    """
    if sys.stderr.isatty():
        columns = TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(what, total=count)
            yield lambda: bar.advance(task)
        return
    done = 0

    def count_lines() -> None:
        nonlocal done
        done += 1
        if not quiet and (done == count or done % max(1, count // LINES) == 0):
            print(f"{what} {done} of {count}", file=sys.stderr)

    yield count_lines
