"""How far long work is: a bar on a terminal, a line now and then elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count as counting

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

LINES = 10  # at most, where there is no terminal


@contextmanager
def shown(what: str, count: int, *, quiet: bool = False) -> Iterator[Callable[[], None]]:
    """Yield what to call after each of `count` steps; on stderr, so that stdout stays clean.

    `what` says in the past what is done to each: "graded 3 of 20".
    """
    with watched(what, quiet=quiet) as show:
        done = counting(1)
        yield lambda: show(next(done), count)


@contextmanager
def watched(what: str, *, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Yield what to call with how many steps are done, and how many there are."""
    if sys.stderr.isatty():
        columns = TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(what, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)
        return

    def print_some(done: int, total: int) -> None:
        if not quiet and (done == total or done % max(1, total // LINES) == 0):
            print(f"{what} {done} of {total}", file=sys.stderr, flush=True)

    yield print_some
