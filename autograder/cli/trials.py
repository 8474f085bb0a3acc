"""How an audit looks on a terminal: gaps first, the kill matrix, and a line for each check."""

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autograder.audit.model import Audit, Check, Finding, Outcome, Trial
from autograder.audit.summary import lines

SHOWN = 12  # warnings of one check
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def of(audit: Audit) -> Iterator[RenderableType]:
    """Everything that a person at a terminal needs; the rest is in the JSON and on the page."""
    yield Text(f"{audit.assignment}: {audit.title}", style="bold")
    yield from _findings("gap", "red", audit.gaps)
    for exercise, tests in audit.tests.items():
        trials = [trial for trial in audit.trials if trial.exercise == exercise]
        if trials:
            yield _heading(exercise, trials)
            yield Padding(_matrix(trials, tests), (0, 0, 0, 2))
    yield from _findings("warning", "yellow", audit.warnings)
    yield _summary(audit)
    yield _verdict(audit)


def _findings(kind: str, style: str, findings: Sequence[Finding]) -> Iterator[RenderableType]:
    for check in Check:
        about = [finding for finding in findings if finding.check is check]
        for finding in about[:SHOWN]:
            yield Text.assemble((f"{kind}: {check}: ", style), finding.what)
        if len(about) > SHOWN:
            more = f"{len(about) - SHOWN} more of this kind"
            yield Text.assemble((f"{kind}: {check}: ", style), f"{more} (--json, --html)")


def _heading(exercise: str, trials: Sequence[Trial]) -> Text:
    wrong = [trial for trial in trials if trial.outcome is not Outcome.EQUIVALENT]
    caught = sum(trial.outcome is Outcome.CAUGHT for trial in wrong)
    style = "green" if caught == len(wrong) else "red"
    return Text.assemble((exercise, "bold"), "  ", (f"{caught} of {len(wrong)} caught", style))


def _matrix(trials: Sequence[Trial], tests: Sequence[str]) -> Text:
    """Tests with a letter each, then every mutant with the letters of those that catch it."""
    letter = dict(zip(tests, _letters(len(tests)), strict=True))
    text = Text(style="dim")
    for test in tests:
        text.append(f"{letter[test]} {test.partition('::')[2]}  ")
    text.append("\n")
    for trial in sorted(trials, key=lambda trial: trial.outcome is Outcome.CAUGHT):
        style = {"survived": "bold red", "different": "bold red"}.get(trial.outcome, "default")
        by = "".join(letter[test] for test in trial.caught_by)
        shown = by if trial.outcome is Outcome.CAUGHT else str(trial.outcome)
        text.append(f"{trial.name}\N{NO-BREAK SPACE}", style).append(f"{shown}  ", "cyan")
    return text


def _letters(count: int) -> list[str]:
    if count <= len(LETTERS):
        return list(LETTERS[:count])
    return [f"{number}." for number in range(1, count + 1)]


def _summary(audit: Audit) -> Table:
    table = Table(box=box.SIMPLE, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for line in lines(audit):
        style = "red" if line.gaps else "yellow" if line.warnings else "green"
        table.add_row(Text(str(line.check), style), Text(line.said))
    return table


def _verdict(audit: Audit) -> Text:
    gaps, warnings = len(audit.gaps), len(audit.warnings)
    said = _count(gaps, "gap") if gaps else "no gaps"
    style = "bold red" if gaps else "bold green"
    more = f", {_count(warnings, 'warning')}, {audit.seconds:g} s"
    return Text.assemble((f"{audit.assignment}: {said}", style), more)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
